"""What every command of one start works with: the profile, its settings, the worker's command, where answers go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from inference_worker.protocol.errors import WireError
from inference_worker.protocol.messages import ChatMessage, Precision, RunTurn, Sampling, TextPart, ToolFinished
from nyanko_desktop.assets import embedded_model, persona_file
from nyanko_desktop.chat.reply import Means
from nyanko_desktop.cli import EMBEDDED
from nyanko_desktop.conversations.store import ConversationStore
from nyanko_desktop.errors import explain, in_one_line
from nyanko_desktop.host_tools.host_tools import HostTools
from nyanko_desktop.i18n import language, tr
from nyanko_desktop.paths import Paths
from nyanko_desktop.permissions.allowances import Allowance
from nyanko_desktop.permissions.permissions import Permissions, Store
from nyanko_desktop.permissions.toolbox import Offered, Toolbox
from nyanko_desktop.personas.persona import load_persona
from nyanko_desktop.settings.schema import Settings
from nyanko_desktop.settings.secrets import SecretStore
from nyanko_desktop.terminal.link import Link, Wish
from nyanko_desktop.terminal.output import Output
from nyanko_desktop.terminal.permission import AskLine, Doorkeeper, TerminalLines
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
    model: str | None = None
    """The model that was asked for: a path, or a name of the library."""
    precision: Precision | None = None
    sampling: Sampling = field(default_factory=Sampling)
    """What the command line says about sampling; it goes over the settings."""
    allowances: tuple[Allowance, ...] = ()
    """Calls that the command line allows beforehand."""
    must_call: str = ""
    """The tool that an answer has to begin with, or ``any``; empty: as the model likes."""
    interactive: bool = False
    """A person sits at a terminal and can be asked."""
    _told: set[str] = field(default_factory=set)
    """What was said already, and need not be said with each question."""

    @property
    def wish(self) -> Wish:
        """Raises RequestError for a name that nothing has."""
        return Wish(None if self.model is None else _model_path(self.model, self.paths), self.precision)

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
            self.output.note(in_one_line(words))
            self.output.note(words.hint)
        return store

    def toolbox(self, link: Link) -> Toolbox:
        """What a model may use, out of the settings."""
        return Toolbox(lambda: self.settings, self.paths.undo, SecretStore(), link.tools, tell=self._tell)

    def _tell(self, problem: WireError) -> None:
        words = explain(problem)
        if words.reason not in self._told:
            self._told.add(words.reason)
            self.output.note(in_one_line(words))
            self.output.note(words.hint)

    def tell_of_reminder(self, link: Link, ended: ToolFinished) -> None:
        """Where no app answers, nobody is there yet to show a reminder that was just set."""
        if ended.name == "remind" and not ended.failed and not link.is_app:
            self.output.note(tr("Nyanko shows the reminder if it is running at that time, or when it starts."))

    def permissions(self, store: Store, link: Link) -> Permissions:
        return Permissions(store, self.toolbox(link).levels)

    def doorkeeper(self, ask_line: AskLine | None = None) -> Doorkeeper:
        """Who answers for the person: the command line, then they themselves where they can be asked."""
        seen = {tool.tool: tool.identity for tool in self.settings.tools.seen}
        return Doorkeeper(self.allowances, (ask_line or TerminalLines()) if self.interactive else None, seen)

    def means(self, link: Link, store: ConversationStore, doorkeeper: Doorkeeper) -> Means:
        """What replies work with that are stored like those of a window."""
        host_tools = HostTools.on(store, lambda: self.settings.persona)
        return Means(
            store=store,
            worker=link,
            host_tools=host_tools,
            system=self.system,
            sampling=self.chosen_sampling,
            permissions=Permissions(store, self.toolbox(link).levels, host_tools.preview),
            offers=self.toolbox(link),
            chosen_model=self.chosen_model,
            ask=doorkeeper,
            saved_grants=doorkeeper.has_person,
            must_call=self.must_call,
        )

    def chosen_model(self) -> str:
        """The folder of the model that is asked for, or chosen in the settings."""
        return self.wish.choice(self.settings, self.paths).path

    async def offered(self, link: Link) -> Offered:
        """What the model that will answer may use."""
        model = link.state.model
        return await self.toolbox(link).offered(model.path if model else self.chosen_model())

    def question(self, text: str, offered: Offered) -> RunTurn:
        """A fresh conversation that asks ``text``."""
        system = ChatMessage("system", (TextPart(self.system()),))
        messages = (system, ChatMessage("user", (TextPart(sendable(text)),)))
        return RunTurn(
            id=new_id(),
            messages=messages,
            tools=offered.tools,
            grants=offered.grants,
            sampling=self.chosen_sampling(),
            access=offered.access,
            must_call=self.must_call,
        )


def _model_path(named: str, paths: Paths) -> str:
    """A path as it is; any other name is looked up in the library. Raises RequestError."""
    path = embedded_model() if named == EMBEDDED else Path(named).expanduser().absolute()
    if path.exists():
        return str(path)
    from nyanko_desktop.terminal.model_desk import find_model  # it needs half of the library

    return find_model(paths, named)
