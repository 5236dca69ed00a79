"""The recipes: they go on where they were stopped, repeat from their seed, and run end to end."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from fitting import RECIPE, fitted, points
from torch import nn

from course_utils import clip, judge, runtime
from course_utils.picturebook import scene
from course_utils.picturebook.captions import KNOWN_WORDS
from course_utils.picturebook.dataset import Pages
from course_utils.runtime import CourseError
from course_utils.training import (
    assemble,
    decoder,
    exam,
    fast,
    flow,
    judges,
    language,
    latents,
    loop,
    text,
    unet,
    vae,
    walks,
)


@pytest.fixture(autouse=True)
def runs(tmp_path, monkeypatch):
    """A folder of runs of the test's own."""
    monkeypatch.setattr(loop, "RUNS", tmp_path)
    return tmp_path


class Killed(Exception):
    """Stands for a plug that was pulled."""


@pytest.mark.parametrize(
    ("device", "native", "expected"), [("cpu", True, "bf16"), ("cpu", False, "no"), ("cuda", False, "bf16")]
)
def test_half_precision_is_used_where_it_is_no_slower(monkeypatch, device, native, expected):
    monkeypatch.setattr(loop, "best_device", lambda: device)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: True)
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: native)
    assert loop.precision(replace(RECIPE, precision="bf16")) == expected
    assert loop.precision(replace(RECIPE, precision="no")) == "no"


def killed_at(step):
    def fetch(now, numbers):
        if now == step:
            raise Killed
        return points(now, numbers)

    return fetch


def test_a_run_repeats_from_its_seed(runs):
    first = fitted()
    assert fitted(restart=True) == first


@pytest.mark.parametrize("step", [3, 4, 9])
@pytest.mark.parametrize("muon", ["", "line"])
def test_a_killed_run_goes_on_as_if_nothing_had_happened(runs, step, muon):
    whole = fitted(replace(RECIPE, muon=muon))
    killed = replace(RECIPE, name="killed", muon=muon)
    with pytest.raises(Killed):
        fitted(killed, killed_at(step))
    assert fitted(killed) == pytest.approx(whole, abs=1e-7)


def test_muon_turns_the_matrices_it_is_left_and_nothing_else():
    layers = nn.ModuleDict({"first": nn.Linear(3, 3), "blocks": nn.Linear(3, 3)})
    turned, rest = loop._optimisers(replace(RECIPE, muon="blocks"), layers)
    assert isinstance(turned, torch.optim.Muon) and turned.param_groups[0]["params"] == [
        layers["blocks"].weight
    ]
    assert len(rest.param_groups[0]["params"]) == 3


def test_a_checkpoint_torn_while_it_was_written_is_left_aside(runs):
    whole = fitted()
    with pytest.raises(Killed):
        fitted(replace(RECIPE, name="torn"), killed_at(9))
    folder = runs / "torn"
    (folder / "saving").mkdir()
    (folder / "saving" / "model.safetensors").write_bytes(b"half")
    (folder / "checkpoint").rename(folder / "old")
    assert fitted(replace(RECIPE, name="torn")) == pytest.approx(whole, abs=1e-7)


def test_a_finished_run_is_not_trained_again(runs):
    whole = fitted()

    def never(step, numbers):
        raise AssertionError

    assert fitted(fetch=never) == pytest.approx(whole, abs=1e-7)
    with pytest.raises(CourseError, match="longer run"):
        fitted(replace(RECIPE, steps=4))


def test_losses_are_logged_once_a_step(runs, monkeypatch):
    monkeypatch.setattr(loop._Log, "EVERY", 2)
    with pytest.raises(Killed):
        fitted(fetch=killed_at(9))
    fitted()
    with (runs / "line" / "losses.csv").open() as file:
        steps = [int(row["step"]) for row in csv.DictReader(file)]
    assert steps == sorted(set(steps)) and steps[-1] == 12


