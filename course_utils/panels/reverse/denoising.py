"""Episode 2, the reverse process: particles with three denoisers, a network trained live, and chance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from IPython.display import display

from course_utils import charts, metrics, particles, plots, sampling
from course_utils.guidance import classifier_free_guidance
from course_utils.panels import point_sampling
from course_utils.panels.base import (
    Panel,
    buttons,
    choice,
    drawing,
    follow,
    letters_field,
    player,
    row,
    seed_box,
    set_last,
    slider,
    tick,
    views,
)
from course_utils.panels.progress import progress, side_by_side_watched
from course_utils.runtime import counted, generator
from course_utils.schedules import schedule, trailing
from course_utils.training.particles import STEPS as TRAINING_STEPS
from course_utils.training.particles import train
from course_utils.widgets import Badge, LossView, ParticlePlayer
from course_utils.widgets.palette import SHAPES

BADGES = ("exact", "learned", "replay")
PUSHED, SKETCHED = 25, 150  # training steps between two looks at the loss, and at the cloud


@lru_cache(maxsize=24)
def reverse_run(
    badge: str, prompt: str, seed: int, steps: int, learned: particles.LearnedDenoiser | None = None
) -> point_sampling.Run:
    """A run from static to shape with the denoiser a badge names; `learned` replaces the shipped network."""
    if badge == "replay":
        return point_sampling.replayed(prompt, seed, steps)
    denoiser = learned if badge == "learned" and learned else point_sampling.DENOISERS[badge]()
    return point_sampling.paint(denoiser, prompt, seed, steps)


def particles_panel(
    prompt: str = "cat",
    badge: str = "exact",
    seed: int = 7,
    steps: int = point_sampling.STEPS,
    learned: particles.LearnedDenoiser | None = None,
) -> Panel:
    """The main instrument: 1,200 points on their way; `learned` lets your own network do the guessing."""
    known = learned.network.prompts[1:] if learned else tuple(particles.SHAPES)
    view = ParticlePlayer(alt="1,200 points walking from static to the chosen shape.", marked=0)
    shape, seed_field = choice("shape", known, prompt), seed_box(seed)
    letters = letters_field()
    who = buttons("denoiser", BADGES, badge)
    budget = slider("steps", 1, 100, steps, continuous_update=False)
    arrows, trails = tick("arrows: where each point is heading"), tick("trails", True)
    play, scrub = player("step", steps)
    follow(scrub, (view, "step"))
    follow(arrows, (view, "arrows"))
    follow(trails, (view, "trails"))

    def current() -> point_sampling.Run:
        word = f"'{letters.value.strip()}'" if letters.value.strip() else shape.value
        return reverse_run(who.value, word, seed_field.value, budget.value, learned)

    panel = Panel(
        [row(who), row(play, scrub), view, row(arrows, trails), row(shape, letters, seed_field, budget)],
        alt=f"1,200 particles: static becomes a {prompt} in {counted(steps, 'step')}.",
        still=lambda: run_still(current()),
    )

    def repaint() -> None:
        run = current()
        if view.n_frames != len(run.frames):
            set_last(play, scrub, len(run.frames) - 1)
        view.badge = run.badge
        view.set_run(run.frames, run.aims, run.target, run.labels, run.figures)

    panel.repaint_on(repaint, shape, letters, seed_field, who, budget)
    return panel


def badges_panel() -> Panel:
    """The three badges with what each of them means."""
    notes = {
        "exact": "knows the shape, and computes the best possible answer",
        "learned": "a trained network guesses: this is what an image generator is",
        "replay": "remembers the noise that was added and takes it off again: a trick",
    }
    chips = [Badge(kind=kind, note=note, alt=f"{kind}: {note}") for kind, note in notes.items()]

    rows = [(f"{SHAPES[kind]} {kind}", note) for kind, note in notes.items()]
    return Panel(
        chips,
        alt="; ".join(f"{kind} {note}" for kind, note in notes.items()),
        still=lambda: plots.png(charts.table(("badge", "meaning"), rows, list(notes))),
    )


def run_still(run: point_sampling.Run, shown: Sequence[float] = (0, 0.4, 0.7, 1)) -> bytes:
    """Four moments of a run as one picture."""
    figure, axes = plots.panes(len(shown))
    for axis, share in zip(axes, shown, strict=True):
        k = round(share * (len(run.frames) - 1))
        plots.cloud(axis, run.frames[k], run.target, run.labels[k], run.badge)
    return plots.png(figure)


@contextmanager
def live_training(
    steps: int, watch: str = "cat", title: str = ""
) -> Iterator[Callable[[Any, particles.PointNetwork], None]]:
    """Draw a training of `steps` steps while it runs in the block: its loss, and the cloud it would paint.

    Gives the function to be told each step's loss and the network, which learns the shape `watch` among
    others. An interrupt ends the block and nothing else: what the network has learned by then is kept.
    """
    view = LossView(title=title or f"watching {watch}", alt="The training loss and the cloud so far.")
    view.restart(steps, metrics.target(watch))
    display(view)
    losses: list[float] = []
    told, status = 0, "done"
    with progress("training", steps) as done:

        def tell(loss: Any, network: particles.PointNetwork) -> None:
            nonlocal told
            told += 1
            losses.append(float(torch.as_tensor(loss).detach()))
            done()
            sketched = told % SKETCHED == 0 or told == steps
            if sketched or told % PUSHED == 0:
                view.push(losses, _sketch(network, watch) if sketched else None, "training")
                losses.clear()

        try:
            yield tell
        except KeyboardInterrupt:
            status = "stopped early"
    view.push(losses, status=status)


def train_here(
    prompts: Sequence[str] = tuple(particles.SHAPES),
    watch: str = "cat",
    steps: int = TRAINING_STEPS,
    seed: int = 0,
) -> particles.LearnedDenoiser:
    """Train a network on the named shapes by the recipe of the shipped one, drawn as it learns.

    Interrupt it whenever you like: what it has learned by then is returned and works.
    """
    network = particles.PointNetwork(prompts)
    with live_training(steps, watch, f"learning {', '.join(prompts)}; watching {watch}") as tell:
        for done in train(prompts, steps, seed):
            network = done.network
            tell(done.loss, network)
    return particles.LearnedDenoiser(network)


def _sketch(network: particles.PointNetwork, prompt: str, count: int = 600, steps: int = 12) -> torch.Tensor:
    """A quick look at what the network would paint now, (count, 2)."""
    predict = classifier_free_guidance(particles.LearnedDenoiser(network).predict, prompt)
    *_, state = sampling.ddim(predict, point_sampling.start(0, count), trailing(steps), schedule())
    network.train()
    return state.x


@dataclass(frozen=True)
class Chance:
    """How far fresh noise on the way carries a cloud: mean distance between paired points, by eta."""

    etas: tuple[float, ...]
    apart: tuple[metrics.Estimate, ...]
    strangers: metrics.Estimate


def measure_chance(
    denoiser: particles.Denoiser,
    prompt: str = "cat",
    etas: Sequence[float] = (0, 0.1, 0.25, 0.5, 0.75, 1),
    seeds: Sequence[int] = range(4),
    steps: int = 30,
) -> Chance:
    """From one static, two walks with different step noise: how far apart do the same points end?

    Beside it `strangers`, the distance between results of two different statics.
    """

    def walk(seed: int, eta: float, step_seed: int) -> torch.Tensor:
        predict = classifier_free_guidance(denoiser.predict, prompt)
        *_, state = sampling.ddim(
            predict, point_sampling.start(seed), trailing(steps), schedule(), generator(step_seed), eta
        )
        return state.x

    def apart(eta: float) -> metrics.Estimate:
        return metrics.estimate(metrics.travel(walk(seed, eta, 1), walk(seed, eta, 2)) for seed in seeds)

    strangers = metrics.over_seeds(
        lambda seed: metrics.travel(walk(seed, 0, 1), walk(seed + 100, 0, 1)), seeds
    )
    return Chance(tuple(etas), tuple(side_by_side_watched("walking with every eta", apart, etas)), strangers)


def chance_panel(chance: Chance, prompt: str = "cat", seed: int = 7, steps: int = 20) -> Panel:
    """DDIM and DDPM from the same static, each twice with other step noise, and the measured curve."""
    drawn = {
        f"{name}, step noise {step_seed}": point_sampling.paint(
            point_sampling.shipped(), prompt, seed, steps, sampler=sampler, step_seed=step_seed
        )
        for name, sampler in (("DDIM", "ddim"), ("DDPM", "ddpm"))
        for step_seed in (1, 2)
    }
    players = [
        ParticlePlayer(title=title, badge="learned", trails=True, marked=0, alt=f"A walk with {title}.")
        for title in drawn
    ]
    for view, run in zip(players, drawn.values(), strict=True):
        view.set_run(run.frames, target=run.target, labels=run.labels)
    play, scrub = player("step", steps)
    follow(scrub, *((view, "step") for view in players))
    curve = charts.chart(
        [point_sampling.series("same static, other step noise", chance.etas, chance.apart)],
        "eta",
        "mean distance",
        "how far apart the same point ends",
        [{"name": "two different statics", "y": chance.strangers.mean}],
    )

    def still() -> bytes:
        figure, axes = plots.panes(len(drawn))
        for axis, (title, run) in zip(axes, drawn.items(), strict=True):
            plots.cloud(axis, run.result, run.target, title)
        return plots.png(figure, curve)

    return Panel(
        [row(play, scrub), views(*players), drawing(curve, "The distance grows from zero at eta 0.")],
        alt="From one static: DDIM ends where it ended before, DDPM elsewhere.",
        still=still,
    )
