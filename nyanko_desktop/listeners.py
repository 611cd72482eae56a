"""Who wants to know, and telling them. Knows nothing about what is told; belongs to one thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Listeners(Generic[P]):
    """Functions that are called with each piece of news."""

    def __init__(self) -> None:
        self._listeners: dict[object, Callable[P, object]] = {}

    def add(self, listener: Callable[P, object]) -> Callable[[], None]:
        """Tell ``listener`` from now on; returns the function that ends this, which may be called twice."""
        key = object()
        self._listeners[key] = listener
        return lambda: self._leave(key)

    def tell(self, *news: P.args, **named: P.kwargs) -> None:
        """Call all who listen now; one that ends another spares it."""
        for key in tuple(self._listeners):
            if key in self._listeners:
                self._listeners[key](*news, **named)

    def clear(self) -> None:
        """Tell nobody any more."""
        self._listeners.clear()

    def _leave(self, key: object) -> None:
        self._listeners.pop(key, None)
