"""What the model may note about the person, look up and strike out. Keeps nothing: the app does, for each persona."""

from __future__ import annotations

from inference_worker.protocol.messages import Access
from inference_worker.tools.base import Arguments, Prepared, Tool, ToolError
from inference_worker.tools.page_text import plain

LONGEST_NOTE = 1_000
"""Characters of one note."""


def prepare_note(arguments: Arguments, _access: Access) -> Prepared:
    """``text`` on one line, without what nobody sees; ToolError where there is nothing in it, or too much."""
    text = _line(arguments["text"])
    if not text:
        raise ToolError("say what is meant")
    if len(text) > LONGEST_NOTE:
        raise ToolError(f"the text is too long (more than {LONGEST_NOTE} characters)")
    return Prepared({"text": text})


def prepare_query(arguments: Arguments, _access: Access) -> Prepared:
    """Words to look for; none means all."""
    return Prepared({"text": _line(arguments.get("text", ""))[:LONGEST_NOTE]})


def _line(text: str) -> str:
    """What comes back to a model in a later conversation is no more than what the person read on the card."""
    return " ".join(plain(text).split())


REMEMBER = Tool(
    name="remember",
    description="Notes something about the person for later conversations, for example /remember likes green tea",
    prepare=prepare_note,
    level="effect",
)
RECALL = Tool(
    name="recall",
    description="Finds notes from earlier conversations by words, for example /recall tea",
    parameters={
        "type": "object",
        "properties": {"text": {"type": "string", "description": "words of the notes; none for all of them"}},
    },
    prepare=prepare_query,
)
FORGET = Tool(
    name="forget",
    description="Strikes out the one note that holds these words, for example /forget green tea",
    prepare=prepare_note,
    level="effect",
)
