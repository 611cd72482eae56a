"""What may go over the wire and into the store: any text that is text. Knows no language."""

from __future__ import annotations


def sendable(text: str) -> str:
    """``text`` without halves of characters, which arguments and input methods can leave and UTF-8 cannot carry."""
    return text.encode("utf-8", "replace").decode()
