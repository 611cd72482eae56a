"""How each family writes calls, from the published templates; the other direction of what the filter reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Call = tuple[str, Mapping[str, Any]]
Write = Callable[[Sequence[Call]], str]


@dataclass(frozen=True)
class Wire:
    """One format of a family."""

    family: str
    write: Write
    """The calls as the model writes them, up to the token that ends its turn."""
    parallel: bool = True
    think: tuple[str, str] | None = ("<think>", "</think>")
    bare: bool = False
    """Without any marker: a call only at the start of the message, and text if it is not offered."""
    answer: str = ""
    """What the model writes in front of an answer behind its thoughts."""


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def each(write: Callable[[str, Mapping[str, Any]], str], between: str = "", begin: str = "", end: str = "") -> Write:
    return lambda calls: begin + between.join(write(name, arguments) for name, arguments in calls) + end


def objects(begin: str, end: str, between: str = "\n", key: str = "arguments", name_key: str = "name") -> Write:
    return each(lambda name, arguments: begin + dump({name_key: name, key: arguments}) + end, between)


def listed(begin: str, end: str, key: str = "arguments", name_key: str = "name") -> Write:
    return lambda calls: begin + dump([{name_key: name, key: arguments} for name, arguments in calls]) + end


def raw(value: Any) -> str:
    """A value between tags: texts as they are, everything else as JSON."""
    return value if isinstance(value, str) else dump(value)


def functions(begin: str, end: str, gap: str) -> Write:
    def one(name: str, arguments: Mapping[str, Any]) -> str:
        parameters = "".join(f"<parameter={k}>{gap}{raw(v)}{gap}</parameter>\n" for k, v in arguments.items())
        return f"{begin}<function={name}>\n{parameters}</function>{end}"

    return each(one, "\n")


def keys_and_values(gap: str, mark: str = "") -> Write:
    def one(name: str, arguments: Mapping[str, Any]) -> str:
        pairs = [
            f"<{mark}arg_key>{k}</{mark}arg_key>{gap}<{mark}arg_value>{raw(v)}</{mark}arg_value>{gap}"
            for k, v in arguments.items()
        ]
        return f"<{mark}tool_call>{name}{gap}{''.join(pairs)}</{mark}tool_call>"

    return each(one, "\n")


def hunyuan3(kind: str) -> Write:
    def one(name: str, arguments: Mapping[str, Any]) -> str:
        pairs = "".join(
            f"<arg_key{kind}>{k}</arg_key{kind}>\n<arg_value{kind}>{raw(v)}</arg_value{kind}>\n"
            for k, v in arguments.items()
        )
        return f"<tool_call{kind}>{name}<tool_sep{kind}>\n{pairs}</tool_call{kind}>"

    return each(one, "\n", f"<tool_calls{kind}>\n", f"\n</tool_calls{kind}>")


def minicpm5(name: str, arguments: Mapping[str, Any]) -> str:
    def value(given: Any) -> str:
        text = raw(given)
        return f"<![CDATA[{text}]]>" if isinstance(given, str) and any(char in text for char in "<&\n") else text

    parameters = "".join(f'<param name="{k}">{value(v)}</param>' for k, v in arguments.items())
    return f'<function name="{name}">{parameters}</function>'


def invokes(mark: str, begin: str, end: str, before: str = "", after: str = "", typed: bool = False) -> Write:
    def parameter(key: str, value: Any) -> str:
        kind = f' string="{dump(isinstance(value, str))}"' if typed else ""
        return f'<{mark}parameter name="{key}"{kind}>{raw(value)}</{mark}parameter>\n'

    def one(name: str, arguments: Mapping[str, Any]) -> str:
        parameters = "".join(parameter(k, v) for k, v in arguments.items())
        return f'{before}<{mark}invoke name="{name}">\n{parameters}</{mark}invoke>{after}\n'

    return each(one, "", begin, end)


M3 = "]<]minimax[>["


def elements(value: Any) -> str:
    """The template leaves null out; a model that means it writes it."""
    if isinstance(value, Mapping):
        return "".join(f"{M3}<{k}>{elements(v)}{M3}</{k}>" for k, v in value.items())
    if isinstance(value, list):
        return "".join(f"{M3}<item>{elements(item)}{M3}</item>" for item in value)
    return raw(value)


def solar(name: str, arguments: Mapping[str, Any]) -> str:
    head = f"<|tool_call:begin|>a1b2c3d4e5<|tool_call:name|>{name}"
    return f"{head}<|tool_call:args|>{dump(arguments)}<|tool_call:end|>"


def python(name: str, arguments: Mapping[str, Any]) -> str:
    return f"{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"


def gemma(value: Any, quote: str) -> str:
    if isinstance(value, str):
        return f"{quote}{value}{quote}"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{gemma(item, quote)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(gemma(item, quote) for item in value) + "]"
    return dump(value)


def gemma_call(begin: str, end: str, quote: str) -> Write:
    return each(lambda name, arguments: f"{begin}call:{name}{gemma(arguments, quote)}{end}")


def kimi(calls: Sequence[Call]) -> str:
    written = [
        f"<|tool_call_begin|>functions.{name}:{index}<|tool_call_argument_begin|>{dump(arguments)}<|tool_call_end|>"
        for index, (name, arguments) in enumerate(calls)
    ]
    return f"<|tool_calls_section_begin|>{''.join(written)}<|tool_calls_section_end|>"


def deepseek_v3(name: str, arguments: Mapping[str, Any]) -> str:
    return f"<｜tool▁call▁begin｜>function<｜tool▁sep｜>{name}\n```json\n{dump(arguments)}\n```<｜tool▁call▁end｜>"


def deepseek_v3_1(name: str, arguments: Mapping[str, Any]) -> str:
    return f"<｜tool▁call▁begin｜>{name}<｜tool▁sep｜>{dump(arguments)}<｜tool▁call▁end｜>"


CALLS = ("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>")
DSML = "｜DSML｜"

WIRES = {
    "hermes": Wire("hermes", objects("<tool_call>\n", "\n</tool_call>")),
    "qwen3-coder": Wire("qwen3-coder", functions("<tool_call>\n", "\n</tool_call>", "\n")),
    "qwen3-coder without the tag": Wire("qwen3-coder", functions("", "", "\n")),
    "step3.5": Wire("step3.5", functions("<tool_call>\n", "\n</tool_call>", "\n")),
    "seed-oss": Wire(
        "seed-oss",
        functions("<seed:tool_call>\n", "\n</seed:tool_call>", ""),
        think=("<seed:think>", "</seed:think>"),
    ),
    "glm4.5": Wire("glm4.5", keys_and_values("\n")),
    "glm4.7": Wire("glm4.7", keys_and_values("")),
    "glm4": Wire("glm4", each(lambda name, arguments: f"{name}\n{dump(arguments)}"), False, bare=True),
    "chatglm3": Wire(
        "chatglm3",
        each(lambda name, arguments: f"{name}\n ```python\n{python('tool_call', arguments)}\n```"),
        False,
        None,
        True,
    ),
    "llama3-json": Wire("llama3-json", objects("", "", "; ", "parameters"), think=None, bare=True),
    "llama3-json with its tag": Wire(
        "llama3-json", each(lambda n, a: dump({"name": n, "parameters": a}), "; ", "<|python_tag|>"), think=None
    ),
    "llama-pythonic": Wire("llama-pythonic", each(python, ", ", "[", "]"), think=None, bare=True),
    "llama4": Wire("llama4", each(python, ", ", "<|python_start|>[", "]<|python_end|>"), think=None),
    "mistral v3": Wire("mistral", listed("[TOOL_CALLS] ", ""), think=("[THINK]", "[/THINK]")),
    "mistral v11": Wire(
        "mistral",
        each(lambda name, arguments: f"[TOOL_CALLS]{name}[CALL_ID]abcdefgh1[ARGS]{dump(arguments)}"),
        think=("[THINK]", "[/THINK]"),
    ),
    "mistral v13": Wire(
        "mistral",
        each(lambda name, arguments: f"[TOOL_CALLS]{name}[ARGS]{dump(arguments)}"),
        think=("[THINK]", "[/THINK]"),
    ),
    "deepseek-v3": Wire("deepseek-v3", each(deepseek_v3, "\n", *CALLS)),
    "deepseek-v3.1": Wire("deepseek-v3.1", each(deepseek_v3_1, "", *CALLS)),
    "deepseek-v3.2": Wire(
        "deepseek-v3.2",
        invokes(DSML, f"<{DSML}function_calls>\n", f"</{DSML}function_calls>", typed=True),
    ),
    "deepseek-v4": Wire("deepseek-v4", invokes(DSML, f"<{DSML}tool_calls>\n", f"</{DSML}tool_calls>", typed=True)),
    "phi4-mini": Wire("phi4-mini", listed("<|tool_call|>", "<|/tool_call|>"), think=None),
    "phi4-mini functools": Wire("phi4-mini", listed("functools", ""), think=None),
    "firefunction": Wire("firefunction", listed(" functools", ""), think=None),
    "harmony": Wire(
        "harmony",
        each(
            lambda n, a: f"<|channel|>commentary to=functions.{n} <|constrain|>json<|message|>{dump(a)}<|call|>",
        ),
        False,
        ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant"),
        answer="<|channel|>final<|message|>",
    ),
    "harmony with the recipient first": Wire(
        "harmony",
        each(lambda n, a: f"<|start|>assistant to=functions.{n}<|channel|>commentary json<|message|>{dump(a)}<|call|>"),
        False,
        ("<|channel|>analysis<|message|>", "<|end|>"),
        answer="<|channel|>final<|message|>",
    ),
    "kimi-k2": Wire("kimi-k2", kimi),
    "granite 3": Wire("granite", listed("<|tool_call|>", "")),
    "granite 4": Wire("granite4", objects("<tool_call>\n", "\n</tool_call>"), think=None),
    "granite 20b": Wire("granite", objects("<function_call> ", "")),
    "minimax-m2": Wire("minimax-m2", invokes("", "<minimax:tool_call>\n", "</minimax:tool_call>")),
    "minimax-m1": Wire(
        "minimax", each(lambda n, a: dump({"name": n, "arguments": a}), "\n", "<tool_calls>\n", "\n</tool_calls>")
    ),
    "minimax-m3": Wire(
        "minimax-m3",
        each(
            lambda name, arguments: f'{M3}<invoke name="{name}">{elements(arguments)}{M3}</invoke>\n',
            "",
            f"{M3}<tool_call>\n",
            f"{M3}</tool_call>",
        ),
        think=("<mm:think>", "</mm:think>"),
    ),
    "solar-open": Wire(
        "solar-open",
        each(solar, "", "<|tool_calls|>"),
        think=("<|think|>", "<|end|><|begin|>assistant"),
        answer="<|content|>",
    ),
    "ernie": Wire("ernie4.5", objects("<tool_call>\n", "\n</tool_call>\n")),
    "gemma4": Wire(
        "gemma4", gemma_call("<|tool_call>", "<tool_call|>", '<|"|>'), think=("<|channel>thought\n", "<channel|>")
    ),
    "functiongemma": Wire(
        "functiongemma", gemma_call("<start_function_call>", "<end_function_call>", "<escape>"), think=None
    ),
    "lfm2": Wire("lfm2", each(python, ", ", "<|tool_call_start|>[", "]<|tool_call_end|>")),
    "lfm2 with JSON": Wire("lfm2", listed("<|tool_call_start|>", "<|tool_call_end|>")),
    "internlm2": Wire("internlm2", objects("<|action_start|><|plugin|>\n", "<|action_end|>\n", "", "parameters")),
    "command-r7b": Wire(
        "command-r7b",
        listed("<|START_ACTION|>", "<|END_ACTION|>", "parameters", "tool_name"),
        think=("<|START_THINKING|>", "<|END_THINKING|>"),
    ),
    "command-r-plus": Wire(
        "command-r-plus", listed("Action: ```json\n", "\n```", "parameters", "tool_name"), think=None
    ),
    "step3": Wire(
        "step3",
        invokes(
            "steptml:",
            "<｜tool_calls_begin｜>\n",
            "<｜tool_calls_end｜>",
            "<｜tool_call_begin｜>function<｜tool_sep｜>",
            "<｜tool_call_end｜>",
        ),
    ),
    "jamba": Wire("jamba", listed("<tool_calls>", "</tool_calls>")),
    "apriel": Wire(
        "apriel",
        listed("<tool_calls>", "</tool_calls>"),
        think=("Here are my reasoning steps:", "[BEGIN FINAL RESPONSE]"),
    ),
    "exaone": Wire("exaone4", objects("<tool_call>", "</tool_call>"), think=("<thought>", "</thought>")),
    "xlam": Wire("xlam", objects("<tool_call>\n", "\n</tool_call>")),
    "xlam without the tag": Wire("xlam", listed("", ""), bare=True),
    "hunyuan": Wire("hunyuan-a13b", listed("<tool_calls>", "</tool_calls>")),
    "hunyuan3": Wire("hunyuan3", hunyuan3("")),
    "hy3": Wire("hy3", hunyuan3(":opensource"), think=("<think:opensource>", "</think:opensource>")),
    "minicpm5": Wire("minicpm5", each(minicpm5, "\n")),
    "longcat": Wire(
        "longcat",
        objects("<longcat_tool_call>\n", "\n</longcat_tool_call>"),
        think=("<longcat_think>", "</longcat_think>"),
    ),
    "longcat with keys": Wire(
        "longcat", keys_and_values("\n", "longcat_"), think=("<longcat_think>", "</longcat_think>")
    ),
    "longcat 2": Wire("longcat-2.0", keys_and_values("", "longcat_")),
    "apertus": Wire(
        "apertus",
        lambda calls: f"<|tools_prefix|>{dump([{name: arguments} for name, arguments in calls])}<|tools_suffix|>",
        think=("<|inner_prefix|>", "<|inner_suffix|>"),
    ),
    "nemotron-v2": Wire("nemotron-nano-v2", listed("<TOOLCALL>", "</TOOLCALL>")),
    "functionary 3.1": Wire(
        "functionary-v3.1", each(lambda name, arguments: f"<function={name}>{dump(arguments)}</function>"), think=None
    ),
    "functionary 3.2": Wire(
        "functionary-v3.2", each(lambda name, arguments: f"{name}\n{dump(arguments)}", ">>>"), True, None, True
    ),
    "gigachat3": Wire(
        "gigachat3", objects("<|message_sep|>\n\nfunction call<|role_sep|>\n", ""), parallel=False, think=None
    ),
    "gigachat3.1": Wire("gigachat3.1", objects("<|function_call|>", ""), parallel=False, think=None),
    "olmo3": Wire("olmo3", each(python, "\n", "<function_calls>\n", "\n</function_calls>")),
}
