"""Large models through the painter's interface: tiny random ones of every class, real code, no network."""

from __future__ import annotations

import inspect
import shutil
import weakref
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import diffusers
import numpy as np
import pytest
import tiny_models
import torch
import transformers

from course_utils import painters
from course_utils.guidance import CONVENTIONS
from course_utils.painters import attention
from course_utils.painters.attention import Watch, watching
from course_utils.painters.hub import choose, fetch, preview
from course_utils.painters.hub.choose import Machine, Plan
from course_utils.painters.hub.finite import need_numbers
from course_utils.painters.hub.start import Start
from course_utils.painters.hub.table import MODELS, ORDERS, markdown
from course_utils.panels import large_models
from course_utils.runcards.settings import SAMPLERS
from course_utils.runtime import ROOT, CourseError, threads

NAMES = list(MODELS)
# Not those that take guidance as an input, or were distilled to a single one.
GUIDED = [name for name in NAMES if name not in ("lcm-dreamshaper", "flux2-klein")]
CAT = "a cat"
SIDE = tiny_models.SIDE


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    """These networks are too small to be shared by cores, which would wait for each other."""
    with threads(1):
        yield


@pytest.fixture(scope="module")
def made():
    """What makes a painter of a tiny pipeline."""
    return tiny_models.painter


def paint(painter, prompt=CAT, **settings):
    return painter.paint(prompt, side=SIDE, **{"steps": 2, **settings})


@pytest.mark.parametrize("name", NAMES)
def test_the_table_fits_the_installed_diffusers(name):
    row = MODELS[name]
    call = inspect.signature(getattr(diffusers, row.pipeline).__call__).parameters
    assert row.guidance.argument in (None, *call) and row.guidance.convention in CONVENTIONS
    assert ("negative_prompt" in call) or not row.guidance.negative
    if "defaults of diffusers' pipeline" in row.source:
        assert call["num_inference_steps"].default == row.steps
        ours = CONVENTIONS[row.guidance.convention].from_w(row.w)
        assert call[row.guidance.argument].default == ours
    assert row.gpu_gb > row.offloaded_gb and row.repositories and row.licence and row.source


def test_the_models_that_were_promised_are_there():
    assert set(NAMES) == set(tiny_models.MAKERS), (
        "MAKERS in tests/tiny_models.py makes a tiny one of every model"
    )


def test_every_model_is_in_an_order():
    """Else "auto" could not keep its promise of the best that fits."""
    assert {name for order in ORDERS.values() for name in order[:-1]} <= set(NAMES)
    assert set(ORDERS["auto"][:-1]) == set(NAMES), (
        "ORDERS in painters/hub/table.py says when a model is chosen"
    )
    roomy = Machine("cuda", 79, 120, True, True, True)
    assert names(choose.auto(roomy, frozenset(NAMES)))[0] == "qwen-image"


@pytest.mark.long
@pytest.mark.parametrize("name", [*GUIDED, "lcm-dreamshaper"])
def test_the_dial_means_the_same_everywhere(made, name):
    """w = 0, 1 and 7 are three pictures; 0 does not hear the prompt, 1 does not hear the negative one."""
    painter = made(name)
    pictures = [paint(painter, guidance=w).pixels for w in (0, 1, 7)]
    assert all(picture.shape == (SIDE, SIDE, 3) for picture in pictures)
    assert len({picture.tobytes() for picture in pictures}) == 3
    deaf = paint(painter, "a red boat at sea", guidance=0)
    assert np.array_equal(pictures[0], deaf.pixels)
    again = paint(painter, guidance=7)
    assert np.array_equal(pictures[2], again.pixels)
    assert not np.array_equal(pictures[2], paint(painter, guidance=7, seed=8).pixels)


def test_a_model_distilled_to_one_guidance_has_no_dial(made):
    painter = made("flux2-klein")
    unheard, heard = (paint(painter, guidance=w).pixels for w in (0, 1))
    assert not np.array_equal(unheard, heard)
    with pytest.raises(CourseError, match="has no dial"):
        paint(painter, guidance=7)


