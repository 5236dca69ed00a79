"""The painter: the same pictures as stock diffusers, every dial honest, every mistake one sentence."""

from __future__ import annotations

import json

import diffusers
import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from PIL import Image
from random_painter import CAT, apart

from course_utils import __main__, clip, painters, runtime, sampling
from course_utils.guidance import classifier_free_guidance
from course_utils.painters import Canvas, Settings, attention
from course_utils.runtime import CourseError
from course_utils.schedules import trailing


@pytest.fixture(scope="session")
def stock(folder):
    pipeline = StableDiffusionPipeline.from_pretrained(folder, safety_checker=None)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@pytest.mark.long
@pytest.mark.parametrize("sampler", painters.SAMPLERS)
@pytest.mark.parametrize(("steps", "w", "seed"), [(1, 4.0, 5), (5, 7.5, 6), (3, 1.0, 7)])
def test_it_paints_what_stock_diffusers_paints(painter, stock, sampler, steps, w, seed):
    ours = painter.paint(CAT, negative="a hat", seed=seed, steps=steps, guidance=w, sampler=sampler)
    kind = getattr(diffusers, painters.SAMPLERS[sampler].diffusers)
    stock.scheduler = kind.from_config(stock.scheduler.config, timestep_spacing="trailing")
    theirs = stock(
        CAT,
        negative_prompt="a hat",
        num_inference_steps=steps,
        guidance_scale=w,
        generator=torch.Generator().manual_seed(seed),
        output_type="np",
    ).images[0]
    assert apart(ours.pixels, (theirs * 255).round()) <= 2


def test_the_plain_stock_call_paints_what_the_painter_paints(painter, folder, stock):
    """No scheduler is named: the checkpoint's own is the panels' default."""
    parts = {name: getattr(stock, name) for name in ("vae", "text_encoder", "tokenizer", "unet")}
    plain = StableDiffusionPipeline.from_pretrained(folder, **parts, safety_checker=None)
    plain.set_progress_bar_config(disable=True)
    theirs = plain(
        CAT, num_inference_steps=4, guidance_scale=4, generator=torch.Generator().manual_seed(7)
    ).images[0]
    assert apart(painter.paint(CAT, seed=7, steps=4, guidance=4).pixels, theirs) <= 2


def test_guidance_zero_is_truly_unconditional(painter):
    none, other = (painter.paint(prompt, steps=3, guidance=0) for prompt in (CAT, "a red boat"))
    assert apart(none.pixels, other.pixels) == 0 and none.evaluations == 3
    conditional = painter.paint(CAT, steps=3, guidance=1)
    assert conditional.evaluations == 3 and apart(none.pixels, conditional.pixels) > 0
    guided = painter.paint(CAT, steps=3, guidance=4)
    assert guided.evaluations == 6 and apart(guided.pixels, conditional.pixels) > 0


def test_heun_pays_twice_but_for_its_last_step(painter):
    assert painter.paint(CAT, steps=6, guidance=1, sampler="heun").evaluations == 11


@pytest.mark.long
def test_a_picture_in_a_batch_is_the_picture_alone(painter):
    texts = [CAT, "a red boat at sea", "an owl"]
    for sampler in ("ddim", "ddpm"):
        together = painter.paint(texts, seed=[3, 4, 5], steps=2, sampler=sampler)
        for seed, one in zip((3, 4, 5), together, strict=True):
            alone = painter.paint(one.settings.prompt, seed=seed, steps=2, sampler=sampler)
            assert apart(alone.pixels, one.pixels) <= 1


@pytest.mark.long
def test_a_batch_may_mix_dials(painter):
    mixed = [Settings(CAT, steps=3, guidance=w) for w in (0.0, 1.0, 5.0)]
    together = painter.paint(mixed)
    assert [one.evaluations for one in together] == [3, 3, 6]
    for settings, one in zip(mixed, together, strict=True):
        assert apart(painter.paint(settings).pixels, one.pixels) <= 1


def test_the_trajectory_fits_together(painter):
    painting = painter.paint(CAT, steps=5, sampler="euler")
    assert [state.t for state in painting.trajectory] == [1000, 800, 600, 400, 200]
    for state in painting.trajectory:
        alpha_bar = diffusers.DDPMScheduler.from_config(painter.parts.schedule).alphas_cumprod[state.t - 1]
        rebuilt = alpha_bar.sqrt() * state.clean + (1 - alpha_bar).sqrt() * state.noise
        assert torch.allclose(rebuilt, state.noisy, atol=1e-4)
        assert state.picture("clean").shape == (128, 128, 3)
    # Euler starts from static scaled by its largest sigma, a hair off the unit sphere of the others.
    assert torch.allclose(painting.trajectory[0].noisy, painter.initial_noise(7), atol=0.02)


