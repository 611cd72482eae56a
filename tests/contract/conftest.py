"""Every test of this folder runs over each transport."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from tests.contract.links import LINKS, Link
from tests.support.scripted_model import Script

Reach = Callable[[Script], AbstractAsyncContextManager[Link]]


@pytest.fixture(params=LINKS)
def reach(request: pytest.FixtureRequest) -> Reach:
    """Start a worker that follows a script, and reach it in one of the ways."""
    return LINKS[request.param]
