"""A resident model: the facade over weights, tokenizer and decode loop. One thread uses it at a time."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from inference_worker.engine.checkpoints.checkpoint import Checkpoint
from inference_worker.engine.constraint import Constraint, Grammars, is_installed
from inference_worker.engine.decode import Decoder, Generation
from inference_worker.engine.devices import Device
from inference_worker.engine.errors import EngineError
from inference_worker.engine.kv_cache import KvPrecision
from inference_worker.engine.memory import Measurement
from inference_worker.engine.prefix import Prefix
from inference_worker.engine.quantize.schemes import Precision
from inference_worker.engine.sampler import Sampler, Sampling, checkpoint_defaults
from inference_worker.engine.skeleton import Skeleton
from inference_worker.engine.split import SplitMap
from inference_worker.engine.text_stream import TextStream
from inference_worker.engine.tokenizers.base import Tokenizer

logger = logging.getLogger(__name__)

DEFAULTS = Sampling()
NO_INT8_CACHE = "this architecture has recurrent layers: what it remembers is not kept in int8"


@dataclass(frozen=True, slots=True)
class Info:
    """What is resident. Byte counts are of tensors that exist."""

    name: str
    path: str
    precision: Precision
    device: str
    device_name: str
    bytes: int
    bytes_elsewhere: int
    context: int
    group: int = 0
    """Columns that share a scale; 0 where the precision has no groups."""
    kv_cache: KvPrecision = "16bit"
    """As keys and values are really held."""
    family: str = "huggingface"
    notes: tuple[str, ...] = ()
    """What a person should know of this load, in plain English."""


class Model:
    """Made by :func:`inference_worker.engine.load_model`. After :meth:`close` nothing of it may be used."""

    def __init__(
        self,
        skeleton: Skeleton,
        checkpoint: Checkpoint,
        tokenizer: Tokenizer,
        precision: Precision,
        device: Device,
        context: int,
        group: int = 0,
        prefix: Prefix | None = None,
        kv_cache: KvPrecision = "16bit",
        measurement: Measurement | None = None,
        split: SplitMap | None = None,
    ) -> None:
        """``skeleton`` has been filled, as ``split`` says. ``measurement`` sees the first long prefill."""
        self.tokenizer = tokenizer
        self.defaults = checkpoint_defaults(checkpoint.generation_config)
        """Sampling where a caller leaves it open."""
        self._device = torch.device(device.main)
        self._vocabulary = int(skeleton.model.config.get_text_config().vocab_size)
        path = checkpoint.path.resolve()
        self._decoder = Decoder(skeleton.model, context, self._device, str(path), kv_cache, measurement, prefix)
        here, elsewhere = _count_bytes(skeleton.model, self._device, split)
        kept = self._decoder.kv_cache
        self.info = Info(
            name=path.name,
            path=str(path),
            precision=precision,
            device=device.main,
            device_name=device.name,
            bytes=here + (prefix.nbytes if prefix is not None else 0),
            bytes_elsewhere=elsewhere,
            context=context,
            group=group,
            kv_cache=kept,
            family=checkpoint.family,
            notes=(*checkpoint.notes, *skeleton.notes, *(() if kept == kv_cache else (NO_INT8_CACHE,))),
        )

    def logits(self, ids: Sequence[int]) -> np.ndarray:
        """float32 [len(ids), vocabulary]: after each id, the scores of what follows. The cache is left alone.

        Raises ``EngineError``: context_full, or broken_checkpoint where the scores are no numbers.
        """
        ids = self._checked(ids)
        if len(ids) > self.info.context:
            raise EngineError("context_full", tokens=len(ids), context=self.info.context)
        cache = self._decoder.empty_cache() if self._decoder.prefix is not None else None
        scores = self._decoder.compute(ids, cache, 0).float().cpu().numpy()
        if not np.isfinite(scores).all():
            reason = "the model computed values that are no finite numbers"
            raise EngineError("broken_checkpoint", path=self.info.path, reason=reason)
        return scores

    def generate(
        self, ids: Iterable[int], sampling: Sampling = DEFAULTS, cancel: threading.Event | None = None
    ) -> Generation:
        """The ids that follow ``ids``; a stop id is the last one handed out, as in transformers.

        The longest prefix that the previous call left in the cache is not computed again. Raises
        ``EngineError("context_full")`` at once where ``ids`` leave no room. A later call ends this one.
        """
        return self.generate_text(ids, sampling, cancel).ids

    def generate_text(
        self,
        ids: Iterable[int],
        sampling: Sampling = DEFAULTS,
        cancel: threading.Event | None = None,
        constraint: Constraint | None = None,
    ) -> TextGeneration:
        """The same with the text of each id, as far as it is certain by then; ``constraint`` is for this one alone."""
        prompt = self._checked(ids)
        sampling = sampling.filled_from(self.defaults)
        text = self.tokenizer.token_text_stream(prompt, sampling.stop)
        return TextGeneration(
            self._decoder, prompt, self._sampler(sampling, prompt), text, self.tokenizer, sampling, cancel, constraint
        )

    @property
    def unconstrained(self) -> str:
        """Why :meth:`constrain` never gives anything; empty where it may."""
        if not is_installed():
            return "llguidance is not installed"
        return "" if self.tokenizer.library is not None else "its tokenizer is of a kind of its own"

    def constrain(self, grammars: Sequence[str]) -> Constraint | None:
        """For one generation that is to begin as the first usable one of ``grammars`` says; ``None``: it cannot be."""
        if not grammars or self.unconstrained or self._grammars is None:
            return None
        return self._grammars.constraint(grammars)

    @cached_property
    def _grammars(self) -> Grammars | None:
        try:
            ends, others = self.tokenizer.stop_ids, self.tokenizer.special_ids | self.tokenizer.markers
            return Grammars(self.tokenizer.library, [*sorted(ends), *sorted(others - ends)], self._vocabulary)
        except Exception as error:  # noqa: BLE001 - a library reads a file of somebody else's, and this is a help only
            logger.info("the vocabulary cannot be constrained: %s", error)
            return None

    def close(self) -> None:
        """Give the memory back."""
        self._decoder.close()
        gc.collect()
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
        elif self._device.type == "mps":
            torch.mps.empty_cache()

    def _sampler(self, sampling: Sampling, prompt: list[int]) -> Sampler:
        return Sampler(sampling, prompt, self._vocabulary, self._device)

    def _checked(self, ids: Iterable[int]) -> list[int]:
        """Ids out of range would read foreign memory on some devices."""
        checked = [int(token) for token in ids]
        if not checked or min(checked) < 0 or max(checked) >= self._vocabulary:
            raise ValueError(f"ids must be a non-empty sequence of numbers below {self._vocabulary}")
        return checked


class TextGeneration(Iterator[tuple[int, str]]):
    """Pairs of an id and the text that became certain with it; ``ids`` carries counts, times and the finish reason."""

    def __init__(
        self,
        decoder: Decoder,
        prompt: list[int],
        sampler: Sampler,
        text: TextStream,
        tokenizer: Tokenizer,
        sampling: Sampling,
        cancel: threading.Event | None,
        constraint: Constraint | None = None,
    ) -> None:
        self._text = text
        self._piece = ""
        self._stop_ids = tokenizer.stop_ids
        self.ids = Generation(
            decoder,
            prompt,
            sampler,
            stop_ids=tokenizer.stop_ids,
            ends=self._ends,
            max_tokens=sampling.max_tokens,
            cancel=cancel,
            constraint=constraint,
        )

    def __next__(self) -> tuple[int, str]:
        self._piece = ""
        token = next(self.ids)
        if self.ids.finish_reason is not None and not self._text.stopped:
            self._piece += self._text.finish()
        return token, self._piece

    def close(self) -> None:
        self.ids.close()

    def _ends(self, token: int) -> bool:
        self._piece = self._text.push(token)
        return self._text.stopped


def _count_bytes(model: torch.nn.Module, device: torch.device, split: SplitMap | None) -> tuple[int, int]:
    """Bytes of all distinct tensors on ``device``, and of those anywhere else."""
    tensors = {
        (split.place(name) if split is not None else tensor.device, tensor.data_ptr(), tensor.nbytes): tensor.nbytes
        for name, tensor in (*model.named_parameters(), *model.named_buffers())
    }
    here = sum(size for (place, _, _), size in tensors.items() if _same(place, device))
    return here, sum(tensors.values()) - here


def _same(place: torch.device, device: torch.device) -> bool:
    return place.type == device.type and (place.index or 0) == (device.index or 0)
