"""A call that waits for the person while none of our windows is in sight becomes a notification. Decides no call."""

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
        in_sight: Callable[[], bool],
        open_conversation: Callable[[int], object],
    ) -> None:
        """``in_sight``: whether the person can see any window of ours."""
        self._hub = hub
        self._notifier = notifier
        self._in_sight = in_sight
        self._open = open_conversation
        self._told: dict[int, str] = {}
        """Conversation -> the call that the person was told of."""
        self.close = hub.subscribe(self._hear)

    def _hear(self, news: News) -> None:
        if not isinstance(news, CallChanged | ReplyEnded):
            return
        reply = self._hub.reply_in(news.conversation)
        waiting = reply.calls.waiting() if reply is not None else ()
        if not waiting:
            if self._told.pop(news.conversation, None) is not None:
                spawn(self._notifier.withdraw(_key(news.conversation)), "withdraw a notification")
        elif self._told.get(news.conversation) != waiting[0].call_id and not self._in_sight():
            self._told[news.conversation] = waiting[0].call_id
            spawn(self._tell(news.conversation, waiting[0]), "notify of a call")

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
