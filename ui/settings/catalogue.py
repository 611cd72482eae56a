"""The models one can have: who made them, what they may be used for, and whether they fit this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QTextLayout
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from nyanko_desktop.i18n import tr
from nyanko_desktop.models.view import CatalogueItem, Fit, LibraryView
from ui.format import parameters, size, tokens
from ui.settings.bars import ink_of, paint_bar
from ui.settings.keyed_list import KeyedList
from ui.theme import Theme, current, text_font
from ui.widgets.basics import Live, button, label, tip

HEIGHT: Final = 98
LEFT, GAP = 18, 18
TITLE_GAP: Final = 3
FITS_WIDTH: Final = 196
LINE: Final = 19
LINES: Final = 3
"""Below the title: of the description one or two, of the facts what is left."""
NAME_WIDTH: Final = 44
SIZE_WIDTH: Final = 64
BUTTON_WIDTH: Final = 112
SHOWN: Final = (("bf16", "fp16"), ("int8",), ("int4",))
"""Precisions whose bars are shown, each the first that is known."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A model of the catalogue against this machine."""

    item: CatalogueItem
    free: int
    recommended: bool
    coming: bool = False
    """It is being downloaded."""


class CatalogueRow(Live, QWidget):
    """Renders an :class:`Offer`; emits the wish to have it, or to answer with it where it is here already.

    It paints itself: a list of labels would take a moment for each row, and the list is long.
    """

    wanted = Signal(str)
    chosen = Signal(str)

    def __init__(self, offer: Offer) -> None:
        super().__init__()
        self._offer = offer
        self._get = button()
        self._get.setFixedWidth(BUTTON_WIDTH)
        self._get.clicked.connect(self._act)
        self.setFixedHeight(HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 14, 0)
        row.addStretch()
        row.addWidget(self._get)
        self.dress()

    def offer(self) -> Offer:
        return self._offer

    def render_item(self, offer: Offer) -> None:
        if offer != self._offer:
            self._offer = offer
            self.retranslate()

    def retranslate(self) -> None:
        item = self._offer.item
        self._fits, self._facts = shown_fits(item.fits), facts(item)
        here = item.model is not None
        words = self._button_words()
        self._get.setText(words)
        self._get.setEnabled(not self._offer.coming and (here or bool(item.repository)))
        self._get.setToolTip("" if here or item.repository else tr("The hub that is set does not have it."))
        self._get.setAccessibleName(f"{words}: {item.title}")
        fits = "; ".join(f"{fit.precision}: {size(fit.bytes)}, {_verdict_words(fit)}" for fit in self._fits)
        mark, _ = self._mark(current())
        said = [words for words in (mark, item.description, self._facts, fits) if words]
        self._get.setAccessibleDescription(". ".join(said))
        self.setToolTip(tip("\n".join([item.title, *said])))
        self.update()

    def restyle(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(480, HEIGHT)

    def _button_words(self) -> str:
        if self._offer.coming:
            return tr("On its way")
        if self._offer.item.model is not None:
            return tr("Use it")
        return tr("Download") if self._offer.item.repository else tr("Unavailable")

    def _mark(self, theme: Theme) -> tuple[str, str]:
        """What stands beside the title, and its colour: advice, or what to know before a download."""
        if self._offer.item.gated:
            return tr("needs an account"), theme.warn
        return (tr("recommended"), theme.accent_text) if self._offer.recommended else ("", theme.soft)

    def _act(self) -> None:
        item = self._offer.item
        if item.model is not None:
            self.chosen.emit(item.model)
        else:
            self.wanted.emit(item.id)

    # ------------------------------------------------------------ painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(theme.line))
        painter.setBrush(QColor(theme.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
        right = self.width() - BUTTON_WIDTH - 14 - GAP
        if self._fits:
            right -= FITS_WIDTH + GAP
            self._paint_fits(painter, theme, right + GAP)
        self._paint_words(painter, theme, LEFT, right - LEFT)
        painter.end()

    def _paint_words(self, painter: QPainter, theme: Theme, left: int, width: int) -> None:
        """The title and the lines below it, in the middle of the row."""
        item = self._offer.item
        lines = [(line, 13, theme.text) for line in on_lines(item.description, text_font(13), width, 2)]
        left_over = LINES - len(lines)
        lines += [(line, 12, theme.soft) for line in on_lines(self._facts, text_font(12), width, left_over)]
        top = (HEIGHT - LINE * (len(lines) + 1) - TITLE_GAP) // 2
        self._paint_title(painter, theme, QRectF(left, top, width, LINE + 2))
        for place, (words, pixels, ink) in enumerate(lines, 1):
            painter.setFont(text_font(pixels))
            painter.setPen(QColor(ink))
            line = QRectF(left, top + TITLE_GAP + place * LINE, width, LINE)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_title(self, painter: QPainter, theme: Theme, place: QRectF) -> None:
        middle, (mark, ink) = Qt.AlignmentFlag.AlignVCenter, self._mark(theme)
        room = int(place.width()) - (QFontMetrics(text_font(12)).horizontalAdvance(mark) + 10 if mark else 0)
        painter.setFont(text_font(weight=QFont.Weight.DemiBold))
        measure = painter.fontMetrics()
        title = measure.elidedText(self._offer.item.title, Qt.TextElideMode.ElideRight, room)
        painter.setPen(QColor(theme.text))
        painter.drawText(place, middle, title)
        if mark:
            painter.setFont(text_font(12))
            painter.setPen(QColor(ink))
            painter.drawText(place.adjusted(measure.horizontalAdvance(title) + 10, 0, 0, 0), middle, mark)

    def _paint_fits(self, painter: QPainter, theme: Theme, left: int) -> None:
        """One bar below the other, in the middle of the row."""
        painter.setFont(text_font(12))
        middle = Qt.AlignmentFlag.AlignVCenter
        top = (HEIGHT - LINE * len(self._fits)) // 2
        for fit in self._fits:
            ink = ink_of(fit.verdict, theme)
            painter.setPen(QColor(theme.soft))
            painter.drawText(QRectF(left, top, NAME_WIDTH, LINE), middle, fit.precision)
            bar = QRectF(left + NAME_WIDTH, top + (LINE - 7) / 2, FITS_WIDTH - NAME_WIDTH - SIZE_WIDTH, 7)
            share = fit.bytes / max(self._offer.free, 1)
            paint_bar(painter, bar, theme, ink, share, share)
            painter.setPen(QColor(ink))
            place = QRectF(left + FITS_WIDTH - SIZE_WIDTH + 6, top, SIZE_WIDTH - 6, LINE)
            painter.drawText(place, middle | Qt.AlignmentFlag.AlignRight, size(fit.bytes))
            top += LINE


class Catalogue(Live, QWidget):
    """A field to search or to name any repository, and the curated models below it."""

    pull_requested = Signal(str)
    """A catalogue id, or ``OWNER/NAME``."""
    model_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._view = LibraryView()
        self._field = QLineEdit()
        self._field.setClearButtonEnabled(True)
        self._field.textChanged.connect(self._search)
        self._field.returnPressed.connect(self._pull)
        self._go = button("primary")
        self._go.clicked.connect(self._pull)
        self._against = label("small", wrap=True)
        self._list = KeyedList(self._make)
        self._nothing = label("soft", wrap=True)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._field, 1)
        top.addWidget(self._go)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(top)
        for part in (self._against, self._nothing, self._list):
            column.addWidget(part)
        self.dress()

    def render_library(self, view: LibraryView) -> None:
        self._view = view
        best = next(iter(view.recommended), None)
        coming = {job.name for job in view.jobs if job.kind == "download"}
        self._list.render_items(
            [
                (item.id, Offer(item, view.free, best is not None and best.id == item.id, item.repository in coming))
                for item in view.catalogue
            ]
        )
        self._say_against()
        self._search()

    def retranslate(self) -> None:
        self._field.setPlaceholderText(tr("Search, or the name of any repository: OWNER/NAME"))
        self._field.setAccessibleName(tr("Search, or the name of any repository: OWNER/NAME"))
        self._go.setText(tr("Download"))
        self._nothing.setText(tr("Nothing of this name is in the list. OWNER/NAME fetches any repository of the hub."))
        self._say_against()

    def _say_against(self) -> None:
        view = self._view
        known = tr("Estimated against {free} free on {device}.", free=size(view.free), device=view.device)
        self._against.setText(known if view.free else tr("How much memory is free is not known yet."))

    def _search(self) -> None:
        words = self._field.text().strip().casefold()
        self._go.setEnabled(is_repository(words))
        self._list.show_only(lambda offer: all(word in haystack(offer.item) for word in words.split()))
        self._nothing.setVisible(not self._list.any_shown() and not is_repository(words))

    def _pull(self) -> None:
        name = self._field.text().strip()
        if is_repository(name):
            self._field.setFocus()  # the button is disabled next, and would hand the focus to any neighbour
            self.pull_requested.emit(name)
            self._field.clear()

    def _make(self, offer: Offer) -> QWidget:
        row = CatalogueRow(offer)
        row.wanted.connect(self.pull_requested)
        row.chosen.connect(self.model_chosen)
        return row

    def sizeHint(self) -> QSize:
        return QSize(480, super().sizeHint().height())


def is_repository(name: str) -> bool:
    """Whether ``name`` looks like ``OWNER/NAME``."""
    owner, slash, rest = name.partition("/")
    return bool(owner and slash and rest) and "/" not in rest and " " not in name


def haystack(item: CatalogueItem) -> str:
    """Where a search looks."""
    return f"{item.title} {item.repository} {item.description} {item.licence}".casefold()


def facts(item: CatalogueItem) -> str:
    """``6.2 B · 32,768 tokens · calls tools · MIT``."""
    said = [
        parameters(item.parameters),
        tr("{count} tokens", count=tokens(item.context)),
        tr("calls tools") if item.tools else "",
        item.licence,
        "" if item.verified else tr("figures not checked"),
    ]
    return " · ".join(words for words in said if words)


def shown_fits(fits: tuple[Fit, ...]) -> tuple[Fit, ...]:
    """Three at most, from the widest to the narrowest."""
    known = {fit.precision: fit for fit in fits}
    first = (next((known[p] for p in names if p in known), None) for names in SHOWN)
    return tuple(fit for fit in first if fit is not None)


def on_lines(words: str, font: QFont, width: int, most: int) -> list[str]:
    """``words`` on at most one or two lines of ``width`` pixels; what does not fit ends in …"""
    cut = 0
    if most > 1:
        layout = QTextLayout(words, font)
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(max(width, 1))
        cut = line.textLength()
        layout.endLayout()
    rest = QFontMetrics(font).elidedText(words[cut:].strip(" ·"), Qt.TextElideMode.ElideRight, width)
    return [line for line in (words[:cut].strip(" ·"), rest) if line]


def _verdict_words(fit: Fit) -> str:
    match fit.verdict:
        case "fits":
            return tr("fits")
        case "fits_shorter":
            return tr("fits with a shorter context")
        case _:
            return tr("does not fit")
