"""Episode 3, on pages: one static and one prompt in every style, and how sure each style is."""

from __future__ import annotations

from functools import lru_cache

from course_utils import judge, plots
from course_utils.metrics.estimates import Share, share
from course_utils.painters import Painting, Settings
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, follow, player, row, seed_box, text_field, views
from course_utils.panels.latest_only import LatestOnlyWorker
from course_utils.picturebook.captions import SAID_OF_STYLES, asked, in_style
from course_utils.widgets import Film, Gallery

PROMPT, SEED = "a cat astronaut floating in space", 7


def in_all_styles(prompt: str, seed: int) -> list[Settings]:
    """The same words and static, once for each style."""
    return [page_painting.settings(in_style(prompt, style), seed=seed) for style in SAID_OF_STYLES]


@lru_cache(maxsize=4)
def painted(prompt: str, seed: int) -> list[Painting]:
    """A page of each style; asked again, the same ones come back."""
    return page_painting.sheet(in_all_styles(prompt, seed))


def styles_panel(prompt: str = PROMPT, seed: int = SEED) -> Panel:
    """The wheel turns one seed through all styles: the slider changes nothing but the words for the style."""
    words, seed_field = text_field("prompt", prompt), seed_box(seed)
    film = Film(badge="learned", alt="One prompt from one static, style by style.")
    wall = Gallery(tile=110, alt="The same in all styles beside each other.")
    play, turn = player("style", len(SAID_OF_STYLES) - 1, interval=700)
    follow(turn, (film, "index"))

    def wanted() -> tuple[str, int]:
        return words.value, seed_field.value

    def show(paintings: list[Painting]) -> str:
        pages = page_painting.developed(paintings)
        film.set_pictures(pages, list(SAID_OF_STYLES))
        wall.set_pictures(pages, list(SAID_OF_STYLES))
        return paintings[0].remark

    panel = Panel(
        [row(words, seed_field), row(play, turn), views(film, wall)],
        alt="One seed through all styles.",
        still=lambda: _still(painted(*wanted())),
    )
    worker = LatestOnlyWorker(
        lambda asked: painted(*asked), show, panel.say, page_painting.busy([film, wall])
    )
    panel.asks(worker, wanted, words, seed_field)
    return panel


def measure_styles(prompt: str = PROMPT, seeds: range = range(6)) -> dict[str, Share]:
    """On how many pages of each style, one a seed, the judge sees that style."""
    reader, found = judge.load(), {}
    for style in SAID_OF_STYLES:
        text = in_style(prompt, style)
        pages = page_painting.sheet([page_painting.settings(text, seed=seed) for seed in seeds])
        seen = reader.read(page_painting.developed(pages))
        found[style] = share(verdict.answers["style"] == asked(text)["style"] for verdict in seen)
    return found


def _still(paintings: list[Painting]) -> bytes:
    figure, axes = plots.panes(len(paintings), width=2, height=2.2)
    for axis, painting, style in zip(axes, paintings, SAID_OF_STYLES, strict=True):
        plots.picture(axis, painting.pixels, style)
    return plots.jpeg(figure)
