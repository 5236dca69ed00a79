"""The recipes: they go on where they were stopped, repeat from their seed, and run end to end."""

from __future__ import annotations

import csv
import importlib
import inspect
import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline
from fitting import RECIPE, fitted, points
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional
from torch.optim import _muon
from transformers import CLIPTextModel, CLIPTokenizerFast

from course_utils import clip, judge, runtime
from course_utils.picturebook import scene
from course_utils.picturebook.captions import KNOWN_WORDS, asked
from course_utils.picturebook.dataset import Pages
from course_utils.picturebook.draw import draw, draw_backdrop
from course_utils.runtime import CourseError
from course_utils.training import (
    assemble,
    attention,
    decoded,
    decoder,
    dropout,
    everything,
    exam,
    fast,
    flow,
    judges,
    kept,
    language,
    latents,
    likeness,
    loop,
    muon,
    text,
    tokens,
    twins,
    unet,
    vae,
    walks,
)


@pytest.fixture(autouse=True)
def runs(tmp_path, monkeypatch):
    """A folder of runs of the test's own."""
    monkeypatch.setattr(loop, "RUNS", tmp_path)
    monkeypatch.setenv("COURSE_RUNS", str(tmp_path))  # for processes that a recipe starts
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


def painter_with_a_batch(recipe):
    """What the recipe of a painter trains, its objective and two examples."""
    torch.manual_seed(0)
    if recipe is flow:
        network, noisy = flow.build(), torch.randn(2, 16, 8, 8)
        tokens = torch.randint(0, 99, (2, 40))
        return network, flow.Regression(network, language.build(100), None), (noisy, tokens, None)
    network, reader = unet.build(), CLIPTextModel(clip.build(100, 99).text.config)
    noisy, tokens = torch.randn(2, 4, 16, 16), torch.randint(0, 99, (2, 40))
    if recipe is unet:
        return network, unet.Regression(network, reader), (noisy, tokens)
    student, levels, w = fast.student_of(network), torch.tensor([100, 700]), torch.tensor([0.0, 6.0])
    states = {"noisy": noisy, "end": noisy, "level": levels, "w": w, "tokens": tokens}
    return student, fast.Leap(student, reader), states


@pytest.mark.parametrize("recipe", [unet, fast, flow])
def test_painters_learn_by_plain_attention_the_same_as_by_the_fused_one(recipe, monkeypatch):
    """The fused one's way back, slow on a processor, is never taken; loss and gradient are the same."""
    network, objective, batch = painter_with_a_batch(recipe)

    def learned():
        torch.manual_seed(1)
        with torch.profiler.profile() as profile:
            loss = objective(batch)["loss"]
            objective.zero_grad()
            loss.backward()
        fused = sum("scaled_dot_product" in one.name and "backward" in one.name for one in profile.events())
        gradient = torch.cat([weight.grad.flatten() for weight in network.parameters()])
        return fused, loss.item(), gradient

    fused, loss, gradient = learned()
    monkeypatch.setattr(attention, "_is_plain", lambda *_, **__: False)
    others, same, alike = learned()
    assert fused == 0 < others
    assert loss == pytest.approx(same, rel=1e-4)
    assert (gradient - alike).norm() < 1e-3 * alike.norm()


def test_plain_attention_leaves_alone_what_asks_for_more():
    """A mask or another scale is not lost on the way."""
    query, key, value = torch.randn(3, 2, 4, 5, 8)
    mask = torch.tensor([True, True, False, True, True]).expand(5, 5)
    for more in ({}, {"attn_mask": mask}, {"scale": 3.0}, {"is_causal": True}):
        right = functional.scaled_dot_product_attention(query, key, value, **more)
        with attention.PlainAttention():
            found = functional.scaled_dot_product_attention(query, key, value, **more)
        assert torch.allclose(found, right, atol=1e-5), more


def is_seen(one):
    """Whether training may see a page."""
    return not (
        scene.is_held_out(one.subject, one.colour, one.setting)
        or scene.is_held_out_pair(one.subject, one.style)
    )


def test_twins_differ_in_one_option_and_nothing_held_out_comes_of_it():
    pages, others = kept.KeptPages("train"), twins.Twins("train")
    options = set()
    for number in range(300):
        first, second = pages.scene(number), others.scene(number)
        (changed,) = (name for name in scene.ATTRIBUTES if getattr(first, name) != getattr(second, name))
        options.add(changed)
        assert is_seen(second) and not (second.setting == "space" and second.light != "night")
    assert options == set(twins.OPTIONS)


