"""The recipe that writes every committed figure: what it asks, how it counts, where it goes on."""

from __future__ import annotations

import json
from itertools import chain
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from course_utils import runtime, sampling
from course_utils.painters import BUILTIN, Settings
from course_utils.picturebook import captions, draw
from course_utils.picturebook.dataset import Pages
from course_utils.picturebook.scene import Scene
from course_utils.schedules import scaled_linear, trailing
from course_utils.training import examination, loop, measure
from course_utils.training.exam import OLD, TOLD, prompts
from course_utils.training.examination import SEED, Examination


class Recorder:
    """Stands for an examination: a result is what was asked for."""

    def __init__(self, name="picturebook", folder=None, count=7, some=5, library=9, many=11):
        self.painter, self.folder = SimpleNamespace(name=name), folder
        self.count, self.some, self.library, self.many = count, some, library, many
        self.points = {}

    def point(self, name, compute):
        found = compute()
        assert self.points.setdefault(name, found) == found, f"two points are kept as {name}"
        return found

    def marked(self, split, count, **settings):
        return {"split": split, "of": count, "asked": settings}

    def variety(self, seeds, **settings):
        return {"seeds": seeds, "asked": settings}

    def famous(self, seeds, **settings):
        return {"seeds": seeds, "asked": settings}

    def poor(self, text, count, **settings):
        return {"text": text, "of": count, "asked": settings}

    def takes(self, **settings):
        return self.painter.name == "picturebook" or not settings.get("negative")

    def paint(self, texts, **settings):
        return list(texts), settings

    def read(self, pages, texts):
        painted, settings = pages
        assert painted == texts
        return {"of": len(texts), "asked": settings}


class Drawing:
    """Stands for a painter: draws what a prompt asks for, or a grey fish in space without guidance."""

    name = "picturebook"

    def __init__(self):
        self.asked = []

    def paint(self, wanted):
        self.asked += wanted
        return [SimpleNamespace(latent=torch.tensor(self._page(one))) for one in wanted]

    def _page(self, settings):
        told = captions.asked(settings.prompt) if settings.guidance else {}
        place = {name: told[name] for name in ("subject", "colour", "setting") if name in told}
        return draw.draw(Scene(**{"subject": "fish", "colour": "gray", "setting": "space"} | place))

    def encode_image(self, page):
        return torch.tensor(page)

    def decode(self, latents):
        return latents.numpy()


@pytest.fixture
def drawing(monkeypatch):
    painter = Drawing()
    monkeypatch.setattr(examination.painters, "load", lambda name: painter)
    return painter


@pytest.fixture
def no_distances(monkeypatch):
    """Distances of features have tests of their own, and take a second each."""
    for module in (examination, measure):
        monkeypatch.setattr(module, "frechet", lambda one, other: float(len(one)))


def written(painter, what):
    return json.loads((runtime.MODELS / painter / f"{what}.json").read_text())


def dials(points):
    """What was set at each point of a curve."""
    return [
        {
            name: point[name]
            for name in ("steps", "guidance", "sampler", "rescale", "interval")
            if name in point
        }
        for point in points
    ]


# --- what is asked


def test_the_committed_curves_are_those_that_the_recipe_writes(no_distances):
    found, told = json.loads(json.dumps(measure.curves(Recorder()))), written("picturebook", "curves")
    assert found.keys() == told.keys() and found["samplers"].keys() == told["samplers"].keys()
    for name in ("guidance", "steps"):
        assert dials(found[name]) == dials(told[name]) and len(found[name]) > 5
    for sampler, points in found["samplers"].items():
        # The committed file is older than the second w: what it holds is the recipe's, in the same order.
        known = {point["guidance"] for point in told["samplers"][sampler]}
        same = [point for point in points if point["guidance"] in known]
        assert dials(same) == dials(told["samplers"][sampler])
        assert [p["evaluations"] for p in same] == [p["evaluations"] for p in told["samplers"][sampler]]
    for repair, points in found["repairs"].items():
        assert dials(points) == dials(told["repairs"][repair])
    assert [point["guidance"] for point in found["variety"]] == [p["guidance"] for p in told["variety"]]


