"""Episode 3, on pages: one static under several prompts; what is left unsaid; steering halfway."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import ipywidgets as widgets
import numpy as np

from course_utils import charts, judge, metrics, plots
from course_utils.metrics.page_metrics import likeness, spread
from course_utils.painters import Painting, Settings
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, Shown, drawn, follow, player, row, seed_box, text_field, views
from course_utils.panels.latest_only import LatestOnlyWorker
from course_utils.picturebook.captions import in_style
from course_utils.widgets import Film

SEED = 7
CHIPS = (
    "a blue cat in snow",
    "a red boat at sea",
    "a sleeping white rabbit in the forest",
    "a cat astronaut in space, oil painting",
    "a cyberpunk dog",
    "a tabby cat on a windowsill, warm light",
)
SHORT = ("a cat", "a house", "a rocket", "a flower")  # the setting is left to the seed


def wheel_panel(prompts: Sequence[str] = CHIPS[:3], seed: int = SEED) -> Panel:
    """The main instrument on pages: three prompts, one static; chips fill the field touched last."""
    fields = [text_field(f"{k}", prompt, "auto") for k, prompt in enumerate(prompts, start=1)]
    for field in fields:
        field.layout.flex = "1 1 340px"  # so long that the longest chip can be read in it
    films = [
        Film(badge="learned", alt=f"The page painted for prompt {k}.") for k in range(1, len(prompts) + 1)
    ]
    seed_field, style = seed_box(seed), page_painting.style_choice()
    play, scrub = player("frame", page_painting.STEPS, interval=120)
    follow(scrub, *((film, "index") for film in films))
    chips = [widgets.Button(description=chip, layout={"width": "auto"}) for chip in CHIPS]

    def wanted() -> tuple[Settings, ...]:
        texts = (in_style(field.value, style.value) for field in fields)
        return tuple(page_painting.settings(text, seed=seed_field.value) for text in texts)

    def work(asked: tuple[Settings, ...]) -> list[Painting]:
        return [page_painting.paint(settings) for settings in asked]

    def show(paintings: list[Painting]) -> str:
        for film, painting in zip(films, paintings, strict=True):
            film.title = painting.settings.prompt
            film.set_pictures(page_painting.decoded(painting, "clean"), page_painting.labels(painting))
        scrub.value = page_painting.STEPS
        return " ".join(painting.remark for painting in paintings if painting.remark)

    suggested = row(*chips)
    suggested.layout.margin = "10px 0"
    panel = Panel(
        [row(*fields), row(play, scrub, style, seed_field), views(*films), suggested],
        alt="Same static, other destination: one seed under three prompts.",
        still=lambda: _pictures_still([(p.pixels, p.settings.prompt) for p in work(wanted())]),
    )
    panel.asks(
        LatestOnlyWorker(work, show, panel.say, page_painting.busy(films)), wanted, *fields, style, seed_field
    )
    for place, chip in enumerate(chips):
        target = fields[place % len(fields)]
        chip.on_click(lambda button, target=target: setattr(target, "value", button.description))
    return panel


def _pictures_still(pictures: Sequence[tuple[np.ndarray, str]]) -> bytes:
    figure, axes = plots.panes(len(pictures))
    for axis, (picture, title) in zip(axes, pictures, strict=True):
        plots.picture(axis, picture, title)
    return plots.jpeg(figure)


@dataclass(frozen=True)
class Openness:
    """What the noise decided: paintings of one prompt over seeds, and how often the judge saw what."""

    prompt: str
    paintings: np.ndarray
    shares: dict[str, dict[str, float]]
    spread: float


@lru_cache(maxsize=8)
def pages_of(prompt: str, seeds: Sequence[int], **more: object) -> np.ndarray:
    """One prompt painted from every seed, (seeds, 128, 128, 3); asked again, the same pages come back."""
    wanted = [page_painting.settings(prompt, seed=seed, **more) for seed in seeds]
    return page_painting.developed(page_painting.sheet(wanted))


def measure_openness(
    prompt: str,
    seeds: Sequence[int] = range(12),
    attributes: Sequence[str] = ("subject", "colour", "setting"),
    **more: object,
) -> Openness:
    """Paint one prompt from many seeds and let the judge count what came out."""
    paintings = pages_of(prompt, tuple(seeds), **more)
    verdicts = judge.load().read(paintings)
    shares = {}
    for name in attributes:
        counts = Counter(verdict.answers[name] or "nothing I know" for verdict in verdicts)
        shares[name] = {answer: count / len(paintings) for answer, count in counts.most_common()}
    return Openness(prompt, paintings, shares, spread(judge.load("features").describe(paintings)))


def chance_of(openness: Openness, attribute: str, fair: Mapping[str, float]) -> float:
    """How likely counts at least so far from fair ones are (Pearson's chi-square).

    `fair` says how often, to one another, the answers should come; pages with no such answer are left out.
    """
    from scipy.stats import chisquare  # takes half a second: not before somebody asks

    shares, seeds = openness.shares[attribute], len(openness.paintings)
    counts = np.array([round(shares.get(answer, 0) * seeds) for answer in fair])
    weights = np.array(list(fair.values()))
    return float(chisquare(counts, counts.sum() * weights / weights.sum()).pvalue)


def shares_panel(shares: Mapping[str, Mapping[str, float]], title: str) -> Shown:
    """Shares of what a judge saw, attribute by attribute."""
    return drawn(title, {title: charts.bars(shares, title)})


@dataclass(frozen=True)
class PageVibe:
    """Likeness of compositions: one seed under two prompts, and two seeds under two prompts."""

    same_seed: metrics.Estimate
    other_seed: metrics.Estimate


def measure_page_vibe(prompts: Sequence[str] = SHORT, seeds: Sequence[int] = range(6)) -> PageVibe:
    """Paint every prompt from every seed and compare compositions across prompts."""
    painted = {
        (prompt, seed): painting.pixels
        for prompt in prompts
        for seed, painting in zip(
            seeds,
            page_painting.sheet([page_painting.settings(prompt, seed=seed) for seed in seeds]),
            strict=True,
        )
    }
    couples = list(combinations(prompts, 2))
    return PageVibe(
        metrics.estimate(likeness(painted[a, seed], painted[b, seed]) for a, b in couples for seed in seeds),
        metrics.estimate(
            likeness(painted[a, seed], painted[b, seeds[(k + 1) % len(seeds)]])
            for a, b in couples
            for k, seed in enumerate(seeds)
        ),
    )


MIXTURES = 9


def blend_panel(one: str = "a red cat in the meadow", other: str = "a blue owl in the snow") -> Panel:
    """From one prompt to another in equal parts of their vectors; the slider moves in the browser."""
    first, second = text_field("from", one, "300px"), text_field("to", other, "300px")
    seed_field = seed_box(SEED)
    film = Film(badge="learned", alt="A page for every mixture of two prompts.")
    play, scrub = player("mixture", MIXTURES - 1, interval=300)
    follow(scrub, (film, "index"))

    def wanted() -> tuple[str, str, int]:
        return first.value, second.value, seed_field.value

    def show(paintings: list[Painting]) -> str:
        labels = [f"{k / (MIXTURES - 1):.0%} of the second" for k in range(MIXTURES)]
        film.set_pictures(page_painting.developed(paintings), labels)
        return paintings[0].remark

    panel = Panel(
        [row(first, second, seed_field), row(play, scrub), views(film)],
        alt="Blending two prompts.",
        still=lambda: _pictures_still([(p.pixels, "") for p in blended(*wanted())[::2]]),
    )
    work = LatestOnlyWorker(lambda asked: blended(*asked), show, panel.say, page_painting.busy([film]))
    panel.asks(work, wanted, first, second, seed_field)
    return panel


def blended(one: str, other: str, seed: int, count: int = MIXTURES) -> list[Painting]:
    """Paintings from one prompt to the other, `count` of them, all from one static."""
    shares = [k / (count - 1) for k in range(count)]
    return page_painting.sheet(
        [page_painting.settings(one, seed=seed, other=other, blend=share) for share in shares]
    )
