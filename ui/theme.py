"""Colours, type and spacing of every window, as tokens. Knows no window; nowhere else in ``ui`` is a colour written.

A widget gets its looks from ``resources/themes/application.qss`` by its class and its ``kind`` property (see
:func:`kind`). What a stylesheet cannot paint (icons, the cat, rendered Markdown) asks :func:`current` and paints anew
on ``QEvent.Type.StyleChange``, which Qt sends to every widget when :func:`apply` is called.
"""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, dataclass
from string import Template
from typing import Final, Literal, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyleFactory, QWidget

from nyanko_desktop.assets import resource

ThemeSetting = Literal["auto", "light", "dark"]
Ink = Literal["text", "soft", "accent", "on_accent", "accent_text", "good", "warn", "bad", "string", "number"]
"""A token of the theme that text and icons are drawn in."""
AnyWidget = TypeVar("AnyWidget", bound=QWidget)

BASE_PIXELS: Final = 14
"""Size of running text."""
LINE_PIXELS: Final = 22
"""Distance of lines in running text: about 1.6 of the size."""
READING_WIDTH: Final = 620
"""Widest line of running text, in pixels."""
GRID: Final = 4
"""Every distance is a multiple of this many pixels."""
MOTION_MS: Final = 150
"""How long something takes to change its place; ease-out."""

_CHINESE: Final = ["Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei UI", "PingFang SC"]
_EMOJI: Final = ["Noto Color Emoji", "Segoe UI Emoji", "Apple Color Emoji"]
_CODE: Final = ["JetBrains Mono", "Cascadia Mono", "SF Mono", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace"]


@dataclass(frozen=True, slots=True)
class Theme:
    """Every colour as ``#RRGGBB``. ``on_accent`` is text on ``accent``; ``accent_text`` is the accent as text."""

    name: Literal["light", "dark"]
    background: str
    panel: str
    card: str
    line: str
    line_strong: str
    bubble: str
    hover: str
    text: str
    soft: str
    accent: str
    accent_strong: str
    on_accent: str
    accent_text: str
    accent_soft: str
    good: str
    warn: str
    bad: str
    string: str
    number: str
    cat: str
    cat_face: str
    ear_grey: str
    ear_amber: str
    ear_red: str

    @property
    def dark(self) -> bool:
        return self.name == "dark"


LIGHT: Final = Theme(
    name="light",
    background="#FBF8F4",
    panel="#F4EEE6",
    card="#FFFFFF",
    line="#E7DED3",
    line_strong="#C9BBAA",
    bubble="#F2E7DB",
    hover="#EDE4D9",
    text="#2B2622",
    soft="#6B6159",
    accent="#D9764A",
    accent_strong="#E08A62",
    on_accent="#2B2622",
    accent_text="#A84A22",
    accent_soft="#F8E3D6",
    good="#4A7A5F",
    warn="#946012",
    bad="#B9503F",
    string="#3F6E55",
    number="#8A5A10",
    cat="#2B2622",
    cat_face="#FBF8F4",
    ear_grey="#A3988F",
    ear_amber="#E0A33C",
    ear_red="#D9584A",
)
DARK: Final = Theme(
    name="dark",
    background="#1D1A19",
    panel="#252120",
    card="#2B2726",
    line="#3A3432",
    line_strong="#625954",
    bubble="#38302C",
    hover="#302B29",
    text="#EDE6DF",
    soft="#A3988F",
    accent="#F0A177",
    accent_strong="#F5B593",
    on_accent="#241A14",
    accent_text="#F0A177",
    accent_soft="#4A3328",
    good="#8DBBA0",
    warn="#E0B062",
    bad="#E08878",
    string="#8DBBA0",
    number="#E0B062",
    cat="#EDE6DF",
    cat_face="#2B2622",
    ear_grey="#A3988F",
    ear_amber="#D9962B",
    ear_red="#CF5B4C",
)
READABLE_PAIRS: Final = (
    *((ink, ground) for ink in ("text", "soft") for ground in ("background", "panel", "card", "bubble", "hover")),
    ("text", "accent_soft"),
    ("on_accent", "accent"),
    ("on_accent", "accent_strong"),
    ("accent_text", "background"),
    ("accent_text", "card"),
    ("accent_text", "accent_soft"),
    *((ink, ground) for ink in ("good", "warn", "bad") for ground in ("background", "card")),
    *((ink, "panel") for ink in ("string", "number", "accent_text")),
)
"""Ink and ground that meet somewhere; each pair has a contrast of at least 4.5:1 in both themes (tested)."""

_current = LIGHT


def current() -> Theme:
    """The theme that was applied last."""
    return _current


def theme_for(setting: ThemeSetting, system: Qt.ColorScheme | None = None) -> Theme:
    """The theme that the person chose; ``auto`` takes that of the ``system``, as it is now where none is given."""
    if setting == "auto":
        scheme = system or QGuiApplication.styleHints().colorScheme()
        return DARK if scheme == Qt.ColorScheme.Dark else LIGHT
    return DARK if setting == "dark" else LIGHT


def apply(app: QApplication, theme: Theme) -> None:
    """Give every window of ``app`` this theme, now and live."""
    global _current
    _current = theme
    if app.style().name() != "fusion":
        app.setStyle(QStyleFactory.create("Fusion"))
    app.setFont(text_font())
    app.setPalette(_palette(theme))
    app.setStyleSheet(stylesheet(theme))


class ThemeFollower(QObject):
    """Keeps ``app`` in the theme that the person chose; with ``auto`` it changes as soon as the system does."""

    changed = Signal(object)
    """The new :class:`Theme`, after it was applied."""

    def __init__(self, app: QApplication, setting: ThemeSetting = "auto") -> None:
        super().__init__(app)
        self._app = app
        self._setting: ThemeSetting = setting
        apply(app, theme_for(setting))
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._look)

    def choose(self, setting: ThemeSetting) -> None:
        """Follow another setting from now on."""
        self._setting = setting
        self._look()

    def _look(self, system: Qt.ColorScheme | None = None) -> None:
        theme = theme_for(self._setting, system)
        if theme != current():
            apply(self._app, theme)
            self.changed.emit(theme)


