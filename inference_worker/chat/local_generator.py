"""The generator that computes on this machine: a resident model on its inference thread; and the machine's memory.

Importing this costs nothing: torch comes in with the functions that need it, off the event loop.
Every failure leaves here as RequestError.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import TYPE_CHECKING, get_args

import msgspec

from inference_worker.chat.generator import Token
from inference_worker.chat.native import NativeStyle
from inference_worker.chat.template import ChatTemplate
from inference_worker.engine.errors import EngineError
from inference_worker.engine.inference_thread import CLOSE_SECONDS, InferenceThread
from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.manifest import trained_tools
from inference_worker.protocol.messages import (
    ChatMessage,
    DeviceInfo,
    Estimate,
    FinishReason,
    LoadModel,
    MemoryPlanned,
    ModelInfo,
    PlanMemory,
    Precision,
    Sampling,
)
from inference_worker.tools.base import Tool

if TYPE_CHECKING:
    from inference_worker.engine.model import Model, TextGeneration
    from inference_worker.engine.sampler import Sampling as EngineSampling


NO_MARKERS: Mapping[int, str] = MappingProxyType({})


@contextmanager
def as_request_error() -> Iterator[None]:
    """Raise the engine's errors as errors of the request; their codes are the same words."""
    try:
        yield
    except EngineError as error:
        raise RequestError(ErrorCode(error.code), **error.params) from error


async def load_generator(
    command: LoadModel, progress: Callable[[int, int], None], cancelled: Callable[[], bool]
) -> LocalGenerator:
    """The checkpoint that ``command`` names, resident.

    ``progress`` and ``cancelled`` are called on the inference thread, before each tensor; once ``cancelled()`` is true
    the load ends with the engine's LoadCancelled. Raises RequestError for what cannot be loaded.
    """
    thread = InferenceThread()
    try:
        with as_request_error():
            return await thread.run(lambda: _load(thread, command, progress, cancelled))
    except BaseException:
        await asyncio.to_thread(thread.close)
        raise


