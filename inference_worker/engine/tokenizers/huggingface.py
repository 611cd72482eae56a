"""The tokenizer of a checkpoint: text to ids and back, conversations through its chat template. Knows no tool, no wire.

What people and tools write stays text: no string of theirs becomes a control token.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inference_worker.engine.checkpoints.checkpoint import Checkpoint
from inference_worker.engine.checkpoints.folder import read_json
from inference_worker.engine.checkpoints.stored import broken
from inference_worker.engine.quiet import chat_template_utils, transformers
from inference_worker.engine.text_stream import TextStream
from inference_worker.engine.tokenizers.base import TEXT_BEFORE, fingerprint, read_stop_ids
from inference_worker.engine.tokenizers.decoders import LibraryDecoder

TOKENIZER = "tokenizer.json"
SETTINGS = "tokenizer_config.json"
OLDER = "tokenizer.model"
"""A sentencepiece file, which transformers converts where it has the packages for that."""
VOCABULARIES = (TOKENIZER, OLDER, "vocab.json", "vocab.txt", "spiece.model", "sentencepiece.bpe.model", "tekken.json")
"""Files that transformers reads a vocabulary from. Without any it makes one of three words up, and says nothing."""
PLAIN_STOP = ("\nUser:",)
"""Where the plain format without a template ends a reply."""


def load_huggingface(checkpoint: Checkpoint) -> HuggingFaceTokenizer:
    """The fast tokenizer in the folder. Raises ``EngineError("broken_checkpoint")`` naming the file."""
    file = checkpoint.path / TOKENIZER
    if not any((checkpoint.path / name).is_file() for name in VOCABULARIES):
        raise broken(file, "the tokenizer is missing")
    if (settings := checkpoint.path / SETTINGS).is_file():
        read_json(settings)  # transformers would blame the vocabulary
    try:
        loaded = transformers.AutoTokenizer.from_pretrained(
            checkpoint.path, local_files_only=True, trust_remote_code=False
        )
    except Exception as error:
        raise broken(file, _why_unreadable(file)) from error
    if not getattr(loaded, "is_fast", False):
        raise broken(file, "the tokenizer is missing; an older kind cannot be used")
    if not loaded.get_vocab():
        raise broken(file, "the tokenizer has no vocabulary")
    return HuggingFaceTokenizer(loaded, checkpoint)


class HuggingFaceTokenizer:
    """Fulfils :class:`inference_worker.engine.tokenizers.base.Tokenizer`."""

    def __init__(self, loaded: Any, checkpoint: Checkpoint) -> None:
        self._loaded = loaded
        self.library = loaded.backend_tokenizer
        self.has_template = bool(loaded.chat_template)
        self.stop_ids = read_stop_ids(checkpoint) | {token for token in [loaded.eos_token_id] if isinstance(token, int)}
        """Every id that ends a reply: of generation_config.json, config.json and the tokenizer."""
        self.stop_strings: tuple[str, ...] = () if self.has_template else PLAIN_STOP
        """What ends a reply in the plain format; models without a template have no token for it."""
        added = loaded.added_tokens_decoder
        self.added_tokens: Mapping[int, str] = {token: one.content for token, one in added.items()}
        self.special_ids = frozenset(token for token, one in added.items() if one.special)
        self.markers: frozenset[int] = frozenset()
        self.fingerprint = _fingerprint(checkpoint.path / TOKENIZER, loaded)
        self._controls, _ = chat_template_utils._get_control_token_patterns(tuple(loaded.added_tokens_encoder))

    def encode(self, text: str) -> list[int]:
        """Ids of ``text`` alone; nothing in it becomes a control token, and none is added around it."""
        marked = chat_template_utils.mark_control_tokens(text, self._controls)
        return chat_template_utils.encode_marked_chat(self._loaded, marked)

    def decode(self, ids: Sequence[int]) -> str:
        """Text of ``ids`` with control tokens spelled out."""
        return self._loaded.decode(list(ids), skip_special_tokens=False, clean_up_tokenization_spaces=False)

    def render(
        self,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]] | None = None,
        *,
        add_generation_prompt: bool = False,
        continue_final: bool = False,
    ) -> list[int]:
        """Ids of a conversation as the checkpoint's template prints it; plain lines where it has none.

        Raises ``ValueError`` with the template's own words where it refuses the conversation.
        """
        if not self.has_template:
            return self._render_plain(messages, add_generation_prompt, continue_final)
        told = [dict(tool) for tool in tools or ()]
        functions = json.dumps(told, ensure_ascii=False)
        refusal: Exception | None = None
        # Hermes and Command R loop over tools without asking whether there are any; FireFunction has its own names.
        for given in (
            {"tools": told or None},
            {"tools": told, "functions": functions, "datetime": _today()},
        ):
            try:
                ids = self._loaded.apply_chat_template(
                    [dict(message) for message in messages],
                    **given,
                    add_generation_prompt=add_generation_prompt,
                    continue_final_message=continue_final,
                    tokenize=True,
                    sanitize_control_tokens=True,
                    return_dict=False,
                )
            except Exception as error:  # noqa: BLE001 - a template is somebody else's program, and breaks in any way
                refusal = refusal or error
            else:
                return list(ids)
        raise ValueError(f"the chat template refuses this conversation: {refusal}") from refusal

    def token_text_stream(self, before: Sequence[int] = (), stop: Sequence[str] = ()) -> TextStream:
        """The text of a reply that follows the ids ``before``, ending before any of the texts ``stop``."""
        decoder = LibraryDecoder(self.library, before[-TEXT_BEFORE:])
        return TextStream(decoder, stop=stop, markers=self.markers)

    def _render_plain(
        self, messages: Sequence[Mapping[str, Any]], add_generation_prompt: bool, continue_final: bool
    ) -> list[int]:
        names = {"user": "User: ", "assistant": "Assistant: "}
        lines = [names.get(str(message["role"]), "") + str(message.get("content") or "") for message in messages]
        text = "\n".join(lines)
        if not continue_final:
            text += "\nAssistant:" if add_generation_prompt else "\n"
        return self._prefix() + self.encode(text)

    def _prefix(self) -> list[int]:
        """Control tokens that this tokenizer puts before any text."""
        around = self._loaded("").input_ids
        return [token for token in around if token not in self.stop_ids]


def _today() -> str:
    """Without the time: a prompt that changes with every turn is read anew."""
    return datetime.date.today().isoformat()


def _why_unreadable(file: Path) -> str:
    if file.is_file() or not (file.parent / OLDER).is_file():
        return "it cannot be read" if file.is_file() else "the tokenizer is missing; an older kind cannot be used"
    return f"it is missing, and {OLDER} cannot be converted; get this file from where the model comes from"


def _fingerprint(file: Path, loaded: Any) -> str:
    vocabulary = file.read_bytes() if file.is_file() else loaded.backend_tokenizer.to_str().encode()
    return fingerprint(vocabulary, repr(loaded.chat_template).encode())