def test_couples_are_kept_and_mostly_told_apart(runs):
    numbers = range(100, 110)
    shown, captions = twins.couples(kept.KeptPages("train"), numbers)
    alike = [one == other for one, other in zip(captions[::2], captions[1::2], strict=True)]
    assert sum(alike) <= 1  # a caption may leave the option out however often it is told
    assert all(not np.array_equal(one, other) for one, other in zip(shown[::2], shown[1::2], strict=True))
    assert len(list(runs.rglob("*.png"))) == len(numbers)
    again, otherwise = twins.couples(kept.KeptPages("train"), [number + kept.COUNT for number in numbers])
    assert np.array_equal(again, shown) and otherwise != captions  # the next lap: same pages, other words
    assert len(list(runs.rglob("*.png"))) == len(numbers)


def pieces(words, text):
    """How many tokens a text takes, without the marks of start and end."""
    if isinstance(words, CLIPTokenizerFast):
        return len(words(text).input_ids) - 2
    return len(words(f" {text}").input_ids)


@pytest.fixture(scope="module", params=[text, language], ids=["CLIP", "Qwen"])
def words(request):
    return request.param.tokenizer()


def test_every_known_word_is_one_token_and_everything_else_can_be_said(words):
    assert words.model_max_length == clip.LENGTH == language.LENGTH == 40
    for word in filter(str.isalpha, KNOWN_WORDS):
        assert pieces(words, word) == 1, word
    for strange in ("dinosaur", "café", "猫", "🙂", "a\x00b", "!?"):
        numbers = words(strange).input_ids
        assert numbers and max(numbers) < len(words)


def test_common_nouns_that_the_world_does_not_know_are_short(words):
    """In the median at most three tokens; none of them helped to find the sub-words."""
    nouns = (runtime.DATA / "vocabulary" / "nouns.txt").read_text().split()
    assert len(nouns) == 500 and not set(nouns) & {*KNOWN_WORDS, *tokens.common_words()}
    assert np.median([pieces(words, noun) for noun in nouns]) <= 3
    assert not set(KNOWN_WORDS) & set(tokens.common_words())


def test_captions_have_room_with_an_unknown_word_in_them(words):
    pages, rng = Pages("train"), np.random.default_rng(0)
    longest = max((pages.caption(number) for number in range(500)), key=len)
    for word in rng.choice(tokens.common_words(), 100):
        assert pieces(words, f"{longest} {word}") <= clip.LENGTH - 2


def test_captions_are_dropped_but_keep_their_order():
    rng = np.random.default_rng(0)
    left = [dropout.drop_caption("a red cat at sea", rng) for _ in range(2000)]
    assert 0.07 < np.mean([not caption for caption in left]) < 0.13
    assert "a red cat at sea" in left and "a cat at sea" in left


def test_unknown_words_come_into_one_caption_in_ten_anywhere():
    rng, caption = np.random.default_rng(0), "a red cat"
    typed = [dropout.add_unknown_word(caption, rng).split() for _ in range(2000)]
    more = [one for one in typed if len(one) == 4]
    assert 0.07 < len(more) / len(typed) < 0.13 and all(len(one) in (3, 4) for one in typed)
    places = set()
    for one in more:
        (place,) = (k for k, word in enumerate(one) if word not in caption.split())
        places.add(place)
        assert one[place] in tokens.common_words()
        assert [*one[:place], *one[place + 1 :]] == caption.split()
    assert places == {0, 1, 2, 3}
    assert all(dropout.add_unknown_word("", rng) == "" for _ in range(100))


def test_sentences_ask_for_what_they_are_meant_to():
    """One for each answer, but for "none" of the details, whose page is not asked for."""
    for name, sentences in text.SENTENCES.items():
        assert set(sentences) == {*scene.ATTRIBUTES[name]} - {"none"}
        for answer, sentence in sentences.items():
            assert asked(sentence) == {name: answer}
    assert set(text.SENTENCES) == set(scene.ATTRIBUTES)


