"""Sees and uses a program as a screen reader does. Runs with the system's Python (PyGObject), not with ours.

One JSON request a line on standard input, one JSON answer a line on standard output. A request names the program by
``pid`` and a control by ``name`` (regular expression, whole name) and ``role``; only what shows on the screen counts.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

CALL_MILLISECONDS = 3000
"""For one answer of the program: a busy window may take a second, a hung one must not stop the tests."""
DEEPEST = 40
"""Levels below the program; a guard against trees that contain themselves."""


def program(pid: int) -> Any:
    """The accessible object of process ``pid``, or ``None`` while there is none."""
    desktop = Atspi.get_desktop(0)
    for index in range(desktop.get_child_count()):
        found = desktop.get_child_at_index(index)
        if found is not None and found.get_process_id() == pid:
            found.set_cache_mask(Atspi.Cache.NONE)
            return found
    return None


def controls(node: Any, depth: int = 0) -> Iterator[tuple[int, Any]]:
    """``node`` and all below it that shows, with the depth; what disappears meanwhile is left out."""
    try:
        if depth > 1 and not node.get_state_set().contains(Atspi.StateType.SHOWING):
            return
        yield depth, node
        children = [node.get_child_at_index(i) for i in range(node.get_child_count())]
    except GLib.Error:
        return
    for child in children if depth < DEEPEST else []:
        if child is not None:
            yield from controls(child, depth + 1)


def find(request: dict[str, Any]) -> list[Any]:
    """The controls that the request names."""
    top = program(request["pid"])
    fits = []
    for _, node in controls(top) if top is not None else ():
        role = request.get("role")
        if (role is None or node.get_role_name() == role) and re.fullmatch(request["name"], node.get_name() or ""):
            fits.append(node)
    return fits


def text_of(node: Any) -> str:
    if "Text" not in node.get_interfaces():
        return ""
    return Atspi.Text.get_text(node, 0, Atspi.Text.get_character_count(node))


def describe(node: Any, depth: int = 0) -> dict[str, Any]:
    states = node.get_state_set()
    where = Atspi.Component.get_extents(node, Atspi.CoordType.SCREEN)
    return {
        "depth": depth,
        "role": node.get_role_name(),
        "name": node.get_name() or "",
        "text": text_of(node),
        "enabled": states.contains(Atspi.StateType.ENABLED),
        "focused": states.contains(Atspi.StateType.FOCUSED),
        "box": [where.x, where.y, where.width, where.height],
    }


def tree(request: dict[str, Any]) -> Any:
    """Everything that shows."""
    top = program(request["pid"])
    return [describe(node, depth) for depth, node in controls(top)] if top is not None else []


def look(request: dict[str, Any]) -> Any:
    """The named controls, described."""
    return [describe(node) for node in find(request)]


def press(request: dict[str, Any]) -> Any:
    """Press the named control; whether it can be pressed."""
    return any(do(node, "Press") for node in find(request)[:1])


def do(node: Any, action: str) -> bool:
    names = [Atspi.Action.get_action_name(node, i) for i in range(Atspi.Action.get_n_actions(node))]
    return action in names and Atspi.Action.do_action(node, names.index(action))


def write(request: dict[str, Any]) -> Any:
    """Replace the text of the named control; whether it took it."""
    return any(Atspi.EditableText.set_text_contents(node, request["text"]) for node in find(request)[:1])


OPERATIONS: dict[str, Callable[[dict[str, Any]], Any]] = {"tree": tree, "look": look, "press": press, "write": write}


def main() -> None:
    Atspi.init()
    Atspi.set_timeout(CALL_MILLISECONDS, CALL_MILLISECONDS)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"answer": OPERATIONS[request["do"]](request)}
        except GLib.Error as error:  # the control went away between two questions; the caller asks again
            answer = {"gone": error.message}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