@pytest.mark.long
def test_blending_goes_from_one_prompt_to_the_other(painter):
    ends = [painter.paint(prompt, steps=3).pixels for prompt in (CAT, "a red boat")]
    blended = [
        painter.paint(CAT, steps=3, other="a red boat", blend=share).pixels for share in (0.0, 0.5, 1.0)
    ]
    assert apart(blended[0], ends[0]) == 0 and apart(blended[2], ends[1]) <= 1
    assert apart(blended[1], ends[0]) > 0 and apart(blended[1], ends[1]) > 0


def test_an_empty_interval_guides_nowhere(painter):
    plain = painter.paint(CAT, steps=4, guidance=1)
    nowhere = painter.paint(CAT, steps=4, guidance=9, interval=(0.5, 0.5))
    half = painter.paint(CAT, steps=4, guidance=9, interval=(0.0, 0.5))
    assert apart(plain.pixels, nowhere.pixels) <= 1 and nowhere.evaluations == 4
    assert half.evaluations == 6 and apart(half.pixels, plain.pixels) > 0


def test_rescaling_gives_the_guess_the_spread_of_the_conditional_one(painter):
    wild = painter.paint(CAT, steps=1, guidance=30).trajectory[0].noise
    tame = painter.paint(CAT, steps=1, guidance=30, rescale=1.0).trajectory[0].noise
    plain = painter.paint(CAT, steps=1, guidance=1).trajectory[0].noise
    assert tame.std() == pytest.approx(float(plain.std()), rel=1e-3) and wild.std() != tame.std()


@pytest.mark.parametrize("sampler", painters.SAMPLERS)
def test_a_hole_is_repainted_and_the_rest_stays(painter, sampler):
    page = np.full((128, 128, 3), 120, np.uint8)
    clean = painter.encode_image(page)
    hole = torch.zeros(16, 16, dtype=torch.bool)
    hole[4:8, 4:8] = True
    painting = painter.paint(CAT, steps=4, sampler=sampler, canvas=Canvas(clean, hole=hole))
    assert torch.allclose(painting.latent[:, ~hole], clean[:, ~hole], atol=1e-5)
    assert not torch.allclose(painting.latent[:, hole], clean[:, hole], atol=1e-2)


@pytest.mark.long
@pytest.mark.parametrize("sampler", painters.SAMPLERS)
def test_strength_says_how_far_a_page_is_drowned(painter, sampler):
    clean = painter.encode_image(np.full((128, 128, 3), 120, np.uint8))

    def painted(strength):
        return painter.paint(CAT, steps=4, guidance=1, sampler=sampler, canvas=Canvas(clean, strength))

    untouched, slightly, wholly = (painted(strength) for strength in (0.0, 0.3, 1.0))
    assert torch.equal(untouched.latent, clean) and untouched.evaluations == 0
    assert 0 < slightly.evaluations < wholly.evaluations
    assert not torch.allclose(
        slightly.latent, slightly.trajectory[0].noisy, atol=0.05
    )  # it went on from there
    alone = painter.paint(CAT, steps=4, guidance=1, sampler=sampler)
    assert torch.allclose(wholly.latent, alone.latent, atol=1e-4)


def test_watching_attention_changes_nothing(painter):
    before = dict(painter.network.attn_processors)
    plain = painter.paint(CAT, steps=2)
    with attention.watching(painter) as watch:
        watched = painter.paint(CAT, steps=2)
    assert apart(plain.pixels, watched.pixels) <= 1
    assert painter.network.attn_processors == before
    assert watch.maps.shape == (2, clip.LENGTH, 16, 16)
    assert torch.allclose(watch.maps.sum(1), torch.ones(2, 16, 16), atol=1e-3)


def test_a_painting_carries_its_recipe(painter, tmp_path):
    painting = painter.paint(CAT, steps=2, negative="a hat", interval=(0.2, 0.7), sampler="unipc")
    painting.save(tmp_path / "page.png")
    again = painters.settings_of(tmp_path / "page.png")
    assert again == painting.settings
    assert apart(painter.paint(again).pixels, Image.open(tmp_path / "page.png")) == 0


def test_files_without_a_recipe_are_told_apart(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "plain.png")
    with pytest.raises(CourseError, match="holds no settings"):
        painters.settings_of(tmp_path / "plain.png")
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(CourseError, match="no picture"):
        painters.settings_of(tmp_path / "text.png")
    for damaged in ("{", "[]", '{"prompt": "x", "interval": 3}', '{"interval": [0, 1]}'):
        with pytest.raises(CourseError, match="damaged"):
            Settings.from_json(damaged)
    with pytest.raises(CourseError, match="seed"):
        Settings.from_json(json.dumps({"prompt": "x", "interval": [0, 1], "seed": "cat"}))


def test_a_newer_request_ends_a_painting(painter):
    steps = []

    def check():
        steps.append(1)
        if len(steps) == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        painter.paint(CAT, steps=50, check=check)
    assert len(steps) == 3


