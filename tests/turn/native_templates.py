"""Chat templates of our own making, one for each way of writing calls, as short as they can be.

Beside each: what a model of that family writes to call ``calculate`` with 6.5*7.5.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """One family."""

    name: str
    template: str
    call: str
    family: str


_CHATML_SYSTEM = (
    "{% set head = messages[0].content if messages[0].role == 'system' else '' %}"
    "{% if head or tools %}<|im_start|>system\n{{ head }}"
    "{% if tools %}\n<tools>{% for t in tools %}\n{{ t | tojson }}{% endfor %}\n</tools>{% endif %}<|im_end|>\n{% endif %}"
)
_CHATML_REST = (
    "{% for m in messages if m.role != 'system' %}"
    "{% if m.role == 'tool' %}{% if loop.previtem and loop.previtem.role != 'tool' %}<|im_start|>user{% endif %}"
    "\n<tool_response>\n{{ m.content }}\n</tool_response>"
    "{% if loop.last or loop.nextitem.role != 'tool' %}<|im_end|>\n{% endif %}"
    "{% else %}<|im_start|>{{ m.role }}\n{{ m.content }}"
    "{% for c in m.tool_calls or [] %}{% if m.content or not loop.first %}\n{% endif %}CALL{% endfor %}"
    "<|im_end|>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\nTHINK{% endif %}"
)
_HERMES_CALL = (
    '<tool_call>\n{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}}\n</tool_call>'
)
_XML_CALL = (
    "<tool_call>\n<function={{ c.function.name }}>\n{% for k, v in c.function.arguments | items %}"
    "<parameter={{ k }}>\n{{ v }}\n</parameter>\n{% endfor %}</function>\n</tool_call>"
)
_CHATML = _CHATML_SYSTEM + _CHATML_REST


def _chatml(call: str, think: str = "") -> str:
    return _CHATML.replace("CALL", call).replace("THINK", think)


_GLM = (
    "[gMASK]<sop>{% if tools %}<|system|>\n{% for t in tools %}{{ t | tojson }}\n{% endfor %}{% endif %}"
    "{% for m in messages %}"
    "{% if m.role == 'tool' %}<|observation|>\n<tool_response>\n{{ m.content }}\n</tool_response>"
    "{% else %}<|{{ m.role }}|>\n{{ m.content }}{% for c in m.tool_calls or [] %}\n<tool_call>{{ c.function.name }}\n"
    "{% for k, v in c.function.arguments | items %}<arg_key>{{ k }}</arg_key>\n<arg_value>{{ v }}</arg_value>\n{% endfor %}"
    "</tool_call>{% endfor %}{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
_LLAMA = (
    "{{ bos_token }}{% for m in messages %}"
    "{% if m.tool_calls %}{% if m.tool_calls | length != 1 %}{{ raise_exception('one call at a time') }}{% endif %}"
    "<|start_header_id|>assistant<|end_header_id|>\n\n{% set f = m.tool_calls[0].function %}"
    '{"name": "{{ f.name }}", "parameters": {{ f.arguments | tojson }}}<|eot_id|>'
    "{% elif m.role == 'tool' %}<|start_header_id|>ipython<|end_header_id|>\n\n{{ m.content | tojson }}<|eot_id|>"
    "{% else %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n"
    "{% if tools and loop.first %}{% for t in tools %}{{ t | tojson }}\n{% endfor %}{% endif %}{{ m.content }}<|eot_id|>"
    "{% endif %}{% endfor %}{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
_MISTRAL = (
    "{{ bos_token }}{% set ns = namespace(before='') %}{% for m in messages %}"
    "{% if m.role == 'system' %}[SYSTEM_PROMPT]{{ m.content }}[/SYSTEM_PROMPT]"
    "{% elif m.role == 'user' %}{% if ns.before == 'tool' %}{{ raise_exception('after a result comes an answer') }}{% endif %}"
    "{% if tools and loop.index0 == 0 %}[AVAILABLE_TOOLS]{{ tools | tojson }}[/AVAILABLE_TOOLS]{% endif %}"
    "[INST]{{ m.content }}[/INST]"
    "{% elif m.role == 'tool' %}{% if m.tool_call_id | length != 9 %}{{ raise_exception('nine characters') }}{% endif %}"
    "[TOOL_RESULTS]{{ m.tool_call_id }}[TOOL_CONTENT]{{ m.content }}[/TOOL_RESULTS]"
    "{% else %}{{ m.content }}{% for c in m.tool_calls or [] %}"
    "[TOOL_CALLS]{{ c.function.name }}[CALL_ID]{{ c.id }}[ARGS]{{ c.function.arguments | tojson }}"
    "{% endfor %}{{ eos_token }}{% endif %}{% set ns.before = m.role %}{% endfor %}"
)
_DEEPSEEK = (
    "{% set ns = namespace(after_result=false) %}{% for m in messages %}"
    "{% if m.role == 'system' %}{{ m.content }}{% elif m.role == 'user' %}<｜User｜>{{ m.content }}"
    "{% elif m.role == 'tool' %}<｜tool▁output▁begin｜>{{ m.content }}<｜tool▁output▁end｜>"
    "{% else %}{% if not ns.after_result %}<｜Assistant｜></think>{% endif %}{{ m.content }}"
    "{% for c in m.tool_calls or [] %}{% if loop.first %}<｜tool▁calls▁begin｜>{% endif %}"
    "<｜tool▁call▁begin｜>{{ c.function.name }}<｜tool▁sep｜>{{ c.function.arguments | tojson }}<｜tool▁call▁end｜>"
    "{% if loop.last %}<｜tool▁calls▁end｜>{% endif %}{% endfor %}<｜end▁of▁sentence｜>{% endif %}"
    "{% set ns.after_result = m.role == 'tool' %}{% endfor %}"
    "{% if add_generation_prompt and not ns.after_result %}<｜Assistant｜></think>{% endif %}"
)
_HARMONY = (
    "<|start|>developer<|message|>{% for t in tools or [] %}{{ t | tojson }}\n{% endfor %}<|end|>"
    "{% set ns = namespace(name='') %}{% for m in messages %}"
    "{% if m.tool_calls %}{% if m.tool_calls | length != 1 %}{{ raise_exception('one call at a time') }}{% endif %}"
    "{% set ns.name = m.tool_calls[0].function.name %}"
    "<|start|>assistant to=functions.{{ ns.name }}<|channel|>commentary json<|message|>"
    "{{ m.tool_calls[0].function.arguments | tojson }}<|call|>"
    "{% elif m.role == 'tool' %}<|start|>functions.{{ ns.name }} to=assistant<|channel|>commentary<|message|>"
    "{{ m.content | tojson }}<|end|>"
    "{% elif m.role == 'assistant' %}<|start|>assistant<|channel|>final<|message|>{{ m.content }}<|end|>"
    "{% else %}<|start|>{{ m.role }}<|message|>{{ m.content }}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant{% endif %}"
    "{# <|return|> <|constrain|> analysis #}"
)
_GEMMA = (
    "{% if tools %}<|turn>system\n{% for t in tools %}<|tool>{{ t | tojson }}<tool|>{% endfor %}<turn|>\n{% endif %}"
    "{% for m in messages %}"
    "{% if m.role == 'tool' %}<|tool_response>response:{{ m.name }}{value:<|\"|>{{ m.content }}<|\"|>{{ '}' }}<tool_response|>"
    "{% else %}<|turn>{{ 'model' if m.role == 'assistant' else m.role }}\n{{ m.content }}"
    "{% for c in m.tool_calls or [] %}<|tool_call>call:{{ c.function.name }}{{ '{' }}"
    "{% for k, v in c.function.arguments | items %}{{ k }}:<|\"|>{{ v }}<|\"|>{% endfor %}{{ '}' }}<tool_call|>{% endfor %}"
    "{% if not m.tool_calls %}<turn|>\n{% endif %}{% endif %}{% endfor %}"
    "{% if add_generation_prompt and messages[-1].role != 'tool' %}<|turn>model\n{% endif %}"
)
_PYTHONIC = _CHATML.replace(
    "CALL",
    "<|tool_call_start|>[{{ c.function.name }}({% for k, v in c.function.arguments | items %}"
    "{{ k }}='{{ v }}'{% endfor %})]<|tool_call_end|>",
).replace("THINK", "")
_MINIMAX = _chatml(
    '<minimax:tool_call>\n<invoke name="{{ c.function.name }}">\n{% for k, v in c.function.arguments | items %}'
    '<parameter name="{{ k }}">{{ v }}</parameter>\n{% endfor %}</invoke>\n</minimax:tool_call>'
)

HERMES = Sample(
    "hermes",
    _chatml(_HERMES_CALL),
    '<tool_call>\n{"name": "calculate", "arguments": {"text": "6.5*7.5"}}\n</tool_call>',
    "hermes",
)
THINKING = Sample(
    "thinking",
    _chatml(_XML_CALL, "<think>\n"),
    "I should.\n</think>\n\n<tool_call>\n<function=calculate>\n<parameter=text>\n6.5*7.5\n</parameter>\n</function>\n"
    "</tool_call>",
    "qwen3-coder",
)
MISTRAL = Sample("mistral", _MISTRAL, '[TOOL_CALLS]calculate[CALL_ID]abcdef123[ARGS]{"text": "6.5*7.5"}', "mistral")
DEEPSEEK = Sample(
    "deepseek",
    _DEEPSEEK,
    '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>calculate<｜tool▁sep｜>{"text": "6.5*7.5"}<｜tool▁call▁end｜>'
    "<｜tool▁calls▁end｜>",
    "deepseek-v3",
)
HARMONY = Sample(
    "harmony",
    _HARMONY,
    "<|channel|>analysis<|message|>I should.<|end|><|start|>assistant<|channel|>commentary to=functions.calculate"
    ' <|constrain|>json<|message|>{"text": "6.5*7.5"}<|call|>',
    "harmony",
)
LLAMA = Sample("llama", _LLAMA, '{"name": "calculate", "parameters": {"text": "6.5*7.5"}}<|eot_id|>', "llama3-json")
CONTENT = Sample(
    "calls-in-the-content",
    _chatml("") + "{# <|tool_call_start|> <|tool_call_end|> #}",
    "<|tool_call_start|>[calculate(text='6.5*7.5')]<|tool_call_end|>",
    "lfm2",
)
SAMPLES = (
    CONTENT,
    HERMES,
    THINKING,
    Sample(
        "glm",
        _GLM,
        "\n<tool_call>calculate\n<arg_key>text</arg_key>\n<arg_value>6.5*7.5</arg_value>\n</tool_call><|observation|>",
        "glm4.5",
    ),
    LLAMA,
    MISTRAL,
    DEEPSEEK,
    HARMONY,
    Sample("gemma", _GEMMA, '<|tool_call>call:calculate{text:<|"|>6.5*7.5<|"|>}<tool_call|>', "gemma4"),
    Sample("pythonic", _PYTHONIC, "<|tool_call_start|>[calculate(text='6.5*7.5')]<|tool_call_end|><|im_end|>", "lfm2"),
    Sample(
        "minimax",
        _MINIMAX,
        '<minimax:tool_call>\n<invoke name="calculate">\n<parameter name="text">6.5*7.5</parameter>\n</invoke>\n'
        "</minimax:tool_call>",
        "minimax-m2",
    ),
)
