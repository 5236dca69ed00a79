"""Train the point network: in notebook 2 while the learner watches, and for data/models/particles.

python -m course_utils.training.particles              writes the committed checkpoint
python -m course_utils.training.particles --figures    prints the table of its card
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm.auto import tqdm

from course_utils import metrics
from course_utils.guidance import classifier_free_guidance
from course_utils.particles import Denoiser, network, shapes
from course_utils.runtime import MODELS, CourseError, generator, threads
from course_utils.sampling import ddim, draw_noise
from course_utils.schedules import T_MAX, NoisePath, scaled_linear, trailing

STEPS = 1200
BATCH = 1024
POOL = 20_000  # points drawn of each shape to learn from
DROPPED = 0.15  # share of examples whose prompt is left out, so that guidance has something to start from
PEAK_RATE = 3e-3


@dataclass(frozen=True)
class Progress:
    """One training step: its number (from 1), its loss, and the averaged network so far."""

    step: int
    loss: float
    network: network.PointNetwork


def train(
    prompts: Sequence[str] = tuple(shapes.SHAPES),
    steps: int = STEPS,
    seed: int = 0,
    schedule: NoisePath | None = None,
    cores: int = 1,
) -> Iterator[Progress]:
    """Train a fresh network on the named shapes; yields after every step, so the caller may draw or stop.

    The loss is the plain regression of Ho 2020, eq. 14: |eps - network(x_t, t, prompt)|^2. Timesteps
    are drawn more often near clean, where fine detail is decided. One core by default: two
    gain little at this size, and one stays steady beside other programs. At least one step and one prompt.
    """
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise CourseError(f"A training takes a whole number of steps, at least 1, not {steps!r}.")
    if not prompts:
        raise CourseError("A training needs something to learn: name at least one shape.")
    schedule = schedule or scaled_linear()
    signal = torch.tensor(schedule.signal, dtype=torch.float32)
    noise_level = torch.tensor(schedule.noise_level, dtype=torch.float32)
    rng = generator(seed)
    pool = torch.stack([shapes.sample(name, POOL, rng) for name in prompts])  # (prompts, POOL, 2)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        student = network.PointNetwork(prompts)
    average = AveragedModel(student, multi_avg_fn=get_ema_multi_avg_fn(0.99))
    optimiser = torch.optim.AdamW(student.parameters(), lr=PEAK_RATE, weight_decay=0.0)
    cycle = max(steps, 20)  # the cycle's rise divides by zero at ten steps
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, total_steps=cycle, pct_start=0.1)
    for step in range(1, steps + 1):
        with threads(cores):
            which = torch.randint(len(prompts), (BATCH,), generator=rng)
            clean = pool[which, torch.randint(POOL, (BATCH,), generator=rng)]  # (BATCH, 2)
            t = (T_MAX * torch.rand(BATCH, generator=rng) ** 1.5).long() + 1
            noise = torch.randn(BATCH, 2, generator=rng)
            noisy = signal[t, None] * clean + noise_level[t, None] * noise
            dropped = torch.rand(BATCH, generator=rng) < DROPPED
            guess = student(noisy, t.float(), torch.where(dropped, 0, which + 1))
            loss = (guess - noise).square().mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            rate.step()
            average.update_parameters(student)
        yield Progress(step, loss.item(), cast(network.PointNetwork, average.module))


def evaluate(
    denoiser: Denoiser, prompt: str, seeds: Sequence[int] = range(5), steps: int = 60, w: float = 1.0
) -> dict[str, metrics.Estimate]:
    """Measure what a denoiser paints under a prompt, by DDIM with trailing steps, beside the floors."""
    ends = []
    for seed in seeds:
        start = draw_noise((shapes.COUNT, 2), generator(seed))
        predict = classifier_free_guidance(denoiser.predict, prompt, w)
        with threads(1):
            *_, state = ddim(predict, start, trailing(steps), scaled_linear())
        ends.append(state.x)

    def measured(measure: metrics.Distance) -> metrics.Estimate:
        return metrics.estimate(measure(end, metrics.target(prompt, k)) for k, end in enumerate(ends))

    return {
        "sliced Wasserstein": measured(metrics.sliced_wasserstein),
        "its floor": metrics.floor(metrics.sliced_wasserstein, prompt),
        "average distance": measured(metrics.average_distance),
        "floor": metrics.floor(metrics.average_distance, prompt),
        "coverage": measured(metrics.coverage),
        "adherence": measured(metrics.adherence),
    }


def print_figures(folder: Path) -> None:
    """Print the card's table of a saved network."""
    rows = {prompt: evaluate(network.load(folder), prompt) for prompt in shapes.SHAPES}
    head = ["shape", *next(iter(rows.values()))]
    print(f"| {' | '.join(head)} |\n{'|---' * len(head)}|")
    for prompt, figures in rows.items():
        print(f"| {prompt} | {' | '.join(map(str, figures.values()))} |")


def main(arguments: Sequence[str] | None = None) -> None:
    """Train and save the checkpoint that notebooks 3 to 5 start from."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--steps", type=int, default=5 * STEPS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=MODELS / "particles")
    parser.add_argument("--figures", action="store_true", help="print the table for its model card instead")
    options = parser.parse_args(arguments)
    if options.figures:
        print_figures(options.out)
        return
    started = time.perf_counter()
    bar = tqdm(train(steps=options.steps, seed=options.seed), total=options.steps, desc="training on shapes")
    for progress in bar:
        bar.set_postfix(loss=f"{progress.loss:.3f}", refresh=False)
    network.save(progress.network, options.out)
    seconds = time.perf_counter() - started
    print(f"{options.steps} steps in {seconds:.0f} s, last loss {progress.loss:.3f}: {options.out}")


if __name__ == "__main__":
    main()
