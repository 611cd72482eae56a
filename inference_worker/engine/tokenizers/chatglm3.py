"""The chat format of ChatGLM3: roles, tools and metadata as published, from ``tokenizer.model`` alone.

Nothing else in the folder is read: tokenizer_config.json of saved fine-tunes names properties that the original class
could not set, and its .py file is never run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from inference_worker.engine.checkpoints.checkpoint import Checkpoint
from inference_worker.engine.tokenizers.base import Message
from inference_worker.engine.tokenizers.piece_tokenizer import PieceTokenizer
from inference_worker.engine.tokenizers.rounds import check_open_end, content_of
from inference_worker.engine.tokenizers.sentence_pieces import SentencePieces

FILE = "tokenizer.model"
SYSTEM, USER, ASSISTANT, OBSERVATION = "<|system|>", "<|user|>", "<|assistant|>", "<|observation|>"
CONTROLS = ("[MASK]", "[gMASK]", "[sMASK]", "sop", "eop", SYSTEM, USER, ASSISTANT, OBSERVATION)
"""Their ids follow those of the file's pieces, in this order."""
ROLES = {
    "system": SYSTEM,
    "user": USER,
    "assistant": ASSISTANT,
    "observation": OBSERVATION,
    "tool": OBSERVATION,
    "function": OBSERVATION,
}
TOOLS_TEXT = "Answer the following questions as best as you can. You have access to the following tools:"
"""Part of the format: what stood before every list of tools that the model learnt from."""


def load_chatglm3(checkpoint: Checkpoint) -> ChatGLM3Tokenizer:
    """Raises ``EngineError("broken_checkpoint")`` naming tokenizer.model."""
    return ChatGLM3Tokenizer(SentencePieces(checkpoint.path / FILE))


class ChatGLM3Tokenizer(PieceTokenizer):
    """Fulfils :class:`inference_worker.engine.tokenizers.base.Tokenizer`.

    A prompt is ``[gMASK] sop``, then for each message its role token, its metadata with a line break, and its content,
    each encoded by itself; nothing closes a message. The model writes the metadata of its reply: an empty line, which
    the text stream leaves out, or the name of a tool. A reply may have several parts, shown on lines of their own.
    """

    opening = ASSISTANT
    shown: ClassVar[Mapping[str, str]] = {ASSISTANT: "\n"}

    def __init__(self, pieces: SentencePieces) -> None:
        controls = {name: pieces.size + place for place, name in enumerate(CONTROLS)}
        super().__init__(pieces, controls, frozenset({pieces.eos, controls[USER], controls[OBSERVATION]} - {-1}))

    def render(
        self,
        messages: Sequence[Message],
        tools: Sequence[Mapping[str, Any]] | None = None,
        *,
        add_generation_prompt: bool = False,
        continue_final: bool = False,
    ) -> list[int]:
        """Ids of the conversation.

        Besides ``role`` and ``content`` a message may have ``metadata`` (the name of a called tool), ``tool_calls`` in
        OpenAI's form, which become parts of their own, and on a system message ``tools``. ``tools`` given beside the
        messages stand in the first system message, which is made where there is none. Raises ``ValueError``.
        """
        if continue_final:
            check_open_end(messages)
        ids = [self._ids["[gMASK]"], self._ids["sop"]]
        for message in _with_tools(messages, tools):
            ids += self._message(message)
        return [*ids, self._ids[ASSISTANT]] if add_generation_prompt else ids

    def _message(self, message: Message) -> list[int]:
        role = ROLES.get(str(message.get("role")))
        if role is None:
            raise ValueError(f"ChatGLM3 knows no role {message.get('role')!r}")
        content, calls = content_of(message), message.get("tool_calls") or ()
        if message.get("tools"):
            content += "\n" + _tool_list(message["tools"])
        ids = [] if calls and not content else self._part(role, str(message.get("metadata") or ""), content)
        for call in calls:
            name, arguments = _named_call(call)
            ids += self._part(role, name, call_text(arguments))
        return ids

    def _part(self, role: str, metadata: str, content: str) -> list[int]:
        return [self._ids[role], *self.encode(metadata + "\n"), *self.encode(content)]


def call_text(arguments: Mapping[str, Any]) -> str:
    """What the model writes for a call, behind the line with the tool's name."""
    written = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    return f"```python\ntool_call({written})\n```"


def _with_tools(messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] | None) -> list[Message]:
    """The published sentence about tools comes last in the system text, for the list has to follow it."""
    if not tools:
        return list(messages)
    place = next((i for i, message in enumerate(messages) if message.get("role") == "system"), None)
    said = "" if place is None else content_of(messages[place])
    if not said.endswith(TOOLS_TEXT):
        said = f"{said}\n\n{TOOLS_TEXT}" if said else TOOLS_TEXT
    system = {"role": "system", "content": said, "tools": tools}
    rest = [message for i, message in enumerate(messages) if i != place]
    return [system, *rest]


def _tool_list(tools: Sequence[Mapping[str, Any]]) -> str:
    """The list as published; tools in OpenAI's form without the wrapping that the model never saw."""
    return json.dumps([tool.get("function", tool) for tool in tools], indent=4, ensure_ascii=False)


def _named_call(call: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    function = call.get("function", call)
    arguments = function.get("arguments") or {}
    if isinstance(arguments, str):
        arguments = json.loads(arguments)
    if not isinstance(arguments, Mapping):
        raise ValueError("the arguments of a tool call are no table of names and values")
    return str(function.get("name") or ""), arguments
