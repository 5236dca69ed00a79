"""How prompts were followed before painters could read: CLIP pushes from outside.

The network paints without any prompt; after every guess the picture it implies is shown to CLIP, and the
guess is bent towards a better likeness with the prompt (Dhariwal & Nichol 2021, algorithm 2, with CLIP in the
classifier's place; Nichol 2021, arXiv 2112.10741, section 2.3).
"""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from course_utils import clip
from course_utils.painters.painter import Painter
from course_utils.painters.painting import Painting, State
from course_utils.painters.schedulers import advance, scheduler, signal_and_noise
from course_utils.painters.settings import Settings
from course_utils.runtime import generator, threads
from course_utils.schedules import from_index


def paint_pushed(
    painter: Painter, settings: Settings, strength: float = 30.0, check: Callable[[], None] = lambda: None
) -> Painting:
    """Paint unconditionally while CLIP pushes towards the prompt; `strength` 0 leaves the painter alone.

    `check` is called before every step; what it raises ends the painting.
    """
    started = time.perf_counter()
    pair, words = clip.load()
    with torch.no_grad():
        goal = pair.of_tokens(clip.tokenise(words, [settings.prompt]))
    ready = scheduler(settings, painter.parts.schedule)
    dice = generator(settings.seed)
    latents = torch.randn((1, *painter.static(0).shape), generator=dice) * ready.init_noise_sigma
    nothing = painter.encode("")[None].clone()
    states = []
    for timestep in ready.timesteps:
        check()
        noisy = ready.scale_model_input(latents, timestep)
        signal, level = signal_and_noise(ready, timestep)
        with threads(1):
            with torch.inference_mode():
                noise = painter.network(noisy, timestep, nothing).sample
            noise = noise.clone() - strength * level * _push(
                painter, pair, goal, noisy.clone(), noise.clone(), signal, level
            )
            latents = advance(ready, noise, timestep, latents, [dice])
        clean = (noisy - level * noise) / signal
        states.append(State(from_index(round(float(timestep))), noisy[0], noise[0], clean[0], painter.decode))
    seconds = time.perf_counter() - started
    return Painting(
        settings, f"{painter.name}, pushed by CLIP", latents[0], states, len(states), seconds, painter.decode
    )


def _push(
    painter: Painter,
    pair: clip.PictureText,
    goal: torch.Tensor,
    noisy: torch.Tensor,
    noise: torch.Tensor,
    signal: float,
    level: float,
) -> torch.Tensor:
    """The direction in x_t along which the implied picture grows more like the prompt, guess held fixed."""
    vae = painter.parts.vae
    with torch.enable_grad():
        noisy.requires_grad_(True)
        clean = (noisy - level * noise) / signal
        picture = vae.decode(clean / vae.config.scaling_factor).sample
        likeness = (pair.of_pictures(picture) * goal).sum()
        (direction,) = torch.autograd.grad(likeness, noisy)
    return direction
