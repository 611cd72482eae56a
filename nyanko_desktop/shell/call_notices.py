"""A call that waits for the person out of their sight becomes a notification. Decides no call."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from inference_worker.protocol.tasks import spawn
from nyanko_desktop.chat.hub import CallChanged, ChatHub, News, ReplyEnded
from nyanko_desktop.chat.view_state import ApprovalView
from nyanko_desktop.i18n import tr
from nyanko_desktop.permissions.words import level_in_words

log = logging.getLogger(__name__)


class ClickableNotifier(Protocol):
    """As shell/notifier.py."""

    async def show(self, title: str, text: str, key: str, on_click: Callable[[], object]) -> None: ...
    async def withdraw(self, key: str) -> None: ...


class CallNotices:
    """Follows the calls of all conversations; a notification goes when its call waits no more."""

    def __init__(
        self,
        hub: ChatHub,
        notifier: ClickableNotifier,
        in_sight: Callable[[int], bool],
        open_conversation: Callable[[int], object],
        waiting_changed: Callable[[bool], object] = lambda _: None,
    ) -> None:
        """``in_sight``: whether the person can see that conversation in a window of ours. ``waiting_changed`` is told
        when the first call begins to wait, and when the last one waits no more.
        """
        self._hub = hub
        self._notifier = notifier
        self._in_sight = in_sight
        self._open = open_conversation
        self._waiting_changed = waiting_changed
        self._waiting: dict[int, ApprovalView] = {}
        """Conversation -> its first call that waits."""
        self._told: dict[int, str] = {}
        """Conversation -> the call that the person was told of."""
        self.close = hub.subscribe(self._hear)

    def waiting(self) -> int | None:
        """The conversation whose call has waited longest for the person."""
        return next(iter(self._waiting), None)

    async def take_back(self) -> None:
        """Follow no call any more, and take every notification away: the app ends, and a click could open nothing."""
        self.close()
        told, self._told = list(self._told), {}
        for conversation in told:
            await self._notifier.withdraw(_key(conversation))

    def look(self) -> None:
        """Another conversation is in sight, or none: tell of what waits out of sight now."""
        for conversation, call in self._waiting.items():
            if self._told.get(conversation) != call.call_id and not self._in_sight(conversation):
                self._told[conversation] = call.call_id
                spawn(self._tell(conversation, call), "notify of a call")

    def _hear(self, news: News) -> None:
        if not isinstance(news, CallChanged | ReplyEnded):
            return
        reply = self._hub.reply_in(news.conversation)
        waiting = reply.calls.waiting() if reply is not None else ()
        before = bool(self._waiting)
        if waiting:
            self._waiting[news.conversation] = waiting[0]
            self.look()
        else:
            self._waiting.pop(news.conversation, None)
        told = self._told.get(news.conversation)
        if told is not None and told not in {call.call_id for call in waiting}:
            del self._told[news.conversation]
            spawn(self._notifier.withdraw(_key(news.conversation)), "withdraw a notification")
        if bool(self._waiting) != before:
            self._waiting_changed(not before)

    async def _tell(self, conversation: int, call: ApprovalView) -> None:
        title = next((one.title for one in self._hub.conversations if one.id == conversation), "")
        words = tr("It wants to use {tool}: that {what}.", tool=call.tool, what=level_in_words(call.level))
        text = "\n".join(filter(None, (words, title)))
        try:
            await self._notifier.show(
                tr("Nyanko waits for your answer"), text, _key(conversation), lambda: self._open(conversation)
            )
        except OSError as error:
            log.info("nobody could be told of a call: %s", error)


def _key(conversation: int) -> str:
    return f"call in conversation {conversation}"
