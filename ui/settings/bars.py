"""A bar of memory: weights dark, cache and computation light, the free memory as its whole length. Knows no model."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from nyanko_desktop.models.view import Verdict
from ui.theme import Theme

LIGHT_SHARE: Final = 0.45
"""Opacity of what is not weights."""


def ink_of(verdict: Verdict, theme: Theme) -> str:
    """Colour of the words that say ``verdict``."""
    return {"fits": theme.good, "fits_shorter": theme.warn, "does_not_fit": theme.bad}[verdict]


def paint_bar(painter: QPainter, bar: QRectF, theme: Theme, ink: str, weights: float, total: float) -> None:
    """Paint ``weights`` and ``total``, shares of the free memory; more than 1 fills the bar. Changes pen and brush."""
    if bar.width() <= 0:
        return
    whole, round_ = max(total, 1.0), bar.height() / 2
    painter.setPen(QColor(theme.line))
    painter.setBrush(QColor(theme.panel))
    painter.drawRoundedRect(bar, round_, round_)
    painter.setPen(Qt.PenStyle.NoPen)
    dark, light = QColor(ink), QColor(ink)
    light.setAlphaF(LIGHT_SHARE)
    for share, color in ((total, light), (weights, dark)):
        if share > 0:
            width = max(bar.width() * share / whole, bar.height())
            painter.setBrush(color)
            painter.drawRoundedRect(QRectF(bar.left(), bar.top(), width, bar.height()), round_, round_)
