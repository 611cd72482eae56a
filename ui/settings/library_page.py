"""All models: those on this computer, those one could have, and where they come from."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from nyanko_desktop.i18n import tr
from nyanko_desktop.models.view import JobView, LibraryView, ModelEntry
from nyanko_desktop.settings.view import SettingsView
from nyanko_desktop.worker.state import WorkerState
from ui.format import size
from ui.settings.catalogue import Catalogue
from ui.settings.hub_settings import HubSettings
from ui.settings.jobs import JobCard
from ui.settings.keyed_list import KeyedList
from ui.settings.model_row import ModelItem, ModelRow
from ui.settings.offers import Offers
from ui.settings.parts import Choice, Page, heading
from ui.settings.removal import RemovalCard
from ui.widgets.basics import button, label
from ui.widgets.trouble import NoticeBar

PARTS = ("here", "catalogue", "hub")


class LibraryPage(Page):
    """Renders a :class:`LibraryView`; emits what should become of models."""

    model_chosen = Signal(str)
    model_added = Signal(str)
    """A folder or a GGUF file."""
    removal_requested = Signal(str)
    removal_confirmed = Signal()
    removal_declined = Signal()
    pull_requested = Signal(str)
    offer_accepted = Signal(str, str)
    """A model of the catalogue, and the precision to use it in when it is here."""
    pause_requested = Signal(str)
    resume_requested = Signal(str)
    cancel_requested = Signal(str)
    hub_chosen = Signal(str, str)
    token_entered = Signal(str)
    token_forgotten = Signal()
    offline_changed = Signal(bool)
    notice_dismissed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._library, self._worker = LibraryView(), WorkerState()
        self._title = heading()
        self._parts = Choice(PARTS)
        self._parts.chosen.connect(self.open_part)
        self._add = QToolButton()
        self._menu = QMenu(self._add)
        self._notice = NoticeBar()
        self._removal = RemovalCard()
        self._jobs = KeyedList(self._make_job)
        self._models = KeyedList(self._make_row, spacing=6)
        self._about = label("small", wrap=True)
        self._more = button()
        self._more.clicked.connect(lambda: self.open_part("catalogue"))
        self._here = QWidget()
        self._offers, self._catalogue, self._hub = Offers(), Catalogue(), HubSettings()
        self._arrange()
        self._connect()
        self.open_part("here")
        self.dress()

    def title(self) -> str:
        return tr("Models")

    def render_view(self, view: SettingsView) -> None:
        if view.worker != self._worker:
            self._worker = view.worker
            self._render_models()

    def render_library(self, view: LibraryView) -> None:
        before, self._library = self._library, view
        self._jobs.render_items([(job.id, job) for job in view.jobs])
        self._jobs.setVisible(bool(view.jobs))
        if view.models != before.models:
            self._render_models()
        self._removal.render_view(view.removal)
        if view.removal is not None and view.removal != before.removal:
            self.open_part("here")
            self.show_top()
        self._notice.render_view(view.notice)
        self._offers.render_library(view)
        self._catalogue.render_library(view)
        self._hub.render_library(view)
        self._say()

    def open_part(self, part: str) -> None:
        """Show one of :data:`PARTS`."""
        self._parts.set_value(part)
        for name, shown in zip(PARTS, (self._here, self._catalogue, self._hub), strict=True):
            shown.setVisible(name == part)
        self._add.setVisible(part == "here")

    def ask_for_folder(self) -> None:
        """Let the person point at the folder of a model; nothing waits for it."""
        dialog = self._dialog(tr("Folder of a model"), QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.open()

    def ask_for_file(self) -> None:
        """Let the person point at a GGUF file; nothing waits for it."""
        dialog = self._dialog(tr("A GGUF file"), QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter("GGUF (*.gguf)")
        dialog.open()

    def retranslate(self) -> None:
        self._title.setText(self.title())
        for part, words in zip(PARTS, (tr("On this computer"), tr("More models"), tr("Hub")), strict=True):
            self._parts.say(part, words)
        self._add.setText(tr("Add") + "  ▾")
        self._add.setAccessibleName(tr("Add a model that is on this computer"))
        folder, file = self._menu.actions()
        folder.setText(tr("A folder…"))
        file.setText(tr("A GGUF file…"))
        self._more.setText(tr("More models"))
        self._say()

    # ------------------------------------------------------------ showing

    def _render_models(self) -> None:
        """The worker's state belongs to the model that is chosen."""
        worker = self._worker
        items = [ModelItem(entry, worker if entry.chosen else None) for entry in self._library.models]
        self._models.render_items([(item.entry.key or " ", item) for item in items])

    def _say(self) -> None:
        view = self._library
        total = sum(model.total for model in view.models if model.kind != "added")
        said = [tr("All of them together take {size}.", size=size(total))] if total else []
        if view.looking:
            said.append(tr("The disk is being looked through…"))
        self._about.setText(" ".join([*said, *view.catalogue_problems]))
        self._more.setVisible(not _downloaded(view.models))

    def _make_row(self, item: ModelItem) -> QWidget:
        row = ModelRow(item)
        row.chosen.connect(self.model_chosen)
        row.removal_requested.connect(self.removal_requested)
        return row

    def _make_job(self, job: JobView) -> QWidget:
        card = JobCard(job)
        card.pause_requested.connect(self.pause_requested)
        card.resume_requested.connect(self.resume_requested)
        card.cancel_requested.connect(self.cancel_requested)
        return card

    def _dialog(self, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        dialog = QFileDialog(self, title, str(Path.home()))
        dialog.setFileMode(mode)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.model_added)
        return dialog

    # ------------------------------------------------------------ arranging

    def _arrange(self) -> None:
        keeps_place = self._add.sizePolicy()
        keeps_place.setRetainSizeWhenHidden(True)
        self._add.setSizePolicy(keeps_place)
        self._add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu.addAction("").triggered.connect(self.ask_for_folder)
        self._menu.addAction("").triggered.connect(self.ask_for_file)
        self._add.setMenu(self._menu)
        head = QHBoxLayout()
        head.setSpacing(14)
        for part in (self._title, self._parts):
            head.addWidget(part)
        head.addStretch()
        head.addWidget(self._add)
        here = QVBoxLayout(self._here)
        here.setContentsMargins(0, 0, 0, 0)
        here.setSpacing(12)
        here.addWidget(self._models)
        foot = QHBoxLayout()
        foot.addWidget(self._about, 1)
        foot.addWidget(self._more)
        here.addLayout(foot)
        here.insertWidget(1, self._offers)
        self.column.addLayout(head)
        for shown in (self._notice, self._removal, self._jobs, self._here, self._catalogue, self._hub):
            self.column.addWidget(shown)
        self.column.addStretch()

    def _connect(self) -> None:
        self._notice.dismissed.connect(self.notice_dismissed)
        self._removal.confirmed.connect(self.removal_confirmed)
        self._removal.declined.connect(self.removal_declined)
        self._offers.accepted.connect(self.offer_accepted)
        self._catalogue.pull_requested.connect(self.pull_requested)
        self._catalogue.model_chosen.connect(self.model_chosen)
        for name in ("hub_chosen", "token_entered", "token_forgotten", "offline_changed"):
            getattr(self._hub, name).connect(getattr(self, name))


def _downloaded(models: tuple[ModelEntry, ...]) -> bool:
    return any(model.kind != "embedded" for model in models)
