"""A chat template for every family of the table: its own roles, and calls as ``tests.tools.wires`` writes them.

They are as short as they can be: a call has one argument, which holds no quotation mark.
"""

from __future__ import annotations

from dataclasses import dataclass

from inference_worker.tools.families import find_family
from tests.tools.wires import WIRES

NAME, KEY, VALUE = "XNAME", "XKEY", "XVALUE"


@dataclass(frozen=True)
class Roles:
    """What stands around a message, with ``ROLE`` and ``Role`` for who speaks, and around a result."""

    begin: str
    end: str
    result: tuple[str, str] = ("", "")
    teller: str = "tool"
    """Who brings results."""


_CHATML = Roles("<|im_start|>ROLE\n", "<|im_end|>\n", ("<tool_response>\n", "\n</tool_response>"), "user")
_LLAMA = Roles("<|start_header_id|>ROLE<|end_header_id|>\n\n", "<|eot_id|>", teller="ipython")
_GLM = Roles("<|ROLE|>\n", "", teller="observation")
_DEEPSEEK = Roles(
    "<｜Role｜>", "<｜end▁of▁sentence｜>", ("<｜tool▁outputs▁begin｜><｜tool▁output▁begin｜>", "<｜tool▁output▁end｜>")
)
_PHI = Roles("<|ROLE|>", "<|end|>", teller="tool_response")
ROLES = {
    "seed-oss": Roles("<seed:bos>ROLE\n", "<seed:eos>"),
    "glm4.5": Roles("<|ROLE|>\n", "", ("<tool_response>\n", "\n</tool_response>"), "observation"),
    "glm4": _GLM,
    "chatglm3": _GLM,
    "llama3-json": _LLAMA,
    "llama-pythonic": Roles("<|header_start|>ROLE<|header_end|>\n\n", "<|eot|>", teller="ipython"),
    "mistral": Roles("[INST]ROLE ", "</s>", ("[TOOL_RESULTS]", "[/TOOL_RESULTS]")),
    "deepseek-v3": _DEEPSEEK,
    "deepseek-v3.2": Roles("<｜Role｜>", "<｜end▁of▁sentence｜>", ("<function_results>\n", "\n</function_results>")),
    "phi4-mini": _PHI,
    "firefunction": _LLAMA,
    "kimi-k2": Roles("<|im_ROLE|>ROLE<|im_middle|>", "<|im_end|>", ("## Return of tool\n", "")),
    "granite": Roles("<|start_of_role|>ROLE<|end_of_role|>", "<|end_of_text|>\n", teller="tool_response"),
    "minimax-m2": Roles("]~b]ROLE\n", "[e~[\n", ("<response>", "</response>")),
    "minimax-m3": Roles("]~b]ROLE\n", "[e~[\n", ("<response>", "</response>")),
    "solar-open": Roles(
        "<|begin|>ROLE",
        "<|end|>",
        ("<|tool_response|><|tool_response:begin|>", "<|tool_response:end|>"),
    ),
    "gemma4": Roles("<|turn>ROLE\n", "<turn|>\n", ("<|tool_response>", "<tool_response|>")),
    "functiongemma": Roles(
        "<start_of_turn>ROLE\n", "<end_of_turn>\n", ("<start_function_response>", "<end_function_response>")
    ),
    "lfm2": Roles("<|im_start|>ROLE\n", "<|im_end|>\n", ("<|tool_response_start|>", "<|tool_response_end|>")),
    "internlm2": Roles("<|im_start|>ROLE\n", "<|im_end|>\n", teller="environment"),
    "command-r7b": Roles(
        "<|START_OF_TURN_TOKEN|><|ROLE_TOKEN|>",
        "<|END_OF_TURN_TOKEN|>",
        ("<|START_TOOL_RESULT|>", "<|END_TOOL_RESULT|>"),
    ),
    "step3": Roles("<|BOT|>ROLE\n", "<|EOT|>", ("<｜tool_output｜>", "")),
    "jamba": Roles("<|bom|><|ROLE|> ", "<|eom|>"),
    "hunyuan": Roles("<|startoftext|>ROLE: ", "<|eos|>", ("<tool_response>", "</tool_response>")),
    "apriel": Roles("<|ROLE|>\n", "\n<|end|>\n", teller="tool_result"),
    "exaone": Roles("[|ROLE|]", "[|endofturn|]\n", ("<tool_result>", "</tool_result>")),
    "hunyuan3": Roles("<｜hy_Role｜>", "<｜hy_end｜>", ("<tool_response>", "</tool_response>")),
    "longcat": Roles("[Round 1] ROLE: ", "</longcat_s>"),
    "apertus": Roles("<|ROLE_start|>", "<|ROLE_end|>", ("[", "]"), "assistant"),
    "nemotron-v2": Roles("<SPECIAL_11>Role\n", "\n<SPECIAL_12>\n", ("<TOOL_RESPONSE>[", "]</TOOL_RESPONSE>"), "user"),
    "functionary": _LLAMA,
    "gigachat3": Roles("ROLE<|role_sep|>\n", "<|message_sep|>\n\n", teller="function result"),
}
"""By family; the others speak ChatML, and the one with channels has its template among the native ones."""


def template_of(wire: str) -> str:
    """The template of a model that writes calls as ``WIRES[wire]`` does."""
    family = find_family(WIRES[wire].family).name
    roles = ROLES.get(family, _CHATML)
    opened, closed = roles.result
    call = _in_jinja(WIRES[wire].write([(NAME, {KEY: VALUE})])).removesuffix("<|call|>")
    return "".join(
        [
            "{% if tools %}", roles_of(roles, "system"), "{% for t in tools %}{{ t | tojson }}\n{% endfor %}",
            roles.end, "{% endif %}{% for m in messages %}",
            "{% if m.role == 'tool' %}", roles_of(roles, roles.teller), opened, "{{ m.content }}", closed, roles.end,
            "{% elif m.role == 'assistant' %}", roles_of(roles, "assistant"), "{{ m.content }}",
            "{% for c in m.tool_calls or [] %}{% for k, v in c.function.arguments | items %}", call,
            "{% endfor %}{% endfor %}", roles.end,
            "{% else %}", "{% if m.role == 'user' %}", roles_of(roles, "user"), "{% else %}", roles_of(roles, "system"),
            "{% endif %}{{ m.content }}", roles.end, "{% endif %}{% endfor %}",
            "{% if add_generation_prompt %}", roles_of(roles, "assistant"), "{% endif %}",
        ]
    )  # fmt: skip


def roles_of(roles: Roles, who: str) -> str:
    return roles.begin.replace("ROLE", who).replace("Role", who.capitalize())


def _in_jinja(call: str) -> str:
    """``call`` with its name, key and value as the variables of the template; every brace of its own is quoted."""
    quoted = "".join(f"{{{{ '{char}' }}}}" if char in "{}" else char for char in call)
    for word, variable in ((NAME, "c.function.name"), (KEY, "k"), (VALUE, "v")):
        quoted = quoted.replace(word, f"{{{{ {variable} }}}}")
    return quoted
