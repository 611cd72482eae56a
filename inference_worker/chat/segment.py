"""What one stream wrote: its tokens, how much of it may be shown, and the call that ends it. Knows no turn."""

from __future__ import annotations

from inference_worker.chat.generator import Token
from inference_worker.tools.filter import Called, Filter, FilterEvent, Rejected, Text


class Segment:
    """Reads tokens through a filter up to the first call."""

    def __init__(self, reader: Filter) -> None:
        self._reader = reader
        self.tokens: list[Token] = []
        self.shown = 0
        """Characters from the start of the stream that were visible text."""
        self.call: Called | Rejected | None = None

    @property
    def is_over(self) -> bool:
        """Whether more tokens could add nothing."""
        return self.call is not None or self._reader.cut

    def add(self, token: Token) -> str:
        """Visible text that became certain with ``token``."""
        self.tokens.append(token)
        return self._take(self._reader.feed(token.text))

    def finish(self, *, truncated: bool) -> str:
        """The rest of the visible text. A call that was cut off is none."""
        text = self._take(self._reader.finish(truncated=truncated))
        if isinstance(self.call, Rejected):
            self.call = None
        return text

    def _take(self, events: list[FilterEvent]) -> str:
        text = ""
        for event in events:
            if isinstance(event, Text):
                text += event.text
            else:
                self.call = event
                break
        self.shown += len(text)
        return text