def test_every_point_is_painted_as_it_is_labelled(no_distances):
    """... and kept under a name of its own, or a run that goes on would take one for another."""
    exam = Recorder()
    found = measure.curves(exam)
    several = [found["guidance"], found["steps"], *found["samplers"].values(), *found["repairs"].values()]
    for point in chain.from_iterable(several):
        assert (point["split"], point["of"]) == ("fresh", exam.some)
        assert point["asked"].items() <= point.items() and {"steps", "guidance"} <= point["asked"].keys()
    for point in found["variety"]:
        assert point["variety"]["asked"] == measure.DEFAULT | {"guidance": point["guidance"]}
    for cell in measure.plane(exam)["cells"]:
        assert cell["asked"] == {"steps": cell["steps"], "guidance": cell["guidance"]}
        assert cell["of"] == measure.PLANE_COUNT


def test_samplers_are_compared_at_what_they_pay(no_distances):
    for sampler, points in measure.curves(Recorder())["samplers"].items():
        assert {point["guidance"] for point in points} == set(measure.SAMPLER_DIALS) >= {2.0, 4.0}
        for point, most in zip(points, measure.EVALUATIONS * len(measure.SAMPLER_DIALS), strict=True):
            walk = sampling.SAMPLERS[sampler].walk
            x, timesteps = torch.ones(1, 2), trailing(point["steps"])
            *_, state = walk(lambda x, t: x, x, timesteps, scaled_linear(), torch.Generator())
            assert point["evaluations"] == 2 * state.evaluations <= most, (sampler, point["steps"])


def test_the_committed_plane_is_the_one_that_the_recipe_writes():
    found, told = measure.plane(Recorder())["cells"], written("picturebook", "plane")["cells"]
    assert dials(found) == dials(told)
    assert len({(cell["steps"], cell["guidance"]) for cell in found}) == len(found) > 50


@pytest.mark.parametrize("name", BUILTIN)
def test_the_committed_figures_are_those_that_the_recipe_writes(name, monkeypatch):
    monkeypatch.setattr(measure, "frechets", lambda exam, card: {"asked": card})
    monkeypatch.setattr(measure, "novelty", lambda exam, card: {"asked": card})
    found, told = measure.figures(Recorder(name)), written(name, "figures")
    assert found.keys() == told.keys() and found["settings"] == told["settings"] == measure.CARDS[name]
    assert found["frechet"]["asked"] == found["novelty"]["asked"] == found["settings"]
    asked = {beside: one["settings"] for beside, one in found["beside"].items()}
    for split in (*TOLD, *OLD):
        assert found[split] == {"split": split, "of": 7, "asked": found["settings"]}
    assert found["famous"] == {"seeds": 5, "asked": found["settings"]}
    for way, poor in found["poor"].items():
        assert poor == {"text": "a cat", "of": 7, "asked": found["settings"] | measure.POOR[way]}
    assert ("guided, with a negative prompt" in found["poor"]) == (name == "picturebook")
    # What was added to the recipe since it was last run may be missing.
    assert {beside: one["settings"] for beside, one in told["beside"].items()}.items() <= asked.items()
    for one in (found, *found["beside"].values()):
        for split in measure.BOTH:
            assert one[split] == {"split": split, "of": 7, "asked": one["settings"]}
        assert one["variety"] == {"seeds": measure.VARIETY_SEEDS, "asked": one["settings"]}


# --- how it is counted


