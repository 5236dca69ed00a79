"""Three denoisers behind three letters, dealt anew in every case: one of them replays."""

from __future__ import annotations

from functools import lru_cache
from random import Random

import torch

from course_utils import metrics, particles, plots, sampling
from course_utils.guidance import classifier_free_guidance
from course_utils.panels import point_sampling
from course_utils.panels.base import LABEL, Panel, buttons, row, seed_box, views
from course_utils.runtime import generator, threads
from course_utils.schedules import T_MAX, noise_from_clean, schedule, trailing
from course_utils.widgets import ParticlePlayer

LETTERS = "ABC"
CASES = (1, 2, 3)
REMEMBERED = 7  # the seed whose static the replay knows
STEPS = 20


def dealt(case: int) -> dict[str, str]:
    """Who hides behind which letter in a case: the same for everybody, so that a class can compare."""
    kinds = ["exact", "learned", "replay"]
    Random(f"line-up {case}").shuffle(kinds)
    return dict(zip(LETTERS, kinds, strict=True))


@lru_cache(maxsize=16)
def painted(kind: str, seed: int, prompt: str = "cat") -> torch.Tensor:
    """The cloud (n, 2) in which a denoiser of this kind ends, from the static of a seed."""
    if kind != "replay":
        return point_sampling.paint(point_sampling.DENOISERS[kind](), prompt, seed, STEPS).result
    # The noise it remembers is whatever leaves a cat when it is taken off the static it remembers.
    page, static, curve = (
        particles.sample(prompt, particles.COUNT, generator(REMEMBERED + 1)),
        point_sampling.start(REMEMBERED),
        schedule(),
    )
    trick = particles.ReplayDenoiser(page, noise_from_clean(static, page, T_MAX, curve), curve)
    with threads(point_sampling.CORES):
        *_, end = sampling.ddim(
            classifier_free_guidance(trick.predict, prompt),
            point_sampling.start(seed),
            trailing(STEPS),
            schedule(),
        )
    return end.x


def lineup_panel(case: int = 1, seed: int = REMEMBERED) -> Panel:
    """What the three make of one static; another case deals the letters anew."""
    players = [ParticlePlayer(title=letter, alt=f"The cloud of denoiser {letter}.") for letter in LETTERS]
    cases, static = buttons("case", [str(one) for one in CASES], str(case)), seed_box(seed)
    static.description, static.style = "static", LABEL

    def clouds() -> dict[str, torch.Tensor]:
        return {letter: painted(kind, static.value) for letter, kind in dealt(int(cases.value)).items()}

    def repaint() -> None:
        for player, cloud in zip(players, clouds().values(), strict=True):
            player.set_run(cloud[None], None, metrics.target("cat"), [f"static {static.value}"])

    def still() -> bytes:
        figure, axes = plots.panes(len(LETTERS))
        for axis, (letter, cloud) in zip(axes, clouds().items(), strict=True):
            plots.cloud(axis, cloud, metrics.target("cat"), letter, "ink")
        return plots.png(figure)

    panel = Panel([row(cases, static), views(*players)], alt="Three denoisers and one static.", still=still)
    panel.repaint_on(repaint, cases, static)
    return panel
