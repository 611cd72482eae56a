"""One request at the worker's end."""

from __future__ import annotations

from inference_worker.protocol.messages import Event, Finished, LoadProgress
from inference_worker.server.request import Request


def test_nothing_is_sent_after_the_end() -> None:
    sent: list[Event] = []
    request = Request("1", sent.append)
    request.put(LoadProgress("1", 1, 2))
    request.end(Finished("1"))
    request.put(LoadProgress("1", 2, 2))  # of a thread that had not heard of the end
    assert sent == [LoadProgress("1", 1, 2), Finished("1")]
