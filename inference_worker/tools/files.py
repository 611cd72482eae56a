"""Bytes of ordinary files inside the opened folders, and the text in them. Knows no model and asks nobody."""

from __future__ import annotations

import codecs
import contextlib
import hashlib
import os
import secrets
import stat
import sys
from dataclasses import dataclass
from typing import Final

from inference_worker.tools.base import ToolError
from inference_worker.tools.paths import Place, in_folder, open_regular

LARGEST_FILE: Final = 16 * 2**20
"""Bytes; a text that a person wrote is smaller."""
_GUESS_FROM: Final = 2**16
"""Bytes that an encoding is guessed from."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file held at one moment."""

    data: bytes
    mode: int
    """Permission bits."""

    @property
    def digest(self) -> str:
        return digest(self.data)


def digest(data: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def read(place: Place, largest: int = LARGEST_FILE) -> Content:
    """The whole file; ToolError where there is none, where it is no ordinary one or where it is too large."""
    return in_folder(place, lambda folder, name: _read(folder, name, largest))


def read_if_there(place: Place) -> Content | None:
    """As :func:`read`, or ``None`` where nothing has that name."""

    def work(folder: int | None, name: str) -> Content | None:
        with contextlib.suppress(FileNotFoundError):
            return _read(folder, name, LARGEST_FILE)
        return None

    return in_folder(place, work)


def _read(folder: int | None, name: str, largest: int) -> Content:
    with os.fdopen(open_regular(folder, name), "rb") as file:
        data = file.read(largest + 1)
        if len(data) > largest:
            raise ToolError(f"the file is too large (more than {largest // 2**20} MiB)")
        return Content(data, stat.S_IMODE(os.fstat(file.fileno()).st_mode))


def replace(place: Place, data: bytes, expected: Content | None) -> None:
    """Let the file hold ``data``, or leave it as it was; ToolError where it is not as ``expected`` any more."""

    def work(folder: int | None, name: str) -> None:
        passing = f"{name}.{secrets.token_hex(4)}.part"
        try:
            _write(folder, passing, data, expected.mode if expected else None)
            _check_unchanged(folder, name, expected)
            os.replace(passing, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(passing, dir_fd=folder)
            raise
        if folder is not None:
            os.fsync(folder)

    in_folder(place, work)


def remove(place: Place, expected: Content) -> None:
    """Remove the file; ToolError where it is not as ``expected`` any more."""

    def work(folder: int | None, name: str) -> None:
        _check_unchanged(folder, name, expected)
        os.unlink(name, dir_fd=folder)

    in_folder(place, work)


def _write(folder: int | None, name: str, data: bytes, mode: int | None) -> None:
    more = getattr(os, "O_BINARY", 0) if sys.platform == "win32" else os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | more, 0o666, dir_fd=folder)
    with os.fdopen(file, "wb") as stream:
        if mode is not None and sys.platform != "win32":
            os.fchmod(file, mode & 0o777)
        stream.write(data)
        stream.flush()
        os.fsync(file)


def _check_unchanged(folder: int | None, name: str, expected: Content | None) -> None:
    try:
        now = _read(folder, name, LARGEST_FILE)
    except FileNotFoundError:
        now = None
    if (now and now.digest) != (expected and expected.digest):
        raise ToolError("the file changed meanwhile: read it again")


# ---------------------------------------------------------------- text

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def text_of(data: bytes, thorough: bool = True) -> str | None:
    """The text in ``data``, its encoding guessed where it is not UTF-8; ``None`` where it is none.

    A guess that is not ``thorough`` takes no time and may be wrong.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data, encoding)
    if b"\0" in data:
        return None
    text = _decoded(data, "utf-8")
    return text if text is not None else _guessed(data, thorough)


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _guessed(data: bytes, thorough: bool) -> str | None:
    """By statistics where that library is there, else the usual encodings of Chinese, Japanese and Western text."""
    encodings = ["gb18030", "cp932", "cp1252"]
    if thorough:
        with contextlib.suppress(ImportError):
            from charset_normalizer import from_bytes

            best = from_bytes(data[:_GUESS_FROM]).best()
            encodings = [best.encoding, *encodings] if best else []
    return next((text for name in encodings if (text := _decoded(data, name)) is not None), None)
