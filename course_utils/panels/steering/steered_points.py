"""Episode 3, prompt steering: one static, several destinations; what a seed keeps and a prompt changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import torch

from course_utils import charts, metrics, particles, plots, prompts
from course_utils.panels import point_sampling
from course_utils.panels.base import (
    Panel,
    Shown,
    drawn,
    follow,
    player,
    prompt_field,
    row,
    seed_box,
    tick,
    views,
)
from course_utils.panels.progress import side_by_side_watched, watched
from course_utils.widgets import ParticlePlayer

STEPS = 20
SEED = 7


@lru_cache(maxsize=64)
def destination(prompt: str, seed: int = SEED) -> point_sampling.Run:
    """Where the learned denoiser takes the static of a seed under a prompt."""
    return point_sampling.paint(point_sampling.shipped(), prompt, seed, STEPS)


def steering_panel(texts: Sequence[str] = ("cat", "heart", "star"), seed: int = SEED) -> Panel:
    """The main instrument: three prompts side by side, one static, one slider; one point is marked in all."""
    known = tuple(particles.SHAPES)
    fields = [prompt_field(f"prompt {k}", known, text) for k, text in enumerate(texts, start=1)]
    players = [
        ParticlePlayer(marked=0, badge="learned", alt=f"The cloud for prompt {k}.")
        for k in range(1, len(texts) + 1)
    ]
    seed_field, trails = seed_box(seed), tick("trails", True)
    play, scrub = player("step", STEPS)
    follow(scrub, *((view, "step") for view in players))
    follow(trails, *((view, "trails") for view in players))

    def readings() -> list[prompts.Reading]:
        return [prompts.read(field.value, known) for field in fields]

    panel = Panel(
        [row(*fields), row(play, scrub), views(*players), row(seed_field, trails)],
        alt="Same static, other destination: one cloud of static under three prompts.",
        still=lambda: _steering_still([reading.word for reading in readings()], seed_field.value),
    )

    def repaint() -> str:
        read = readings()
        for view, reading in zip(players, read, strict=True):
            run = destination(reading.word, seed_field.value)
            view.title = reading.word or "no prompt"
            view.set_run(run.frames, target=run.target, labels=run.labels)
        return " ".join(reading.remark for reading in read if reading.remark)

    panel.repaint_on(repaint, *fields, seed_field)
    return panel


def _steering_still(words: Sequence[str], seed: int) -> bytes:
    figure, axes = plots.panes(len(words) + 1)
    plots.cloud(
        axes[0], point_sampling.start(seed), title=f"the static of seed {seed}", role="noise", extent=3
    )
    for axis, word in zip(axes[1:], words, strict=True):
        run = destination(word, seed)
        plots.cloud(axis, run.result, run.target, word or "no prompt")
    return plots.png(figure)


@dataclass(frozen=True)
class Vibe:
    """Likeness of the places of paired points, over pairs of shapes: from one seed, and from two."""

    same_seed: metrics.Estimate
    other_seed: metrics.Estimate
    pairs: tuple[tuple[str, str, float], ...]


def measure_vibe(seeds: Sequence[int] = range(4), names: Sequence[str] = tuple(particles.SHAPES)) -> Vibe:
    """How alike are two results of one seed under different prompts, and two of different seeds?"""
    walks = [(name, seed) for name in names for seed in seeds]
    ends = side_by_side_watched("walking to every shape", lambda walk: destination(*walk).result, walks)
    results = dict(zip(walks, ends, strict=True))
    couples = list(combinations(names, 2))
    same = {
        couple: [metrics.likeness(results[couple[0], seed], results[couple[1], seed]) for seed in seeds]
        for couple in couples
    }
    other = [
        metrics.likeness(results[one, seed], results[two, seeds[(k + 1) % len(seeds)]])
        for one, two in couples
        for k, seed in enumerate(seeds)
    ]
    means = tuple((one, two, sum(values) / len(values)) for (one, two), values in same.items())
    return Vibe(
        metrics.estimate(v for values in same.values() for v in values), metrics.estimate(other), means
    )


@dataclass(frozen=True)
class Shares:
    """To which shape did the points of an unprompted cloud go? Mean share over seeds, by shape."""

    names: tuple[str, ...]
    shares: tuple[metrics.Estimate, ...]


def shares_of(cloud: torch.Tensor) -> list[float]:
    """Give every point (n, 2) to the shape with the nearest target point: each shape's share, in order."""
    targets = [metrics.target(name) for name in particles.SHAPES]
    distances = torch.stack([torch.cdist(cloud, target).min(dim=1).values for target in targets])
    return (torch.bincount(distances.argmin(dim=0), minlength=len(targets)) / len(cloud)).tolist()


def measure_shares(seeds: Sequence[int] = range(4), prompt: str = particles.NO_PROMPT) -> Shares:
    """Paint with a prompt, or with none, from several seeds, and count where the points went."""
    what = f"walking to {prompt or 'no prompt'}"
    by_seed = [shares_of(destination(prompt, seed).result) for seed in watched(what, seeds, len(seeds))]
    return Shares(
        tuple(particles.SHAPES), tuple(metrics.estimate(shares) for shares in zip(*by_seed, strict=True))
    )


def point_shares_panel(prompt: str, unprompted: Shares, prompted: Shares) -> Shown:
    """Where the points went with no prompt and with one, shape by shape."""
    series = {"no prompt": unprompted, prompt: prompted}
    by_shape = {
        name: {label: shares.shares[k].mean for label, shares in series.items()}
        for k, name in enumerate(unprompted.names)
    }
    title = "share of points nearest to each shape"
    words = "What you do not say, noise decides: shares of points by shape."
    return drawn(words, {title: charts.bars(by_shape, title)})
