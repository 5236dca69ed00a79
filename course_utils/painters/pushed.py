"""How prompts were followed before painters could read: CLIP pushes from outside.

The network paints without any prompt; at every step the picture its guess implies is shown to CLIP, and the
guess is bent towards a better likeness with the prompt (Dhariwal & Nichol 2021, algorithm 2, with CLIP in the
classifier's place; Nichol 2021, arXiv 2112.10741, section 2.3). CLIP has seen clean pages only, so it looks
at the implied one, and the slope is followed back through decoder and network (Bansal 2023, arXiv
2302.07121).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import torch

from course_utils import clip
from course_utils.painters.painter import Painter
from course_utils.painters.painting import Painting, State
from course_utils.painters.schedulers import advance, scheduler, signal_and_noise
from course_utils.painters.settings import Settings
from course_utils.runtime import generator, threads
from course_utils.schedules import from_index


def paint_pushed(
    painter: Painter,
    wanted: Sequence[Settings],
    strength: float,
    check: Callable[[], None] = lambda: None,
) -> list[Painting]:
    """Paint unconditionally while CLIP pushes each picture towards its prompt.

    `strength` is the length of the push as a share of the guess's own, at full noise; 0 leaves the painter
    alone. Steps and sampler are those of the whole batch. `check` is called before every step; what it raises
    ends the painting.
    """
    pair, words = clip.load()
    with torch.no_grad():
        goals = pair.of_tokens(
            clip.tokenise(words, [painter.heard(settings.prompt).text for settings in wanted])
        )
    ready, vae = scheduler(wanted[0], painter.parts.schedule), painter.parts.vae
    dice = [generator(settings.seed) for settings in wanted]
    shape = (1, *painter.static(0).shape)
    latents = torch.cat([torch.randn(shape, generator=one) for one in dice]) * ready.init_noise_sigma
    nothing = painter.encode("").clone().expand(len(wanted), -1, -1)
    trajectories: list[list[State]] = [[] for _ in wanted]
    network = painter.network
    started = time.perf_counter()  # what had to be read for the first painting is nobody's price
    for timestep in ready.timesteps:
        check()
        noisy = ready.scale_model_input(latents, timestep).detach().clone().requires_grad_()
        signal, level = signal_and_noise(ready, timestep)
        with threads(1), torch.enable_grad():
            guess = network(noisy, timestep, nothing).sample
            picture = vae.decode((noisy - level * guess) / signal / vae.config.scaling_factor).sample
            likeness = (pair.of_pictures(picture) * goals).sum()
            (slope,) = torch.autograd.grad(likeness, noisy)
        guess = guess.detach()
        push = slope * (_length(guess) / _length(slope).clamp(min=1e-12))
        guess = guess - strength * level * push
        noisy = noisy.detach()
        latents = advance(ready, guess, timestep, latents, dice)
        clean, t = (noisy - level * guess) / signal, from_index(round(float(timestep)))
        for k, trajectory in enumerate(trajectories):
            trajectory.append(State(t, noisy[k], guess[k], clean[k], painter.decode))
    seconds, name = (time.perf_counter() - started) / len(wanted), f"{painter.name}, pushed by CLIP"
    return [
        Painting(
            settings,
            name,
            latent,
            trajectory,
            len(trajectory),
            seconds,
            painter.decode,
            painter.remark(settings),
        )
        for settings, latent, trajectory in zip(wanted, latents, trajectories, strict=True)
    ]


def _length(batch: torch.Tensor) -> torch.Tensor:
    """The length of each picture of a batch as one vector, (batch, 1, 1, 1)."""
    return batch.flatten(1).norm(dim=1)[:, None, None, None]
