"""Cross-attention laid open: the formula inside the network, and the real tensors of one layer."""

from __future__ import annotations

import pytest
import torch
from diffusers import UNet2DConditionModel
from random_painter import CAT, apart

from course_utils import painters
from course_utils.painters import cross_attention
from course_utils.runtime import CourseError

SETTINGS = {"steps": 2, "guidance": 3}


def test_the_formula_written_out_paints_the_same_page(painter):
    before, calls = dict(painter.network.attn_processors), []

    def attend(q, k, v):
        calls.append((q.shape[0], k.shape[2], v.shape == k.shape))
        return (q @ k.mT / q.shape[-1] ** 0.5).softmax(-1) @ v

    plain = painter.paint(CAT, **SETTINGS)
    with cross_attention.computed_by(attend, painter):
        ours = painter.paint(CAT, **SETTINGS)
    assert apart(plain.pixels, ours.pixels) <= 1
    assert set(calls) == {(2, 40, True)}  # without the prompt and with it, 40 tokens
    assert painter.network.attn_processors == before


def test_what_the_formula_says_is_what_is_painted(painter):
    plain = painter.paint(CAT, **SETTINGS)
    with cross_attention.computed_by(lambda q, k, v: 0 * q, painter):
        deaf = painter.paint(CAT, **SETTINGS)
    assert apart(plain.pixels, deaf.pixels) > 1


def test_a_layers_tensors_are_those_it_works_on(painter):
    """Diffusers' own layer, asked at the same place, gives what the kept tensors mix to."""
    x, vectors, kept = painter.initial_noise(7), painter.encode_text(CAT), []
    name = next(n for n in painter.network.attn_processors if n.endswith(cross_attention.CROSS))
    block = name.removesuffix(cross_attention.CROSS)
    layer = painter.network.get_submodule(f"{block}.attn2")
    with torch.inference_mode(), painter.by_torch():
        hook = layer.to_out[0].register_forward_pre_hook(lambda _, given: kept.append(given[0]))
        painter.predict(x[None], 500, vectors[None])
        hook.remove()
    found = cross_attention.of_layer(painter, block, x, 500, vectors)
    shares = cross_attention.shares(found.q, found.k)
    assert torch.allclose(shares.sum(-1), torch.ones(shares.shape[:2]), atol=1e-5)
    assert torch.allclose((shares @ found.v).transpose(0, 1).flatten(1), kept[0][0], atol=1e-4)
    assert found.k.shape == found.v.shape == (layer.heads, 32, found.q.shape[-1])


def test_a_layer_that_is_not_there_gets_one_sentence(painter):
    with pytest.raises(CourseError, match=r"no layer 'cellar'.*choose one of .*blocks.*\.$"):
        cross_attention.of_layer(painter, "cellar", painter.initial_noise(0), 1, painter.encode_text(CAT))


def test_a_transformer_has_none(painter):
    class Now:
        name, network = "now", torch.nn.Identity()

    with (
        pytest.raises(CourseError, match=r"'now' has no cross-attention"),
        cross_attention.computed_by(cross_attention.attend, Now()),
    ):
        raise AssertionError("nothing can be painted there")


def test_stock_diffusers_finds_a_built_in_checkpoint():
    config = UNet2DConditionModel.load_config(painters.folder("picturebook") / "unet")
    assert config["in_channels"] == 4
    for name in ("picturebook-fast", "nowhere"):
        with pytest.raises(CourseError, match="choose picturebook or picturebook-flow"):
            painters.folder(name)
