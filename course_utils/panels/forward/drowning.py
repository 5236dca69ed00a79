"""Episode 1, the forward process: drown a picture, read the schedule, jump or walk, training pairs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import ipywidgets as widgets
import numpy as np
from numpy.typing import NDArray

from course_utils import charts, pictures, plots, schedules
from course_utils.languages import N_, tr
from course_utils.panels.base import Panel, choice, follow, player, row, seed_box, slider, views
from course_utils.runtime import generator
from course_utils.schedules import T_MAX, NoisePath, add_noise, schedule
from course_utils.widgets import CurveView, Film, PictureDrowner, Upload

SIZE = 256
UPLOAD = N_("your upload")
SHOWN_T = (0, 250, 500, 1000)
BEGIN = 100.0  # where the marker stands at first: the crossing is the learner's to find


def picture_noise(seed: int, size: int = SIZE) -> NDArray[np.float32]:
    """The noise a seed stands for: (size, size, 3) standard normal numbers."""
    import torch

    return torch.randn(size, size, 3, generator=generator(seed)).numpy()


def drown(picture: NDArray[np.uint8], seed: int, t: int, schedule: NoisePath) -> NDArray[np.uint8]:
    """The picture (side, side, 3) uint8 at timestep t in 0..1000, as uint8 again: what the drowner shows."""
    noise = picture_noise(seed, len(picture))
    return pictures.to_uint8(add_noise(pictures.to_unit(picture), noise, t, schedule))


def drown_panel(picture: str = "cat", seed: int = 7, schedule_name: str = "scaled-linear") -> Panel:
    """The main instrument: choose a picture and a seed, drag t, and watch it drown."""
    library = {name: pictures.load(name, SIZE) for name in pictures.names()}
    view = PictureDrowner(
        alt=tr("A picture sinking into noise, and the noise itself, at the timestep of the slider.")
    )
    which, seed_field = choice(tr("picture"), _named(library), picture), seed_box(seed)
    kind = choice(tr("schedule"), _named(schedules.SCHEDULES), schedule_name)
    upload = Upload(description=tr("upload your own"), alt=tr("Choose a picture file of your own to drown."))
    play, scrub = player("t", T_MAX, interval=30, step=5)
    follow(scrub, (view, "t"))
    panel = Panel(
        [row(play, scrub), view, row(which, seed_field, kind, upload)],
        alt=tr(
            "Drown it: the picture at timestep t, its signal and noise bars, the noise, and the schedule."
        ),
        still=lambda: _drowning_still(library[which.value], seed_field.value, schedule(kind.value)),
    )

    def choose_picture() -> None:
        view.set_picture(library[which.value])
        view.picture_name = tr(which.value)
        view.set_noise(picture_noise(seed_field.value))

    def choose_schedule() -> None:
        chosen = schedule(kind.value)
        view.set_schedule(tr(chosen.name), chosen.signal, chosen.noise_level)

    def take_upload(name: str, data: bytes) -> None:
        library[UPLOAD] = pictures.decode_upload(data, name, SIZE)
        which.options = _named(library)
        which.value = UPLOAD
        choose_picture()

    panel.repaint_on(choose_picture, which, seed_field)
    panel.repaint_on(choose_schedule, kind)
    upload.on_file(take_upload)
    return panel


def _named(names: Iterable[str]) -> list[tuple[str, str]]:
    """Options of a list: each name in the learner's language, and as it is called in code."""
    return [(tr(name), name) for name in names]


def _drowning_still(picture: NDArray[np.uint8], seed: int, schedule: NoisePath) -> bytes:
    figure, axes = plots.panes(len(SHOWN_T))
    for axis, t in zip(axes, SHOWN_T, strict=True):
        plots.picture(axis, drown(picture, seed, t, schedule), f"t = {t}")
    return plots.jpeg(figure)


def schedule_curves(name: str) -> dict[str, list[dict[str, object]]]:
    """The curves of one schedule over t: levels, signal-to-noise in decibels, and what stays constant."""
    chosen = schedule(name)
    t = np.arange(0, T_MAX + 1, 5)
    constant, label = chosen.constant
    inside = t[(t > 0) & (chosen.signal[t] > 0)]
    return {
        "levels": [
            {"name": tr("signal"), "role": "signal", "x": t, "y": chosen.signal[t]},
            {"name": tr("noise"), "role": "noise", "x": t, "y": chosen.noise_level[t], "dash": True},
            {"name": tr(label), "role": "muted", "x": t, "y": constant[t]},
        ],
        "decibels": [
            {"name": tr("signal to noise"), "role": "ink", "x": inside, "y": chosen.decibels[inside]}
        ],
    }


def schedule_panel(name: str = "scaled-linear") -> Panel:
    """Signal and noise of the four schedules, the line that never moves, and decibels, under one marker."""
    kind = choice(tr("schedule"), _named(schedules.SCHEDULES), name)
    levels = CurveView(
        title=tr("signal and noise level"), x_label="t", draggable=True, marker=BEGIN, y_range=[0, 1.2]
    )
    decibels = CurveView(title=tr("signal to noise, decibels"), x_label="t", marker=BEGIN, y_range=[-60, 60])
    levels.alt = tr("Signal falls and noise rises with t; they cross once.")
    decibels.alt = tr("The signal-to-noise ratio in decibels falls with t and is 0 where the curves cross.")
    widgets.jslink((levels, "marker"), (decibels, "marker"))
    panel = Panel(
        [row(kind), views(levels, decibels)],
        alt=tr("The schedule: signal and noise over t, and their ratio in decibels."),
        still=lambda: plots.png(charts.chart(**levels.chart), charts.chart(**decibels.chart)),
    )

    def redraw() -> None:
        curves = schedule_curves(kind.value)
        levels.series, decibels.series = curves["levels"], curves["decibels"]

    panel.repaint_on(redraw, kind)
    return panel


