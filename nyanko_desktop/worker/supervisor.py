"""The policy over one worker: when it runs, which model is resident, what a loss means, what is said about it all.

One keeper task holds the worker up, one worker after the other; it alone starts, loads and restarts. Everybody else
says what is wanted and waits for the state to change. Knows no conversation.

- Turns wait until the chosen model is resident: a worker that is asleep is started and loads it again.
- A load waits for the turns that run, and later turns wait behind it; a newer load takes the place of an older one.
- A lost worker is started again within :class:`RestartPolicy`; then the state is ``failed`` until the person acts,
  that is asks, loads, starts or frees memory. The turns that ran or waited have failed; none is repeated by itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from typing import Final

from inference_worker.protocol.errors import ErrorCode, RequestError, WireError
from inference_worker.protocol.messages import (
    Cancel,
    DeviceInfo,
    DevicesListed,
    Event,
    Failed,
    FollowUp,
    ListDevices,
    ListTools,
    MemoryPlanned,
    ModelInfo,
    Phase,
    PhaseChanged,
    PlanMemory,
    RunTool,
    RunTurn,
    ToolsListed,
)
from inference_worker.protocol.tasks import spawn
from nyanko_desktop.listeners import Listeners
from nyanko_desktop.worker.client import new_id
from nyanko_desktop.worker.command import WorkerCommand
from nyanko_desktop.worker.residency import Choice, Residency
from nyanko_desktop.worker.restarts import RestartPolicy, Restarts
from nyanko_desktop.worker.session import Patience, Session
from nyanko_desktop.worker.state import WorkerState
from nyanko_desktop.worker.waiting_turn import WaitingTurn

PHASES: Final[tuple[Phase, ...]] = ("queued", "prefill", "tool", "thinking", "answering")
"""From the least to the most telling: with several turns the state shows the last of these that any is in."""

_log = logging.getLogger(__name__)


class Supervisor:
    """The worker as the rest of the app uses it. All methods belong to one event loop."""

    def __init__(
        self,
        command_factory: Callable[[], WorkerCommand],
        *,
        policy: RestartPolicy | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.state = WorkerState()
        self._command_factory = command_factory
        self._patience = patience or Patience()
        self._restarts = Restarts(policy or RestartPolicy())
        self._listeners: Listeners[WorkerState] = Listeners()
        self._changed = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._ending = ""
        """Why the worker is being ended just now; empty when it is not."""
        self._ender: asyncio.Task[None] | None = None
        self._session: Session | None = None
        self._residency = Residency(self._publish, self._fail_waiting)
        self._error: WireError | None = None
        """Why no worker runs any more."""
        self._turns: dict[str, WaitingTurn] = {}

    # ------------------------------------------------------------ what the app says

    def subscribe(self, callback: Callable[[WorkerState], None]) -> Callable[[], None]:
        """Call ``callback`` with each new state; returns the function that ends this."""
        return self._listeners.add(lambda state: _tell(callback, state))

    async def start(self) -> None:
        """Have a worker, with the model chosen before if there was one. Raises RequestError when none starts."""
        self._restarts.forget()
        await self._connected(reload=True)

    async def load(self, choice: Choice) -> ModelInfo | None:
        """Make a model resident after the turns that run; ``None`` when another load took its place.

        Cancelling the waiting task cancels the load. Raises RequestError when it fails.
        """
        await self._until(lambda: not self._ending)
        self._restarts.forget()
        wish = self._residency.want(choice)
        self._wake()
        try:
            outcome = await asyncio.shield(wish.outcome)
        except asyncio.CancelledError:
            self._residency.drop(wish)
            raise
        if isinstance(outcome, WireError):
            raise RequestError.of(outcome)
        return outcome

    async def turn(self, command: RunTurn) -> AsyncGenerator[Event, None]:
        """The events of a turn, the last of which is Done or Failed; starts the worker and loads the model if need be.

        Close the iterator (``contextlib.aclosing``) to leave early; that cancels the turn.
        """
        turn = self._turns[command.id] = WaitingTurn()
        session: Session | None = None
        try:
            session = await self._admit(turn)
            if session is None:
                yield turn.never_ran(command, self._residency.choice)
                return
            async with session.client.request(command) as events:
                async for event in events:
                    if isinstance(event, PhaseChanged):
                        turn.phase = event.phase
                        self._publish()
                    yield event
        finally:
            if session is not None and session.client.is_open(command.id):
                spawn(self._wind_down(session, command.id), "turn left early")
            else:
                self._forget(command.id)

    async def _wind_down(self, session: Session, turn_id: str) -> None:
        """A turn whose reader has left keeps the model busy until the worker has heard of it."""
        await session.expect_end(turn_id)
        self._forget(turn_id)

    def _forget(self, turn_id: str) -> None:
        del self._turns[turn_id]
        self._publish()

    async def send(self, message: FollowUp) -> None:
        """Say something about an open turn or request."""
        turn = self._turns.get(message.id)
        if isinstance(message, Cancel) and turn is not None and not turn.running:
            turn.cancelled = True
            self._publish()
        elif self._session is not None and isinstance(message, Cancel):
            await self._session.cancel(message.id)
        elif self._session is not None:
            await self._session.client.send(message)

    async def run_tool(self, command: RunTool) -> AsyncGenerator[Event, None]:
        """The events of one tool run without a model; a HostCall among them wants a HostResult."""
        try:
            session = await self._connected()
        except RequestError as error:
            yield Failed(id=command.id, error=error.error)
            return
        async with session.client.request(command) as events:
            async for event in events:
                yield event

    async def tools(self, command: ListTools) -> ToolsListed:
        """The tools there are. Raises RequestError."""
        session = await self._connected()
        answer = await session.client.ask(command)
        assert isinstance(answer, ToolsListed)
        return answer

    async def plan(self, command: PlanMemory) -> MemoryPlanned:
        """What each precision of a model would take. Raises RequestError."""
        session = await self._connected()
        answer = await session.client.ask(command)
        assert isinstance(answer, MemoryPlanned)
        return answer

    async def devices(self) -> tuple[DeviceInfo, ...]:
        """The devices of this machine. Raises RequestError."""
        session = await self._connected()
        answer = await session.client.ask(ListDevices(id=new_id()))
        assert isinstance(answer, DevicesListed)
        return answer.devices

    async def free_memory(self) -> None:
        """End the worker within 2 s, whatever it does. The chosen model is loaded again when somebody asks."""
        await asyncio.shield(self._end("memory was given back"))

    def free_if_idle(self) -> bool:
        """Begin to end the worker unless a turn runs or waits, decided at this very moment; whether it ends."""
        if self._turns or self._keeper is None:
            return False
        self._end("memory was given back")
        return True

    async def stop(self) -> None:
        """End the worker for good."""
        await asyncio.shield(self._end("the app closes"))

    # ------------------------------------------------------------ what the keeper does

    async def _keep(self) -> None:
        was_up = False
        try:
            while True:
                try:
                    session = await Session.open(self._command_factory(), self._patience)
                except RequestError as error:
                    lost = error.error
                else:
                    was_up = True
                    lost = await self._serve(session)
                delay = self._restarts.next_delay(asyncio.get_running_loop().time()) if was_up else None
                if delay is None:
                    _log.warning("the worker is not started again: %s", lost.params)
                    self._error = lost
                    return
                _log.info("the worker is started again in %.1f s: %s", delay, lost.params)
                await asyncio.sleep(delay)
        except Exception as error:  # noqa: BLE001 - the boundary: whatever is wrong here, nobody may wait for ever
            _log.exception("the supervisor failed")
            self._error = WireError(ErrorCode.INTERNAL, {"reason": f"{type(error).__name__}: {error}"})
        finally:
            self._keeper = None
            if self._error is not None:
                self._residency.settle(self._error)
                self._fail_waiting(self._error)
            self._publish()

    async def _serve(self, session: Session) -> WireError:
        """Use one worker until it is lost; why it was."""
        self._session = session
        self._publish()
        loads = spawn(self._follow_loads(session), "worker loads")
        try:
            await session.watch()
        finally:
            self._session = None
            self._residency.forget()
            loads.cancel()
            lost = await session.close(self._ending or "the worker is lost")
        self._residency.want_again()
        return lost

    async def _follow_loads(self, session: Session) -> None:
        turns = self._turns
        while session.client.lost is None:
            await self._until(lambda: self._residency.wish is not None and not any(t.running for t in turns.values()))
            wish = self._residency.wish
            assert wish is not None
            await self._residency.load(session, wish)

    # ------------------------------------------------------------ wishes and waiting

    def _wake(self) -> None:
        if self._keeper is None:
            self._error = None
            self._keeper = spawn(self._keep(), "worker keeper")
        self._publish()

    async def _connected(self, *, reload: bool = False) -> Session:
        """A worker to talk to, with a model or without. Raises RequestError when none starts."""
        await self._until(lambda: not self._ending)
        if reload:
            self._residency.want_again()
        self._wake()
        await self._until(lambda: self._usable() is not None or self._keeper is None)
        session = self._usable()
        if session is None:
            raise RequestError.of(self._error or WireError(ErrorCode.WORKER_LOST, {"reason": "it was ended"}))
        return session

    def _usable(self) -> Session | None:
        """The worker, unless its end is being cleared away just now."""
        return self._session if self._session is not None and self._session.client.lost is None else None

    async def _admit(self, turn: WaitingTurn) -> Session | None:
        """Wait for the chosen model; ``None`` when the turn was cancelled or failed before."""
        await self._until(lambda: not self._ending or turn.cancelled)
        if turn.cancelled:
            return None
        if self._residency.choice is None:
            turn.error = WireError(ErrorCode.NO_MODEL)
            return None
        self._residency.want_again()
        self._wake()
        await self._until(lambda: turn.hopeless or self._may_run())
        if turn.hopeless:
            return None
        turn.running = True
        self._publish()
        return self._session

    def _may_run(self) -> bool:
        return self._usable() is not None and self._residency.model is not None and self._residency.wish is None

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            await self._changed.wait()

    def _fail_waiting(self, error: WireError) -> None:
        """Turns that wait will not run; those that run get their end from the connection."""
        for turn in self._turns.values():
            if not turn.running:
                turn.error = error
        self._publish()

    def _end(self, reason: str) -> asyncio.Task[None]:
        """Begin to end the worker, if nobody has yet; from now on questions wait until it is gone."""
        if not self._ending or self._ender is None:
            self._ending, self._error = reason, None
            self._restarts.forget()
            ended = WireError(ErrorCode.WORKER_LOST, {"reason": reason})
            self._residency.settle(ended)
            self._fail_waiting(ended)
            self._ender = spawn(self._end_worker(), "end the worker")
        return self._ender

    async def _end_worker(self) -> None:
        try:
            if self._keeper is not None:
                self._keeper.cancel()
                await asyncio.wait((self._keeper,))
        finally:
            self._ending = ""
            self._publish()

    # ------------------------------------------------------------ the truth

    def _publish(self) -> None:
        """Wake who waits, and tell the listeners if what they see has changed."""
        self._changed.set()
        self._changed = asyncio.Event()
        state = self._truth()
        if state != self.state:
            self.state = state
            self._listeners.tell(state)

    def _truth(self) -> WorkerState:
        session, residency = self._usable(), self._residency
        pid = session.pid if session is not None else None
        error = self._error or residency.error
        if self._ending:
            return self.state  # nothing is given back before the process is gone
        if error is not None:
            return WorkerState("failed", error=error, pid=pid)
        if self._keeper is None:
            return WorkerState("asleep")
        if session is None:
            return WorkerState("starting")
        if residency.progress is not None or (residency.model is None and residency.wish is not None):
            return WorkerState("loading", progress=residency.progress or 0.0, pid=pid)
        if residency.model is not None:
            return WorkerState("resident", phase=self._phase(), model=residency.model, pid=pid)
        return WorkerState("empty", pid=pid)

    def _phase(self) -> Phase | None:
        running = [turn.phase for turn in self._turns.values() if turn.running]
        return max(running, key=PHASES.index, default=None)


def _tell(listener: Callable[[WorkerState], None], state: WorkerState) -> None:
    try:
        listener(state)
    except Exception:  # noqa: BLE001 - the boundary: a window that cannot draw a state must not end the worker
        _log.exception("a listener failed")