class Passes:
    """What the network answered, pass by pass."""

    def __init__(self, pipeline):
        self.network = getattr(pipeline, "unet", None) or pipeline.transformer
        self.answers = []

    def __enter__(self):
        self.hook = self.network.register_forward_hook(lambda *args: self.answers.append(args[2][0]))
        return self

    def __exit__(self, *_):
        self.hook.remove()


def _two_in_a_batch(answers):
    return answers[0].chunk(2)


def _prompt_first(answers):
    return answers[1], answers[0]


def _z(answers):
    prompt, nothing = answers[0]
    return -nothing.squeeze(1)[None], -prompt.squeeze(1)[None]


SPLIT = {
    "sd15": _two_in_a_batch,
    "sd-turbo": _two_in_a_batch,
    "sdxl-turbo": _two_in_a_batch,
    "sd35-medium": _two_in_a_batch,
    "z-image-turbo": _z,
    "qwen-image": _prompt_first,
}


def _predicted(painter, state):
    """What the network was asked for: eps of a U-Net, the velocity eps - x0 of a flow model."""
    return state.noise if hasattr(painter.pipeline, "unet") else state.noise - state.clean


def test_every_guided_model_says_where_its_two_predictions_are():
    missing = sorted(set(GUIDED) - SPLIT.keys())
    assert not missing, (
        f"SPLIT lacks {', '.join(missing)}: how to find the unconditional and conditional prediction"
    )


@pytest.mark.parametrize("name", GUIDED)
def test_the_guided_guess_is_the_formula(made, name):
    """eps_u + w (eps_c - eps_u), from the network's own answers at the first step, written out by hand."""
    painter, w = made(name), 7.0
    with Passes(painter.pipeline) as passes:
        painting = paint(painter, guidance=w)
    nothing, prompt = SPLIT[name](passes.answers)
    places = _predicted(painter, painting.trajectory[0])
    nothing, prompt = (part[:, : places.shape[0]] if part.ndim == 3 else part for part in (nothing, prompt))
    expected = nothing + w * (prompt - nothing)
    if name == "qwen-image":  # this pipeline gives the result the length of the conditional one
        expected = expected * (prompt.norm(dim=-1, keepdim=True) / expected.norm(dim=-1, keepdim=True))
    assert torch.allclose(places, expected[0].float(), atol=1e-4)
    assert painting.evaluations == 2 * len(painting.trajectory)
    # The two ends of the same line: what the network says without and with the prompt.
    for end, answer in ((0, nothing), (1, prompt)):
        alone = paint(painter, guidance=end)
        assert torch.allclose(_predicted(painter, alone.trajectory[0]), answer[0].float(), atol=1e-4)
        assert alone.evaluations == len(alone.trajectory)


