"""What a tool is. Knows none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


class ToolError(Exception):
    """The tool cannot do what was asked; the message is short, plain English, and goes to the model as ``error: …``."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: what the model is told about it, and how it runs."""

    name: str
    description: str
    """One sentence for the model, with an example call in slash style."""
    parameters: Mapping[str, Any] = field(default_factory=lambda: ONE_TEXT)
    """JSON schema of the arguments. Slash style fills the single parameter ``text``."""
    run: Callable[[str], str] | None = None
    """Runs the call on a thread of its own and returns the result; ``None`` marks a host tool, run by the app."""
    prepare: Callable[[str], dict[str, str]] | None = None
    """Checks the written argument before anything is asked or run and adds what the host needs to it; or ToolError."""
    seconds: float = 10.0
    """Upper bound of one run; longer ones end as an error."""


ONE_TEXT: Mapping[str, Any] = {"type": "object", "properties": {"text": {"type": "string"}}}