@pytest.mark.long
def test_judges_learn_to_say_nothing(monkeypatch):
    """On pages without a subject, and with two; never is a page drawn that training may not see."""
    drawn = []
    blank = np.zeros((128, 128, 3), np.uint8)
    monkeypatch.setattr(judges, "draw", lambda other: drawn.append(other) or blank)
    monkeypatch.setattr(kept.KeptPages, "page", lambda pages, index: blank)
    seen = [judges.example(kept.KeptPages("train"), [blank] * 4, number) for number in range(600)]
    nothing = len(judge.ATTRIBUTES["subject"])
    share = np.mean([answers[0] == nothing for _, answers in seen])
    assert 0.03 < share < 0.13
    assert all(map(is_seen, drawn)) and len(drawn) > 10
    quality = list(judge.ATTRIBUTES).index("quality")
    for page, answers in seen:
        assert page.shape == (128, 128, 3) and len(answers) == len(judge.ATTRIBUTES)
        if answers[0] == nothing:  # then nobody can tell whether the subject is cut off
            assert answers[quality] != judge.ATTRIBUTES["quality"].index("cut off")


def test_a_judge_of_another_world_is_refused(tmp_path):
    old = judge.Judge("first")
    judge.save(old, tmp_path)
    assert judge.read("first", tmp_path).which == "first"
    save_file(old.state_dict(), tmp_path / "first.safetensors")
    with pytest.raises(CourseError, match="learned another world"):
        judge.read("first", tmp_path)


def test_everything_runs_once_and_goes_on_after_a_stop(runs, monkeypatch):
    """The third stage fails at first; then it is the one to go on with, and what ended stays done."""
    stages, started = everything.STAGES, []
    code = {"value": 1}

    def command(stage, cores):
        started.append(stage.name)
        failing = stage is stages[2] and code["value"]
        return [sys.executable, "-c", f"raise SystemExit({int(failing)})"]

    monkeypatch.setattr(everything, "command", command)
    assert everything.main(["--until", stages[3].name]) == 1
    code["value"] = 0
    assert everything.main(["--until", stages[3].name]) == 0
    names = [stage.name for stage in stages[:4]]
    assert started == [*names[:3], *names[2:]]
    assert everything.ended() == names
    assert everything.main(["--until", stages[3].name]) == 0 and len(started) == 5


@pytest.mark.parametrize(("cores", "processes"), [(1, 1), (2, 2), (3, 2), (16, 4)])
def test_processes_share_a_batch_evenly(cores, processes):
    sharpening = next(stage for stage in everything.STAGES if stage.module == "decoder")
    line = everything.command(sharpening, cores)
    assert sharpening.batch == 4 and line[line.index("--nproc_per_node") + 1] == str(processes)


def test_every_stage_s_options_are_understood(monkeypatch):
    """Each recipe is called as its stage calls it, up to where it would begin."""

    class Begun(Exception):
        pass

    parse = ArgumentParser.parse_args

    def parse_only(parser, arguments):
        parse(parser, arguments)
        raise Begun

    monkeypatch.setattr(ArgumentParser, "parse_args", parse_only)
    for stage in everything.STAGES:
        recipe = importlib.import_module(f"course_utils.training.{stage.module}")
        with pytest.raises(Begun):
            recipe.main(stage.options)


def test_the_exam_was_written_before_and_stays():
    for split in exam.TOLD:
        assert exam.prompts(split) == exam.write_prompts(split)
        assert len(exam.prompts(split)) == exam.COUNT


@pytest.mark.slow
def test_every_recipe_runs_end_to_end(runs, monkeypatch):
    """From nothing to a painter that stock diffusers loads, at the smallest size."""
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
    monkeypatch.setattr(assemble, "ZERO_SHOT", 40)
    assembling = ["--source", str(smoke), "--out", str(runs / "models")]
    assemble.main(assembling)
    folder = runs / "models" / "picturebook"
    walks.main(["--count", "4", "--chunk", "2", "--teacher", str(folder)])
    fast.main(["--smoke", "--teacher", str(folder)])
    assert (smoke / "fast" / "final" / "config.json").exists()
    language.main(["--smoke"])
    flow.main(["--smoke"])
    assert (smoke / "flow" / "final" / "config.json").exists()
    decoded.main(["--count", "10", "--source", str(smoke)])
    for which in judge.BACKBONES:
        judges.main(["--which", which, "--smoke"])
        found = json.loads((smoke / f"judge-{which}" / "final" / f"{which}.json").read_text())
        assert set(found["fresh pages"]) == set(judge.ATTRIBUTES)
    decoder.main(["--smoke"])
    assert (smoke / "decoder" / "final" / "config.json").exists()
    assemble.main(assembling)
    assert {path.name for path in (runs / "models").iterdir()} == set(assemble.WRITERS)
    accuracy = json.loads((runs / "models" / "judges" / "accuracy.json").read_text())
    assert accuracy["world"] == scene.WORLD and set(accuracy) == {"world", *judge.BACKBONES}
    runtime.verify_checksums(folder)
    pipeline = StableDiffusionPipeline.from_pretrained(folder, safety_checker=None)
    pipeline.set_progress_bar_config(disable=True)
    assert isinstance(pipeline.scheduler, DDIMScheduler) and pipeline.scheduler.config.set_alpha_to_one
    assert pipeline("a cat", num_inference_steps=1).images[0].size == (128, 128)
    pair, words = clip.load(runs / "models" / "picturebook-clip")
    assert pair.of_tokens(clip.tokenise(words, ["a cat"])).norm().item() == pytest.approx(1, abs=1e-5)