def test_guidance_as_an_input_is_the_embedding_of_w_minus_one(made):
    """What the distilled U-Net is told, written out: waves of 1000 (w - 1) (Meng 2022, section 3.1)."""
    painter, told = made("lcm-dreamshaper"), []
    hook = painter.network.register_forward_pre_hook(
        lambda _module, _args, more: told.append(more["timestep_cond"]), with_kwargs=True
    )
    for w in (0, 1, 7):
        paint(painter, guidance=w)
    hook.remove()
    half = torch.exp(-torch.arange(16) * np.log(10_000) / 15)
    for w, found in zip((1, 1, 7), told[::2], strict=True):  # w = 0 is the empty prompt at w = 1
        waves = 1000 * (w - 1) * half
        assert torch.allclose(found[0], torch.cat([waves.sin(), waves.cos()]), atol=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_a_trajectory_goes_from_static_to_the_picture(made, name):
    painting = paint(made(name), steps=4)
    times = [state.t for state in painting.trajectory]
    assert len(times) >= 4 and times == sorted(times, reverse=True) and times[0] > times[-1]
    for state in painting.trajectory:
        assert state.noisy.shape == state.noise.shape == state.clean.shape
        assert torch.isfinite(state.clean).all()
    last = painting.trajectory[-1]
    assert last.picture("noisy").shape == (SIDE, SIDE, 3)
    if name in ("sd15", "sd35-medium", "flux2-klein", "z-image-turbo", "qwen-image"):
        # Their last step lands on the clean guess, so its preview by the model's own VAE is the picture.
        assert np.abs(last.picture("clean").astype(int) - painting.pixels).max() <= 2


def test_a_tiny_decoder_shows_the_way(made, tmp_path, monkeypatch):
    """From a local folder here; a model whose tiny decoder cannot be had is shown by its own VAE."""
    painter = made("sd15")
    tiny = diffusers.AutoencoderTiny(
        encoder_block_out_channels=(8, 8),
        decoder_block_out_channels=(8, 8),
        num_encoder_blocks=(1, 1),
        num_decoder_blocks=(1, 1),
    )
    tiny.save_pretrained(tmp_path / "tiny")
    latent = torch.randn(4, SIDE // 2, SIDE // 2)
    own = preview.for_pipeline(replace(painter.row, preview=None), painter.pipeline)
    quick, missing = (
        preview.for_pipeline(replace(painter.row, preview=str(tmp_path / name)), painter.pipeline)
        for name in ("tiny", "nothing")
    )
    assert quick(latent).shape == (SIDE, SIDE, 3) and quick(latent[None]).shape == (1, SIDE, SIDE, 3)
    assert np.array_equal(missing(latent), own(latent)) and not np.array_equal(quick(latent), own(latent))


@pytest.mark.parametrize("name", NAMES)
def test_what_a_pipeline_has_no_part_for_is_said(made, name):
    painter = made(name)
    if MODELS[name].guidance.negative:
        plain, away = (paint(painter, guidance=5, negative=text) for text in ("", "a red boat"))
        assert not np.array_equal(plain.pixels, away.pixels)
    else:
        with pytest.raises(CourseError, match="no negative prompt"):
            paint(painter, negative="a red boat", guidance=1)
    for more in ({"blend": 0.5, "other": "a boat"}, {"rescale": 0.5}, {"interval": (0.2, 0.8)}):
        with pytest.raises(CourseError, match="cannot blend, rescale"):
            paint(painter, **more)
    with pytest.raises(CourseError, match="steps it was made for"):
        paint(painter, sampler="euler", bias=0.5)
    if not MODELS[name].samplers:
        with pytest.raises(CourseError, match="steps it was made for"):
            paint(painter, sampler="heun")
    if name in GUIDED:
        for w in (0.5, -1):
            with pytest.raises(CourseError, match="w = 0 and w = 1 exactly"):
                paint(painter, guidance=w)


@pytest.mark.parametrize("name", NAMES)
def test_an_interrupted_run_leaves_nothing_behind(made, name):
    painter = made(name)

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        paint(painter, check=stop)
    assert "step" not in vars(painter.pipeline.scheduler)
    assert paint(painter).pixels.shape == (SIDE, SIDE, 3)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (KeyboardInterrupt(), KeyboardInterrupt),
        (torch.OutOfMemoryError("CUDA out of memory."), CourseError),
        (RuntimeError("MPS backend out of memory"), CourseError),
        (RuntimeError("DefaultCPUAllocator: not enough memory"), CourseError),
        (RuntimeError("shapes do not fit"), RuntimeError),
    ],
)
def test_a_run_that_breaks_holds_no_memory(made, error, expected):
    """Not even while somebody keeps the error, as a notebook does; and the model paints again."""
    painter, held = made("sd15"), []

    def breaking(*_args, **_kwargs):
        tensor = torch.zeros(1000)
        held.append(weakref.ref(tensor))
        raise error

    with (
        patch.object(painter.network, "forward", breaking),
        pytest.raises(expected) as kept,
    ):
        paint(painter)
    assert kept.value is not None and held[0]() is None
    if expected is CourseError:
        assert "ran out of memory" in str(kept.value)
    assert paint(painter).pixels.shape == (SIDE, SIDE, 3)


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_saved_and_loaded_it_paints_the_same(made, name, tmp_path):
    painter = made(name)
    painter.pipeline.save_pretrained(tmp_path)
    loaded = fetch.assemble(tmp_path, Plan(MODELS[name], "cpu", "float32"))
    loaded.always = painter.always
    loaded.pipeline.set_progress_bar_config(disable=True)
    gap = paint(painter).pixels.astype(int) - paint(loaded).pixels
    assert np.abs(gap).max() <= 1


