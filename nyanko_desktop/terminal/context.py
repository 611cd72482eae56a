"""What every command of one start works with: the profile, its settings, the worker's command, where answers go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from inference_worker.protocol.messages import ChatMessage, Precision, RunTurn, Sampling, TextPart
from nyanko_desktop.assets import persona_file
from nyanko_desktop.chat.reply import TOOLS
from nyanko_desktop.conversations.store import ConversationStore
from nyanko_desktop.errors import explain
from nyanko_desktop.i18n import language, tr
from nyanko_desktop.paths import Paths
from nyanko_desktop.personas.persona import load_persona
from nyanko_desktop.settings.schema import Settings
from nyanko_desktop.terminal.link import Wish
from nyanko_desktop.terminal.output import Output
from nyanko_desktop.texts import sendable
from nyanko_desktop.worker.client import new_id
from nyanko_desktop.worker.command import WorkerCommand


@dataclass(frozen=True, slots=True)
class Context:
    """Made once by cli.py; tests make their own, with a scripted worker."""

    paths: Paths
    settings: Settings
    worker_command: Callable[[], WorkerCommand]
    output: Output
    path: str | None = None
    """The model folder that was asked for."""
    precision: Precision | None = None
    sampling: Sampling = field(default_factory=Sampling)
    """What the command line says about sampling; it goes over the settings."""

    @property
    def wish(self) -> Wish:
        return Wish(self.path, self.precision)

    def system(self) -> str:
        """The persona's text in the language of now."""
        return load_persona(persona_file(self.settings.persona)).system_in(language())

    def chosen_sampling(self) -> Sampling:
        given = {name: value for name, value in msgspec.structs.asdict(self.sampling).items() if value is not None}
        given.pop("stop")
        return msgspec.structs.replace(self.settings.sampling.on_the_wire(), **given)

    async def open_store(self) -> ConversationStore:
        """The profile's conversations; a file that had to be put aside is told. Raises StoreError."""
        store = await ConversationStore.open(self.paths.store)
        if store.problem is not None:
            words = explain(store.problem)
            self.output.note(tr("{title}: {reason}", title=words.title, reason=words.reason))
            self.output.note(words.hint)
        return store

    def question(self, text: str) -> RunTurn:
        """A fresh conversation that asks ``text``."""
        system = ChatMessage("system", (TextPart(self.system()),))
        messages = (system, ChatMessage("user", (TextPart(sendable(text)),)))
        return RunTurn(new_id(), messages, TOOLS, TOOLS, self.chosen_sampling())
