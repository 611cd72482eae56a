"""Train nyanko-mini from its corpus: seeded, resumable, on CPU (float32) or GPU. Run it with ``make mini``.

    python -m inference_worker.mini.train --steps 5000 --work .cache/mini --out resources/models/nyanko-mini

Every SAVE_EVERY steps the state is saved to ``--work``; the same command goes on from there. The learning rate warms
up, stays, and falls to zero over the last third, so a stopped run may be given more steps later. ``--start-from``
takes weights and tokenizer of an exported checkpoint for the first step, ``--pace`` scales the learning rates.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import time
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import GlmConfig, GlmForCausalLM

from inference_worker.mini.corpus.mix import CORPUS_VERSION, draw, texts
from inference_worker.mini.optimizer import Muon
from inference_worker.mini.samples import IGNORED, Encoder, Sample, batches
from inference_worker.mini.tokenizer import END, USER, id_of, save_tokenizer, train_tokenizer

CONTEXT = 1024
LONGEST = 448
SAVE_EVERY = 100
SEED = 20261121
TOKENIZER_SAMPLES = 60_000
MUON_RATE, ADAM_RATE = 0.012, 0.003
WARM_UP, FALL = 100, 0.35
SAMPLING = {"do_sample": True, "temperature": 0.3, "top_p": 0.9, "top_k": 40}
"""The checkpoint's own defaults: a model this small needs a cool head."""
TRAINED_TOOLS = ("calculate", "now", "remind")
"""Those of the corpus; any other one only confuses a model this small."""

log = logging.getLogger(__name__)


def shape(tokenizer: Tokenizer) -> GlmConfig:
    """GLM with partial rotary positions, grouped queries and tied embeddings; about 5 M parameters."""
    end, user = id_of(tokenizer, END), id_of(tokenizer, USER)
    return GlmConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=256,
        intermediate_size=640,
        num_hidden_layers=6,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=64,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        attention_bias=False,
        rms_norm_eps=1e-5,
        pad_token_id=end,
        bos_token_id=None,
        eos_token_id=[end, user],
    )


def pace(step: int, steps: int) -> float:
    """Factor of the learning rates at ``step`` of ``steps``: linear warm-up, flat, linear to zero."""
    return min(1.0, (step + 1) / WARM_UP, (steps - step) / (steps * FALL))


