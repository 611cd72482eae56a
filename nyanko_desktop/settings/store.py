"""Settings in a TOML file: read with care, written atomically, comments and unknown keys kept. Knows no key's meaning.

A file that cannot be read, or a value out of bounds, costs nothing: the file is kept under a dated name, what could
be read stays, the rest has its default, and :attr:`SettingsStore.problem` says so. Unknown keys are kept and logged:
they belong to a newer version, or they are a slip of the pen that the log names.
"""

from __future__ import annotations

import contextlib
import filecmp
import logging
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import tomlkit
from tomlkit.exceptions import TOMLKitError

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from nyanko_desktop.files import FULL_DISK, write_atomically
from nyanko_desktop.listeners import Listeners
from nyanko_desktop.settings.schema import VERSION, Settings

log = logging.getLogger(__name__)

Migration = Callable[[dict[str, Any]], dict[str, Any]]
MIGRATIONS: Mapping[int, Migration] = {}
"""Version -> the step from it to the next one."""


class SettingsError(RequestError):
    """The settings could not be written; the file is as it was."""


class SettingsStore:
    """The settings of one profile and those who want to know when they change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._listeners: Listeners[Settings] = Listeners()
        self.unknown: tuple[str, ...] = ()
        """Dotted names of keys in the file that this version does not know."""
        self.problem: WireError | None = None
        """What was wrong with the file when it was read: a broken value, or else keys that nobody knows."""
        self.current = self._read()

    def subscribe(self, listener: Callable[[Settings], None]) -> Callable[[], None]:
        """Call ``listener`` with the new settings after each change; returns the function that ends this."""
        return self._listeners.add(listener)

    def save(self, settings: Settings) -> None:
        """Write ``settings`` and tell the listeners. On SettingsError (disk full, no permission) nothing changes."""
        checked = check(_plain(settings))
        try:
            write_atomically(self._path, self._document(settings).encode())
        except OSError as error:
            if error.errno in FULL_DISK:
                raise SettingsError(ErrorCode.DISK_FULL, path=self._path) from error
            raise SettingsError(ErrorCode.NOT_WRITABLE, path=self._path, reason=error.strerror) from error
        self.current = checked
        self._listeners.tell(checked)

    def _read(self) -> Settings:
        try:
            raw = tomllib.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Settings()
        except (OSError, ValueError, RecursionError) as error:
            self.problem = self._broken([f"not readable as TOML: {error}"])
            return Settings()
        settings, reasons = salvage(migrate(raw))
        if reasons:
            self.problem = self._broken(reasons)
        self.unknown = tuple(unknown_keys(raw, _plain(Settings())))
        if self.unknown:
            log.warning("settings: unknown keys are kept and ignored: %s", ", ".join(self.unknown))
            params = {"path": str(self._path), "keys": ", ".join(self.unknown)}
            self.problem = self.problem or WireError(ErrorCode.SETTINGS_UNKNOWN, params)
        return settings

    def _broken(self, reasons: list[str]) -> WireError:
        backup = self._keep_backup()
        reason = "; ".join(reasons)
        log.warning("settings: %s (kept as %s)", reason, backup)
        return WireError(ErrorCode.SETTINGS_BROKEN, {"path": str(self._path), "reason": reason, "backup": backup})

    def _keep_backup(self) -> str:
        if (kept := self._kept_already()) is not None:
            return str(kept)
        stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S-%f")
        backup = self._path.with_name(f"{self._path.stem}.broken-{stamp}{self._path.suffix}")
        try:
            shutil.copy2(self._path, backup)
        except OSError as error:
            log.warning("settings: no backup: %s", error)
            return f"{self._path} ({error.strerror})"
        return str(backup)

    def _kept_already(self) -> Path | None:
        """The backup that holds the same bytes: each start reads the file anew until somebody mends it."""
        with contextlib.suppress(OSError):
            for backup in self._path.parent.glob(f"{self._path.stem}.broken-*{self._path.suffix}"):
                if filecmp.cmp(self._path, backup, shallow=False):
                    return backup
        return None

    def _document(self, settings: Settings) -> str:
        """The file as it is, with the values of ``settings`` put in."""
        try:
            document = tomlkit.parse(self._path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, TOMLKitError):
            document = tomlkit.document()
        _merge(document, _plain(settings))
        return tomlkit.dumps(document)


def check(raw: Mapping[str, Any]) -> Settings:
    """``raw`` as settings. Raises msgspec.ValidationError naming key and reason."""
    return msgspec.convert(raw, Settings)


def migrate(raw: dict[str, Any], migrations: Mapping[int, Migration] = MIGRATIONS) -> dict[str, Any]:
    """``raw`` brought to :data:`VERSION` step by step; a file of a newer version is read as far as it is understood."""
    version = raw.get("version", VERSION)
    while isinstance(version, int) and version in migrations:
        raw = {**migrations[version](raw), "version": version + 1}
        version += 1
    return {**raw, "version": VERSION} if isinstance(version, int) and version > VERSION else raw


def salvage(raw: Mapping[str, Any]) -> tuple[Settings, list[str]]:
    """The settings in ``raw`` without the values that are out of bounds, and one reason for each of those."""
    data: dict[str, Any] = _copy(raw)
    reasons: list[str] = []
    while True:
        try:
            return check(data), reasons
        except msgspec.ValidationError as error:
            what, _, where = str(error).partition(" - at `$.")
            keys = where.rstrip("`").partition("[")[0].split(".")
            reasons.append(f"{'.'.join(keys)}: {what}")
            if not _drop(data, keys):
                return Settings(), reasons


def unknown_keys(raw: Mapping[str, Any], known: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Dotted names of the keys of ``raw`` that are not settings."""
    for key, value in raw.items():
        inner = known.get(key)
        if key not in known:
            yield prefix + key
        elif isinstance(value, Mapping) and isinstance(inner, Mapping):
            yield from unknown_keys(value, inner, f"{prefix}{key}.")


def _copy(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _copy(value) if isinstance(value, Mapping) else value for key, value in raw.items()}


def _drop(data: dict[str, Any], keys: list[str]) -> bool:
    """Remove the value at ``keys``; False when there is none."""
    for key in keys[:-1]:
        inner = data.get(key)
        if not isinstance(inner, dict):
            return False
        data = inner
    return data.pop(keys[-1], None) is not None


def _merge(into: Any, values: Mapping[str, Any]) -> None:
    """Put ``values`` into a TOML table; keys that are there keep their place and comment. None removes a key."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            if not isinstance(into.get(key), Mapping):
                into[key] = tomlkit.table()
            _merge(into[key], value)
        elif value is None:
            into.pop(key, None)
        elif into.get(key) != value:
            into[key] = value


def _plain(settings: Settings) -> dict[str, Any]:
    """``settings`` as the lists, dicts and numbers of a TOML file; None where nothing is set."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(settings))
    return plain
