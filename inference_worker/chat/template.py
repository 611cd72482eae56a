"""Conversations to token ids through a checkpoint's own chat template, found out by probing it. Knows no model by name.

Ids that a model generated are used again as they are: decoding and encoding again gives other ids, and the cached
prefix would be lost. Where a template does not allow that provably, its plain rendering is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from inference_worker.chat.slash_prompt import as_text, tool_section
from inference_worker.chat.tokenizer import ChatTokenizer
from inference_worker.protocol.messages import ChatMessage
from inference_worker.tools.base import Tool

Dicts = list[dict[str, str]]
_SYSTEM_PROBE = "zebra quartz"
_PLACEHOLDERS = ("Nyankoreply", "Replyofnyanko", "Catsaidthis")
"""Stand for a stored reply in a render; a word, so that it does not grow together with the line break before it."""


def usable_ids(message: ChatMessage, fingerprint: str) -> tuple[int, ...]:
    """The ids stored with ``message`` if they belong to this tokenizer and template, else none."""
    return message.ids if message.ids_model == fingerprint else ()


class ChatTemplate:
    """The template of one loaded checkpoint."""

    tool_style: Literal["native", "slash"] = "slash"

    def __init__(self, tokenizer: ChatTokenizer) -> None:
        self._tokenizer = tokenizer
        self._system: Literal["printed", "merged", "dropped"] = self._probe_system()

    @property
    def reads_system(self) -> bool:
        """Whether system text reaches the model at all."""
        return self._system != "dropped"

    def _probe_system(self) -> Literal["printed", "merged", "dropped"]:
        probe = [{"role": "system", "content": _SYSTEM_PROBE}, {"role": "user", "content": "hello"}]
        try:
            rendered = self._tokenizer.render(probe, add_generation_prompt=True)
        except ValueError:
            return "merged"
        return "printed" if _SYSTEM_PROBE in self._tokenizer.decode(rendered) else "dropped"

    def encode(self, messages: Sequence[ChatMessage], tools: Sequence[Tool], *, resume: bool) -> list[int]:
        """Ids of the prompt, up to where the assistant writes on: a new reply, or with ``resume`` its last message.

        Raises ValueError with the template's own words where it refuses the conversation.
        """
        if not resume:
            return self._encode_finished(messages, tools)
        opened = messages[-1]
        stored = usable_ids(opened, self._tokenizer.fingerprint)
        if stored or not opened.parts:
            return self._encode_finished(messages[:-1], tools) + list(stored)
        try:
            return self._tokenizer.render(self._dicts(messages, tools), continue_final=True)
        except ValueError:  # some templates change the text of a reply, so that its end cannot be found
            return self._encode_finished(messages[:-1], tools) + self._tokenizer.encode(as_text(opened.parts))

    def _encode_finished(self, messages: Sequence[ChatMessage], tools: Sequence[Tool]) -> list[int]:
        """The prompt for a new reply."""
        messages = [m for m in messages if m.role != "assistant" or m.parts]
        dicts = self._dicts(messages, tools)
        stored = [usable_ids(m, self._tokenizer.fingerprint) for m in messages if m.role == "assistant"]
        spliced = self._splice(dicts, stored) if any(stored) else None
        return spliced if spliced is not None else self._tokenizer.render(dicts, add_generation_prompt=True)

    # ------------------------------------------------------------ messages as the template takes them

    def _dicts(self, messages: Sequence[ChatMessage], tools: Sequence[Tool]) -> Dicts:
        """Messages with one text each, system text where this template reads it, no two of the person's in a row."""
        system = [as_text(m.parts) for m in messages if m.role == "system"]
        dicts: Dicts = []
        for message in messages:
            if message.role == "system" or not message.parts:
                continue
            content = as_text(message.parts)
            if dicts and dicts[-1]["role"] == "user" == message.role:
                dicts[-1]["content"] += "\n\n" + content
            else:
                dicts.append({"role": message.role, "content": content})
        return self._with_system("\n\n".join(filter(None, [*system, tool_section(tools)])), dicts)

    def _with_system(self, text: str, dicts: Dicts) -> Dicts:
        if not text or self._system == "dropped":
            return dicts
        if self._system == "printed":
            return [{"role": "system", "content": text}, *dicts]
        if not dicts or dicts[0]["role"] != "user":
            return [{"role": "user", "content": text}, *dicts]
        return [{"role": "user", "content": f"{text}\n\n{dicts[0]['content']}"}, *dicts[1:]]

    # ------------------------------------------------------------ stored ids

    def _splice(self, dicts: Dicts, stored: Sequence[tuple[int, ...]]) -> list[int] | None:
        """The rendered prompt with stored ids in the places of their messages; ``None`` where that cannot be proved."""
        word = next((w for w in _PLACEHOLDERS if not any(w in d["content"] for d in dicts)), None)
        if word is None:
            return None
        replies = iter(stored)
        marked = [{**d, "content": word} if d["role"] == "assistant" and next(replies) else d for d in dicts]
        rendered = self._tokenizer.render(marked, add_generation_prompt=True)
        mark, used = self._tokenizer.encode(word), [ids for ids in stored if ids]
        places = _find(rendered, mark)
        if len(places) != len(used) or not self._is_where_replies_begin(rendered[: places[-1]], marked, word):
            return None
        spliced: list[int] = []
        end = 0
        for place, ids in zip(places, used, strict=True):
            spliced += [*rendered[end:place], *ids]
            end = place + len(mark)
        return spliced + rendered[end:]

    def _is_where_replies_begin(self, rendered: Sequence[int], marked: Dicts, word: str) -> bool:
        """Whether history looks up to a reply as the prompt did when that reply was generated."""
        last = max(i for i, d in enumerate(marked) if d["content"] == word)
        try:
            return self._tokenizer.render(marked[:last], add_generation_prompt=True) == list(rendered)
        except ValueError:  # a greeting without a question before it, for example
            return False


def _find(ids: Sequence[int], part: Sequence[int]) -> list[int]:
    """Where ``part`` occurs in ``ids``."""
    if not part:
        return []
    size = len(part)
    return [i for i in range(len(ids) - size + 1) if ids[i] == part[0] and list(ids[i : i + size]) == list(part)]