def test_an_examination_tells_what_was_met_from_what_was_not(drawing, tmp_path, no_distances):
    exam = Examination("picturebook", tmp_path, count=9)
    met, deaf = (exam.marked("fresh", 9, guidance=w) for w in (4.0, 0.0))
    assert met["second"]["count"] == 9 and met["second"]["mean"] > 0.8 > 0.2 > deaf["second"]["mean"]
    assert sum(met["answers"]) > 7 and sum(deaf["answers"]) < 2 and len(met["answers"]) == 9
    assert set(met["by attribute"]) >= {"subject", "colour", "setting"}
    texts = prompts("fresh")[:9]
    assert drawing.asked[:9] == [Settings(text, seed=SEED + k, guidance=4.0) for k, text in enumerate(texts)]
    assert exam.variety(3, guidance=4.0)["mean"] == pytest.approx(0, abs=1e-4)  # it draws one page a prompt


def test_what_is_known_is_not_painted_again(drawing, tmp_path):
    counted = []

    def exam():
        return Examination("picturebook", tmp_path).point("one", lambda: counted.append(1) or {"mean": 0.5})

    assert exam() == exam() == {"mean": 0.5} and counted == [1]


def test_distances_are_those_of_fresh_pages_round_trips_and_paintings():
    """A VAE that loses nothing is as far off as real pages are; black pages are farther."""
    exam = SimpleNamespace(
        painter=Drawing(), many=12, paint=lambda texts, **_: np.zeros((len(texts), 128, 128, 3), np.uint8)
    )
    found = measure.frechets(exam, {})
    assert found["reconstructed"] == pytest.approx(found["real"], rel=1e-3)
    assert found["painted"] > 1.5 * found["real"] > 0


@pytest.mark.long
def test_novelty_tells_training_pages_from_others():
    def novelty(pages):
        exam = SimpleNamespace(
            count=6,
            library=30,
            answers=lambda split, count, **_: np.stack([pages.page(k) for k in range(count)]),
        )
        return measure.novelty(exam, {})

    learned_by_heart, fresh = novelty(Pages("train")), novelty(Pages("fresh", seed=3))
    assert learned_by_heart["painted"] == pytest.approx(0, abs=1e-3) and learned_by_heart["quotient"] < 0.01
    assert fresh["painted"] == pytest.approx(fresh["unseen"]) and fresh["quotient"] == pytest.approx(1)
    assert fresh["training pages"] == 30


# --- the command


@pytest.fixture
def command(tmp_path, monkeypatch):
    """The command with folders of the test's own, and a recorder in the place of the examination."""
    monkeypatch.setattr(measure, "MODELS", tmp_path)
    monkeypatch.setattr(loop, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(measure, "Examination", Recorder)
    monkeypatch.setattr(measure, "PARTS", {name: lambda exam, name=name: {name: exam.count} for name in "ab"})
    (tmp_path / "picturebook-fast").mkdir()
    return measure.main


@pytest.mark.parametrize(("only", "parts"), [([], ["a", "b"]), (["--only", "b"], ["b"])])
def test_the_command_writes_each_part_beside_the_weights(command, tmp_path, only, parts):
    command(["--painter", "picturebook-fast", "--questions", "3", *only])
    found = {path.stem: json.loads(path.read_text()) for path in (tmp_path / "picturebook-fast").iterdir()}
    assert found == {part: {part: 3} for part in parts}


def test_a_sheet_shows_real_pages_on_the_left(drawing, tmp_path, monkeypatch):
    monkeypatch.setattr(measure, "MODELS", tmp_path)
    monkeypatch.setattr(loop, "RUNS", tmp_path / "runs")
    measure.sheet(Examination("picturebook", tmp_path), tmp_path / "sheet.png", side=2)
    wall, pages = np.asarray(Image.open(tmp_path / "sheet.png")), Pages("fresh", seed=4)
    assert wall.shape == (256, 256 + 24 + 256, 3)
    assert (wall[:128, 128:256] == pages.page(1)).all() and (wall[128:, :128] == pages.page(2)).all()
    right = drawing.decode(drawing.paint([Settings(pages.caption(2), **measure.DEFAULT)])[0].latent)
    assert (wall[128:, 280 : 280 + 128] == right).all()
    assert not (tmp_path / "picturebook").exists()
