"""Episode 5, on pages: every dial of the painter under one hand, repainted while it moves."""

from __future__ import annotations

from course_utils import plots
from course_utils.painters import BUILTIN, Painting, Settings
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, choice, column, fine_slider, row, slider, text_field, views
from course_utils.panels.latest_only import LatestOnlyWorker
from course_utils.runcards.settings import GUIDANCE
from course_utils.runtime import counted
from course_utils.widgets import Film

SEEDS = 200


def live_panel(
    prompt: str = "a red boat at sea", other: str = "a blue owl in the snow", painter: str = "picturebook"
) -> Panel:
    """One page and all its dials; the picture follows the hand."""
    who = choice("painter", list(BUILTIN), painter)
    words, towards = text_field("prompt", prompt, "300px"), text_field("towards", other, "300px")
    blend, seed = slider("blend in %", 0, 100, 0), slider("seed", 0, SEEDS, 7)
    steps = slider("steps", 1, 60, page_painting.usual_steps(painter))
    guidance = fine_slider("guidance w", 0, 15, GUIDANCE, 0.02)
    film = Film(badge="learned", alt="The page for the dials as they stand.")

    def wanted() -> tuple[Settings, str]:
        asked = page_painting.settings(
            words.value,
            other=towards.value if blend.value else "",
            blend=blend.value / 100,
            seed=seed.value,
            steps=steps.value,
            guidance=guidance.value,
        )
        return asked, who.value

    def work(asked: tuple[Settings, str]) -> tuple[Painting, bool]:
        return page_painting.sketch(*asked)

    def show(found: tuple[Painting, bool]) -> str:
        painting, preview = found
        film.set_pictures(painting.pixels[None], [_price(painting)], preview=preview)
        return painting.remark

    panel = Panel(
        [row(words, towards), views(column(guidance, steps, seed, blend, who), film)],
        alt="All dials at once: guidance, steps, seed and a blend of two prompts.",
        still=lambda: _still(page_painting.paint(*wanted())),
    )

    def fit(name: str) -> None:
        """Let the dials reach as far as this painter goes."""
        guidance.min, guidance.max = page_painting.painter(name).dial
        steps.max = page_painting.painter(name).most_steps
        steps.value = page_painting.usual_steps(name)

    fit(painter)
    who.observe(lambda change: fit(change["new"]), "value")
    panel.asks(
        LatestOnlyWorker(work, show, panel.say, page_painting.busy([film])),
        wanted,
        *(words, towards, blend, seed, steps, guidance, who),
    )
    return panel


def _price(painting: Painting) -> str:
    asked = painting.settings
    return (
        f"w = {asked.guidance:g}, {counted(asked.steps, 'step')}, seed {asked.seed}: "
        f"{counted(painting.evaluations, 'evaluation')}, {painting.seconds:.2f}\u00a0s"
    )


def _still(painting: Painting) -> bytes:
    figure, axes = plots.panes(1, width=6, height=6)
    plots.picture(axes[0], painting.pixels, painting.settings.prompt)
    return plots.jpeg(figure)
