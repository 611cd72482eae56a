"""Library views for the tests of the settings: a person with a large model on a small card."""

from __future__ import annotations

from typing import Any

from nyanko_desktop.chat.view_state import Explanation
from nyanko_desktop.models.view import (
    CatalogueItem,
    CopyEntry,
    Fit,
    HubChoice,
    HubView,
    JobView,
    LibraryView,
    ModelEntry,
    Recommendation,
    Removal,
)

MB, GB = 2**20, 2**30

MINI = ModelEntry("", "nyanko-mini", "embedded", "/usr/share/nyanko/nyanko-mini", 12 * MB)
GLM = ModelEntry(
    "/models/glm",
    "zai-org/chatglm3-6b-32k",
    "downloaded",
    "/models/glm",
    12 * GB,
    (CopyEntry("/cache/glm-int8", "int8", 0, 6 * GB), CopyEntry("/cache/glm-int4", "int4", 128, 3 * GB)),
    chosen=True,
)
OWN = ModelEntry("/home/lin/models/moss", "moss", "added", "/home/lin/models/moss", 31 * GB)
MISSING = Explanation("The model folder is missing", "There is no folder /media/stick/qwen.", "Bring it back.")
GONE = ModelEntry("/media/stick/qwen", "qwen", "added", "/media/stick/qwen", problem=MISSING)
HALF = ModelEntry("/models/phi", "microsoft/phi-4", "downloaded", "/models/phi", 2 * GB, unfinished=True)

DOWNLOAD = JobView(
    "d1",
    "download",
    "Qwen/Qwen2.5-7B-Instruct",
    "running",
    stage="downloading",
    done=4 * GB,
    total=15 * GB,
    detail="model-00002-of-00004.safetensors",
    speed=12.0 * MB,
    remaining=940.0,
)
QUANTIZE = JobView(
    "q1",
    "quantize",
    "zai-org/chatglm3-6b-32k",
    "running",
    "/models/glm",
    "int8",
    "quantizing",
    7 * GB,
    12 * GB,
    "transformer.encoder.layers.16.mlp.dense_h_to_4h.weight",
    140.0 * MB,
    37.0,
)


def item(id: str, title: str, billions: float, **more: Any) -> CatalogueItem:
    """A model of the catalogue that takes two bytes a parameter in fp16, against 9 GB."""
    fits = []
    for precision, width in (("fp16", 2.0), ("int8", 1.05), ("int4", 0.6)):
        taken = int(billions * 1e9 * width) + GB
        fits.append(Fit(precision, taken, "fits" if taken < 9 * GB else "does_not_fit"))  # type: ignore[arg-type]
    given: dict[str, Any] = {
        "description": f"Talks in Chinese and English; {title} is an example.",
        "repository": f"owner/{id}",
        "parameters": int(billions * 1e9),
        "context": 32768,
        "licence": "Apache-2.0",
        "tools": True,
        "gated": False,
        "verified": True,
        "fits": tuple(fits),
    }
    return CatalogueItem(id, title, **{**given, **more})


CATALOGUE = (
    item("qwen2.5-7b", "Qwen2.5 7B Instruct", 7.6),
    item("chatglm3-6b", "ChatGLM3 6B 32K", 6.2, model="/models/glm", tools=False, licence="ChatGLM3 licence"),
    item("llama3-8b", "Llama 3.1 8B Instruct", 8.0, gated=True, verified=False, licence="Llama 3.1"),
    item("moss", "MOSS moon 003 sft plugin", 16.0, repository="", licence="Apache-2.0 and AGPL-3.0"),
)
BIGGER = Recommendation(
    "qwen2.5-7b", "Qwen2.5 7B Instruct", "int8", 8 * GB, 15 * GB, "It speaks both languages, and int8 leaves room."
)
HUB = HubView(
    "https://huggingface.co",
    "huggingface",
    (
        HubChoice("Hugging Face", "https://huggingface.co", "huggingface"),
        HubChoice("Mirror hf-mirror.com", "https://hf-mirror.com", "huggingface"),
        HubChoice("ModelScope", "https://modelscope.cn", "modelscope"),
    ),
)
REMOVAL = Removal("/models/glm", "zai-org/chatglm3-6b-32k", ("/models/glm", "/cache/glm-int8"), 18 * GB, resident=True)


def library(**more: Any) -> LibraryView:
    """A full library; ``more`` replaces fields."""
    given: dict[str, Any] = {
        "models": (MINI, GLM, OWN, GONE, HALF),
        "catalogue": CATALOGUE,
        "recommended": (BIGGER,),
        "hub": HUB,
        "device": "NVIDIA P102-100",
        "free": 9 * GB,
        "cache": "/home/lin/.cache/nyanko",
        "cache_bytes": 9 * GB,
    }
    return LibraryView(**{**given, **more})
