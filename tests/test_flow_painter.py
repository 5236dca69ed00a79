"""The painter of now with random weights: the same pictures as the stock pipeline, the same interface."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from diffusers import (
    AutoencoderKL,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
)
from random_painter import CAT, apart

from course_utils import painters
from course_utils.painters import Canvas
from course_utils.painters.attention import watching
from course_utils.painters.networks import LAYERS, patch, unpatch
from course_utils.prompts import normalise
from course_utils.runtime import CourseError, generator
from course_utils.training import assemble, flow, language, vae
from course_utils.training.taught import Teacher

CALL = {
    "height": 128,
    "width": 128,
    "max_sequence_length": language.LENGTH,
    "text_encoder_out_layers": LAYERS,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A checkpoint as stock diffusers writes it."""
    torch.manual_seed(0)
    words = language.tokenizer()
    target = tmp_path_factory.mktemp("flow") / "random"
    Flux2KleinPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=assemble.patched(vae.build(), 2 * torch.randn(50, 4, 16, 16) + 0.3),
        text_encoder=language.build(len(words)),
        tokenizer=words,
        transformer=flow.build(),
    ).save_pretrained(target)
    return target


@pytest.fixture(scope="module")
def painter(folder):
    return painters.load(folder)


@pytest.fixture(scope="module")
def stock(folder):
    pipeline = Flux2KleinPipeline.from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@pytest.mark.long
@pytest.mark.parametrize(("steps", "w", "seed"), [(1, 4.0, 7), (3, 1.0, 8), (5, 2.5, 9)])
def test_it_paints_what_stock_diffusers_paints(painter, stock, steps, w, seed):
    ours = painter.paint(CAT, seed=seed, steps=steps, guidance=w, sampler="euler")
    theirs = stock(
        prompt=CAT, num_inference_steps=steps, guidance_scale=w, generator=generator(seed), **CALL
    ).images[0]
    assert apart(ours.pixels, theirs) <= 2
    assert ours.evaluations == steps * (1 if w == 1 else 2)


def test_the_dial_has_its_meaning(painter):
    empty, half, one = (painter.paint(CAT, steps=2, guidance=w).latent for w in (0, 0.5, 1))
    deaf = painter.paint("a red boat at sea", steps=2, guidance=0).latent
    assert torch.allclose(empty, deaf, atol=1e-5)
    assert not torch.allclose(empty, one) and not torch.allclose(half, one)


def test_the_trajectory_lies_on_the_straight_path(painter):
    painting = painter.paint(CAT, steps=4, sampler="euler")
    assert [state.t for state in painting.trajectory] == [1000, 750, 500, 250]
    for state in painting.trajectory:
        sigma = state.t / 1000
        mixed = (1 - sigma) * state.clean + sigma * state.noise
        assert torch.allclose(mixed, state.noisy, atol=1e-4)
    assert torch.allclose(painting.trajectory[-1].clean, painting.latent, atol=1e-4)


def test_a_batch_is_what_each_would_be_alone(painter):
    both = painter.paint([CAT, "a dog"], seed=[1, 2], steps=2)
    assert apart(both[1].pixels, painter.paint("a dog", seed=2, steps=2).pixels) <= 1


def test_places_are_watched_looking_at_words(painter):
    words = painter.pieces(CAT)
    with watching(painter) as watch:
        watched = painter.paint(CAT, steps=2, guidance=3)
    assert watch.maps.shape == (2, language.LENGTH, 16, 16) and watch.maps[:, : len(words)].min() > 0
    assert apart(watched.pixels, painter.paint(CAT, steps=2, guidance=3).pixels) <= 1


def test_a_page_comes_back_and_holes_are_kept(painter):
    page = np.full((128, 128, 3), 90, np.uint8)
    latent = painter.encode_image(page)
    assert latent.shape == (16, 8, 8) and painter.decode(latent).shape == page.shape
    hole = torch.zeros(8, 8, dtype=torch.bool)
    hole[:4] = True
    painting = painter.paint(CAT, steps=3, canvas=Canvas(latent, hole=hole))
    assert torch.allclose(painting.latent[:, 4:], latent[:, 4:], atol=1e-5)
    assert torch.equal(painter.paint(CAT, steps=3, canvas=Canvas(latent, strength=0.0)).latent, latent)


