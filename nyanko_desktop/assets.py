"""Where the data that ships with the program lies. Opens nothing."""

from __future__ import annotations

from pathlib import Path

RESOURCES = Path(__file__).resolve().parent.parent / "resources"


def resource(*names: str) -> Path:
    """The path of one resource, for example ``resource("icons", "app.svg")``."""
    return RESOURCES.joinpath(*names)


def embedded_model() -> Path:
    """Folder of nyanko-mini, the model that is always there."""
    return resource("models", "nyanko-mini")


def persona_file(name: str) -> Path:
    return resource("personas", f"{name}.toml")
