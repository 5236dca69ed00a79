"""Episode 3, on pages: the recipe of 2022 beside the recipe of 2026, same prompts, same seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ipywidgets as widgets
import numpy as np
import torch

from course_utils import judge, plots
from course_utils.metrics.page_metrics import CORE
from course_utils.painters import Painting, Settings
from course_utils.panels import measured, page_painting
from course_utils.panels.base import Panel, follow, player, row, seed_box, set_last, text_field, views
from course_utils.panels.latest_only import LatestOnlyWorker
from course_utils.panels.steering.wheel import CHIPS
from course_utils.panels.table import Table
from course_utils.runtime import generator
from course_utils.widgets import Film

THEN, NOW = "picturebook", "picturebook-flow"
PAINTERS = {THEN: "then (2022)", NOW: "now (2026)"}
PROMPT = "a green owl with a hat in the forest"


def then_now_panel(prompt: str = PROMPT, seed: int = 7) -> Panel:
    """One prompt, two painters: their clean guesses, step by step, from statics of one seed."""
    films = {
        name: Film(badge="learned", title=title, alt=f"Painted {title}.") for name, title in PAINTERS.items()
    }
    words, seed_field = text_field("prompt", prompt), seed_box(seed)
    play, scrub = player("frame", page_painting.STEPS, interval=120)
    follow(scrub, *((film, "index") for film in films.values()))

    def wanted() -> Settings:
        return page_painting.settings(words.value, seed=seed_field.value)

    def work(asked: Settings) -> list[Painting]:
        return [page_painting.paint(asked, name) for name in PAINTERS]

    def show(paintings: list[Painting]) -> str:
        for film, painting in zip(films.values(), paintings, strict=True):
            film.set_pictures(page_painting.decoded(painting, "clean"), page_painting.labels(painting))
        set_last(play, scrub, len(paintings[0].trajectory))
        scrub.value = scrub.max
        return paintings[0].remark

    panel = Panel(
        [
            row(words, seed_field),
            row(play, scrub),
            views(*films.values()),
            widgets.HTML(differences().html()),
        ],
        alt="Then and now: a U-Net with CLIP beside a flow-matching transformer with a language model.",
        still=lambda: _still(work(wanted())),
    )
    panel.asks(
        LatestOnlyWorker(work, show, panel.say, page_painting.busy(films.values())), wanted, words, seed_field
    )
    return panel


def differences() -> Table:
    """What differs, with the numbers of these two models."""
    then, now = (page_painting.painter(name) for name in PAINTERS)
    rows = [
        ("built as in", "Stable Diffusion 1.5", "FLUX.2, Qwen-Image, SD 3.5"),
        ("network", *(type(painter.network).__name__ for painter in (then, now))),
        ("its weights", *(f"{_weights(painter.network):,}" for painter in (then, now))),
        ("reads words with", *(type(painter.parts.text_encoder).__name__ for painter in (then, now))),
        ("the way there", "curved: signal² + noise² = 1", "straight: signal + noise = 1"),
        ("it guesses", "the noise eps", "the velocity eps - x0"),
        ("attention", "places look at words", "places and words look at one another"),
    ]
    return Table(rows, ("", *PAINTERS.values()))


def _weights(network: torch.nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


def _still(paintings: Sequence[Painting]) -> bytes:
    figure, axes = plots.panes(len(paintings))
    for axis, painting, title in zip(axes, paintings, PAINTERS.values(), strict=True):
        plots.picture(axis, painting.pixels, title)
    return plots.jpeg(figure)


def straightness(painting: Painting) -> float:
    """How straight a painting's way was: the distance from start to end over the length of its path, 0..1."""
    states = torch.stack([*(state.noisy for state in painting.trajectory), painting.latent])
    path = (states[1:] - states[:-1]).flatten(1).norm(dim=1).sum()
    return float((states[-1] - states[0]).norm() / path)


@dataclass(frozen=True)
class Ways:
    """How one painter goes about several prompts, 0 <= step < steps.

    `decided`, one a prompt, is the step from which on the judge reads subject, colour and setting off the
    clean guess as it will read them off the finished page; `straight` is how straight the way was, 0..1.
    """

    decided: tuple[int, ...]
    straight: tuple[float, ...]


def measure_ways(name: str, prompts: Sequence[str] = CHIPS, seed: int = 7) -> Ways:
    """Paint prompts, each from its own seed, at the guidance of the painter's card."""
    w = measured.figures(name)["settings"]["guidance"]
    wanted = [page_painting.settings(text, seed=seed + k, guidance=w) for k, text in enumerate(prompts)]
    paintings = page_painting.sheet(wanted, name)
    return Ways(tuple(map(_decided, paintings)), tuple(map(straightness, paintings)))


def _decided(painting: Painting) -> int:
    *guesses, finished = (
        [verdict.answers[attribute] for attribute in CORE]
        for verdict in judge.load().read(page_painting.decoded(painting, "clean"))
    )
    return max((step + 1 for step, guess in enumerate(guesses) if guess != finished), default=0)


def finish(beginning: str, seed: int = 7, most: int = 16) -> str:
    """Let the language model of the painter of now finish a caption, words drawn by its own chances."""
    words = page_painting.painter(NOW).parts.tokenizer
    tokens, dice = _tokens(beginning), generator(seed)
    for _ in range(most):
        drawn = torch.multinomial(_chances(tokens), 1, generator=dice)
        if int(drawn) == words.eos_token_id:
            break
        tokens = torch.cat([tokens, drawn[None]], dim=1)
    return words.decode(tokens[0]).strip()


def likely_next(beginning: str, count: int = 8) -> dict[str, float]:
    """The words the language model finds likeliest after a beginning, with their chances."""
    words, best = page_painting.painter(NOW).parts.tokenizer, _chances(_tokens(beginning)).topk(count)
    names = [words.decode([int(number)]).strip() or "(end)" for number in best.indices]
    return dict(zip(names, np.round(best.values.tolist(), 3).tolist(), strict=True))


def _tokens(beginning: str) -> torch.Tensor:
    words = page_painting.painter(NOW).parts.tokenizer
    return words(f" {beginning.lower().strip()}", return_tensors="pt").input_ids


def _chances(tokens: torch.Tensor) -> torch.Tensor:
    """Of every token to come next."""
    with torch.inference_mode():
        return page_painting.painter(NOW).parts.text_encoder(input_ids=tokens).logits[0, -1].softmax(-1)