def test_patches_are_those_of_the_library():
    latents = torch.randn(2, 4, 6, 6)
    assert torch.equal(patch(latents), Flux2KleinPipeline._patchify_latents(latents))
    assert torch.equal(unpatch(patch(latents)), latents)


def test_the_vae_is_the_same_in_its_new_class():
    torch.manual_seed(1)
    old: AutoencoderKL = vae.build().eval()
    new, pages = assemble.patched(old, torch.randn(9, 4, 16, 16)).eval(), torch.randn(1, 3, 128, 128)
    with torch.inference_mode():
        assert torch.equal(old.encode(pages).latent_dist.mean, new.encode(pages).latent_dist.mean)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [({"sampler": "unipc"}, "straight path"), ({"spacing": "leading"}, "straight path")],
)
def test_what_the_straight_path_has_no_part_for_is_said(painter, settings, sentence):
    with pytest.raises(CourseError, match=sentence):
        painter.paint(CAT, steps=2, **settings)


def test_a_prompt_without_end_is_painted_as_far_as_it_fits(painter):
    painted = painter.paint("zebras " * 30, steps=1)
    assert "there was no room for 'zebras'" in painted.remark.lower()


def test_stock_paints_the_same_from_normalised_text(painter, stock):
    typed = "a \u201csmall\u201d\u00a0orange-CAT in\tspace"
    ours = painter.paint(typed, seed=3, steps=2, sampler="euler")
    theirs = stock(prompt=normalise(typed), num_inference_steps=2, generator=generator(3), **CALL).images[0]
    assert apart(ours.pixels, theirs) <= 2 and ours.settings.prompt == typed


def test_steps_may_be_bent_to_either_end(painter):
    states = painter.paint(CAT, steps=4, sampler="euler", bias=0.5).trajectory
    assert states[0].t == 1000 and states[1].t > 750


def test_a_teacher_that_knows_the_noise_names_the_velocity():
    """Its U-Net is replaced by one that knows the page: the answer is then the velocity that was drawn."""
    torch.manual_seed(2)
    latents, factor = 0.7 * torch.randn(5, 4, 16, 16) + 0.2, 1.3
    centre, variance = flow.normalisation(latents)
    spread = (variance[0] + flow.EPSILON).sqrt().item()
    clean, drawn_noise = flow.pack(latents, centre, variance), torch.randn(5, 16, 8, 8)
    sigma = torch.tensor([0.1, 0.4, 0.6, 0.9, 1.0])[:, None, None, None]

    class Knowing(torch.nn.Module):
        def forward(self, seen, index, _prompts):
            signal, level = (part[index][:, None, None, None] for part in (teacher.signal, teacher.level))
            return SimpleNamespace(sample=(seen - signal * factor * latents) / level)

    class Deaf(torch.nn.Module):
        def forward(self, input_ids):
            return SimpleNamespace(last_hidden_state=input_ids)

    teacher = Teacher(Knowing(), Deaf(), factor, centre, spread)
    target = drawn_noise - clean
    noisy = torch.lerp(clean, drawn_noise, sigma)
    found = teacher.velocity(noisy, sigma, torch.zeros(5, 32), drawn=target)
    level = sigma / (1 - sigma).clamp(min=1e-6) * spread * factor
    for k in range(4):  # noise levels of the U-Net are whole steps: the nearest one is meant
        index = int(torch.searchsorted(teacher.level / teacher.signal, level[k].item()))
        ratio = (teacher.level / teacher.signal)[index] / level[k].item()
        noise = unpatch(drawn_noise)[k] / ratio
        expected = patch(noise[None])[0] - clean[k]
        assert torch.allclose(found[k], expected, atol=1e-3)
    assert torch.equal(found[4], target[4])  # pure static is beyond the teacher
