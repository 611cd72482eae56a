"""Runs the calls that only the desktop can answer and says how they ended. Knows no conversation and no wire."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from inference_worker.protocol.errors import RequestError
from inference_worker.protocol.messages import HostCall, HostResult
from nyanko_desktop.host_tools.reminders import ReminderBook

log = logging.getLogger(__name__)


class HostTools:
    """The host tools of this version, by name."""

    def __init__(self, reminders: ReminderBook) -> None:
        self._reminders = reminders
        self._tools: Mapping[str, Callable[[Mapping[str, str]], Awaitable[str]]] = {"remind": self._remind}

    async def run(self, call: HostCall) -> HostResult:
        """The result of ``call``; one that fails says ``error: …`` to the model."""
        tool = self._tools.get(call.name)
        if tool is None:
            return _failed(call, f"there is no tool {call.name}")
        try:
            return HostResult(id=call.id, call_id=call.call_id, result=await tool(call.arguments))
        except (KeyError, ValueError) as error:
            log.warning("host tool %s: %s", call.name, type(error).__name__)
            return _failed(call, "the arguments cannot be read")
        except RequestError as error:
            log.warning("host tool %s: %s", call.name, error.error.code)
            return _failed(call, "it could not be stored")

    async def _remind(self, arguments: Mapping[str, str]) -> str:
        """``when`` is local time such as ``2026-11-21T18:40``, already checked by the worker; ``what`` is the text."""
        when = datetime.fromisoformat(arguments["when"])
        await self._reminders.add(when.astimezone(), arguments["what"])
        return f"ok {when:%Y-%m-%d %H:%M}"


def _failed(call: HostCall, reason: str) -> HostResult:
    return HostResult(id=call.id, call_id=call.call_id, result=f"error: {reason}", failed=True)
