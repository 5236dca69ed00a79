"""Episode 3, on pages: the machine at a glance, a map of one run with its real tensors at every station."""

from __future__ import annotations

import re
from collections.abc import Mapping

import ipywidgets as widgets

from course_utils import glossary, plots
from course_utils.painters import Settings
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, row, seed_box, text_field
from course_utils.panels.latest_only import LatestOnlyWorker
from course_utils.panels.steering import stations
from course_utils.panels.steering.stations import Station
from course_utils.widgets import MachineMap
from course_utils.widgets.machine_map import Stop

PROMPT, SEED = "a green owl with a hat in the forest", 7
SWAPS = (("green", "red"), ("forest", "desert"))  # an early word, and a late one
# The still's arrows; the loop, from the noise guess back to the latent, cannot be seen at rest.
_ARROWS = (
    *(("prompt", "tokens"), ("tokens", "vectors"), ("seed", "initial"), ("initial", "noisy")),
    *(("vectors", "noise"), ("noisy", "noise"), ("noise", "latent"), ("latent", "page")),
)

# What the map's parts are called, and which term of the glossary says what they are.
PARTS = {
    "tokenizer": "tokenizer",
    "text encoder": "text-encoder",
    "random numbers": "seed",
    "cross-attention": "cross-attention",
    "U-Net": "u-net",
    "sampler": "sampler",
    "VAE decoder": "vae",
}


def machine_panel(prompt: str = PROMPT, seed: int = SEED) -> Panel:
    """One run as a map; change the prompt or the seed, and what changed lights up."""
    words, seed_field = text_field("prompt", prompt), seed_box(seed)
    view = MachineMap(
        alt="The machine at a glance: prompt, tokens, vectors; seed, static; a loop of U-Net and sampler; "
        "last latent, VAE decoder, page.",
        terms={part: glossary.define(anchor) for part, anchor in PARTS.items()},
        step=page_painting.STEPS // 2,
    )
    last: dict[str, Mapping[str, Station]] = {}

    def wanted() -> Settings:
        return page_painting.settings(words.value, seed=seed_field.value)

    def show(found: tuple[Mapping[str, Station], list[str], str]) -> str:
        run, labels, remark = found
        news = stations.changes(last["run"], run) if last else {key: [] for key in run}
        last["run"] = run
        pictures = {key: station.pictures for key, station in run.items() if station.pictures is not None}
        view.set_run({key: _stop(station, news[key]) for key, station in run.items()}, pictures, labels)
        return remark

    chips = [_chip(f"{one} ⇄ {other}", f"swap one word: {one}, {other}") for one, other in SWAPS]
    another = _chip("another seed", "the next seed, the same prompt")
    panel = Panel(
        [row(words, seed_field), row(*chips, another), view],
        alt=view.alt,
        still=lambda: _still(stations.of_run(wanted())),
    )

    def swap(pair: tuple[str, str]) -> None:
        swapped = _swapped(words.value, *pair)
        if swapped == words.value:
            panel.say(f"The prompt says neither {pair[0]!r} nor {pair[1]!r}: change a word of it by hand.")
        words.value = swapped

    panel.asks(LatestOnlyWorker(_run, show, panel.say, page_painting.busy([view])), wanted, words, seed_field)
    for chip, pair in zip(chips, SWAPS, strict=True):
        chip.on_click(lambda _button, pair=pair: swap(pair))
    another.on_click(lambda _button: setattr(seed_field, "value", seed_field.value + 1))
    return panel


def _run(settings: Settings) -> tuple[Mapping[str, Station], list[str], str]:
    painting = page_painting.paint(settings)
    count = len(painting.trajectory)
    moments = enumerate(page_painting.labels(painting))
    labels = [f"step {step} of {count}, {moment}" for step, moment in moments]
    return stations.of_run(settings), labels, painting.remark


def _stop(station: Station, news: list[bool]) -> Stop:
    return Stop(
        station.name,
        station.what,
        station.shape,
        _defined(station.term),
        station.ranges,
        station.words,
        news,
        station.moves,
    )


def _defined(anchor: str) -> str:
    return f"{glossary.terms()[anchor].name}: {glossary.define(anchor)}"


def _chip(label: str, tooltip: str) -> widgets.Button:
    return widgets.Button(description=label, tooltip=tooltip, layout={"width": "auto"})


def _swapped(text: str, one: str, other: str) -> str:
    """A text with one word for the other, or the other for the one, or as it was."""
    swapped = re.sub(rf"\b{one}\b", other, text)
    return re.sub(rf"\b{other}\b", one, text) if swapped == text else swapped


def _still(run: Mapping[str, Station]) -> bytes:
    plan = (
        ("prompt", "tokens", "vectors", "vectors", "page"),
        ("seed", "initial", "noisy", "noise", "latent"),
    )
    figure, axes = plots.mosaic(plan, width=2.4, height=2.4)
    for key, axis in axes.items():
        station, title = run[key], f"{run[key].name}\n{run[key].shape}"
        if station.pictures is None:
            plots.words(axis, station.words, title)
        else:
            plots.picture(axis, station.pictures[len(station.pictures) // 2], title)
    for one, other in _ARROWS:
        plots.link(axes[one], axes[other])
    return plots.jpeg(figure)