def kind(widget: AnyWidget, value: str) -> AnyWidget:
    """Give ``widget`` the looks that the stylesheet has for ``[kind="value"]``; returns the widget.

    Buttons: ``primary`` ``answer`` ``quiet`` ``danger`` ``chip`` ``row`` ``suggestion``, or none. Labels: ``title``
    ``heading`` ``strong`` ``soft`` ``small`` ``mono`` ``good`` ``warn`` ``bad``. Frames: ``card`` ``panel``
    ``bubble`` ``pill`` ``popup`` ``hairline``.
    """
    if widget.property("kind") != value:
        widget.setProperty("kind", value)
        if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):  # else its first polish will read the property
            widget.style().unpolish(widget)
            widget.style().polish(widget)
    return widget


def stylesheet(theme: Theme) -> str:
    """The application stylesheet with this theme's colours in it. Raises KeyError for a token that does not exist."""
    template = resource("themes", "application.qss").read_text(encoding="utf-8")
    code = ", ".join(f'"{family}"' for family in code_families())
    arrow = resource("themes", f"arrow-{theme.name}.svg").as_posix()
    return Template(template).substitute(asdict(theme), code=code, arrow=f'"{arrow}"')


def text_families() -> list[str]:
    """Fonts of running text, best first: Latin, simplified Chinese, emoji.

    Without the Chinese names Qt takes Japanese forms of Chinese characters on most Linux systems.
    """
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    latin = [system] if sys.platform in ("win32", "darwin") else ["Inter", system]
    return [*latin, *_CHINESE, *_EMOJI]


def code_families() -> list[str]:
    """Fonts of code, best first."""
    return [*_CODE, *_CHINESE]


def text_font(pixels: int = BASE_PIXELS, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Running text of ``pixels`` height. The one weight for emphasis is ``QFont.Weight.DemiBold``."""
    font = QFont()
    font.setFamilies(text_families())
    font.setPixelSize(pixels)
    font.setWeight(weight)
    return font


def motion_ms() -> int:
    """Milliseconds that a movement may take: 0 where the person wants reduced motion."""
    if os.environ.get("NYANKO_REDUCED_MOTION"):
        return 0
    style = QApplication.style()
    wanted = style.styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) if style else 0
    return MOTION_MS if wanted > 0 else 0


def contrast(ink: str, ground: str) -> float:
    """Contrast of two ``#RRGGBB`` colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(QColor(ink)), _luminance(QColor(ground))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: QColor) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


def _palette(theme: Theme) -> QPalette:
    roles = {
        QPalette.ColorRole.Window: theme.background,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.card,
        QPalette.ColorRole.AlternateBase: theme.panel,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.soft,
        QPalette.ColorRole.Button: theme.card,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.ToolTipBase: theme.card,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.Highlight: theme.accent_soft,
        QPalette.ColorRole.HighlightedText: theme.text,
        QPalette.ColorRole.Link: theme.accent_text,
        QPalette.ColorRole.LinkVisited: theme.accent_text,
        QPalette.ColorRole.Accent: theme.accent,
        QPalette.ColorRole.Mid: theme.line,
    }
    palette = QPalette()
    for role, color in roles.items():
        palette.setColor(role, QColor(color))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.soft))
    return palette
