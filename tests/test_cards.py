"""A card is a test: its figures are recomputed, and every model in the repository has one."""

import json
import re

import numpy as np
import pytest

from course_utils import clip, judge, painters, particles, runtime
from course_utils.metrics.page_metrics import met
from course_utils.panels.measured import Again
from course_utils.picturebook.dataset import Pages
from course_utils.training import cards, exam, judges
from course_utils.training.examination import SEED
from course_utils.training.particles import evaluate
from course_utils.training.text import zero_shot

FOLDERS = sorted(path for path in runtime.MODELS.iterdir() if path.is_dir())
BUDGET = 80_000_000
QUESTIONS = 8  # of each exam, painted again
CARD = (runtime.MODELS / "particles" / "MODEL_CARD.md").read_text()


def table(card):
    """The figures of a card's table as {row: {column: (mean, error)}}."""
    lines = [line for line in card.splitlines() if line.startswith("|")]
    start = next(k for k, line in enumerate(lines) if line.startswith("| shape"))
    head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines[start:])
    figures = {}
    for name, *cells in rows:
        values = [tuple(map(float, re.findall(r"[\d.]+", cell))) for cell in cells]
        figures[name] = dict(zip(head[1:], values, strict=True))
    return figures


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_every_model_has_a_card_and_whole_weights(folder):
    card = (folder / "MODEL_CARD.md").read_text()
    for word in ("command", "licence", "Known failures", "seed"):
        assert word in card
    runtime.verify_checksums(folder)


def test_all_weights_stay_within_their_budget():
    assert sum(path.stat().st_size for path in runtime.MODELS.rglob("*.safetensors")) < BUDGET
    assert not list(runtime.MODELS.rglob("*.bin")) and not list(runtime.MODELS.rglob("*.p*kl*"))


@pytest.mark.parametrize(
    "prompt",
    [pytest.param(name, marks=pytest.mark.slow if k else ()) for k, name in enumerate(particles.SHAPES)],
)
@pytest.mark.long
def test_the_card_of_the_particles_tells_the_truth(prompt):
    """And the truth is: at most three times the floor, and little of the shape left out."""
    written, found = table(CARD), evaluate(particles.load(), prompt)
    assert list(written) == list(particles.SHAPES)
    for column, figure in found.items():
        mean, error = written[prompt][column]
        assert figure.mean == pytest.approx(mean, rel=0.05, abs=2 * error), column
    assert found["sliced Wasserstein"].mean <= 3 * found["its floor"].mean
    assert found["coverage"].mean >= 0.75


@pytest.mark.parametrize(("prompt", "place"), [("hi", 0), ("spiral", 1)])
@pytest.mark.long
def test_the_card_of_the_particles_tells_what_guidance_costs(prompt, place):
    """The two ends of the ranges of adherence and coverage at w = 4, recomputed."""
    told = " ".join(CARD.split("**Guidance costs", 1)[1].split("By w = 8", 1)[0].split())
    adherence, coverage = re.findall(r"(0\.\d+) to (0\.\d+)", told)
    found = evaluate(particles.load(), prompt, seeds=range(2), w=4.0)
    assert found["adherence"].mean == pytest.approx(float(adherence[place]), abs=0.03)
    assert found["coverage"].mean == pytest.approx(float(coverage[place]), abs=0.03)


def test_the_card_counts_the_parameters():
    count = sum(weight.numel() for weight in particles.load().network.parameters())
    assert f"{count:,} parameters" in CARD


# --- the picture book


@pytest.mark.parametrize("name", cards.FIGURES)
def test_a_card_shows_the_figures_that_were_measured(name):
    folder = runtime.MODELS / name
    card = (folder / cards.CARD).read_text()
    assert card.split(cards.BEGIN, 1)[1].split(cards.END, 1)[0].strip() == cards.FIGURES[name](folder)


@pytest.mark.graphs
@pytest.mark.parametrize("name", painters.BUILTIN)
@pytest.mark.parametrize("split", ["fresh", pytest.param("held_out", marks=pytest.mark.slow)])
def test_the_card_of_a_painter_tells_the_truth(name, split):
    """The first questions of the exam, painted again: the same are met as when the card was made."""
    figures = json.loads((runtime.MODELS / name / "figures.json").read_text())
    texts = exam.prompts(split)[:QUESTIONS]
    painter, seeds = painters.load(name), [SEED + k for k in range(QUESTIONS)]
    painted = painter.paint(texts, seed=seeds, **figures["settings"])
    again = Again(tuple(met(judge.load(), np.stack([one.pixels for one in painted]), texts)))
    assert again.agrees({"answers": figures[split]["answers"][:QUESTIONS]})


@pytest.mark.parametrize("which", judge.BACKBONES)
@pytest.mark.long
def test_the_card_of_the_judges_tells_the_truth(which):
    found = judges.measure(judge.load(which), Pages("fresh"), 200)
    for name, share in judge.accuracy(which)["fresh pages"].items():
        assert found[name] >= share - 0.015, name


@pytest.mark.long
def test_the_card_of_clip_tells_the_truth():
    folder = runtime.MODELS / "picturebook-clip"
    told = json.loads((folder / "zero_shot.json").read_text())
    found = zero_shot(*clip.load(), Pages("fresh"), 200)
    for name, share in told.items():
        assert found[name] == pytest.approx(share, abs=0.1), name


@pytest.mark.graphs
def test_a_painters_network_stays_small_enough_to_be_live():
    for name in painters.BUILTIN:
        assert sum(weight.numel() for weight in painters.load(name).network.parameters()) <= 8_300_000
