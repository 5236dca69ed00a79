"""One loop for every recipe: accelerate, resumable, the same from the same seed.

An objective is a module that holds what is trained and turns a batch into named losses. A batch is a function
of the numbers of its examples alone, so a run that was killed goes on as if nothing had happened, and two
processes see between them exactly what one would.
"""

from __future__ import annotations

import argparse
import csv
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from diffusers.training_utils import EMAModel
from torch import nn
from tqdm.auto import tqdm

from course_utils.runtime import ROOT, CourseError, best_device
from course_utils.training import muon

# COURSE_RUNS names a folder that outlives the checkout.
RUNS = Path(os.environ.get("COURSE_RUNS") or ROOT / "runs")

Batch = Any
Fetch = Callable[[int, Sequence[int]], Batch]  # (step, numbers of the examples) -> batch


@dataclass(frozen=True)
class Recipe:
    """How long and how fast: `rate` is the peak learning rate, reached after `warmup` steps and then let down
    along a cosine. `batch` counts the examples of a step over all processes. `muon` is a part of the names of
    the matrices that Muon trains (Liu 2025, arXiv 2502.16982), at the peak rate `muon_rate`; AdamW trains the
    rest; if empty, AdamW has all.
    """

    name: str
    steps: int
    batch: int
    rate: float
    warmup: int = 200
    seed: int = 0
    decay: float = 0.999  # of the moving average of the weights (EMA)
    weight_decay: float = 0.01
    save_every: int = 500
    precision: str = "bf16"
    muon: str = ""
    muon_rate: float = 1e-2

    @property
    def folder(self) -> Path:
        """Where checkpoints and losses go."""
        return RUNS / self.name

    def smoke(self, batch: int) -> Recipe:
        """The same recipe at a size that only shows whether it runs."""
        return replace(self, name=f"smoke/{self.name}", steps=4, batch=batch, save_every=2, precision="no")

    def share_of_rate(self, step: int) -> float:
        """The learning rate at a step (from 0) as a share of its peak."""
        rise = min(1.0, (step + 1) / max(1, self.warmup))
        return rise * 0.5 * (1 + math.cos(math.pi * min(1.0, step / self.steps)))


def run(
    recipe: Recipe, objective: nn.Module, fetch: Fetch, restart: bool = False, no_further: bool = False
) -> Any:
    """Train `objective` and return it with the averaged weights, from the last checkpoint if any.

    Returns None in every process but the first, which is the one that writes what was learned. `no_further`
    returns what the last checkpoint holds, for a look at a training that is still under way.

    `objective(batch)` returns named scalar losses, of which "loss" is minimised. Only parameters that require
    a gradient are trained and averaged.
    """
    accelerator = Accelerator(cpu=best_device() == "cpu", mixed_precision=precision(recipe))
    set_seed(recipe.seed)
    learned = [weight for weight in objective.parameters() if weight.requires_grad]
    optimisers = _optimisers(recipe, objective)
    schedules = [torch.optim.lr_scheduler.LambdaLR(one, recipe.share_of_rate) for one in optimisers]
    average = EMAModel(learned, decay=recipe.decay, use_ema_warmup=True, inv_gamma=10, power=0.75)
    wrapped, *optimisers = accelerator.prepare(objective, *optimisers)
    average.to(accelerator.device)
    accelerator.register_for_checkpointing(*schedules, average)
    first = _resume(accelerator, recipe.folder, restart)
    if first > recipe.steps:
        raise CourseError(f"{recipe.folder} holds a longer run than {recipe.steps} steps; add --restart.")

    bar = tqdm(
        range(first, first if no_further else recipe.steps),
        desc=recipe.name,
        initial=first,
        total=recipe.steps,
        disable=not accelerator.is_main_process,
        mininterval=2,
    )
    log = _Log(recipe.folder / "losses.csv", first) if accelerator.is_main_process else None
    wrapped.train()
    for step in bar:
        # Each process takes its slice of the step's examples; what is drawn at random follows the step.
        share = recipe.batch // accelerator.num_processes
        start = step * recipe.batch + accelerator.process_index * share
        torch.manual_seed(hash((recipe.seed, start)) % 2**63)
        losses = wrapped(fetch(step, range(start, start + share)))
        accelerator.backward(losses["loss"])
        accelerator.clip_grad_norm_(learned, 1.0)
        for optimiser, schedule in zip(optimisers, schedules, strict=True):
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
        average.step(learned)
        if log and log.add(step, losses):
            bar.set_postfix(log.latest, refresh=False)
        if (step + 1) % recipe.save_every == 0 or step + 1 == recipe.steps:
            _save(accelerator, recipe.folder, step + 1)
    accelerator.wait_for_everyone()
    average.copy_to(learned)
    trained = accelerator.unwrap_model(wrapped).eval() if accelerator.is_main_process else None
    accelerator.end_training()
    return trained


