"""The painter: prompt in, picture out, every state on the way. Rombach 2022, arXiv 2112.10752."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, ClassVar

import numpy as np
import torch

from course_utils import prompts
from course_utils.languages import tr
from course_utils.painters import inference, networks
from course_utils.painters.edits import Canvas, checked_page
from course_utils.painters.guided import GuidedBatch, OnePass
from course_utils.painters.joint import Joint
from course_utils.painters.painting import Painting, State
from course_utils.painters.parts import Parts
from course_utils.painters.tokens import ClipTokens
from course_utils.picturebook.tensors import to_pages, to_tensor
from course_utils.runcards.settings import SPACINGS, Settings, batch_of, is_several
from course_utils.runtime import generator, threads
from course_utils.sampling import SAMPLERS, Predict, Sampler, draw_noise
from course_utils.schedules import NoisePath, biased_timesteps, of_checkpoint, to_index


@dataclass
class Painter:
    """A text-to-image model that can be watched: text encoder, U-Net, VAE and noise schedule.

    `words` are the words it was trained on, None where they are unknown.
    """

    dial: ClassVar[tuple[float, float]] = (0.0, 15.0)  # the guidance that panels offer
    most_steps: ClassVar[int] = 60  # the steps that panels offer
    distilled: ClassVar[bool] = False  # whether it learned a few steps only
    cutting: ClassVar[type[ClipTokens]] = ClipTokens
    joint: ClassVar[Joint | None] = None  # how picture and words attend to each other, where they do
    early: ClassVar[float] = 0.6  # the share of a sketch's steps, from the first on, that are guided

    name: str
    parts: Parts
    words: Sequence[str] | None = None
    engine: inference.Engine = field(init=False)
    # One painting at a time: panels paint in threads of their own, and a watched one must be alone.
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _vectors: dict[str, torch.Tensor] = field(default_factory=dict, repr=False)

    _quickened: bool = field(default=False, init=False, repr=False)

    def __post_init__(self) -> None:
        self.engine = self.torch_engine()

    @property
    def network(self) -> Any:
        """What predicts the noise, as the library's model."""
        return self.parts.network

    def torch_engine(self) -> inference.Engine:
        """The networks run by torch, each read when it is first needed."""
        return inference.TorchEngine(self.parts)

    def quicken(self, build: bool) -> None:
        """Paint with the fast engine once it is built, which `build` starts, and sketch in eight bits."""
        self.engine = inference.quickest(self.parts, self.engine, build)
        self._quickened = True

    def using(self, engine: inference.Engine) -> Painter:
        """The same painter on another engine; the two share a lock and never paint at once."""
        other = copy(self)
        other.engine = engine
        return other

    @cached_property
    def sketcher(self) -> Painter:
        """The same painter, faster and less exact, for previews; itself where there is nothing faster."""
        if not self._quickened:
            return self
        build = partial(inference.fast_for_sketches, self.parts, self.engine, self.using)
        return self.using(inference.Warming(self.engine, build))

    def sketched(self, settings: Settings, steps: int) -> Settings:
        """Settings for a sketch of so many steps: above w = 1 only the first ones are guided.

        Early guidance decides what is in the picture; late guidance only adds contrast, and too much of it
        where steps are few (Kynkäänniemi 2024, arXiv 2404.07724). So the sketch comes closer to the page, for
        fewer evaluations.
        """
        if settings.guidance <= 1 or settings.interval != (0.0, 1.0):
            return settings.but(steps=steps)
        return settings.but(steps=steps, interval=(0.0, self.early))

    @contextmanager
    def by_torch(self) -> Iterator[None]:
        """Paint with torch for a while: no other engine can be watched."""
        before, self.engine = self.engine, self.torch_engine()
        try:
            yield
        finally:
            self.engine = before

    def paint(
        self,
        prompt: str | Settings | Sequence[str | Settings],
        *,
        canvas: Canvas | None = None,
        check: Callable[[], None] = lambda: None,
        **settings: Any,
    ) -> Any:
        """Paint one prompt, or a batch of them; the other settings are those of `Settings`.

        Returns a `Painting`, or a list of them for a list of prompts. In a batch each picture has its own
        seed and generator, so that it comes out as it would alone; `seed` may be a list as long as the
        prompts. A batch shares steps, sampler, spacing and bias. `canvas` starts from a page instead of
        static. `check` is called after every step; an exception that it raises ends the painting.
        """
        wanted = batch_of(prompt, settings)
        for one in wanted:
            self.validate(one)
        with self.lock:
            paintings = self.walked(wanted, self.predictor(wanted), canvas, check)
        return paintings if is_several(prompt) else paintings[0]

    def walked(
        self,
        wanted: Sequence[Settings],
        predict: GuidedBatch | OnePass,
        canvas: Canvas | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> list[Painting]:
        """The paintings that a `predict(x, t)` leads to, for the settings of one batch."""
        sampler, timesteps = self.route(wanted[0])
        generators = [generator(settings.seed) for settings in wanted]
        noise = draw_noise((len(wanted), *self.shape), generators)
        model: Predict = predict
        x = sampler.initial_state(noise, timesteps[0], self.path)
        if canvas is not None:
            timesteps, x = canvas.begin(x, noise, timesteps, self.path)
            model = canvas.around(model, self.path)
        trajectories: list[list[State]] = [[] for _ in wanted]
        self.engine.prepare()
        started = time.perf_counter()  # loading is not part of a painting's time
        with torch.inference_mode():
            for state in sampler.walk(model, x, timesteps, self.path, generators):
                if state.t == 0:
                    break
                check()
                for k, trajectory in enumerate(trajectories):
                    parts = state.x[k], state.noise[k], state.clean[k]
                    trajectory.append(State(round(state.t), *parts, self.decode))
        seconds = (time.perf_counter() - started) / len(wanted)
        start = "" if canvas is None else canvas.words
        paintings = []
        for one, latent, states, count in zip(
            wanted, state.x, trajectories, predict.evaluations, strict=True
        ):
            remark = self.remark(one, count)
            paintings.append(
                Painting(one, self.name, latent, states, count, seconds, self.decode, remark, start)
            )
        return paintings

    @cached_property
    def path(self) -> NoisePath:
        """The noise schedule that the network was trained on."""
        return of_checkpoint(self.parts.schedule)

    def route(self, settings: Settings) -> tuple[Sampler, Sequence[float]]:
        """The sampler of these settings and the timesteps it visits, falling to 0.

        Raises `CourseError` for settings that this painter cannot follow.
        """
        if settings.bias:
            return SAMPLERS[settings.sampler], biased_timesteps(settings.steps, settings.bias)
        return SAMPLERS[settings.sampler], SPACINGS[settings.spacing](settings.steps)

    def predictor(self, wanted: Sequence[Settings]) -> GuidedBatch | OnePass:
        """The `predict(x, t)` of a batch, guided as its settings say."""
        unconditional = torch.stack([self.encode_text(settings.negative) for settings in wanted])
        return GuidedBatch(self.predict, wanted, self.conditioning(wanted), unconditional)

    def predict(self, x: torch.Tensor, t: float, vectors: torch.Tensor) -> torch.Tensor:
        """What the network predicts at t for latents (batch, 4, h, w), prompts (batch, length, width)."""
        return self.engine.predict(x, torch.tensor(to_index(t)), vectors)

    def conditioning(self, wanted: Sequence[Settings]) -> torch.Tensor:
        """The vectors of a batch of prompts, each blended with its other one: (batch, length, width)."""
        pairs = [(self.encode_text(one.prompt), self.encode_text(one.other), one.blend) for one in wanted]
        return torch.stack([torch.lerp(*pair) for pair in pairs])

    def defaults(self, prompt: str, **changes: Any) -> Settings:
        """The settings that the painter is meant for, with some changed."""
        return Settings(prompt, **changes)

    def validate(self, settings: Settings) -> None:
        """Raise `CourseError` for settings that this painter cannot follow."""

    def encode_text(self, prompt: str) -> torch.Tensor:
        """A prompt's vectors, (length, width), one for each token: the hidden states of the text encoder."""
        if prompt not in self._vectors:
            self._vectors[prompt] = self.engine.encode_text(self.tokens(prompt))[0]
        return self._vectors[prompt]

    def heard(self, prompt: str) -> prompts.Heard:
        """What the painter reads of a prompt: normalised, and as much of it as there is room for."""
        return prompts.fit(prompt, self.words, self._cutter.count, self._cutter.room)

    def tokens(self, prompt: str) -> torch.Tensor:
        """A prompt's token ids, (1, length), start, end and padding included."""
        return torch.tensor([self._cutter.numbers(self.heard(prompt).text)])

    def pieces(self, prompt: str) -> list[str]:
        """The tokens that a prompt is cut into, without those for start and end."""
        return self._cutter.pieces(self.heard(prompt).text)

    def own_tokens(self, prompt: str) -> slice:
        """Where the prompt's `pieces` stand among its tokens."""
        return slice(self._cutter.start, self._cutter.start + len(self.pieces(prompt)))

    @cached_property
    def _cutter(self) -> ClipTokens:
        return self.cutting(self.parts)

    def decode(self, latents: torch.Tensor) -> np.ndarray:
        """Latents of `shape` as pixels, (side, side, 3) uint8; a batch of them as a batch."""
        batch = latents if latents.ndim == 4 else latents[None]
        pages = to_pages(self.engine.decode(batch))
        return pages if latents.ndim == 4 else pages[0]

    def encode_image(self, page: np.ndarray) -> torch.Tensor:
        """A page (height, width, 3) uint8 as a latent (channels, h, w): `shape`, if the page has `side`."""
        page = checked_page(page)
        with torch.inference_mode(), threads(1):
            return networks.module(self.parts, networks.ENCODER)(to_tensor(page[None]))[0]

    def initial_noise(self, seed: int) -> torch.Tensor:
        """The noise that a seed stands for, standard normal, (channels, h, w) as `shape` says."""
        return draw_noise((1, *self.shape), [generator(seed)])[0]

    @property
    def title(self) -> str:
        """The painter's name, for people to read."""
        return tr("{name}, the built-in painter", name=self.name)

    @property
    def side(self) -> int:
        """How many pixels a side of its pages has."""
        return self.parts.config("vae")["sample_size"]

    @cached_property
    def shape(self) -> tuple[int, int, int]:
        """How large a latent is: (channels, h, w)."""
        return networks.latent_shape(self.parts)

    def remark(self, settings: Settings, evaluations: int | None = None) -> str:
        """One sentence on what of a request has no effect, or "".

        That is: words that the painter never learned or had no room for, a negative prompt that does nothing,
        and that nothing was painted where the painting took no `evaluations`.
        """
        texts = settings.prompt, settings.negative, settings.other
        unknown = {} if self.words is None else prompts.out_of_vocabulary(" ".join(texts), self.words)
        dropped = [word for text in texts for word in self.heard(text).dropped]
        further = []
        if settings.negative.strip() and settings.guidance == 1:
            further.append("the negative prompt has no effect at w = 1, only above it")
        elif settings.negative.strip() and settings.guidance < 1:
            further.append("below w = 1 the page is steered towards the negative prompt, not away from it")
        if evaluations == 0:
            further.append(
                "0 evaluations: at so low a strength no step is taken, and the page stays as it was"
            )
        return prompts.remark(unknown, dropped, further)
