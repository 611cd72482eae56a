"""What a model's folder says to this program: ``nyanko.json``. For the app that offers tools, and for the worker.

Looks at the disk. Knows no settings and no template.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Final

import msgspec

MANIFEST: Final = "nyanko.json"
LARGEST_MANIFEST: Final = 65_536
log = logging.getLogger(__name__)


class _Manifest(msgspec.Struct, frozen=True):
    """Anything else in it is for somebody else."""

    tools: Annotated[tuple[str, ...], msgspec.Meta(max_length=1000)] | None = None


def trained_tools(model: str) -> frozenset[str] | None:
    """The tools for which the model in the folder ``model`` was trained, if its manifest says so.

    It needs no words about them, and knows no others.
    """
    path = Path(model) / MANIFEST
    try:
        if not model or path.stat().st_size > LARGEST_MANIFEST:
            return None
        tools = msgspec.json.decode(path.read_bytes(), type=_Manifest).tools
    except OSError:
        return None
    except msgspec.MsgspecError as error:
        log.info("the manifest of %s says nothing about tools: %s", model, error)
        return None
    return None if tools is None else frozenset(tools)
