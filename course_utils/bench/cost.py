"""What a page costs by its steps, its batch and its size, and what memory each way of painting takes."""

from __future__ import annotations

from functools import partial
from typing import Any

from course_utils.bench.figures import Figure, figure_of, milliseconds
from course_utils.bench.start import peak_mib

PROMPT = "an orange cat in space"
STEPS = (1, 5, 10, 20, 40)
BATCHES = (1, 4, 16)
SIDES = (128, 192, 256)  # pixels; the painter was taught the first
MEMORY = {
    "stock diffusers": (
        "from diffusers import StableDiffusionPipeline; from course_utils.runtime import MODELS; "
        "StableDiffusionPipeline.from_pretrained(MODELS / 'picturebook')"
        f"('{PROMPT}', num_inference_steps=20, guidance_scale=4.0)"
    ),
    "torch": (
        "from course_utils import painters; painter = painters.load(); "
        "painter.engine = painter.torch_engine(); "
        f"painter.paint('{PROMPT}', steps=20).pixels"
    ),
    "the fast engine": (
        "from course_utils import painters; painter = painters.load(); "
        "painter.engine.wait(); "
        f"painter.paint('{PROMPT}', steps=20).pixels"
    ),
    "a sheet of 64": (
        "from course_utils import painters; painter = painters.load(); "
        "painter.engine.wait(); "
        f"painter.paint(['{PROMPT}'] * 64, seed=list(range(64)), steps=8)[0].pixels"
    ),
    **{
        name: f"from course_utils import painters; painters.load('{name}').paint('{PROMPT}', steps=4).pixels"
        for name in ("picturebook-flow", "picturebook-fast")
    },
}


def where_the_time_goes(repeats: int) -> list[Figure]:
    """A page of 10 guided steps taken apart: the network, the decoder, and all that is neither."""
    import torch

    painter = _ready()
    noisy = painter.initial_noise(7)[None]
    pair, vectors = noisy.expand(2, -1, -1, -1), painter.encode_text(PROMPT).expand(2, -1, -1)
    # In turns, so that each meets the machine in the same mood.
    rounds = [
        [
            milliseconds(work, 1)[0]
            for work in (
                partial(_page, painter, 10),
                partial(painter.engine.predict, pair, torch.tensor(500), vectors),
                partial(painter.engine.decode, noisy),
            )
        ]
        for _ in range(3 * repeats)
    ]
    parts = {
        "the network, 10 passes": [10 * a_pass for _, a_pass, _ in rounds],
        "the decoder": [decode for *_, decode in rounds],
        "the rest: sampler, guidance, Python": [
            max(0.0, page - 10 * a_pass - decode) for page, a_pass, decode in rounds
        ],
    }
    return [figure_of(f"of a page of 10 steps, {name}", "ms", spent) for name, spent in parts.items()]


def by_steps(repeats: int) -> list[Figure]:
    """Milliseconds of a decoded page by its number of steps."""
    painter = _ready()
    return [
        figure_of(f"a page of {steps} steps", "ms", milliseconds(partial(_page, painter, steps), repeats))
        for steps in STEPS
    ]


def by_batch(repeats: int) -> list[Figure]:
    """Milliseconds of each of several pages painted at once, 10 steps."""
    painter, figures = _ready(), []
    for count in BATCHES:
        spent = milliseconds(partial(_batch, painter, count), max(1, repeats // 2))
        figures.append(figure_of(f"each of {count} pages at once", "ms", [value / count for value in spent]))
    return figures


def by_resolution(repeats: int) -> list[Figure]:
    """Milliseconds of a guided pass by torch on larger latents; the fast graphs are made for one size."""
    import torch

    painter, figures = _ready(), []
    vectors = painter.encode_text(PROMPT).expand(2, -1, -1)
    engine = painter.torch_engine()
    for side in SIDES:
        noisy = torch.randn(2, 4, side // 8, side // 8)
        spent = milliseconds(partial(engine.predict, noisy, torch.tensor(500), vectors), repeats)
        figures.append(figure_of(f"a guided pass for {side} x {side} pixels, torch", "ms", spent))
    return figures


def memory(repeats: int) -> list[Figure]:
    """Peak memory of a kernel that paints."""
    return [
        figure_of(f"peak memory, {name}", "MiB", [peak_mib(work) for _ in range(max(1, repeats // 3))])
        for name, work in MEMORY.items()
    ]


def _ready() -> Any:
    """The built-in painter with its fast engine, if it has one."""
    from course_utils import painters

    painter: Any = painters.load("picturebook")
    painter.engine.wait()
    return painter


def _page(painter: Any, steps: int) -> None:
    _ = painter.paint(PROMPT, steps=steps).pixels


def _batch(painter: Any, count: int) -> None:
    import torch

    painted = painter.paint([PROMPT] * count, seed=list(range(count)))
    painter.decode(torch.stack([painting.latent for painting in painted]))