@dataclass(frozen=True)
class TwoWays:
    """The same timesteps reached in one jump and in small steps; pictures (k, h, w, 3) in -1..1."""

    t: tuple[int, ...]
    jumped: NDArray[np.float64]
    walked: NDArray[np.float64]


def two_ways(
    picture: NDArray[np.uint8], seed: int = 7, name: str = "scaled-linear", every: int = 100
) -> TwoWays:
    """Drown a picture (side, side, 3) at once and by a thousand small steps; keep every `every`-th state."""
    import torch

    chosen, clean = schedule(name), pictures.to_unit(picture)
    rng = generator(seed + 1)
    noise, walked = picture_noise(seed, len(picture)), clean
    kept, jumped = [clean], [clean]
    for t in range(1, T_MAX + 1):
        walked = schedules.forward_step(walked, torch.randn(clean.shape, generator=rng).numpy(), t, chosen)
        if t % every == 0:
            kept.append(walked)
            jumped.append(add_noise(clean, noise, t, chosen))
    return TwoWays(tuple(range(0, T_MAX + 1, every)), np.stack(jumped), np.stack(kept))


def two_ways_panel(ways: TwoWays) -> Panel:
    """Leaf through both drownings side by side; each label gives mean and spread of all its numbers."""
    books = [
        Film(title=title, alt=tr("The drowning picture, {title}.", title=title))
        for title in (tr("one jump"), tr("a thousand small steps"))
    ]
    for book, states in zip(books, (ways.jumped, ways.walked), strict=True):
        labels = [
            tr("t = {t}: mean {mean:+.2f}, spread {spread:.2f}", t=t, mean=state.mean(), spread=state.std())
            for t, state in zip(ways.t, states, strict=True)
        ]
        book.set_pictures(pictures.to_uint8(states), labels)
    scrub = slider(tr("hundreds of steps"), 0, len(ways.t) - 1, 3)
    follow(scrub, *((book, "index") for book in books))
    return Panel(
        [row(scrub), views(*books)],
        alt=tr("One jump beside a thousand small steps, the same t: the same kind of picture."),
        still=lambda: _two_ways_still(ways),
    )


def _two_ways_still(ways: TwoWays, k: int = 3) -> bytes:
    figure, axes = plots.panes(2)
    plots.picture(axes[0], pictures.to_uint8(ways.jumped[k]), tr("one jump to t = {t}", t=ways.t[k]))
    plots.picture(axes[1], pictures.to_uint8(ways.walked[k]), tr("{count} small steps", count=ways.t[k]))
    return plots.jpeg(figure)


@dataclass(frozen=True)
class TrainingPair:
    """One lesson for a denoiser: `noisy` and `t` ask, `noise` is the answer; (side, side, 3) both."""

    noisy: NDArray[np.float64]
    t: int
    noise: NDArray[np.float32]


def training_pairs(picture: NDArray[np.uint8], count: int = 8, seed: int = 0) -> list[TrainingPair]:
    """Draw lessons from one picture (side, side, 3): a random t and fresh noise each, the answer known."""
    rng, chosen, clean = np.random.default_rng(seed), schedule(), pictures.to_unit(picture)
    timesteps = rng.integers(1, T_MAX + 1, count)
    noises = [picture_noise(1000 * seed + k, len(picture)) for k in range(count)]
    return [
        TrainingPair(add_noise(clean, noise, int(t), chosen), int(t), noise)
        for t, noise in zip(timesteps, noises, strict=True)
    ]


def loss(guess: NDArray[np.floating], noise: NDArray[np.floating]) -> float:
    """The mark a denoiser gets: mean squared difference of guessed and true noise (Ho 2020, eq. 14).

    Arrays of any one shape; the result is a scalar.
    """
    return float(np.mean((guess - noise) ** 2))


def pairs_panel(pairs: list[TrainingPair]) -> Panel:
    """Leaf through training pairs: question on the left, answer on the right."""
    question = Film(
        title=tr("the question: x_t and t"), alt=tr("A noisy picture, as a denoiser is shown it.")
    )
    answer = Film(title=tr("the answer: the noise"), alt=tr("The noise that was mixed in."))
    question.set_pictures(
        pictures.to_uint8(np.stack([pair.noisy for pair in pairs])), [f"t = {pair.t}" for pair in pairs]
    )
    answer.set_pictures(pictures.to_uint8(np.stack([pair.noise / 3 for pair in pairs])), ["eps"] * len(pairs))
    scrub = slider(tr("pair"), 0, len(pairs) - 1, 0)
    follow(scrub, (question, "index"), (answer, "index"))
    return Panel(
        [row(scrub), views(question, answer)],
        alt=tr("Training pairs: a noisy picture and the noise in it."),
        still=lambda: _pairs_still(pairs),
    )


def _pairs_still(pairs: list[TrainingPair]) -> bytes:
    figure, axes = plots.panes(4)
    for k in range(2):
        plots.picture(axes[2 * k], pictures.to_uint8(pairs[k].noisy), tr("question, t = {t}", t=pairs[k].t))
        plots.picture(axes[2 * k + 1], pictures.to_uint8(pairs[k].noise / 3), tr("answer"))
    return plots.jpeg(figure)