def test_a_painting_is_the_sampler_on_latents(painter):
    """What a notebook writes out: the same loop as for points, on the painter's own parts."""
    settings = Settings(CAT, steps=4, guidance=3)
    vectors = {text: painter.encode_text(text)[None] for text in (CAT, "")}

    def model(x, t, text):
        return painter.predict(x, t, vectors[text])

    predict = classifier_free_guidance(model, CAT, 3)
    with torch.inference_mode():
        *_, state = sampling.ddim(predict, painter.initial_noise(7)[None], trailing(4), painter.path)
    assert torch.allclose(state.x[0], painter.paint(settings).latent, atol=1e-4)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"prompt": "  "}, "prompt is empty"),
        ({"prompt": "cat " * 10_000}, "at most 50 words; this one has 10000"),
        ({"prompt": 7}, "piece of text"),
        ({"steps": 0}, "Steps are a whole number from 1 to 1000"),
        ({"steps": 5000}, "not 5000"),
        ({"steps": 2.5}, "whole number"),
        ({"steps": True}, "whole number"),
        ({"seed": "cat"}, "A seed is a whole number"),
        ({"seed": -1}, "seed"),
        ({"guidance": float("nan")}, "Guidance is a number"),
        ({"guidance": "much"}, "Guidance is a number"),
        ({"guidance": 1e9}, "from -100 to 100"),
        ({"sampler": "magic"}, "no sampler 'magic'"),
        ({"rescale": 2}, "Rescaling"),
        ({"interval": (0.8, 0.2)}, "interval"),
        ({"interval": 0.5}, "interval is two numbers"),
        ({"interval": (0.2,)}, "interval is two numbers"),
        ({"spacing": "leading", "steps": 667}, "leading spacing the noisiest 333"),
        ({"spacing": "leading", "bias": 0.5}, "Only trailing spacing"),
        ({"blend": 0.5}, "another prompt"),
        ({"spacing": "wide"}, "trailing"),
    ],
)
def test_bad_settings_get_one_sentence(settings, sentence):
    with pytest.raises(CourseError, match=sentence) as caught:
        Settings(**{"prompt": CAT, **settings})
    assert str(caught.value).count("\n") == 0 and str(caught.value).endswith(".")


def test_bad_requests_get_one_sentence(painter, folder, tmp_path):
    for request, more, sentence in (
        ([], {}, "at least one prompt"),
        ([CAT, CAT], {"seed": [1]}, "2 prompts but 1 seeds"),
        (CAT, {"colour": "red"}, "knows no such setting"),
        (7, {}, "piece of text"),
        ([Settings(CAT, steps=2), Settings(CAT, steps=3)], {}, "second batch"),
    ):
        with pytest.raises(CourseError, match=sentence):
            painter.paint(request, **more)
    with pytest.raises(CourseError, match="no painter 'rembrandt'"):
        painters.load("rembrandt")
    with pytest.raises(CourseError, match="Nothing is marked"):
        Canvas(painter.initial_noise(0), hole=torch.zeros(16, 16, dtype=torch.bool))
    with pytest.raises(CourseError, match="Strength"):
        Canvas(painter.initial_noise(0), strength=2)


def test_settings_given_beside_a_request_count(painter):
    request = Settings(CAT, seed=7, steps=2, interval=[0.0, 0.5])
    assert painter.paint(request, seed=9).settings == request.but(seed=9)
    assert painter.paint([request, request], seed=[1, 2])[1].settings.seed == 2
    assert painter.paint(request).settings.seed == 7 and hash(request)


def test_an_empty_prompt_is_fine_without_guidance(painter):
    assert painter.paint("", steps=2, guidance=0).pixels.shape == (128, 128, 3)


def test_damaged_weights_are_named(folder, tmp_path, monkeypatch):
    import shutil

    copy = tmp_path / "models" / "picturebook"
    shutil.copytree(folder, copy)
    runtime.write_checksums(copy)
    weights = copy / "unet" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(CourseError, match=r"unet.*damaged"):
        painters.load(copy)
    weights.unlink()
    with pytest.raises(CourseError, match=r"unet.*missing"):
        painters.load(copy)


def test_words_never_learned_are_named(painter):
    from dataclasses import replace

    taught = replace(painter, words=["cat", "orange", "space", "small", "a", "in"])
    assert taught.remark(Settings(CAT)) == ""
    remark = taught.remark(Settings("a smal dinosaur in space"))
    assert "'smal'" in remark and "small" in remark and "'dinosaur'" in remark
    assert painter.remark(Settings("a dinosaur")) == ""


def test_the_command_paints_a_page(folder, tmp_path, capsys):
    target = tmp_path / "page.png"
    options = ["paint", CAT, "--painter", str(folder), "--steps", "2", "-o", str(target)]
    assert __main__.main(options) == 0
    assert "4 evaluations" in capsys.readouterr().out and Image.open(target).size == (128, 128)
    assert __main__.main(["paint", "--painter", str(folder), "--again", str(target), "-o", str(target)]) == 0
    for wrong in (["--steps", "many"], ["--seed", "cat"], ["--guidance", "nan"], ["--sampler", "magic"]):
        assert __main__.main([*options, *wrong]) == 2
        assert capsys.readouterr().err.count("\n") == 1
