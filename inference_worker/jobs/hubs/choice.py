"""Which files of a repository make up the model: weights in one form, configuration, tokenizer, licence. No network."""

from __future__ import annotations

import re
from collections.abc import Sequence

from inference_worker.jobs.hubs.files import HubFile
from inference_worker.protocol.errors import ErrorCode, RequestError

_SHARD = r"(-\d{5}-of-\d{5})?"
_PREFERRED = {
    "safetensors": re.compile(rf"model{_SHARD}\.safetensors"),
    "bin": re.compile(rf"pytorch_model{_SHARD}\.bin"),
}
_NOT_THE_MODEL = re.compile(r"(consolidated|adapter_|training_args|optimizer|scheduler|mmproj|imatrix).*")
_INDEX = {"safetensors": "model.safetensors.index.json", "bin": "pytorch_model.bin.index.json"}
_GGUF_SHARD = re.compile(r"(.+)-\d{5}-of-\d{5}\.gguf", re.IGNORECASE)
_COMPANION = re.compile(
    r"""config\.json|configuration\.json|generation_config\.json|quanti[sz]e_config\.json|quantization_config\.json
    |tokenizer\.json|tokenizer_config\.json|special_tokens_map\.json|added_tokens\.json|tekken\.json
    |vocab\.(json|txt)|merges\.txt|chat_template\.json
    |(tokenizer|spiece|sentencepiece\.bpe|ice_text)\.model|[^/]*\.tiktoken
    |[^/]*\.jinja|additional_chat_templates/[^/]*\.jinja
    |(LICEN[CS]E|NOTICE|README|USE_POLICY|MODEL_LICENSE)[A-Za-z0-9_-]*(\.(md|txt|rst))?""",
    re.VERBOSE,
)


def choose(files: Sequence[HubFile], named: Sequence[str] = ()) -> tuple[HubFile, ...]:
    """The files to fetch: those ``named``, else one form of the weights and all that belongs to it.

    Weights come from the repository's own folder alone: below it lie other forms of the same model. Safetensors go
    before ``.bin`` before GGUF. Raises RequestError (``bad_request``) when a name is unknown, when there are no
    weights, and when there are several GGUF models: which of them is the person's choice.
    """
    if named:
        return _named(files, named)
    weights, index = _weights(files)
    companions = [f for f in files if f.name == index or _COMPANION.fullmatch(f.name)]
    return tuple(sorted([*weights, *companions], key=lambda file: file.name))


def _named(files: Sequence[HubFile], named: Sequence[str]) -> tuple[HubFile, ...]:
    by_name = {file.name: file for file in files}
    if unknown := [name for name in named if name not in by_name]:
        raise RequestError(ErrorCode.BAD_REQUEST, reason=f"the repository has no file {', '.join(unknown)}"[:2000])
    return tuple(by_name[name] for name in dict.fromkeys(named))


def _weights(files: Sequence[HubFile]) -> tuple[list[HubFile], str]:
    """The weight files, and the name of the index that goes with them."""
    names = {file.name for file in files}
    for form, preferred in _PREFERRED.items():
        found = [f for f in files if f.name.endswith(f".{form}") and "/" not in f.name]
        found = [f for f in found if not _NOT_THE_MODEL.fullmatch(f.name)]
        found = [f for f in found if preferred.fullmatch(f.name)] or found
        if found:
            index = _INDEX[form]
            return (_shards_only(found) if index in names else found), index
    return _gguf(files), ""


def _shards_only(files: list[HubFile]) -> list[HubFile]:
    """Where an index names shards, a single file beside them is the same model once more."""
    return [file for file in files if "-of-" in file.name] or files


def _gguf(files: Sequence[HubFile]) -> list[HubFile]:
    models: dict[str, list[HubFile]] = {}
    for file in files:
        last = file.name.rpartition("/")[2].lower()
        if last.endswith(".gguf") and not _NOT_THE_MODEL.fullmatch(last):
            shard = _GGUF_SHARD.fullmatch(file.name)
            models.setdefault(shard[1] if shard else file.name, []).append(file)
    if not models:
        reason = "the repository holds no weights as .safetensors, .bin or .gguf"
        raise RequestError(ErrorCode.BAD_REQUEST, reason=reason)
    if len(models) > 1:
        names = ", ".join(file.name for shards in models.values() for file in shards)
        raise RequestError(ErrorCode.BAD_REQUEST, reason=f"name one of the GGUF files: {names}"[:2000])
    return next(iter(models.values()))