def _load(
    thread: InferenceThread,
    command: LoadModel,
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> LocalGenerator:
    from inference_worker.engine.load import load_model

    cancel = threading.Event()

    def report(done: int, total: int) -> None:
        if cancelled():
            cancel.set()
        progress(done, total)

    model = load_model(
        command.path,
        command.precision,
        command.device,
        context=command.context,
        group=command.group,
        kv_cache=command.kv_cache,
        progress=report,
        cancel=cancel,
        cache=_folder(command.cache),
    )
    return LocalGenerator(model, thread)


def _folder(path: str) -> Path | None:
    return Path(path) if path else None


async def plan_memory(command: PlanMemory) -> MemoryPlanned:
    """What each precision would take, from the checkpoint's headers. Raises RequestError."""
    return await asyncio.to_thread(_plan_memory, command)


def _plan_memory(command: PlanMemory) -> MemoryPlanned:
    from inference_worker.engine.memory import plan_memory as plan

    cache = _folder(command.cache)
    with as_request_error():
        planned = plan(
            command.path,
            command.device,
            command.context,
            group=command.group,
            kv_cache=command.kv_cache,
            cache=cache,
        )
        copied = _copied(command, cache)
    estimates = tuple(
        Estimate(
            one.precision,
            one.weights,
            one.cache,
            one.overhead,
            one.fits,
            one.largest_context,
            one.measured,
            one.precision in copied,
        )
        for one in planned.estimates
    )
    return MemoryPlanned(command.id, planned.device, planned.free, planned.context, estimates)


def _copied(command: PlanMemory, cache: Path | None) -> set[Precision]:
    """Precisions that a load would take from a quantized copy in ``cache``."""
    from inference_worker.engine.checkpoints.open import open_checkpoint
    from inference_worker.engine.quantize.copies import find_copy

    checkpoint = open_checkpoint(command.path)
    try:
        return {one for one in get_args(Precision) if find_copy(cache, checkpoint, one, command.group)}
    finally:
        checkpoint.close()


async def list_devices() -> tuple[DeviceInfo, ...]:
    """The devices of this machine, in order of preference."""
    return await asyncio.to_thread(_list_devices)


def _list_devices() -> tuple[DeviceInfo, ...]:
    from inference_worker.engine.devices import list_devices as devices

    return tuple(DeviceInfo(one.device, one.name, one.total, one.free, one.problem) for one in devices())


class LocalGenerator:
    """A Generator over one resident model. Fulfils :class:`inference_worker.chat.generator.Generator`."""

    def __init__(self, model: Model, thread: InferenceThread) -> None:
        """Owns both from here on."""
        self._model = model
        self._thread = thread
        self._template = ChatTemplate(model.tokenizer, is_taught=trained_tools(model.info.path) is not None)
        self.native = self._template.native
        self.thoughts = self._template.thoughts
        reads = self.native or self.thoughts
        self._markers = reads.markers if reads is not None else NO_MARKERS
        model.tokenizer.markers = frozenset(self._markers)
        if self.native is not None:
            model.tokenizer.stop_ids |= self.native.stop_ids
        self.fingerprint = model.tokenizer.fingerprint
        about = model.info
        self.info = ModelInfo(
            name=about.name,
            path=about.path,
            precision=about.precision,
            device=about.device,
            device_name=about.device_name,
            bytes=about.bytes,
            bytes_elsewhere=about.bytes_elsewhere,
            context=about.context,
            tool_style=self._template.tool_style,
            reads_system=self._template.reads_system,
            group=about.group,
            kv_cache=about.kv_cache,
            family=about.family,
            notes=(*about.notes, *_tool_notes(self._template), *_call_notes(model, self.native)),
        )

    def encode_conversation(self, messages: Sequence[ChatMessage], tools: Sequence[Tool], *, resume: bool) -> list[int]:
        return self._template.encode(messages, tools, resume=resume)

    def encode_text(self, text: str) -> list[int]:
        return self._model.tokenizer.encode(text)

    def stream(self, ids: Sequence[int], sampling: Sampling, grammars: Sequence[str] = ()) -> LocalStream:
        """Raises RequestError(BAD_REQUEST) for sampling values out of range; other errors arrive on reading."""
        wanted = self._engine_sampling(sampling)
        return LocalStream(self._thread, self._model, list(ids), wanted, self._markers, grammars)

    async def close(self) -> None:
        """Give all memory back. Bounded, whatever the thread does."""
        freed = asyncio.wrap_future(self._thread.submit(self._model.close))
        await asyncio.wait([freed], timeout=CLOSE_SECONDS)
        await asyncio.to_thread(self._thread.close)

    def _engine_sampling(self, sampling: Sampling) -> EngineSampling:
        from inference_worker.engine.sampler import Sampling as EngineSampling

        values = msgspec.structs.asdict(sampling)
        values["stop"] = (*sampling.stop, *self._model.tokenizer.stop_strings)
        try:
            return EngineSampling(**values)
        except ValueError as error:
            raise RequestError(ErrorCode.BAD_REQUEST, reason=error) from error


def _tool_notes(template: ChatTemplate) -> tuple[str, ...]:
    return (f"tools are used in the slash style: {template.reason}",) if template.reason else ()


def _call_notes(model: Model, native: NativeStyle | None) -> tuple[str, ...]:
    reason = model.unconstrained
    if not reason and native is not None and not native.has_grammar:
        reason = "it does not write calls as JSON"
    return (f"the model cannot be held to a call: {reason}",) if reason else ()


class LocalStream:
    """One running generation. Fulfils :class:`inference_worker.chat.generator.Stream`."""

    def __init__(
        self,
        thread: InferenceThread,
        model: Model,
        ids: list[int],
        sampling: EngineSampling,
        markers: Mapping[int, str] = NO_MARKERS,
        grammars: Sequence[str] = (),
    ) -> None:
        """``markers`` are ids that have a name instead of text."""
        self.prompt_tokens = len(ids)
        self.reused_tokens = 0
        self.completion_tokens = 0
        self.queued_seconds = 0.0
        self.prefill_seconds = 0.0
        self.decode_seconds = 0.0
        self.finish_reason: FinishReason | None = None
        self._stop_ids = model.tokenizer.stop_ids
        self._markers = markers
        self._generation: TextGeneration | None = None
        asked = perf_counter()
        mine = weakref.ref(self)  # the thread must not keep a stream alive that nobody reads

        def start(cancel: threading.Event) -> Iterator[tuple[int, str]]:
            generation = model.generate_text(ids, sampling, cancel, model.constrain(grammars))
            if (stream := mine()) is not None:
                stream.queued_seconds = perf_counter() - asked
                stream._generation = generation
            return generation

        self._items = thread.stream(start)

    async def __aiter__(self) -> AsyncIterator[Token]:
        with as_request_error():
            async for token, text in self._items:
                self._count()
                # A stop id says that the reply is over; it is no part of it, unless text was held back until then.
                if text or token not in self._stop_ids:
                    yield Token(token, text, "" if token in self._stop_ids else self._markers.get(token, ""))
        self._count()
        if self._generation is not None:
            self.finish_reason = self._generation.ids.finish_reason

    async def aclose(self) -> None:
        await self._items.aclose()
        self._count()

    def _count(self) -> None:
        if self._generation is None:
            return
        ids = self._generation.ids
        self.reused_tokens, self.completion_tokens = ids.reused_tokens, ids.completion_tokens
        self.prefill_seconds, self.decode_seconds = ids.prefill_seconds, ids.decode_seconds