@pytest.mark.long
@pytest.mark.parametrize("name", ["sd15", "sdxl-turbo"])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_samplers_and_spacing_are_the_course_s_own(made, name, sampler):
    trailing = paint(made(name), sampler=sampler, steps=4, guidance=1)
    assert trailing.trajectory[0].t == 1000
    leading = paint(made(name), sampler=sampler, steps=4, guidance=1, spacing="leading")
    assert leading.trajectory[0].t < 1000


LAPTOP = Machine("cpu", 0, 12, False, True, False)
T4 = Machine("cuda", 15, 12, False, True, False)
CARD24 = Machine("cuda", 23.5, 60, True, True, True)
APPLE = Machine("mps", 12, 12, False, True, True)
INTEL = Machine("xpu", 15, 30, True, True, False)


@pytest.mark.parametrize(
    ("name", "machine", "cached", "sentence"),
    [
        ("flux2-klein", LAPTOP, True, "needs a GPU with 17 GB and this machine has none"),
        (
            "sd15",
            Machine("cpu", 0, 3, False, True, False),
            True,
            "needs 6.2 GB of memory, but only 3.0 GB are free",
        ),
        ("z-image-turbo", T4, True, "computes in bfloat16"),
        ("qwen-image", CARD24, True, "GPU memory, but only 23.5 GB are free"),
        ("sd35-medium", Machine("cuda", 15, 12, False, True, True), True, "host memory"),
        ("sd15", Machine("cuda", 15, 12, False, False, False), False, "python -m course_utils fetch sd15"),
        ("sd35-medium", Machine("cuda", 23, 60, True, True, False), False, "accept its licence"),
        ("sdxl-turbo", Machine("mps", 5, 5, False, True, True), True, "of memory"),
        ("flux2-klein", Machine("mps", 20, 20, False, True, True), True, "needs 37.4 GB of memory"),
    ],
)
def test_what_cannot_run_says_why_and_what_to_do(name, machine, cached, sentence):
    with pytest.raises(CourseError, match=sentence) as caught:
        choose.plan(MODELS[name], machine, cached)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "machine", "precision", "placement"),
    [
        ("sd15", T4, "float16", "whole"),
        ("sd15", LAPTOP, "float32", "whole"),
        ("sd15", APPLE, "float32", "whole"),
        ("sd15", Machine("mps", 5, 5, False, True, True), "float16", "whole"),
        ("flux2-klein", CARD24, "bfloat16", "whole"),
        ("flux2-klein", Machine("mps", 40, 40, False, True, True), "float32", "whole"),
        ("z-image-turbo", Machine("cuda", 16, 60, True, True, True), "bfloat16", "offloaded"),
        ("sd35-medium", Machine("cuda", 15, 24, False, True, True), "float16", "offloaded"),
        ("sd35-medium", Machine("cuda", 15, 24, False, True, True, (15.0,)), "float16", "spread"),
        ("qwen-image", Machine("cuda", 79, 60, True, True, True, (79.0,)), "bfloat16", "whole"),
        ("sdxl-turbo", INTEL, "float16", "whole"),
    ],
)
def test_what_can_run_is_planned(name, machine, precision, placement):
    found = choose.plan(MODELS[name], machine, cached=True)
    assert (found.precision, found.placement, found.device) == (precision, placement, machine.device)


def test_parts_are_spread_by_the_library_s_own_map(made, tmp_path):
    made("sd15").pipeline.save_pretrained(tmp_path)
    plan = Plan(MODELS["sd15"], "cpu", "float32", choose.SPREAD)
    with patch.object(
        diffusers.StableDiffusionPipeline,
        "from_pretrained",
        wraps=diffusers.StableDiffusionPipeline.from_pretrained,
    ) as read:
        spread = fetch.assemble(tmp_path, plan)
    assert read.call_args.kwargs["device_map"] == "balanced"
    assert np.array_equal(paint(spread).pixels, paint(made("sd15")).pixels)


def blanking(images, **_):
    """A safety checker that likes nothing: what it answers is what diffusers' own does."""
    return torch.zeros_like(images), [True] * len(images)


def test_a_blanked_picture_is_explained(made, monkeypatch):
    """The safety checker stays where a checkpoint has one; what it blanks is said, and nothing else is."""
    painter = made("sd15")
    monkeypatch.setattr(painter.pipeline, "safety_checker", blanking)
    seen = transformers.BatchFeature({"pixel_values": torch.zeros(1)})
    monkeypatch.setattr(painter.pipeline, "feature_extractor", lambda *_, **__: seen)
    painting = paint(painter)
    assert "safety checker" in painting.remark and not painting.pixels.any()
    monkeypatch.setattr(painter.pipeline, "safety_checker", None)
    assert paint(painter).remark == ""


