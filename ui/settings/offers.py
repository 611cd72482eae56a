"""A few models that suit this machine, for a person who has none of their own yet."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nyanko_desktop.i18n import tr
from nyanko_desktop.models.view import LibraryView
from ui.format import size
from ui.settings.catalogue import CatalogueRow, Offer
from ui.settings.keyed_list import KeyedList
from ui.widgets.basics import Live, label

MOST: Final = 3
"""Models offered; the rest are in the catalogue."""


class Offers(Live, QWidget):
    """Renders what ``view.recommended`` names; hidden where that is nothing."""

    accepted = Signal(str, str)
    """The id of a model, and the precision to use it in when it is here."""

    def __init__(self) -> None:
        super().__init__()
        self._view = LibraryView()
        self._title = label("strong", wrap=True)
        self._words = label("soft", wrap=True)
        self._list = KeyedList(self._make)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._title)
        column.addWidget(self._words)
        column.addSpacing(4)
        column.addWidget(self._list)
        self.hide()
        self.dress()

    def render_library(self, view: LibraryView) -> None:
        self._view = view
        offers = offers_of(view)
        self._list.render_items([(offer.item.id, offer) for offer in offers])
        self.setVisible(bool(offers))
        self.retranslate()

    def retranslate(self) -> None:
        view = self._view
        self._title.setText(tr("These fit this computer"))
        self._words.setText(
            tr(
                "nyanko-mini answers at once, and is small. {device} has {free} free, which is room for more.",
                device=view.device,
                free=size(view.free),
            )
        )

    def _make(self, offer: Offer) -> QWidget:
        row = CatalogueRow(offer)
        row.wanted.connect(self._accept)
        return row

    def _accept(self, id: str) -> None:
        precision = next((one.precision for one in self._view.recommended if one.id == id), None)
        if precision is not None:
            self.accepted.emit(id, precision)


def offers_of(view: LibraryView) -> list[Offer]:
    """The first recommendations with their entries of the catalogue; the embedded model is here already."""
    items = {item.id: item for item in view.catalogue}
    coming = {job.name for job in view.jobs if job.kind == "download"}
    wanted = [items[one.id] for one in view.recommended if one.id in items and items[one.id].model is None]
    first = next((item.id for item in wanted), "")
    return [Offer(item, view.free, item.id == first, item.repository in coming) for item in wanted[:MOST]]
