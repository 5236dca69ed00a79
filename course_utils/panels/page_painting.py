"""What the panels of all five episodes paint pages with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import ipywidgets as widgets
import numpy as np
import torch

from course_utils import painters
from course_utils.painters import SAMPLERS, Painting, Settings
from course_utils.panels.base import choice
from course_utils.panels.latest_only import check, preview_wanted
from course_utils.panels.progress import progress
from course_utils.picturebook.captions import SAID_OF_STYLES
from course_utils.runcards.settings import STEPS

FEW = 5  # steps that are painted quickly enough to follow a hand
FILM_STEPS = 20  # more than a page needs, for a film that runs smoothly

# Projections of the four latent channels onto red, green and blue, for looking at latents as they are.
_FALSE_COLOURS = torch.tensor([[0.5, 0.1, 0.1], [0.1, 0.5, 0.1], [0.1, 0.1, 0.5], [0.3, 0.3, -0.3]])


def painter(name: str = "picturebook") -> Any:
    """A painter that ships with the course."""
    return painters.load(name)


def watched_paint(who: Any, wanted: Settings | list[Settings], **more: Any) -> Any:
    """What `who` paints of `wanted`, with a bar where a cell waits for it; `more` goes to the painter."""
    several = wanted if isinstance(wanted, list) else [wanted]
    pictures = f"{len(several)} pages" if len(several) > 1 else "a page"
    prompts = {settings.prompt for settings in several}
    with progress(f"painting {pictures}{_of(prompts)}", several[0].steps) as done:

        def step() -> None:
            check()
            done()

        return who.paint(wanted, check=step, **more)


def _of(prompts: set[str]) -> str:
    return f" of '{prompts.pop()}'" if len(prompts) == 1 else ""


@lru_cache(maxsize=64)  # each with its trajectory: a quarter of a megabyte at 20 steps
def paint(settings: Settings, name: str = "picturebook") -> Painting:
    """Paint once; asked again, the same painting comes back."""
    return watched_paint(painter(name), settings)


def usual_steps(name: str = "picturebook") -> int:
    """How many steps a painter is meant to take."""
    return painter(name).defaults("a page").steps


def brisk(settings: Settings, name: str = "picturebook") -> tuple[Any, Settings, bool]:
    """Who paints, what, and whether it is a preview: in fewer steps while the slider behind it moves."""
    if preview_wanted():
        few = min(settings.steps, FEW, max(1, usual_steps(name) // 2))
        sketcher = painter(name).sketcher
        return sketcher, sketcher.sketched(settings, few), True
    return painter(name), settings, False


def sketch(settings: Settings, name: str = "picturebook") -> tuple[Painting, bool]:
    """Paint as `brisk` says; and whether it is a preview."""
    who, chosen, preview = brisk(settings, name)
    return (watched_paint(who, chosen) if preview else paint(settings, name)), preview


def sheet(wanted: Sequence[Settings], name: str = "picturebook") -> list[Painting]:
    """Paint several at once; they share steps, sampler and spacing."""
    return watched_paint(painter(name), list(wanted))


def developed(paintings: Sequence[Painting]) -> np.ndarray:
    """The pages of several paintings of one painter, (n, side, side, 3), decoded all at once."""
    return paintings[0].decode(torch.stack([painting.latent for painting in paintings]))


def decoded(painting: Painting, which: str) -> np.ndarray:
    """A track of the trajectory in pixels: (steps + 1, 128, 128, 3), the finished page last."""
    if not painting.trajectory:  # a redraw so slight that it had no step
        return painting.pixels[None]
    latents = torch.stack([getattr(state, which) for state in painting.trajectory])
    return np.concatenate([painting.decode(latents), painting.pixels[None]])


def false_colours(latents: torch.Tensor) -> np.ndarray:
    """Latents (n, 4, h, w) as coloured squares (n, h, w, 3) uint8: the small room as it is, undecoded."""
    mixed = torch.einsum("nchw,cd->nhwd", latents.float(), _FALSE_COLOURS.to(latents.device))
    return ((mixed / 3 + 0.5).clamp(0, 1) * 255).round().numpy().astype(np.uint8)


def labels(painting: Painting) -> list[str]:
    """One line a frame: the timestep it shows."""
    return [f"t = {state.t}" for state in painting.trajectory] + ["t = 0, finished"]


def settings(prompt: str, **more: Any) -> Settings:
    """Settings with the episode's usual number of steps."""
    return Settings(prompt, **{"steps": STEPS, **more})


def busy(views: Iterable[Any]) -> Callable[[bool], None]:
    """Something that marks views as waiting for the painter."""
    shown = list(views)

    def mark(waiting: bool) -> None:
        for view in shown:
            view.busy = waiting

    return mark


def sampler_choice(value: str = "ddim") -> widgets.Dropdown:
    """A list of all samplers."""
    return choice("sampler", list(SAMPLERS), value)


def style_choice(value: str = "") -> widgets.Dropdown:
    """A list of the styles that `captions.in_style` says at the end of a prompt."""
    return choice("style", [("as the words say", ""), *((said, said) for said in SAID_OF_STYLES)], value)