class Overflow:
    """A module's forward whose answers overflow from a call on."""

    def __init__(self, forward, first=0):
        self.forward, self.first, self.calls = forward, first, 0

    def __call__(self, *args, **more):
        answer = self.forward(*args, **more)
        self.calls += 1
        if self.calls <= self.first:
            return answer
        first = answer if isinstance(answer, torch.Tensor) else answer[0]
        (first[0] if isinstance(first, list) else first).fill_(float("nan"))
        return answer


@pytest.mark.parametrize("name", NAMES)
def test_numbers_that_overflow_are_said_and_not_painted_black(made, name):
    """In the network, noticed at once, and in the VAE's decoder; not blamed on the safety checker."""
    painter = made(name)
    passes = 2 if name == "qwen-image" else 1  # calls a step
    with (
        patch.object(painter.network, "forward", Overflow(painter.network.forward, passes)) as broken,
        pytest.raises(CourseError, match=r"no numbers \(NaN\) at step 2, in float32: try less guidance"),
    ):
        paint(painter, steps=4)
    assert broken.calls == 2 * passes
    decoder = painter.pipeline.vae.decoder
    with (
        patch.object(decoder, "forward", Overflow(decoder.forward)),
        pytest.raises(CourseError, match="when the VAE decoded the picture"),
    ):
        paint(painter)


def test_the_remedy_for_numbers_that_overflow_in_half_precision_is_named_and_works():
    with pytest.raises(
        CourseError, match=r"in float16: let it compute in single precision, `painter.pipeline"
    ):
        need_numbers(torch.tensor([1.0, float("inf")]).half(), "A model", "at step 1")
    painter = tiny_models.painter("sd15")
    painter.pipeline.to(torch.bfloat16)
    try:
        rough = paint(painter)
    finally:
        painter.pipeline.to(torch.float32)
    assert np.isfinite(rough.trajectory[-1].clean).all() and paint(painter).pixels.any()


def names(found):
    return [name for name, _why in found]


def test_auto_takes_the_best_that_is_there_and_says_why():
    everything = frozenset(NAMES)
    assert names(choose.auto(CARD24, everything))[0] == "flux2-klein"
    assert names(choose.auto(T4, everything)) == [
        *("sdxl-turbo", "sd15", "sd-turbo", "lcm-dreamshaper", "picturebook")
    ]
    ((name, why), _last) = choose.auto(T4, frozenset({"sd15"}))
    assert name == "sd15" and "downloaded" in why
    assert list(choose.auto(LAPTOP, everything)) == [
        ("picturebook", "The built-in painter: there is no GPU.")
    ]
    ((name, why),) = choose.auto(CARD24, frozenset())
    assert name == "picturebook" and "python -m course_utils fetch flux2-klein" in why
    ((name, why),) = choose.auto(Machine("cuda", 1, 12, False, True, False), everything)
    assert name == "picturebook" and "1.0 GB" in why
    assert names(choose.auto(T4, everything, "quick"))[0] == "sdxl-turbo"
    assert names(choose.auto(LAPTOP, everything, "quick")) == ["picturebook-fast"]
    assert names(choose.auto(CARD24, everything, "guided")) == ["sd35-medium", "sd15", "picturebook"]


def test_auto_goes_on_to_the_next_where_one_cannot_be_loaded(monkeypatch, capsys):
    def broken(name):
        raise CourseError(f"{name} is damaged.")

    monkeypatch.setattr(choose, "auto", lambda order: iter([("sd15", "There."), ("picturebook", "Here.")]))
    monkeypatch.setattr(fetch, "load", broken)
    assert painters.load("auto").name == "picturebook"
    assert capsys.readouterr().out.splitlines() == ["There.", "sd15 is damaged.", "Here."]


