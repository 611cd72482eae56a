"""The families as data. Reads nothing and runs nothing; ``/docs/tool-calls.md`` says where each format is published."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from inference_worker.tools.families.attribute_calls import invokes, named_function
from inference_worker.tools.families.channels import gemma_call, harmony_channel, harmony_message, harmony_start
from inference_worker.tools.families.element_calls import elements, one_element_call
from inference_worker.tools.families.family import Family, Opener, Thinking, looks_like_control
from inference_worker.tools.families.json_calls import bare_json_calls, fenced_action, functools, json_calls
from inference_worker.tools.families.named_calls import (
    deepseek,
    deepseek_section,
    kimi,
    kimi_section,
    mistral,
    name_line,
    recipient,
    solar,
)
from inference_worker.tools.families.python_calls import bare_list, chatglm3, marked_calls, python_tag
from inference_worker.tools.families.tagged_calls import bare_function, key_tags, tool_call_tag
from inference_worker.tools.values import FUNCTION_GEMMA, GEMMA

_THINK: Final = (Thinking("<think>", "</think>"),)
_CHATML: Final = ("<|im_end|>", "<|im_start|>", "<|endoftext|>")
_LLAMA: Final = ("<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<|start_header_id|>", "<|eot|>", "<|eom|>")
_GLM: Final = ("<|observation|>", "<|user|>", "<|endoftext|>", "<|system|>")
_DEEPSEEK: Final = (
    "<｜end▁of▁sentence｜>",
    "<｜User｜>",
    "<｜Assistant｜>",
    "<｜tool▁outputs▁begin｜>",
    "<｜tool▁output▁begin｜>",
)
_DSML: Final = "｜DSML｜"
_V3_2: Final = "function_calls"
_V4: Final = "tool_calls"
_M3: Final = "]<]minimax[>["
_FORGED: Final = ("<tool_response>", "</tool_response>")

_TOOL_CALL: Final = Opener("<tool_call>", tool_call_tag(), "</tool_call>")
_FUNCTION: Final = Opener("<function=", bare_function, "</function>")
_IN_FUNCTION: Final = ("<parameter=", "</parameter>", "</function>")
_IN_KEYS: Final = key_tags()[:4]
_LONGCAT_TAGS: Final = key_tags("longcat_")
_HY_TAGS: Final = key_tags(behind=":opensource")
_HY_CALL: Final = tool_call_tag("</tool_call:opensource>", tags=_HY_TAGS)
_TOOL_CALLS: Final = Opener("<tool_calls>", json_calls("</tool_calls>"), "</tool_calls>")

_FAMILIES: Final = (
    Family(
        "hermes",
        (_TOOL_CALL,),
        thinking=_THINK,
        stops=(*_CHATML, "<|end_of_text|>", "<|eot_id|>", "<sep>"),
        results=_FORGED,
        aliases=(
            "qwen",
            "qwen2",
            "qwen2.5",
            "qwen3",
            "qwq",
            "granite4",
            "mimo",
            "reka",
            "bielik",
            "smollm3",
        ),
    ),
    Family(
        "ernie4.5",
        (_TOOL_CALL,),
        thinking=_THINK,
        hidden=("<response>", "</response>"),
        answers=("<response>", "</response>"),
        stops=(*_CHATML, "</s>", "<|end_of_sentence|>"),
        results=_FORGED,
        aliases=("ernie",),
    ),
    Family(
        "qwen3-coder",
        (_TOOL_CALL, _FUNCTION),
        thinking=_THINK,
        inner=_IN_FUNCTION,
        stops=_CHATML,
        results=_FORGED,
        aliases=("qwen3.5", "qwen3.6", "qwen3-xml", "nemotron3", "step3.5", "step3p5"),
    ),
    Family(
        "seed-oss",
        (Opener("<seed:tool_call>", tool_call_tag("</seed:tool_call>"), "</seed:tool_call>"),),
        thinking=(Thinking("<seed:think>", "</seed:think>"),),
        inner=_IN_FUNCTION,
        stops=("<seed:eos>", "<seed:bos>"),
        aliases=("seed",),
    ),
    Family(
        "glm4.5",
        (_TOOL_CALL,),
        thinking=_THINK,
        inner=_IN_KEYS,
        segments=("<|assistant|>",),
        stops=_GLM,
        results=_FORGED,
        aliases=("glm4.6", "glm4.7", "glm5"),
    ),
    Family("glm4", start=name_line, thinking=_THINK, segments=("<|assistant|>",), stops=_GLM, aliases=("glm4-0414",)),
    Family("chatglm3", start=chatglm3, segments=("<|assistant|>",), stops=_GLM),
    Family(
        "functionary",
        (Opener("<function=", bare_function, "</function>"), Opener(">>>", recipient)),
        start=recipient,
        stops=_LLAMA,
        aliases=("functionary-v3.1", "functionary-v3.2"),
    ),
    Family(
        "llama3-json",
        (
            Opener("<|python_tag|>", python_tag),
            _FUNCTION,
        ),
        start=bare_json_calls,
        stops=_LLAMA,
        aliases=("llama3", "llama3.1", "llama3.2", "llama3.3", "llama"),
    ),
    Family(
        "llama-pythonic",
        (Opener("<|python_start|>", marked_calls("<|python_end|>"), "<|python_end|>"),),
        start=bare_list,
        hidden=("<|python_end|>", "<|python_tag|>"),
        stops=_LLAMA,
        aliases=("llama4", "llama4-pythonic", "pythonic", "toolace"),
    ),
    Family(
        "mistral",
        (Opener("[TOOL_CALLS]", mistral),),
        thinking=(Thinking("[THINK]", "[/THINK]"), *_THINK),
        hidden=("[ARGS]", "[CALL_ID]"),
        stops=("</s>", "[TOOL_RESULTS]", "[INST]", "[/TOOL_RESULTS]"),
        aliases=("ministral", "magistral", "devstral", "mistral-nemo"),
    ),
    Family(
        "deepseek-v3",
        (
            Opener("<｜tool▁calls▁begin｜>", deepseek_section, "<｜tool▁calls▁end｜>"),
            Opener("<｜tool▁call▁begin｜>", deepseek, "<｜tool▁call▁end｜>"),
        ),
        thinking=_THINK,
        hidden=("<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>", "<｜tool▁sep｜>"),
        stops=_DEEPSEEK,
        aliases=("deepseek-v3.1", "deepseek-r1", "deepseek"),
    ),
    Family(
        "deepseek-v3.2",
        (
            Opener(
                f"<{_DSML}function_calls>", invokes(_DSML, f"</{_DSML}function_calls>"), f"</{_DSML}function_calls>"
            ),
            Opener(f"<{_DSML}tool_calls>", invokes(_DSML, f"</{_DSML}tool_calls>"), f"</{_DSML}tool_calls>"),
            Opener("<function_calls>", invokes("", "</function_calls>"), "</function_calls>"),
        ),
        thinking=_THINK,
        hidden=tuple(f"</{_DSML}{tag}>" for tag in (_V3_2, _V4, "invoke", "parameter")),
        inner=(f"<{_DSML}invoke name=", f"<{_DSML}parameter name=", _DSML),
        stops=_DEEPSEEK,
        results=("<function_results>",),
        aliases=("deepseek-v4",),
    ),
    Family(
        "phi4-mini",
        (
            Opener("<|tool_call|>", json_calls("<|/tool_call|>"), "<|/tool_call|>"),
            Opener("functools", functools),
        ),
        hidden=("<|/tool_call|>",),
        stops=("<|end|>", "<|endoftext|>", "<|user|>", "<|assistant|>", "<|tool_response|>"),
        aliases=("phi4", "phi-4-mini"),
    ),
    Family(
        "firefunction",
        (Opener("functools", functools),),
        stops=_LLAMA,
        aliases=("firefunction-v2",),
    ),
    Family(
        "harmony",
        (
            Opener("<|channel|>", harmony_channel, "<|call|>", in_thinking=True),
            Opener("<|start|>", harmony_message, "<|call|>", in_thinking=True),
        ),
        start=harmony_start,
        thinking=(Thinking("<|channel|>analysis<|message|>", "<|end|>", anywhere=True),),
        hidden=("<|end|>", "<|message|>", "<|constrain|>"),
        stops=("<|return|>", "<|call|>", "<|endoftext|>"),
        thinking_ends=False,
        aliases=("gpt-oss", "openai"),
    ),
    Family(
        "kimi-k2",
        (
            Opener("<|tool_calls_section_begin|>", kimi_section, "<|tool_calls_section_end|>", in_thinking=True),
            Opener("<|tool_call_begin|>", kimi, "<|tool_call_end|>", in_thinking=True),
        ),
        thinking=(*_THINK, Thinking("◁think▷", "◁/think▷")),
        hidden=("<|tool_call_end|>", "<|tool_calls_section_end|>", "<|tool_call_argument_begin|>"),
        stops=("<|im_end|>", "<|im_system|>", "<|im_user|>", "<|im_assistant|>", "[EOS]"),
        aliases=("kimi",),
    ),
    Family(
        "granite",
        (
            Opener("<|tool_call|>", json_calls("")),
            Opener("<function_call>", json_calls("")),
            Opener("<tool_call>", tool_call_tag(lists_end=True), "</tool_call>"),
        ),
        thinking=(
            *_THINK,
            Thinking("Here is my thought process:", "Here is my response:"),
            Thinking("Here's my thought process:", "Here's my response:"),
        ),
        hidden=("<response>", "</response>"),
        answers=("<response>", "</response>"),
        stops=("<|end_of_text|>", "<|start_of_role|>", "<|endoftext|>"),
        results=_FORGED,
        aliases=("granite3", "granite-20b-fc"),
    ),
    Family(
        "minimax-m2",
        (
            Opener("<minimax:tool_call>", invokes("", "</minimax:tool_call>"), "</minimax:tool_call>"),
            _TOOL_CALLS,
        ),
        thinking=_THINK,
        inner=("</invoke>", "</parameter>"),
        stops=("[e~[", "]~b]", "<end_of_sentence>"),
        aliases=("minimax", "minimax-m1", "minimax-m2.5"),
    ),
    Family(
        "minimax-m3",
        (
            Opener(f"{_M3}<tool_call>", elements(_M3, "</tool_call>"), f"{_M3}</tool_call>"),
            Opener("<tool_call>", elements(_M3, "</tool_call>"), "</tool_call>"),
            Opener(f"{_M3}<invoke", one_element_call(_M3), f"{_M3}</invoke>"),
        ),
        thinking=(Thinking("<mm:think>", "</mm:think>"), *_THINK),
        hidden=(_M3,),
        inner=(f"{_M3}</tool_call>", f"{_M3}</invoke>", "</invoke>"),
        stops=("[e~[", "]~b]", "]~!b["),
    ),
    Family(
        "minicpm5",
        (Opener("<function name=", named_function, "</function>"),),
        thinking=_THINK,
        inner=("<param name=", "</param>"),
        stops=(*_CHATML, "</s>"),
        results=_FORGED,
    ),
    Family(
        "solar-open",
        (Opener("<|tool_call:begin|>", solar, "<|tool_call:end|>"),),
        thinking=(Thinking("<|think|>", "<|end|>", anywhere=True),),
        hidden=(
            "<|begin|>",
            "<|content|>",
            "<|tool_calls|>",
            "<|tool_call:name|>",
            "<|tool_call:args|>",
            "<|tool_call:end|>",
        ),
        segments=("<|begin|>assistant",),
        stops=("<|calls|>", "<|flush|>", "<|begin|>user", "<|begin|>tool", "<|begin|>system"),
        thinking_ends=False,
        aliases=("solar",),
    ),
    Family(
        "gemma4",
        (Opener("<|tool_call>", gemma_call("<tool_call|>", GEMMA), "<tool_call|>"),),
        thinking=(
            Thinking("<|channel>thought", "<channel|>", anywhere=True),
            Thinking("<|channel>", "<channel|>", anywhere=True),
        ),
        hidden=("<channel|>", "<tool_call|>"),
        inner=('<|"|>',),
        stops=("<turn|>", "<|turn>", "<|tool_response>", "<eos>", "<end_of_turn>", "<start_of_turn>"),
        aliases=("gemma",),
    ),
    Family(
        "functiongemma",
        (
            Opener(
                "<start_function_call>",
                gemma_call("<end_function_call>", FUNCTION_GEMMA),
                "<end_function_call>",
            ),
        ),
        inner=("<escape>",),
        stops=("<start_function_response>", "<end_of_turn>", "<start_of_turn>", "<eos>"),
    ),
    Family(
        "lfm2",
        (Opener("<|tool_call_start|>", marked_calls("<|tool_call_end|>"), "<|tool_call_end|>"),),
        thinking=_THINK,
        hidden=("<|tool_call_end|>",),
        stops=(*_CHATML, "<|tool_response_start|>"),
        aliases=("lfm2.5",),
    ),
    Family(
        "internlm2",
        (
            Opener("<|action_start|><|plugin|>", json_calls("<|action_end|>"), "<|action_end|>"),
            Opener("<|action_start|><|interpreter|>", json_calls("<|action_end|>"), "<|action_end|>"),
        ),
        thinking=_THINK,
        hidden=("<|action_start|>", "<|plugin|>", "<|action_end|>"),
        stops=_CHATML,
        aliases=("internlm", "internlm3", "intern-s1"),
    ),
    Family(
        "command-r7b",
        (
            Opener("<|START_ACTION|>", json_calls("<|END_ACTION|>"), "<|END_ACTION|>"),
            Opener("Action:", fenced_action, "```", where="line"),
        ),
        thinking=(Thinking("<|START_THINKING|>", "<|END_THINKING|>"),),
        hidden=("<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>", "<|CHATBOT_TOKEN|>"),
        stops=("<|END_OF_TURN_TOKEN|>", "<|START_OF_TURN_TOKEN|>", "<|START_TOOL_RESULT|>"),
        aliases=("command-r", "command-r-plus", "command-a", "cohere"),
    ),
    Family(
        "step3",
        (
            Opener(
                "<｜tool_calls_begin｜>",
                invokes(
                    "steptml:",
                    "<｜tool_calls_end｜>",
                    before=("<｜tool_call_begin｜>", "function<｜tool_sep｜>"),
                    after=("<｜tool_call_end｜>", "<｜tool_sep｜>"),
                ),
                "<｜tool_calls_end｜>",
            ),
            Opener(
                "<｜tool_call_begin｜>",
                invokes("steptml:", "<｜tool_call_end｜>", before=("function<｜tool_sep｜>",)),
                "<｜tool_call_end｜>",
            ),
        ),
        thinking=_THINK,
        hidden=("<｜tool_call_end｜>", "<｜tool_calls_end｜>", "<｜tool_sep｜>"),
        inner=("<steptml:invoke name=", "</steptml:invoke>", "<steptml:parameter name=", "</steptml:parameter>"),
        stops=("<|EOT|>", "<|BOT|>", "<｜end▁of▁sentence｜>"),
        aliases=("step",),
    ),
    Family("jamba", (_TOOL_CALLS,), thinking=_THINK, stops=("<|eom|>", "<|bom|>", "<|endoftext|>")),
    Family(
        "hunyuan",
        (_TOOL_CALLS,),
        thinking=_THINK,
        hidden=("<answer>", "</answer>"),
        answers=("<answer>", "</answer>"),
        stops=("<|eos|>", "<|extra_0|>", "<|endoftext|>"),
        aliases=("hunyuan-a13b",),
    ),
    Family(
        "apriel",
        (_TOOL_CALLS,),
        thinking=(Thinking("Here are my reasoning steps:", "[BEGIN FINAL RESPONSE]"),),
        hidden=("[END FINAL RESPONSE]",),
        stops=("<|end|>", "<|endoftext|>"),
    ),
    Family(
        "exaone",
        (_TOOL_CALL,),
        thinking=(Thinking("<thought>", "</thought>"), *_THINK),
        stops=("[|endofturn|]", "[|user|]", "[|tool|]"),
        aliases=("exaone4",),
    ),
    Family(
        "xlam",
        (_TOOL_CALL, Opener("[TOOL_CALLS]", mistral)),
        start=bare_json_calls,
        thinking=_THINK,
        stops=(*_CHATML, *_LLAMA),
        results=_FORGED,
    ),
    Family(
        "hunyuan3",
        (_TOOL_CALL, Opener("<tool_call:opensource>", _HY_CALL, "</tool_call:opensource>")),
        thinking=(*_THINK, Thinking("<think:opensource>", "</think:opensource>")),
        hidden=("<tool_calls>", "</tool_calls>", "<tool_calls:opensource>", "</tool_calls:opensource>"),
        inner=(*_IN_KEYS, *_HY_TAGS[:4]),
        stops=("<｜hy_eos｜>", "<｜hy_eos:opensource｜>", "<｜hy_User｜>"),
        aliases=("hy3", "hy-v3"),
    ),
    Family(
        "longcat",
        (
            Opener(
                "<longcat_tool_call>",
                tool_call_tag("</longcat_tool_call>", tags=_LONGCAT_TAGS),
                "</longcat_tool_call>",
            ),
        ),
        thinking=(Thinking("<longcat_think>", "</longcat_think>"), *_THINK),
        inner=_LONGCAT_TAGS[:4],
        stops=("</longcat_s>",),
        aliases=("longcat-flash",),
    ),
    Family(
        "apertus",
        (
            Opener(
                "<|tools_prefix|>",
                json_calls("<|tools_suffix|>", keyed=True),
                "<|tools_suffix|>",
            ),
        ),
        thinking=(Thinking("<|inner_prefix|>", "<|inner_suffix|>", anywhere=True),),
        hidden=("<|tools_suffix|>",),
        stops=("<|assistant_end|>", "<|user_start|>", "</s>"),
    ),
    Family(
        "nemotron-v2",
        (Opener("<TOOLCALL>", json_calls("</TOOLCALL>"), "</TOOLCALL>"),),
        thinking=_THINK,
        stops=("<SPECIAL_12>", "<SPECIAL_11>", "<|eot_id|>"),
        results=("<TOOL_RESPONSE>",),
        aliases=("nemotron", "nemotron-nano"),
    ),
    Family(
        "gigachat3",
        (
            Opener("<|function_call|>", json_calls("")),
            Opener("<|message_sep|>\n\nfunction call<|role_sep|>\n", json_calls("")),
        ),
        hidden=("<|role_sep|>",),
        stops=("</s>", "<|message_sep|>"),
        aliases=("gigachat", "gigachat3.1"),
    ),
    Family(
        "olmo3",
        (Opener("<function_calls>", marked_calls("</function_calls>"), "</function_calls>"),),
        thinking=_THINK,
        stops=_CHATML,
        aliases=("olmo",),
    ),
)


def _any_family() -> Family:
    """For a model of unknown family: every format whose marker can be nothing else."""
    openers = {
        opener.text: opener
        for family in _FAMILIES
        for opener in family.openers
        if family.name != "harmony" and opener.where == "anywhere" and opener.text[0] in "<[]"
    }
    thinking = {pair.open: pair for family in _FAMILIES for pair in family.thinking if not pair.anywhere}
    stops = {stop: None for family in _FAMILIES for stop in family.stops if stop.startswith(("<|", "<｜"))}
    hidden = {mark: None for family in _FAMILIES for mark in family.hidden if looks_like_control(mark)}
    return Family(
        "any",
        tuple(openers.values()),
        thinking=tuple(thinking.values()),
        hidden=tuple(mark for mark in hidden if mark not in {*openers, *stops}),
        stops=tuple(stop for stop in stops if stop not in openers),
        results=_FORGED,
    )


_named = {name: family for family in _FAMILIES for name in (family.name, *family.aliases)}
FAMILIES: Final[Mapping[str, Family]] = MappingProxyType(_named)
"""Every family by its name and by the other names that it goes by."""
ANY_FAMILY: Final = _any_family()


def find_family(name: str) -> Family:
    """The family with the longest name that ``name`` begins with, however it is punctuated, or any family."""
    wanted = _letters(name)
    known = [other for other in FAMILIES if wanted.startswith(_letters(other))]
    return FAMILIES[max(known, key=len)] if known else ANY_FAMILY


def _letters(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())