def padded(batch: list[Sample], pad: int, device: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and labels of a batch, int64 [samples, longest], filled on the right."""
    width = max(len(sample.ids) for sample in batch)
    ids = torch.full((len(batch), width), pad)
    labels = torch.full((len(batch), width), IGNORED)
    for row, sample in enumerate(batch):
        ids[row, : len(sample.ids)] = torch.tensor(sample.ids)
        labels[row, : len(sample.labels)] = torch.tensor(sample.labels)
    return ids.to(device), labels.to(device)


def loss_of(model: GlmForCausalLM, ids: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean cross entropy over the learned places; logits are made for those alone. Padding stands on the right, where
    a causal model cannot see it, so no mask is needed."""
    hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state
    learned = labels != IGNORED
    return torch.nn.functional.cross_entropy(model.lm_head(hidden[learned]), labels[learned])


class Run:
    """One training run: model, optimizers and the step it has reached."""

    def __init__(self, tokenizer: Tokenizer, steps: int, device: str, rates: float = 1.0) -> None:
        torch.manual_seed(SEED)
        self.steps, self.step, self.device = steps, 0, device
        self.model = GlmForCausalLM(shape(tokenizer)).to(device)
        matrices = [p for n, p in self.model.named_parameters() if p.ndim == 2 and "embed" not in n]
        rest = [p for n, p in self.model.named_parameters() if p.ndim != 2 or "embed" in n]
        self.optimizers: list[torch.optim.Optimizer] = [
            Muon(matrices, lr=MUON_RATE, decay=0.05),
            torch.optim.AdamW(rest, lr=ADAM_RATE, betas=(0.9, 0.98), weight_decay=0.0, fused=True),
        ]
        self.rates = [MUON_RATE * rates, ADAM_RATE * rates]

    def learn(self, ids: torch.Tensor, labels: torch.Tensor) -> float:
        """One step; returns its loss."""
        factor = pace(self.step, self.steps)
        for optimizer, rate in zip(self.optimizers, self.rates, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = rate * factor
        loss = loss_of(self.model, ids, labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad()
        self.step += 1
        return loss.item()

    def save(self, path: Path) -> None:
        """The whole state, replaced in one move so that a kill leaves the last good one."""
        state = {
            "step": self.step,
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
        }
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def start_from(self, checkpoint: Path) -> None:
        """Take the weights of an exported checkpoint of the same shape."""
        self.model.load_state_dict(load_file(checkpoint / "model.safetensors"), strict=False)
        self.model.tie_weights()

    def restore(self, path: Path) -> None:
        """Go on from a saved state; tensors only, nothing is unpickled."""
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.step = state["step"]
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)


def export(run: Run, tokenizer: Tokenizer, out: Path) -> None:
    """The shipped checkpoint: float16 safetensors, configuration, tokenizer, sampling defaults, and what made it."""
    save_tokenizer(tokenizer, out, context=CONTEXT)
    tensors = {name: p.detach().to("cpu", torch.float16).contiguous() for name, p in run.model.named_parameters()}
    made_by = {"format": "pt", "corpus_version": CORPUS_VERSION, "steps": str(run.step), "seed": str(SEED)}
    save_file(tensors, out / "model.safetensors", metadata=made_by)
    named = {"architectures": ["GlmForCausalLM"], "dtype": "float16", "corpus_version": CORPUS_VERSION}
    config = run.model.config.to_diff_dict() | named
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    generation = {"eos_token_id": config["eos_token_id"], "pad_token_id": config["pad_token_id"], **SAMPLING}
    (out / "generation_config.json").write_text(json.dumps(generation, indent=2) + "\n", "utf-8")
    (out / "nyanko.json").write_text(json.dumps({"tools": TRAINED_TOOLS}, indent=2) + "\n", "utf-8")


def obtain_tokenizer(work: Path, start_from: Path | None) -> Tokenizer:
    """The tokenizer of this run: the saved one, that of the checkpoint to start from, or a new one from the corpus."""
    path = work / "tokenizer.json"
    if start_from is not None:
        path = start_from / "tokenizer.json"
    elif not path.exists():
        tokenizer = train_tokenizer(texts(random.Random(SEED), TOKENIZER_SAMPLES))
        tokenizer.save(str(path))
    return Tokenizer.from_file(str(path))


def train(
    steps: int, work: Path, out: Path, *, tokens: int, device: str, start_from: Path | None = None, rates: float = 1.0
) -> None:
    """Train to ``steps``, going on from ``work`` where there is something, and export to ``out``."""
    work.mkdir(parents=True, exist_ok=True)
    tokenizer = obtain_tokenizer(work, start_from)
    run, state = Run(tokenizer, steps, device, rates), work / "state.pt"
    if state.exists():
        run.restore(state)
        log.info("going on from step %d", run.step)
    elif start_from is not None:
        run.start_from(start_from)
    log.info("%.2f M parameters", sum(p.numel() for p in run.model.parameters()) / 1e6)
    feed = batches(draw, Encoder(tokenizer), seed=SEED + run.step, tokens=tokens, longest=LONGEST)
    pad, mean, seen, since = id_of(tokenizer, END), 0.0, 0, time.monotonic()
    while run.step < steps:
        ids, labels = padded(next(feed), pad, device)
        loss = run.learn(ids, labels)
        mean, seen = (0.98 * mean + 0.02 * loss) if mean else loss, seen + ids.numel()
        if run.step % 20 == 0:
            log.info(
                "step %d loss %.4f mean %.4f tokens/s %.0f", run.step, loss, mean, seen / (time.monotonic() - since)
            )
        if run.step % SAVE_EVERY == 0:
            run.save(state)
    run.save(state)
    export(run, tokenizer, out)
    log.info("exported to %s", out)


def main() -> None:
    """Read the arguments and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=5000, help="2,350 made the shipped checkpoint")
    parser.add_argument("--tokens", type=int, default=6144, help="padded tokens in one batch")
    parser.add_argument("--work", type=Path, default=Path(".cache/mini"))
    parser.add_argument("--out", type=Path, default=Path("resources/models/nyanko-mini"))
    parser.add_argument("--start-from", type=Path, help="an exported checkpoint to take the first weights from")
    parser.add_argument("--pace", type=float, default=1.0, help="factor of the learning rates")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    train(
        chosen.steps,
        chosen.work,
        chosen.out,
        tokens=chosen.tokens,
        device=chosen.device,
        start_from=chosen.start_from,
        rates=chosen.pace,
    )


if __name__ == "__main__":
    main()