def test_one_large_model_is_kept_at_a_time(monkeypatch):
    made_here = []
    monkeypatch.setattr(fetch, "_LOADED", {})
    monkeypatch.setattr(fetch, "cached_folder", lambda row: Path(row.name))
    monkeypatch.setattr(fetch, "plan", lambda row, *_: row)
    monkeypatch.setattr(fetch, "fetch", lambda row: row)
    monkeypatch.setattr(fetch, "assemble", lambda folder, row: made_here.append(row.name) or object())
    first = fetch.load("sd15")
    assert fetch.load("sd15") is first
    fetch.load("sd-turbo")
    assert made_here == ["sd15", "sd-turbo"] and list(fetch._LOADED) == ["sd-turbo"]


LOST = ("unet/diffusion_pytorch_model.safetensors", "scheduler", "model_index.json")


@pytest.mark.parametrize("lost", LOST)
def test_half_a_download_does_not_count(made, tmp_path, lost):
    made("sd15").pipeline.save_pretrained(tmp_path)
    assert choose._whole(tmp_path)
    path = tmp_path / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert not choose._whole(tmp_path)


def test_all_the_shards_must_have_arrived(made, tmp_path):
    made("sd15").pipeline.unet.save_pretrained(tmp_path, max_shard_size="40KB")
    shards = sorted(tmp_path.glob("*-of-*.safetensors"))
    assert len(shards) > 1 and choose._weights_arrived(tmp_path)
    shards[-1].unlink()
    assert not choose._weights_arrived(tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_goes_through_the_vae_and_back(made, name):
    painter, picture = made(name), np.full((SIDE, SIDE, 3), 90, np.uint8)
    latent = painter.encode_image(picture)
    assert latent.ndim == 3 and painter.decode(latent).shape == picture.shape


def test_the_same_experiment_runs_on_large_models(made, monkeypatch):
    """The panels of `real` with a tiny Stable Diffusion; what the model has no part for is said."""
    painter = made("sd15")
    monkeypatch.setattr(painter, "row", replace(painter.row, side=SIDE, steps=2))
    for panel in (
        large_models.gallery(painter, guidance=[1, 7]),
        large_models.pairs(painter, [{"prompt": CAT}, {"prompt": CAT, "negative": "night"}]),
        large_models.film(painter),
    ):
        assert panel._still()[:2] == b"\xff\xd8"
    refusing = large_models.gallery(painter, guidance=[0.5, 7])
    assert "guides only above" in refusing._message.value
    assert "Stable Diffusion 1.5" in large_models.title(painter)


def test_one_setting_at_a_time(made):
    with pytest.raises(CourseError, match="one setting"):
        large_models.gallery(made("sd15"), guidance=[1], steps=[1])


STARTERS = {"sd15", "sd-turbo", "sdxl-turbo", "lcm-dreamshaper", "sd35-medium", "z-image-turbo", "qwen-image"}
MENDERS = (STARTERS | {"flux2-klein"}) - {"lcm-dreamshaper"}


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_large_models_start_from_a_picture_where_they_can(made, name):
    painter, picture = made(name), np.full((SIDE, SIDE, 3), 90, np.uint8)
    if name not in STARTERS:
        with pytest.raises(CourseError, match="no pipeline for starting"):
            paint(painter, start=Start(picture))
        return
    little, much = (paint(painter, start=Start(picture, share), steps=4) for share in (0.5, 1.0))
    assert little.pixels.shape == picture.shape
    assert little.trajectory[0].t < much.trajectory[0].t


@pytest.mark.parametrize("name", NAMES)
def test_large_models_repaint_a_hole_where_they_can(made, name):
    painter, hole = made(name), np.zeros((16, 16), bool)
    hole[:8] = True
    start = Start(np.full((SIDE, SIDE, 3), 90, np.uint8), 1.0, hole)
    if name in MENDERS:
        assert paint(painter, start=start, steps=3).pixels.shape == start.picture.shape
    else:
        with pytest.raises(CourseError, match="no pipeline for repainting"):
            paint(painter, start=start)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("steps", "strength"), [(None, 0.6), (1, 0.6), (4, 0.1), (2, 0.02)])