def precision(recipe: Recipe) -> str:
    """The recipe's, but "no" on a processor without instructions for bfloat16.

    It computes with it all the same, 16 times slower than with single precision (measured on AVX2, U-Net).
    """
    if best_device() != "cpu":
        return recipe.precision
    native = torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return recipe.precision if native else "no"


def take_over(module: nn.Module, earlier: Mapping[str, torch.Tensor]) -> None:
    """Begin with whatever of earlier weights has the same name and shape."""
    own = module.state_dict()
    same = {
        name: value.to(own[name].dtype)
        for name, value in earlier.items()
        if name in own and own[name].shape == value.shape
    }
    module.load_state_dict(same, strict=False)


def options(recipe: Recipe, arguments: Sequence[str] | None, about: str) -> argparse.Namespace:
    """Read the options that all recipes share."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--steps", type=int, default=recipe.steps)
    parser.add_argument("--seed", type=int, default=recipe.seed)
    parser.add_argument(
        "--smoke", action="store_true", help="a short run of a minute, to check that it works"
    )
    parser.add_argument("--restart", action="store_true", help="start over instead of resuming")
    parser.add_argument(
        "--no-further", action="store_true", help="write the weights of the last checkpoint and stop"
    )
    parser.add_argument("--out", type=Path, help="where the weights go")
    return parser.parse_args(arguments)


def _optimisers(recipe: Recipe, objective: nn.Module) -> list[torch.optim.Optimizer]:
    """AdamW, and before it Muon for the matrices that the recipe leaves to it."""
    named = {name: weight for name, weight in objective.named_parameters() if weight.requires_grad}
    turned = [
        name for name, weight in named.items() if weight.ndim == 2 and recipe.muon and recipe.muon in name
    ]
    rest = [weight for name, weight in named.items() if name not in turned]
    decay = recipe.weight_decay
    adam = torch.optim.AdamW(rest, lr=recipe.rate, weight_decay=decay, betas=(0.9, 0.99), fused=True)
    if not turned:
        return [adam]
    if precision(recipe) == "no":
        muon.stay_in_single_precision()
    matrices = [named[name] for name in turned]
    turning = torch.optim.Muon(
        matrices, lr=recipe.muon_rate, weight_decay=decay, adjust_lr_fn="match_rms_adamw"
    )
    return [turning, adam]


class _Log:
    """Losses, averaged over 50 steps, as a table that any plotting tool reads."""

    EVERY = 50

    def __init__(self, path: Path, first: int) -> None:
        self.path, self.began, self.sums, self.count = path, time.perf_counter(), {}, 0  # type: ignore[var-annotated]
        self.latest: dict[str, str] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        if first == 0:
            path.unlink(missing_ok=True)

    def add(self, step: int, losses: dict[str, torch.Tensor]) -> bool:
        for name, value in losses.items():
            self.sums[name] = self.sums.get(name, 0.0) + value.item()
        self.count += 1
        if self.count < self.EVERY:
            return False
        row = {name: f"{total / self.count:.5f}" for name, total in self.sums.items()}
        fresh = not self.path.exists()
        with self.path.open("a", newline="") as file:
            table = csv.DictWriter(file, ["step", "seconds", *row])
            if fresh:
                table.writeheader()
            table.writerow({"step": step + 1, "seconds": f"{time.perf_counter() - self.began:.0f}", **row})
        self.sums, self.count, self.latest = {}, 0, row
        return True


def _save(accelerator: Accelerator, folder: Path, step: int) -> None:
    """Write a checkpoint whole or not at all: into a new folder, which then takes the old one's place."""
    fresh = folder / "saving"
    accelerator.save_state(str(fresh))
    accelerator.wait_for_everyone()  # each process writes a part of its own
    if accelerator.is_main_process:
        (fresh / "step").write_text(str(step))
        final, old = folder / "checkpoint", folder / "old"
        _remove(old)
        if final.exists():
            final.rename(old)
        fresh.rename(final)
        _remove(old)
    accelerator.wait_for_everyone()


def _resume(accelerator: Accelerator, folder: Path, restart: bool) -> int:
    """Load the last checkpoint and return the steps it has behind it, 0 without one."""
    found = next((path for path in _checkpoints(folder) if (path / "step").exists()), None)
    if restart or found is None:
        return 0
    accelerator.load_state(str(found))
    return int((found / "step").read_text())


def _checkpoints(folder: Path) -> Iterator[Path]:
    yield from (folder / "checkpoint", folder / "old")


def _remove(folder: Path) -> None:
    if folder.exists():
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        folder.rmdir()
