"""The engine's own tokenizer over any chat template: real ids, real sanitizing, letters as bytes, no model files.

Every marker of every family that the template spells is a token of the vocabulary, as in the models themselves.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from inference_worker.engine.quiet import transformers
from inference_worker.engine.tokenizers.huggingface import HuggingFaceTokenizer
from inference_worker.tools.families import FAMILIES
from inference_worker.tools.families.family import looks_like_control

NOWHERE = Path("/nonexistent")
BOS, EOS = "<BOS>", "<EOS>"
_SPELLED = re.compile(r"<\|[^<>|\s]{1,40}\|>|<｜[^<>｜\s]{1,40}｜>|</?s>|\[/?[A-Z_]{3,20}\]|<[a-z_]+_of_turn>")


def template_tokenizer(template: str, stops: tuple[str, ...] = ()) -> HuggingFaceTokenizer:
    """``stops`` are what the checkpoint's own configuration calls ends of a reply, beside EOS."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    backend = Tokenizer(models.BPE(vocab={char: place for place, char in enumerate(alphabet)}, merges=[]))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    backend.decoder = decoders.ByteLevel()
    added = [AddedToken(name, special=looks_like_control(name), normalized=False) for name in names_in(template)]
    backend.add_tokens(added)
    loaded = transformers.PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token=BOS, eos_token=EOS, chat_template=template
    )
    ends = [loaded.convert_tokens_to_ids(name) for name in stops]
    checkpoint: Any = SimpleNamespace(path=NOWHERE, config={}, generation_config={"eos_token_id": ends})
    return HuggingFaceTokenizer(loaded, checkpoint)


def names_in(template: str) -> list[str]:
    """Markers of all families and what looks like a control token, as far as ``template`` has them."""
    markers = {marker for family in FAMILIES.values() for marker in family.markers if marker in template}
    known = {marker for marker in markers if marker.startswith(("<", "[")) and "\n" not in marker and " " not in marker}
    whole = {marker for marker in known if "><" not in marker and "=" not in marker}
    return sorted(whole | set(_SPELLED.findall(template)))
