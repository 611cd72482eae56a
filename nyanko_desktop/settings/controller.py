"""What the settings window does and shows: a person's intents in, immutable views out. Knows no widget and no desktop.

A change is written at once. Whoever must act on it (load the model, bind the hotkey, …) listens to the settings store.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import msgspec

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import (
    DeviceInfo,
    GroupSize,
    KvPrecision,
    MemoryPlanned,
    PlanMemory,
    Precision,
)
from inference_worker.protocol.tasks import spawn
from nyanko_desktop.assets import embedded_model
from nyanko_desktop.chat.model_keeper import choice_of
from nyanko_desktop.chat.view_state import Explanation
from nyanko_desktop.errors import explain
from nyanko_desktop.i18n import on_language_changed
from nyanko_desktop.listeners import Listeners
from nyanko_desktop.settings.schema import FreeAfter, Language, ModelSettings, Settings, Theme
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.settings.view import (
    AboutView,
    DesktopView,
    HotkeyState,
    MemoryPlan,
    ModelChoice,
    PrecisionView,
    SettingsView,
    ToolsState,
)
from nyanko_desktop.worker.state import WorkerState

log = logging.getLogger(__name__)


class ModelHost(Protocol):
    """Who holds the model; the supervisor is one."""

    @property
    def state(self) -> WorkerState: ...
    def subscribe(self, callback: Callable[[WorkerState], None], /) -> Callable[[], None]: ...
    async def plan(self, command: PlanMemory, /) -> MemoryPlanned: ...
    async def devices(self) -> tuple[DeviceInfo, ...]: ...
    async def free_memory(self) -> None: ...


class Desktop(Protocol):
    """What only the desktop can do; shell/ fills it. Both changes raise OSError when the system refuses."""

    def view(self) -> DesktopView: ...
    def set_start_at_login(self, wanted: bool, /) -> None: ...
    def set_desktop_entry(self, wanted: bool, /) -> None: ...


class SettingsController:
    """The settings of one profile as a window sees them. Belongs to the event loop."""

    def __init__(self, store: SettingsStore, host: ModelHost, desktop: Desktop, usual_cache: Path) -> None:
        self.view = SettingsView(settings=store.current, worker=host.state)
        self._store = store
        self._host = host
        self._desktop = desktop
        self._usual_cache = usual_cache
        self._desktop_view = desktop.view()
        """As it was when last asked: asking may take a millisecond, and the worker's state changes often."""
        self._listeners: Listeners[SettingsView] = Listeners()
        self._problem: WireError | None = store.problem
        self._plan_problem: WireError | None = None
        self._looking: asyncio.Task[None] | None = None
        self._leave = (
            store.subscribe(lambda _: self._show()),
            host.subscribe(lambda _: self._show()),
            on_language_changed(self._show),
        )
        self._show()

    def subscribe(self, listener: Callable[[SettingsView], None]) -> Callable[[], None]:
        """Call ``listener`` with each new view; returns the function that ends this."""
        return self._listeners.add(listener)

    def close(self) -> None:
        """Hear and ask no more."""
        for leave in self._leave:
            leave()
        self._leave = ()  # type: ignore[assignment]
        if self._looking is not None:
            self._looking.cancel()
        self._listeners.clear()

    # ------------------------------------------------------------ what a person asks for

    def refresh(self) -> asyncio.Task[None]:
        """Ask the worker again for devices and estimates; the window does so when it opens."""
        if self._looking is not None:
            self._looking.cancel()
        self.desktop_changed()
        self._looking = spawn(self._look(), "estimate memory")
        return self._looking

    def choose_model(self, path: str) -> None:
        """Answer with the model in ``path``, or with the embedded one when it is empty."""
        self._change_model(path=path)

    def choose_precision(self, precision: Precision) -> None:
        self._change_model(precision=precision)

    def choose_device(self, device: str) -> None:
        self._change_model(device=device)

    def choose_group(self, group: GroupSize) -> None:
        self._change_model(group=group)

    def choose_kv_cache(self, kv_cache: KvPrecision) -> None:
        self._change_model(kv_cache=kv_cache)

    def choose_context(self, context: int) -> None:
        """Tokens; 0 takes what the checkpoint offers, bounded by memory."""
        self._change_model(context=context)

    def choose_free_after(self, free_after: FreeAfter) -> None:
        """How long after the last turn the memory is given back."""
        self._change_model(free_after=free_after)

    def add_folder(self, path: str) -> asyncio.Task[None]:
        """Look whether ``path`` holds a model; then it joins the list and is chosen. Otherwise the reason is shown."""
        return spawn(self._add_folder(path), "add a model folder")

    def remove_folder(self, path: str) -> None:
        """Take a folder from the list; the files stay. If it was chosen, the embedded model is."""
        model = self._store.current.model
        folders = tuple(folder for folder in model.folders if folder != path)
        self._change_model(folders=folders, path="" if model.path == path else model.path)

    def free_memory(self) -> asyncio.Task[None]:
        """End the worker, which gives back every byte; the next question wakes it."""
        return spawn(self._host.free_memory(), "free memory")

    def choose_language(self, language: Language) -> None:
        self._save(msgspec.structs.replace(self._store.current, language=language))

    def choose_theme(self, theme: Theme) -> None:
        self._save(msgspec.structs.replace(self._store.current, theme=theme))

    def choose_hotkey(self, keys: str) -> None:
        """Keys as Qt writes them; empty for none."""
        current = self._store.current
        self._save(msgspec.structs.replace(current, hotkey=msgspec.structs.replace(current.hotkey, quick_ask=keys)))

    def set_close_to_tray(self, wanted: bool) -> None:
        self._change_desktop(close_to_tray=wanted)

    def set_start_at_login(self, wanted: bool) -> None:
        if self._on_desktop(self._desktop.set_start_at_login, wanted):
            self._change_desktop(start_at_login=wanted)

    def set_desktop_entry(self, wanted: bool) -> None:
        """Install the desktop entry, or take it away; either way the person is not asked again."""
        if self._on_desktop(self._desktop.set_desktop_entry, wanted):
            self._change_desktop(desktop_entry="yes" if wanted else "no")

    def dismiss_offer(self) -> None:
        """Larger models are not offered again; they stay in the list."""
        self._change_desktop(offer_models=False)

    def report(self, problem: WireError | None) -> None:
        """Show what is wrong with a change that somebody else made, or nothing any more."""
        if problem is None:
            self.dismiss_notice()
        else:
            self._tell(problem)

    def dismiss_notice(self) -> None:
        self._problem = None
        self._show()

    # ------------------------------------------------------------ what others tell

    def set_hotkey_state(self, state: HotkeyState) -> None:
        """What became of the hotkey."""
        self._show(replace(self.view, hotkey=state))

    def set_about(self, about: AboutView) -> None:
        self._show(replace(self.view, about=about))

    def set_tools_state(self, tools: ToolsState) -> None:
        """What of the settings of tools does not work now."""
        self._show(replace(self.view, tools=tools))

    def desktop_changed(self) -> None:
        """The tray came or went, or a file of the desktop may have."""
        self._desktop_view = self._desktop.view()
        self._show()

    # ------------------------------------------------------------ changes

    def _change_model(self, **changes: Any) -> None:
        current = self._store.current
        model = msgspec.structs.replace(current.model, **changes)
        if self._save(msgspec.structs.replace(current, model=model)) and _plan_key(model) != _plan_key(current.model):
            self._plan_problem = None
            self.refresh()

    def _change_desktop(self, **changes: Any) -> None:
        current = self._store.current
        self._save(msgspec.structs.replace(current, desktop=msgspec.structs.replace(current.desktop, **changes)))

    def _save(self, settings: Settings) -> bool:
        try:
            self._store.save(settings)
        except RequestError as error:
            self._tell(error.error)
        except msgspec.ValidationError as error:
            self._tell(WireError(ErrorCode.BAD_REQUEST, {"reason": str(error)}))
        else:
            self._problem = None
            self._show()
            return True
        return False

    def _on_desktop(self, change: Callable[[bool], None], wanted: bool) -> bool:
        try:
            change(wanted)
        except OSError as error:
            self._tell(WireError(ErrorCode.BAD_REQUEST, {"reason": str(error)}))
            return False
        finally:
            self._desktop_view = self._desktop.view()
        return True

    def _tell(self, problem: WireError) -> None:
        log.info("settings: %s", problem.code)
        self._problem = problem
        self._show()

    # ------------------------------------------------------------ questions to the worker

    async def _look(self) -> None:
        model = self._store.current.model
        self._show(replace(self.view, planning=True))
        try:
            devices = await self._host.devices()
            self._show(replace(self.view, devices=devices))
            plan = await self._host.plan(choice_of(model, self._usual_cache).plan_command())
            self._plan_problem = None
            self._show(replace(self.view, plan=_plan(plan)))
        except RequestError as error:
            self._plan_problem = error.error
            self._show(replace(self.view, plan=None))
        finally:
            if self._looking is asyncio.current_task():
                self._looking = None
            self._show(replace(self.view, planning=self._looking is not None))

    async def _add_folder(self, path: str) -> None:
        model = msgspec.structs.replace(self._store.current.model, path=path)
        self._show(replace(self.view, planning=True))
        try:
            await self._host.plan(choice_of(model, self._usual_cache).plan_command())
        except RequestError as error:
            self._tell(error.error)
        else:
            folders = self._store.current.model.folders
            self._change_model(path=path, folders=(*(f for f in folders if f != path), path))
        finally:
            self._show(replace(self.view, planning=self._looking is not None))

    # ------------------------------------------------------------ the view

    def _show(self, view: SettingsView | None = None) -> None:
        """Publish ``view`` (or the last one) with everything in it that is known elsewhere, as it is now."""
        settings = self._store.current
        view = replace(
            view or self.view,
            settings=settings,
            models=_models(settings.model),
            worker=self._host.state,
            desktop=self._desktop_view,
            plan_problem=explain(self._plan_problem) if self._plan_problem else None,
            notice=explain(self._problem) if self._problem else None,
        )
        if view != self.view or view.settings is not self.view.settings:
            self.view = view
            self._listeners.tell(view)


def _plan_key(model: ModelSettings) -> tuple[object, ...]:
    """What an estimate depends on; it covers every precision."""
    return model.path, model.device, model.context, model.group, model.kv_cache, model.cache


def _models(model: ModelSettings) -> tuple[ModelChoice, ...]:
    """The embedded model, the person's folders, and a chosen one that is in neither."""
    folders = model.folders if not model.path or model.path in model.folders else (*model.folders, model.path)
    embedded = ModelChoice("", embedded_model().name, chosen=not model.path)
    return (embedded, *(ModelChoice(f, Path(f).name or f, f == model.path, _missing(f)) for f in folders))


def _missing(folder: str) -> Explanation | None:
    return None if Path(folder).exists() else explain(WireError(ErrorCode.MODEL_NOT_FOUND, {"path": folder}))


def _plan(planned: MemoryPlanned) -> MemoryPlan:
    return MemoryPlan(
        device=planned.device,
        free=planned.free,
        context=planned.context,
        precisions=tuple(
            PrecisionView(
                e.precision,
                e.weights,
                e.cache + e.overhead,
                e.fits,
                cache=e.cache,
                largest_context=e.largest_context,
                measured=e.measured,
                quantized=e.quantized,
            )
            for e in planned.estimates
        ),
    )
