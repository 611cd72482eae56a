"""The tokenizer inside of a GGUF file: vocabulary, merges or scores, control tokens and chat template of its metadata
make one of the tokenizers library. Reads no weights.

Two kinds are known: ``gpt2``, byte-level pieces with merges, and ``llama``, sentencepiece's BPE, whose merges follow
from the scores of its pieces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from inference_worker.engine.checkpoints.checkpoint import Checkpoint
from inference_worker.engine.checkpoints.gguf_file import METADATA, GgufFile, read_header
from inference_worker.engine.checkpoints.stored import broken
from inference_worker.engine.errors import EngineError
from inference_worker.engine.quiet import gguf_tokenizers, transformers
from inference_worker.engine.tokenizers.huggingface import HuggingFaceTokenizer
from inference_worker.engine.tokenizers.sentence_pieces import SPACE

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, BYTE = 1, 2, 3, 4, 6
LONGEST_PIECE = 64
"""Characters; a longer piece is not taken apart in search of its merges."""
GPT2_SPLITS = ("gpt-2", "gpt2", "phi-2", "olmo", "mpt", "default")
LLAMA3_SPLITS = ("glm4", "chatglm-bpe")
"""Ways of splitting text that equal one the library has."""
USUAL_SPLIT = {"qwen2": "qwen2", "qwen3": "qwen2", "qwen3moe": "qwen2", "chatglm": "glm4", "glm4": "glm4"}
"""For files from before ``tokenizer.ggml.pre`` existed."""
BEGINS_WITH_BOS = ("llama3", "llama-v3", "llama-bpe", "tekken")
ENDS_OF_TURN = (
    "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>",
    "<|user|>", "<|observation|>",
)  # fmt: skip
"""Control tokens that end a reply, which many files do not say of all of theirs."""


def load_gguf(checkpoint: Checkpoint) -> HuggingFaceTokenizer:
    """Raises ``EngineError``: broken_checkpoint, or unsupported_model naming the kind of tokenizer."""
    beside = checkpoint.path / METADATA
    file = beside if beside.is_file() else checkpoint.weights_file
    metadata = _read_metadata(file)
    vocabulary = _Vocabulary(file, metadata)
    if len(vocabulary.tokens) > checkpoint.config["vocab_size"]:
        raise broken(file, f"it has {len(vocabulary.tokens)} tokens, but rows for {checkpoint.config['vocab_size']}")
    loaded = _loaded(vocabulary, metadata)
    tokenizer = HuggingFaceTokenizer(loaded, checkpoint)
    tokenizer.stop_ids |= vocabulary.ends()
    return tokenizer


def _read_metadata(file: Path) -> dict[str, Any]:
    source = GgufFile(file)
    try:
        return read_header(source, strings=True).metadata
    finally:
        source.close()


def _loaded(vocabulary: _Vocabulary, metadata: Mapping[str, Any]) -> Any:
    try:
        backend = vocabulary.build()
        template = metadata.get("tokenizer.chat_template")
        return transformers.PreTrainedTokenizerFast(
            tokenizer_object=backend,
            bos_token=vocabulary.text("bos"),
            eos_token=vocabulary.text("eos"),
            unk_token=vocabulary.text("unknown"),
            # llama.cpp has names for formats of its own; a template is recognised by its braces.
            chat_template=template if isinstance(template, str) and "{" in template else None,
        )
    except EngineError:
        raise
    except Exception as error:
        raise broken(vocabulary.file, "its tokenizer cannot be built from what the file says") from error


class _Vocabulary:
    """``tokenizer.ggml.*``, checked."""

    def __init__(self, file: Path, metadata: Mapping[str, Any]) -> None:
        self.file = file
        self.metadata = metadata
        self.architecture = str(metadata.get("general.architecture"))
        self.tokens: list[str] = self._list("tokens", str)
        if not self.tokens:
            raise broken(file, "the tokenizer is missing")
        self.kinds: list[int] = self._list("token_type", int) or [NORMAL] * len(self.tokens)
        self.scores: list[float] = self._list("scores", float) or [0.0] * len(self.tokens)
        if not len(self.tokens) == len(self.kinds) == len(self.scores):
            raise broken(file, "its tokens, their types and their scores differ in number")
        self.ids = {token: place for place, token in enumerate(self.tokens)}

    def build(self) -> Tokenizer:
        model = self._get("model")
        if model == "gpt2":
            backend = self._byte_level()
        elif model == "llama":
            backend = self._sentence_pieces()
        else:
            raise self._unsupported(f"its tokenizer is of the kind {model}; gpt2 and llama can be read")
        self._add_tokens(backend)
        begin = self.text("bos")
        if begin is not None and self._adds_bos(model):
            backend.post_processor = processors.TemplateProcessing(
                single=f"{begin}:0 $A:0", pair=f"{begin}:0 $A:0 $B:1", special_tokens=[(begin, self.ids[begin])]
            )
        return backend

    def text(self, name: str) -> str | None:
        """The token whose id the file gives for ``bos``, ``eos``, …"""
        place = self._get(f"{name}_token_id")
        return self.tokens[place] if isinstance(place, int) and 0 <= place < len(self.tokens) else None

    def ends(self) -> set[int]:
        """Ids of control tokens that end a reply."""
        found = (self.ids[token] for token in ENDS_OF_TURN if token in self.ids)
        return {place for place in found if self.kinds[place] in (CONTROL, USER_DEFINED)}

    def _byte_level(self) -> Tokenizer:
        merges = [self._merge(text) for text in self._list("merges", str)]
        backend = Tokenizer(models.BPE(vocab=self.ids, merges=merges, ignore_merges=self._split_name() == "llama-bpe"))
        backend.pre_tokenizer = self._splitting()
        backend.decoder = decoders.ByteLevel()
        return backend

    def _merge(self, text: str) -> tuple[str, str]:
        """Checked, because the library panics at a merge whose pieces it does not know."""
        left, _, right = text.partition(" ")
        if not (left in self.ids and right in self.ids and left + right in self.ids):
            raise broken(self.file, f"its merge {text[:LONGEST_PIECE]!r} does not join two of its tokens into a third")
        return left, right

    def _splitting(self) -> Any:
        name = self._split_name()
        if name in GPT2_SPLITS:
            return pre_tokenizers.ByteLevel(add_prefix_space=False)
        known = gguf_tokenizers.GGUF_PRE_TOKENIZER_SPLITS
        pattern = known["llama-bpe"] if name in LLAMA3_SPLITS else known.get(name)
        if pattern is None:
            raise self._unsupported(f"its tokenizer splits text in the way {name}, which is unknown")
        split = pre_tokenizers.Split(Regex(pattern), behavior="isolated")
        return pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])

    def _split_name(self) -> str:
        return str(self._get("pre") or USUAL_SPLIT.get(self.architecture, "default"))

    def _sentence_pieces(self) -> Tokenizer:
        spelled = {_spelled(token): place for token, place in self.ids.items()}
        unknown = next((token for token, kind in zip(self.tokens, self.kinds, strict=True) if kind == UNKNOWN), None)
        prefix = bool(self._get("add_space_prefix", default=True))
        backend = Tokenizer(
            models.BPE(vocab=spelled, merges=self._merges(), unk_token=unknown, fuse_unk=True, byte_fallback=True)
        )
        replace = normalizers.Replace(" ", SPACE)
        backend.normalizer = normalizers.Sequence([normalizers.Prepend(SPACE), replace] if prefix else [replace])
        steps = [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()]
        backend.decoder = decoders.Sequence([*steps, decoders.Strip(" ", 1, 0)] if prefix else steps)
        return backend

    def _merges(self) -> list[tuple[str, str]]:
        """Every way to join two pieces into a third, the best third first, as sentencepiece joins them."""
        by_place = self.architecture.startswith("gemma")  # its scores are not in the order of its merges
        rank = {
            _spelled(token): -place if by_place else self.scores[place]
            for place, token in enumerate(self.tokens)
            if self.kinds[place] == NORMAL or (self.kinds[place] == USER_DEFINED and token.isspace())
        }
        found = [
            (score, piece[:cut], piece[cut:])
            for piece, score in rank.items()
            for cut in range(1, min(len(piece), LONGEST_PIECE))
            if piece[:cut] in rank and piece[cut:] in rank
        ]
        found.sort(key=lambda merge: (merge[0], len(merge[1])), reverse=True)
        return [(left, right) for _, left, right in found]

    def _add_tokens(self, backend: Tokenizer) -> None:
        ends = {self._get(f"{name}_token_id") for name in ("bos", "eos", "eot", "eom", "padding")}
        added = [
            AddedToken(token, normalized=False, special=kind == CONTROL or place in ends)
            for place, (token, kind) in enumerate(zip(self.tokens, self.kinds, strict=True))
            if token and (kind == CONTROL or (kind == USER_DEFINED and not token.isspace()) or place in ends)
        ]
        backend.add_tokens(added)

    def _adds_bos(self, model: str) -> bool:
        usual = model == "llama" or self._split_name() in BEGINS_WITH_BOS
        return bool(self._get("add_bos_token", default=usual))

    def _get(self, key: str, *, default: Any = None) -> Any:
        return self.metadata.get(f"tokenizer.ggml.{key}", default)

    def _list(self, key: str, kind: type) -> list[Any]:
        found = self._get(key, default=[])
        if not isinstance(found, Sequence) or not all(isinstance(one, kind) for one in found):
            raise broken(self.file, f"tokenizer.ggml.{key} is no list as it should be")
        return list(found)

    def _unsupported(self, reason: str) -> EngineError:
        return EngineError("unsupported_model", path=self.file, architecture=self.architecture, reason=reason)


def _spelled(token: str) -> str:
    """Files write pieces of several spaces as spaces."""
    return token.replace(" ", SPACE) if token.isspace() else token
