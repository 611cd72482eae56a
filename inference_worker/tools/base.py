"""What a tool is. Knows none."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from inference_worker.protocol.messages import Access, Level

Arguments = Mapping[str, Any]
"""What the model wrote, already checked against the tool's schema; one text parameter is called ``text``."""


class ToolError(Exception):
    """The tool cannot do what was asked; the message is short, plain English, and goes to the model as ``error: …``."""

    def __init__(self, message: str, source: str = "") -> None:
        super().__init__(message)
        self.source = source
        """As in Result, where the message quotes somebody."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A call as it would run, before anybody is asked."""

    arguments: dict[str, Any]
    """What the tool gets and what a person sees: as written, and whatever the check made of it."""
    scope: str = ""
    """The real path, host or server that it would touch; see ToolCalled."""
    preview: str = ""
    """What it would do where the arguments do not show that: a unified diff, code."""
    seen: str = ""
    """What the check found, as a mark that the run compares: what the person was shown is what it holds for."""


@dataclass(slots=True)
class Run:
    """One running call as the tool sees it."""

    access: Access
    cancelled: threading.Event = field(default_factory=threading.Event)
    """Set when the person, or the time limit, ends the call: whatever the tool started must end within a second."""
    report: Callable[[str], None] = lambda _text: None
    """Says in a few plain words how far it is; callable from any thread."""
    prepared: Prepared | None = None
    """As the call was shown before it ran."""
    hosts: list[str] = field(default_factory=list)
    """Hosts that were reached out to, also by a call that never came back."""

    def reaches(self, host: str) -> None:
        """To be said before ``host`` is reached out to."""
        if host not in self.hosts:
            self.hosts.append(host)


@dataclass(frozen=True, slots=True)
class Result:
    """What a call gives back."""

    text: str
    source: str = ""
    """Whose words ``text`` holds (an address, a path, a server's name), where they are not ours."""
    undo: str = ""
    """Name of the file in ``access.undo`` with which the call can be taken back."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: what the model is told about it, and how it runs."""

    name: str
    description: str
    """One sentence for the model, with an example call in slash style where it takes one text."""
    parameters: Mapping[str, Any] = field(default_factory=lambda: ONE_TEXT)
    """JSON schema of the arguments. Slash style fills a single parameter ``text``, or reads one JSON object."""
    run: Callable[[Arguments, Run], str | Result] | None = None
    """Runs the call on a thread of its own and returns the result; ``None`` marks a host tool, run by the app."""
    prepare: Callable[[Arguments, Access], Prepared] | None = None
    """Checks the arguments before anything is asked or run; or ToolError. It may look at the disk, no further."""
    objection: Callable[[Prepared, str], str] | None = None
    """What the person's own last words say against a prepared call, as an error for the model; empty for nothing."""
    level: Level = "harmless"
    seconds: float = 10.0
    """Upper bound of one run; longer ones end as an error."""
    server: str = ""
    """The server that offers it; empty for our own."""
    identity: str = ""
    """As in ToolCalled."""


ONE_TEXT: Mapping[str, Any] = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