@pytest.mark.long
def test_two_processes_follow_the_curve_of_one(tmp_path):
    """The same examples, dealt out to two: their losses together are those of one, up to rounding."""
    program = tmp_path / "fit.py"
    program.write_text(
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from accelerate import debug_launcher\n"
        "import fitting\n"
        "def fit():\n"
        "    fitting.loop.RUNS = Path(sys.argv[2]); fitting.loop._Log.EVERY = 1\n"
        "    slope = fitting.fitted()\n"
        "    if slope is not None: print(slope)\n"
        "if __name__ == '__main__': debug_launcher(fit, num_processes=2)\n"
    )
    done = subprocess.run(
        [sys.executable, str(program), str(Path(__file__).parent), str(tmp_path / "two")],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert float(done.stdout.split()[-1]) == pytest.approx(fitted(), abs=1e-4)


def test_twins_differ_in_one_option_and_mostly_in_what_is_said_of_it():
    pages = Pages("train", 0)
    scenes, captions = text.twins(pages, range(100, 160))
    for first, second in zip(scenes[::2], scenes[1::2], strict=True):
        (changed,) = (name for name in scene.ATTRIBUTES if getattr(first, name) != getattr(second, name))
        assert changed in text.OPTIONS
        assert not (second.setting == "space" and second.time == "day")
    alike = [one == other for one, other in zip(captions[::2], captions[1::2], strict=True)]
    assert sum(alike) <= 2  # a caption may leave the option out however often it is told
    assert (scenes, captions) == text.twins(pages, range(100, 160))


def test_every_known_word_is_one_token_and_everything_else_can_be_said():
    words = text.tokenizer()
    assert words.model_max_length == clip.LENGTH == 32
    for word in KNOWN_WORDS:
        assert len(words(word).input_ids) == 3, word
    for strange in ("dinosaur", "café", "猫", "🙂", "a\x00b", "!?"):
        numbers = words(strange).input_ids
        assert len(numbers) > 2 and max(numbers) < len(words)
    assert words("CAT").input_ids == words("cat").input_ids


def test_captions_wear_out_but_keep_their_order():
    rng = np.random.default_rng(0)
    worn = [unet.worn("a red cat at sea", rng) for _ in range(2000)]
    assert 0.07 < np.mean([not caption for caption in worn]) < 0.13
    assert "a red cat at sea" in worn and "a cat at sea" in worn


@pytest.mark.long
def test_judges_learn_to_say_nothing():
    decoded = np.stack([Pages("train").page(k) for k in range(4)])
    seen = [judges.example(Pages("train", 1), decoded, number) for number in range(300)]
    nothing = len(judge.ATTRIBUTES["subject"])
    share = np.mean([answers[0] == nothing for _, answers in seen])
    assert 0.03 < share < 0.13
    for page, answers in seen:
        assert page.shape == (128, 128, 3) and len(answers) == len(judge.ATTRIBUTES)


def test_the_exam_was_written_before_and_stays():
    for split in ("fresh", "held_out"):
        assert exam.prompts(split) == exam.write_prompts(split)
        assert len(exam.prompts(split)) == exam.COUNT


@pytest.mark.slow
def test_every_recipe_runs_end_to_end(runs, monkeypatch):
    """From nothing to a painter that stock diffusers loads, at the smallest size."""
    monkeypatch.setattr(latents, "DECODED", 10)
    monkeypatch.setattr(latents, "cores", lambda: 1)  # every further process would import torch anew
    smoke_of = loop.Recipe.smoke
    few = {"steps": 2, "save_every": 1}
    monkeypatch.setattr(
        loop.Recipe, "smoke", lambda recipe, batch: replace(smoke_of(recipe, min(batch, 4)), **few)
    )
    smoke = runs / "smoke"
    vae.main(["--smoke"])
    vae.main(["--smoke", "--refine"])
    text.main(["--smoke"])
    options = [
        "--count",
        "20",
        "--vae",
        str(smoke / "vae" / "final"),
        "--out",
        str(smoke / "latents.safetensors"),
    ]
    latents.main(options)
    unet.main(["--smoke"])
    walks.main(["--count", "4", "--chunk", "2"])
    fast.main(["--smoke"])
    assert (smoke / "fast" / "final" / "config.json").exists()
    language.main(["--smoke"])
    flow.main(["--smoke"])
    assert (smoke / "flow" / "final" / "config.json").exists()
    for which in judge.BACKBONES:
        judges.main(["--which", which, "--smoke"])
        found = json.loads((smoke / f"judge-{which}" / "final" / f"{which}.json").read_text())
        assert set(found["fresh pages"]) == set(judge.ATTRIBUTES)
    decoder.main(["--smoke"])
    assert (smoke / "decoder" / "final" / "config.json").exists()
    monkeypatch.setattr(assemble, "ZERO_SHOT", 50)
    assemble.main(["--source", str(smoke), "--out", str(runs / "models")])
    assert {path.name for path in (runs / "models").iterdir()} == set(assemble.WRITERS)
    folder = runs / "models" / "picturebook"
    runtime.verify_checksums(folder)
    pipeline = StableDiffusionPipeline.from_pretrained(folder, safety_checker=None)
    pipeline.set_progress_bar_config(disable=True)
    assert pipeline("a cat", num_inference_steps=1).images[0].size == (128, 128)
    pair, words = clip.load(runs / "models" / "picturebook-clip")
    assert pair.of_tokens(clip.tokenise(words, ["a cat"])).norm().item() == pytest.approx(1, abs=1e-5)