def test_a_start_runs_at_least_one_step_and_says_how_many(made, name, steps, strength):
    """Where int(steps x strength) is 0 too, as at the defaults of the turbo models."""
    painter, hole = made(name), np.zeros((16, 16), bool)
    hole[:8] = True
    steps = min(painter.row.steps, 4) if steps is None else steps
    picture = np.full((SIDE, SIDE, 3), 90, np.uint8)
    for start, able in ((Start(picture, strength), STARTERS), (Start(picture, strength, hole), MENDERS)):
        if name in able:
            painting = paint(painter, start=start, steps=steps)
            run = len(painting.trajectory)
            assert run >= 1 and painting.pixels.shape == picture.shape
            assert (f"steps taken {run}." in painting.remark) == (run != steps)
            assert painting.evaluations == run * (2 if painter._guides(painting.settings) else 1)


def test_a_short_start_drowns_the_picture_no_further_than_its_strength(made):
    for steps, strength in ((1, 0.6), (1, 0.3), (3, 0.02)):
        start = Start(np.full((SIDE, SIDE, 3), 90, np.uint8), strength)
        assert paint(made("sd-turbo"), start=start, steps=steps).trajectory[0].t <= 1000 * strength


def test_the_steps_that_ran_are_said_in_the_panel(made):
    painter = made("sd15")
    painting = paint(painter, start=Start(np.full((SIDE, SIDE, 3), 90, np.uint8), 0.3), steps=4)
    panel = large_models._panel(painter, [painting], ["from a picture"], [])
    assert "steps asked for 4, steps taken 1" in panel._message.value


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_start_counts_the_steps_of_every_sampler(made, sampler):
    start = Start(np.full((SIDE, SIDE, 3), 90, np.uint8), 0.5)
    assert "steps taken 3." in paint(made("sd15"), start=start, steps=6, sampler=sampler).remark


@pytest.mark.parametrize("name", NAMES)
def test_no_prompt_is_painted_without_guidance(made, name):
    painter = made(name)
    assert np.array_equal(paint(painter, "", guidance=0).pixels, paint(painter, CAT, guidance=0).pixels)
    with pytest.raises(CourseError, match="The prompt is empty"):
        paint(painter, "", guidance=1)


@pytest.mark.parametrize("name", NAMES)
def test_attention_is_watched_in_every_model(made, name):
    painter = made(name)
    plain = paint(painter, guidance={"lcm-dreamshaper": 8.5, "flux2-klein": 1}.get(name, 3))
    with watching(painter) as watch:
        again = paint(painter, guidance=plain.settings.guidance)
    assert watch.maps.shape[0] == len(plain.trajectory) and watch.maps.shape[2:] == (16, 16)
    assert np.abs(plain.pixels.astype(int) - again.pixels).max() <= 1
    paid = watch.maps.sum(1)
    if hasattr(painter.pipeline, "unet"):
        assert torch.allclose(paid, torch.ones_like(paid), atol=1e-3)
    else:  # in joint attention places look at places, too
        assert paid.min() > 0 and paid.max() < 1
    other = painter.paint(painter.defaults("a red boat at sea", steps=2), side=SIDE)
    assert not np.array_equal(plain.pixels, other.pixels)  # nothing of the watch is left


def test_joint_attention_is_what_the_formula_says():
    """softmax(q k / sqrt(d)) of the places, columns of the words, written out for a call of known tokens."""
    watch = Watch(side=2)
    mode = attention._JointWatched(watch, attention.Joint())
    mode.places, mode.words = 4, 3
    watch.begin_step()
    query, key, value = (torch.randn(2, 5, 7, 8) for _ in range(3))
    allowed = torch.rand(2, 1, 1, 7) > 0.3
    allowed[..., -1] = True
    mode.look(query, key, value, attn_mask=allowed)
    scores = (
        (query[-1] @ key[-1].transpose(1, 2) / 8**0.5).masked_fill(~allowed[-1], float("-inf")).softmax(-1)
    )
    expected = scores[:, 3:, :3].mean(0).T.reshape(3, 2, 2)
    assert torch.allclose(watch.maps[0], expected, atol=1e-5)
    mode.look(query[:, :, :4], key[:, :, :4], value[:, :, :4])  # places among themselves: not joint
    assert torch.allclose(watch.maps[0], expected, atol=1e-5)


def test_the_readme_shows_the_table():
    shown = markdown() in (ROOT / "README.md").read_text()
    assert shown, (
        f"README.md shows another table of the large models than painters/hub/table.py:\n{markdown()}"
    )