def test_the_refined_vae_weighs_the_pixels_where_the_subject_stands():
    scenes = [Pages("train").scene(k) for k in range(20)]
    weights = vae.on_subject(scenes, 128)
    assert weights.shape == (20, 1, 128, 128)
    torch.testing.assert_close(weights.mean((1, 2, 3)), torch.ones(20))
    plain = [k for k, one in enumerate(scenes) if one.style == "picture book" and one.quality == "clean"]
    assert len(plain) >= 3
    for k in plain:
        bare = replace(scenes[k], detail="none")
        drawn = np.any(draw(bare) != draw_backdrop(bare), axis=-1)
        heavy = vae.on_subject([bare], 128)[0, 0].numpy() > 1
        assert drawn[heavy].mean() > 0.4
        assert drawn[~heavy].mean() < 0.1


def test_a_tenth_less_counts_the_same_in_a_calm_page_and_a_busy_one():
    """By the refining distance; by the plain one the page that is further off has all the say."""
    clean, weights = torch.zeros(2, 3, 16, 16), torch.ones(2, 1, 16, 16)
    share = {}
    for refine in (False, True):
        gap = torch.stack([torch.full((3, 16, 16), 0.1), torch.full((3, 16, 16), 0.5)]).requires_grad_()
        vae.Reconstruction(Given(gap), refine)((clean, weights))["loss"].backward()
        say = (gap.grad * gap.detach()).sum((1, 2, 3))
        share[refine] = float(say[1] / say[0])
    assert share[False] > 10
    assert share[True] < 2


def test_muon_turns_matrices_in_single_precision_where_it_must(monkeypatch):
    """The same turn, but for what half precision loses; asked for twice it is done once."""
    matrix = torch.randn(24, 60, generator=torch.Generator().manual_seed(0))
    before, settings = matrix.clone(), ((3.4445, -4.775, 2.0315), 5, 1e-7)
    turn = inspect.unwrap(_muon._zeropower_via_newtonschulz)
    monkeypatch.setattr(_muon, turn.__name__, turn)
    muon.stay_in_single_precision()
    once = _muon._zeropower_via_newtonschulz
    muon.stay_in_single_precision()
    assert _muon._zeropower_via_newtonschulz is once is not turn
    ours, theirs = once(matrix, *settings), turn(matrix, *settings)
    assert (type(ours), ours.dtype, theirs.dtype) == (torch.Tensor, torch.float32, torch.bfloat16)
    assert torch.equal(matrix, before) and (ours - theirs.float()).abs().max() < 0.02 < ours.abs().max()


def test_a_judge_sees_where_pages_differ():
    """Nothing between a page and itself; a smeared half counts more where it weighs more."""
    torch.manual_seed(0)
    first = judge.Judge("first").eval()
    clean = torch.rand(2, 3, 128, 128) * 2 - 1
    back = clean.clone()
    back[..., :64] = clean[..., :64].mean((2, 3), keepdim=True)
    on_the_left = torch.full((2, 1, 128, 128), 0.2)
    on_the_left[..., :64] = 1.8
    with torch.no_grad():
        assert likeness.look_apart(first, clean, clean).max() < 1e-6
        evenly = likeness.look_apart(first, clean, back)
        there = likeness.look_apart(first, clean, back, on_the_left)
        elsewhere = likeness.look_apart(first, clean, back, on_the_left.flip(-1))
    assert evenly.shape == (2,) and (evenly > 0).all() and (evenly < 4).all()
    assert (there > 1.2 * evenly).all() and (evenly > 1.2 * elsewhere).all()


class Given(nn.Module):
    """Stands in for a VAE that gives back what it is told."""

    def __init__(self, back):
        super().__init__()
        self.back = back

    def encode(self, clean):
        zero = torch.zeros(())
        one = SimpleNamespace(mean=zero, var=zero + 1, logvar=zero, sample=lambda: None)
        return SimpleNamespace(latent_dist=one)

    def decode(self, latents):
        return SimpleNamespace(sample=self.back)
