"""The cat and the line icons, from SVG to pixmaps. Knows what a worker's state looks like, and no widget.

The SVG files in ``resources/icons`` are the truth: line icons draw with ``currentColor``, the cat is a template of a
head into which the strokes of a mood are put.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final, assert_never

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtSvg import QSvgRenderer

from nyanko_desktop.assets import resource
from nyanko_desktop.worker.state import WorkerState
from ui.theme import DARK, LIGHT, Ink, Theme

SMALL: Final = 24
"""Up to this many pixels the cat has larger eyes and no mouth, so that the mood can still be read."""
TRAY_SIZES: Final = (16, 22, 24, 32, 48, 64)
ICON_SIZES: Final = (16, 20, 24)
DOT_SHARE: Final = 0.42
"""Of the picture's side: the dot that says that the person is asked something."""
_ROOM_FOR_RIM: Final = 'viewBox="-1.5 -1.5 67 67"'


class Mood(StrEnum):
    """How the cat feels; eyes and ear colour say it."""

    ASLEEP = "asleep"
    WAKING = "waking"
    IDLE = "idle"
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    SORRY = "sorry"


_MOUTHS: Final = {Mood.SPEAKING: "mouth-open", Mood.SORRY: "mouth-sad"}


def mood_of(state: WorkerState, *, listening: bool = False) -> Mood:
    """The mood that tells the truth about ``state``; ``listening``: the person is typing to an idle cat."""
    match state.kind:
        case "asleep" | "empty":
            return Mood.ASLEEP
        case "starting" | "loading":
            return Mood.WAKING
        case "failed":
            return Mood.SORRY
        case "resident":
            if state.phase is None:
                return Mood.LISTENING if listening else Mood.IDLE
            return Mood.SPEAKING if state.phase == "answering" else Mood.THINKING
        case _:
            assert_never(state.kind)


def cat_svg(mood: Mood, theme: Theme, *, small: bool = False, outlined: bool = False) -> bytes:
    """The cat as an SVG document; ``outlined`` draws a rim in the opposite colour, for a ground nobody knows."""
    face = _group(f"{mood}-small") if small else _group(mood) + _group(_MOUTHS.get(mood, "mouth"))
    head = resource("icons", "cat", "head-small.svg" if small else "head.svg")
    svg = head.read_text(encoding="utf-8").replace("{face}", face)
    values = {
        "cat": theme.cat,
        "face_color": theme.cat_face,
        "ear": _ear(mood, theme),
        "outline": theme.cat_face if outlined else theme.cat,
        "outline_width": "4" if outlined else "0",
    }
    for name, value in values.items():
        svg = svg.replace(f"{{{name}}}", value)
    if outlined:
        svg = svg.replace('viewBox="0 0 64 64"', _ROOM_FOR_RIM)
    return svg.encode()


@lru_cache(maxsize=256)
def cat_pixmap(mood: Mood, size: int, theme: Theme, dpr: float = 1.0, outlined: bool = False) -> QPixmap:
    """The cat, ``size`` device-independent pixels wide and high, on nothing."""
    return _pixmap(cat_svg(mood, theme, small=size <= SMALL, outlined=outlined), size, dpr)


@lru_cache(maxsize=64)
def tray_icon(mood: Mood, dark_panel: bool | None = None, *, waits: bool = False) -> QIcon:
    """The cat for a tray: light on a dark panel, dark on a light one, and with a rim where the panel is unknown.

    ``waits``: with a dot, because the person is asked something.
    """
    theme = DARK if dark_panel else LIGHT
    icon = QIcon()
    for size in TRAY_SIZES:
        cat = cat_pixmap(mood, size, theme, 1.0, dark_panel is None)
        icon.addPixmap(_with_dot(cat, theme) if waits else cat)
    return icon


def _with_dot(cat: QPixmap, theme: Theme) -> QPixmap:
    """A dot in the lower right corner, apart from the cat by a rim."""
    pixmap = QPixmap(cat)
    side = pixmap.width() * DOT_SHARE
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.cat_face), max(1.0, side / 6)))
    painter.setBrush(QColor(LIGHT.accent))
    corner = pixmap.width() - side - max(0.5, side / 12)
    painter.drawEllipse(QRectF(corner, corner, side, side))
    painter.end()
    return pixmap


@lru_cache(maxsize=512)
def icon(name: str, theme: Theme, ink: Ink = "soft") -> QIcon:
    """The line icon ``resources/icons/line/NAME.svg`` in the colour of ``ink``. Raises OSError for an unknown name."""
    result = QIcon()
    for size in ICON_SIZES:
        for dpr in (1.0, 2.0):
            result.addPixmap(icon_pixmap(name, size, theme, ink, dpr))
    return result


@lru_cache(maxsize=512)
def icon_pixmap(name: str, size: int, theme: Theme, ink: Ink = "soft", dpr: float = 1.0) -> QPixmap:
    """One line icon, ``size`` device-independent pixels wide and high. Raises OSError for an unknown name."""
    svg = resource("icons", "line", f"{name}.svg").read_text(encoding="utf-8")
    return _pixmap(svg.replace("currentColor", getattr(theme, ink)).encode(), size, dpr)


def app_icon() -> QIcon:
    """The program's own icon, for windows and launchers."""
    result = QIcon()
    for size in (48, 256):
        result.addPixmap(QPixmap(str(resource("icons", f"app-{size}.png"))))
    return result


def _ear(mood: Mood, theme: Theme) -> str:
    colors = {Mood.ASLEEP: theme.ear_grey, Mood.WAKING: theme.ear_amber, Mood.SORRY: theme.ear_red}
    return colors.get(mood, LIGHT.accent)


@lru_cache(maxsize=32)
def _group(name: str) -> str:
    """The strokes of one group of moods.svg."""
    text = resource("icons", "cat", "moods.svg").read_text(encoding="utf-8")
    found = re.search(rf'<g id="{re.escape(name)}">(.*?)</g>', text, re.DOTALL)
    if found is None:
        raise KeyError(name)
    return found.group(1)


def _pixmap(svg: bytes, size: int, dpr: float) -> QPixmap:
    pixmap = QPixmap(round(size * dpr), round(size * dpr))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg)).render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(dpr)
    return pixmap
