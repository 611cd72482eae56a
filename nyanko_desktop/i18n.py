"""Every text a person reads goes through :func:`tr`. Source texts are English; translations are gettext catalogues.

gettext rather than Qt's own files, because the command line says the same sentences and has no Qt.
"""

from __future__ import annotations

import gettext
import locale
import os
from collections.abc import Callable
from pathlib import Path

from nyanko_desktop.listeners import Listeners

CATALOGUES = Path(__file__).resolve().parent.parent / "resources" / "translations"
LANGUAGES: dict[str, str] = {"en": "English", "zh_CN": "中文"}
"""Code -> the language's own name. A new one needs a catalogue folder and a line here."""

_translation: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"
_listeners: Listeners[[]] = Listeners()


def tr(message: str, **values: object) -> str:
    """The translation of ``message`` in the current language, with ``{name}`` fields filled from ``values``."""
    return tr_marked(message, **values)


def tr_marked(message: str, **values: object) -> str:
    """As :func:`tr`, for a text that is marked with :func:`N_` where it stands."""
    text = _translation.gettext(message)
    return text.format(**values) if values else text


def N_(message: str) -> str:
    """Marks a text in a table for translation, under the name that collectors of texts look for."""
    return message


def language() -> str:
    """Code of the current language."""
    return _language


def set_language(code: str) -> None:
    """Switch to ``code`` (``auto`` asks the system) and tell every listener."""
    global _translation, _language
    _language = system_language() if code == "auto" else code
    _translation = gettext.translation("nyanko", CATALOGUES, [_language], fallback=True)
    _listeners.tell()


def on_language_changed(listener: Callable[[], None]) -> Callable[[], None]:
    """Call ``listener`` after each switch; returns the function that ends this."""
    return _listeners.add(listener)


def system_language() -> str:
    """The best of :data:`LANGUAGES` for this system, ``en`` where none fits."""
    wanted = [os.environ.get(name, "") for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")]
    wanted.append(locale.getlocale()[0] or "")
    chosen = next((entry for entry in wanted if entry), "en")
    return "zh_CN" if chosen.lower().startswith(("zh", "chinese")) else "en"
