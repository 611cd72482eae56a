"""A resident model with a chat template that follows a script: real ids, real filter, real prompts, no weights."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from inference_worker.chat.generator import Token
from inference_worker.chat.template import ChatTemplate
from inference_worker.chat.turn import run_turn
from inference_worker.protocol.messages import ChatMessage, Done, RunTurn
from inference_worker.tools.base import Tool
from tests.support.fake_desk import FakeDesk
from tests.support.fake_generator import INFO, FakeGenerator, Reply
from tests.support.template_tokenizer import template_tokenizer


class NativeGenerator(FakeGenerator):
    """Scripts are written as the model writes them, with markers spelled; what ends a turn ends the stream."""

    def __init__(self, template: str | Any, *replies: Reply, context: int = 16_384) -> None:
        """``template`` is the text of one, or a whole tokenizer of the engine."""
        self.tokenizer = template_tokenizer(template) if isinstance(template, str) else template
        self.template = ChatTemplate(self.tokenizer)
        style = self.template.tool_style
        info = msgspec.structs.replace(INFO, tool_style=style, context=context)
        super().__init__(*replies, fingerprint=self.tokenizer.fingerprint, info=info)
        self.native = self.template.native
        self.thoughts = self.template.thoughts
        reads = self.native or self.thoughts
        self._markers = reads.markers if reads is not None else {}
        self.tokenizer.markers = frozenset(self._markers)
        if self.native is not None:
            self.tokenizer.stop_ids |= self.native.stop_ids

    def encode_conversation(self, messages: Sequence[ChatMessage], tools: Sequence[Tool], *, resume: bool) -> list[int]:
        return self.template.encode(messages, tools, resume=resume)

    def encode_text(self, text: str) -> list[int]:
        return self.tokenizer.encode(text)

    def text_of(self, ids: Iterable[int]) -> str:
        return self.tokenizer.decode(list(ids))

    def tokens(self, text: str, *, whole: bool) -> list[Token]:
        stream = self.tokenizer.token_text_stream()
        found: list[Token] = []
        for token in self.written(text):
            if token in self.tokenizer.stop_ids:
                break
            found.append(Token(token, stream.push(token), self._markers.get(token, "")))
        return found

    def written(self, text: str) -> list[int]:
        """Ids of what a model writes: markers are tokens."""
        ids: list[int] = []
        names = {name: token for token, name in self.tokenizer.added_tokens.items()}
        for piece in re.split("(" + "|".join(map(re.escape, sorted(names, key=len, reverse=True))) + ")", text):
            ids += [names[piece]] if piece in names else self.tokenizer.encode(piece)
        return ids

    def controls_of(self, ids: Iterable[int]) -> list[str]:
        """The added tokens among ``ids``, spelled."""
        names = self.tokenizer.added_tokens
        return [names[id_] for id_ in ids if id_ in names]


def answered(model: NativeGenerator, command: RunTurn) -> tuple[Done, FakeDesk]:
    """The turn that ``command`` asks for, and what its desk was told."""

    async def work() -> tuple[Done, FakeDesk]:
        desk = FakeDesk()
        async with asyncio.timeout(30):
            return await run_turn(command, model, desk), desk

    return asyncio.run(work())
