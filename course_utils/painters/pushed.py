"""How CLIP steers a diffusion model that was never given the prompt: it pushes from outside.

The network paints without any prompt; at every step the picture that its prediction implies is shown to CLIP,
and the prediction is bent towards a better match with the prompt (Dhariwal & Nichol 2021, algorithm 2,
with CLIP in the classifier's place; Nichol 2021, arXiv 2112.10741, section 2.3). CLIP has seen clean pages
only, so it looks at the implied one, and the gradient is taken back through decoder and network (Bansal 2023,
arXiv 2302.07121).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import torch

from course_utils import clip
from course_utils.painters.guided import OnePass
from course_utils.painters.painter import Painter
from course_utils.painters.painting import Painting
from course_utils.runcards.settings import Settings
from course_utils.runtime import threads
from course_utils.sampling import Predict
from course_utils.schedules import to_index


def paint_pushed(
    painter: Painter,
    wanted: Sequence[Settings],
    strength: float,
    check: Callable[[], None] = lambda: None,
) -> list[Painting]:
    """Paint unconditionally while CLIP pushes each picture towards its prompt.

    `strength` is the length of the push at full noise, as a share of the prediction's own length; 0 leaves
    the painter alone. A batch shares steps and sampler. `check` is called before every step; an exception
    that it raises ends the painting. The painter itself does not change: several threads may use it.
    """
    predict = OnePass(_pushed(painter, wanted, strength), len(wanted))
    paintings = painter.walked(wanted, predict, check=check)
    return [replace(painting, painter=f"{painter.name}, pushed by CLIP") for painting in paintings]


def _pushed(painter: Painter, wanted: Sequence[Settings], strength: float) -> Predict:
    """`predict(x, t)` of a painter that is given no prompt, bent towards what CLIP likes better."""
    nothing = painter.encode_text("").clone().expand(len(wanted), -1, -1)
    length = partial(torch.linalg.vector_norm, dim=(1, 2, 3), keepdim=True)  # of each picture
    network, vae = painter.network, painter.parts.vae  # read now, not in the first step
    pair, words = clip.load()
    with torch.no_grad():
        goals = pair.of_tokens(clip.tokenise(words, [painter.heard(one.prompt).text for one in wanted]))

    def predict(x: torch.Tensor, t: float) -> torch.Tensor:
        signal, level = painter.path.levels(t)
        with torch.inference_mode(False), torch.enable_grad(), threads(1):
            noisy = x.clone().requires_grad_()
            prediction = network(noisy, torch.tensor(to_index(t)), nothing.clone()).sample
            picture = vae.decode((noisy - level * prediction) / signal / vae.config.scaling_factor).sample
            likeness = (pair.of_pictures(picture) * goals).sum()
            (slope,) = torch.autograd.grad(likeness, noisy)
        prediction = prediction.detach()
        push = slope * (length(prediction) / length(slope).clamp(min=1e-12))
        return prediction - strength * level * push

    return predict
