"""Which folder may be opened to tools: the one rule, for the app that sends folders and for the worker that opens them.

Looks at the disk, so it may wait for one that does not answer. Knows no settings, no tool and no message.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path


def why_not_open(folder: str, ours: str) -> str:
    """Why tools may not work in ``folder``, in plain English with what to do; empty where they may.

    Refused is what is no folder by its whole path, and what is or holds a whole disk, a whole home, or ``ours``: a
    folder of this program, beside which keys and conversations lie. Folders are compared as the system knows them, so
    that no link, other spelling or second mount hides one.
    """
    if not Path(folder).is_absolute():
        return f"{folder} is no whole path: write it from the root on"
    if not _is_folder(folder):
        return f"{folder} is no folder" if os.path.lexists(folder) else f"there is no folder {folder}"
    real = Path(os.path.realpath(folder))
    if _is_one_of(real, (Path(real.anchor), *_with_parents(_home()), *_with_parents(ours))):
        return f"{folder} is too much: choose a folder in it"
    if ours and any(_is_one_of(one, (Path(ours),)) for one in _with_parents(folder)):
        return f"{folder} belongs to Nyanko itself: choose another folder"
    return ""


def _is_folder(path: str) -> bool:
    with contextlib.suppress(OSError):
        return Path(path).is_dir()
    return False


def _home() -> str:
    with contextlib.suppress(RuntimeError):
        return str(Path.home())
    return ""


def _with_parents(path: str) -> tuple[Path, ...]:
    real = Path(os.path.realpath(path)) if path else None
    return (real, *real.parents) if real else ()


def _is_one_of(folder: Path, others: Iterable[Path]) -> bool:
    for other in others:
        with contextlib.suppress(OSError):
            if folder == other or folder.samefile(other):
                return True
    return False
