"""Any diffusers pipeline behind the painter's interface: the same settings in, a trajectory out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Any

import numpy as np
import torch

from course_utils.guidance import CONVENTIONS
from course_utils.painters.hub.arguments import check_names, check_picture, check_side, refuse
from course_utils.painters.hub.finite import need_numbers, pixels
from course_utils.painters.hub.memory import given_back
from course_utils.painters.hub.preview import decoded, encoded, exact, place
from course_utils.painters.hub.price import price
from course_utils.painters.hub.schedulers import kind as sampler_class
from course_utils.painters.hub.start import Start
from course_utils.painters.hub.steps import read_step
from course_utils.painters.hub.table import Row
from course_utils.painters.joint import Joint
from course_utils.painters.painting import Painting, State
from course_utils.prompts import visible
from course_utils.runcards.settings import Settings
from course_utils.runtime import CourseError, generator


@dataclass
class PipelinePainter:
    """A large model as a painter. `pipeline` is diffusers', `row` says how it is meant to be used.

    `preview` decodes the latents of a trajectory. `always` are further arguments of every call.
    """

    row: Row
    pipeline: Any
    preview: Callable[[torch.Tensor], np.ndarray] | None = None
    words: None = None
    always: Mapping[str, Any] = field(default_factory=dict)

    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    by_torch = staticmethod(nullcontext)
    _cold: bool = field(default=True, repr=False)

    @property
    def network(self) -> Any:
        """What predicts the noise or the velocity."""
        return getattr(self.pipeline, "unet", None) or self.pipeline.transformer

    @property
    def name(self) -> str:
        """The name under which it is loaded."""
        return self.row.name

    @property
    def title(self) -> str:
        """The model's name, for people to read."""
        return self.row.title

    @property
    def side(self) -> int:
        """How many pixels a side of its pictures has."""
        return self.row.side

    @property
    def joint(self) -> Joint | None:
        """How picture and words attend to each other, if they do."""
        return self.row.joint

    @property
    def distilled(self) -> bool:
        """Whether it learned a few steps, and no more."""
        return self.row.distilled

    def validate(self, settings: Settings) -> None:
        """Raise `CourseError` for settings that this pipeline cannot follow."""
        refuse(self.row, settings, self._original_steps)

    def defaults(self, prompt: str, **changes: Any) -> Settings:
        """The settings that the model is meant for, with some changed."""
        check_names(changes)
        usual = {"steps": self.row.steps, "guidance": self.row.w, "sampler": self.row.sampler}
        return Settings(prompt, **{**usual, **changes})

    def paint(
        self,
        prompt: str | Settings | Sequence[str | Settings],
        *,
        check: Callable[[], None] = lambda: None,
        side: int | None = None,
        start: Start | None = None,
        **settings: Any,
    ) -> Any:
        """Paint one prompt or several, one after the other; settings left out are the model's own.

        `side` is in pixels, the model's own unless given. `start` begins from a picture instead of static, or
        repaints a hole in it; then the painting is as large as that picture. Raises `CourseError` for a
        setting that this pipeline cannot follow, before anything is painted.
        """
        several = isinstance(prompt, Sequence) and not isinstance(prompt, str | bytes)
        requests: Any = prompt if several else [prompt]
        if not requests:
            raise CourseError("A batch needs at least one prompt.")
        check_names(settings)
        wanted = [
            one.but(**settings) if isinstance(one, Settings) else self.defaults(one, **settings)
            for one in requests
        ]
        for one in wanted:
            self.validate(one)
        if not callable(check):
            raise CourseError(f"`check` is a function to call after every step, not {check!r}.")
        if start is None:
            wide = self.row.side if side is None else side
            check_side(wide)
            shape: dict[str, Any] = {"height": wide, "width": wide}
            pipeline = self.pipeline
        elif not isinstance(start, Start):
            raise CourseError(f"A painting starts from `Start(picture)`, not from a {type(start).__name__}.")
        elif side not in (None, len(start.picture)):
            raise CourseError(
                f"A painting is as large as the picture it starts from, {len(start.picture)} pixels: leave "
                "`side` out, or resize the picture."
            )
        else:
            pipeline = start.pipeline(self.pipeline, self.row)
            shape = start.arguments(pipeline)
        with self.lock:
            paintings = [self._paint(one, check, pipeline, shape, start) for one in wanted]
        return paintings if several else paintings[0]

    def encode_image(self, picture: np.ndarray) -> torch.Tensor:
        """A picture (side, side, 3) uint8 as the latent of this model's VAE, (channels, side/8, side/8)."""
        check_picture(picture)
        unit = torch.from_numpy(picture).permute(2, 0, 1)[None] / 127.5 - 1
        with given_back(self.row.title), torch.inference_mode(), exact(self.pipeline.vae) as vae:
            return encoded(vae, unit.to(place(self.pipeline), vae.dtype))[0].float().cpu()

    def decode(self, latent: torch.Tensor) -> np.ndarray:
        """A latent (channels, h, w) from `encode_image`, as a picture (side, side, 3) uint8 again."""
        if not isinstance(latent, torch.Tensor) or latent.ndim != 3:
            raise CourseError(
                "A latent to decode is a tensor (channels, height, width), as `encode_image` returns it."
            )
        with given_back(self.row.title), torch.inference_mode(), exact(self.pipeline.vae) as vae:
            config = vae.config
            channels = config.get("latent_channels") or config.get("z_dim")
            if len(latent) != channels:
                raise CourseError(
                    f"The VAE of {self.row.title} reads latents of {channels} channels, not of {len(latent)}."
                )
            unit = decoded(vae, latent[None].to(place(self.pipeline), vae.dtype))[0]
            return pixels(unit / 2 + 0.5, self.row.title)

    def _paint(
        self,
        settings: Settings,
        check: Callable[[], None],
        pipeline: Any,
        shape: Mapping[str, Any],
        start: Start | None,
    ) -> Painting:
        call = self._call(settings)
        steps = start.spaced(settings.steps, self._original_steps) if start else settings.steps
        lent, moments = self.pipeline.scheduler, [time.perf_counter()]
        passed = partial(self._passed, moments, check)
        try:
            if self.row.samplers:
                self.pipeline.scheduler = pipeline.scheduler = self._scheduler(settings, steps)
            moments[0] = time.perf_counter()
            with given_back(self.row.title), torch.inference_mode(), self._watched(passed) as states:
                result = pipeline(
                    **call,
                    **shape,
                    num_inference_steps=steps,
                    generator=generator(settings.seed),
                    output_type="pt",
                )
                page = pixels(result.images[0], self.row.title)
            remark = self._remark(result, settings, len(states), start)
        finally:
            # The pipeline stays as it was published, and what was called to the GPU goes back.
            self.pipeline.scheduler = pipeline.scheduler = lent
            pipeline.maybe_free_model_hooks()
        seconds = price([*moments, time.perf_counter()], self._cold)
        self._cold = False
        passes = len(states) * (2 if self._guides(settings) else 1)
        latent = states[-1].clean if states else torch.zeros(0)
        begun = "a picture" if start else ""
        return Painting(
            settings, self.name, latent, states, passes, seconds, self._decode, remark, begun, decoded=page
        )

    def _scheduler(self, settings: Settings, steps: int) -> Any:
        """The course's sampler and spacing, with the noise schedule of the pipeline's own."""
        # Without its private marks, by which from_config would drop what equals another class's default.
        own = {k: v for k, v in self.pipeline.scheduler.config.items() if not k.startswith("_")}
        own |= {"clip_sample": False, "timestep_spacing": settings.spacing}
        ready = sampler_class(settings.sampler).from_config(own)
        ready.set_timesteps(steps)
        if (ready.timesteps < 0).any():
            raise CourseError(
                f"diffusers cannot space {steps} steps of this sampler: choose one step more or less."
            )
        return ready

    @staticmethod
    def _passed(moments: list[float], check: Callable[[], None]) -> None:
        """Note when a step was done."""
        moments.append(time.perf_counter())
        check()

    def _call(self, settings: Settings) -> dict[str, Any]:
        """The pipeline's own arguments for these settings: prompts and guidance, counted its way.

        w = 0 is painted as the negative (or empty) prompt at w = 1, which is what the formula says: every
        pipeline switches guidance off there.
        """
        settings = settings.but(prompt=visible(settings.prompt), negative=visible(settings.negative))
        rule, call = self.row.guidance, {**self.always, "prompt": settings.prompt}
        w, nothing = settings.guidance, settings.negative or (" " if rule.needs_negative else "")
        if w == 0:
            call |= {"prompt": nothing} if settings.negative else self._nothing(nothing)
            w = 1.0
        elif rule.negative and (settings.negative or rule.needs_negative):
            call["negative_prompt"] = nothing
        if rule.argument:
            call[rule.argument] = CONVENTIONS[rule.convention].from_w(w)
        return call

    def _nothing(self, empty: str) -> dict[str, Any]:
        """No prompt, as this pipeline reads it unconditionally: SDXL reads zeros, not an empty text."""
        if not self.pipeline.config.get("force_zeros_for_empty_prompt"):
            return {"prompt": empty}
        vectors, _, pooled, _ = self.pipeline.encode_prompt(empty, do_classifier_free_guidance=False)
        return {
            "prompt": None,
            "prompt_embeds": torch.zeros_like(vectors),
            "pooled_prompt_embeds": torch.zeros_like(pooled),
        }

    @property
    def _original_steps(self) -> int | None:
        """The steps that a consistency model was distilled from, None for all others."""
        return self.pipeline.scheduler.config.get("original_inference_steps")

    def _guides(self, settings: Settings) -> bool:
        rule = self.row.guidance
        counted = CONVENTIONS[rule.convention].from_w(settings.guidance)
        return rule.argument is not None and counted > rule.off_until > float("-inf")

    @contextmanager
    def _watched(self, check: Callable[[], None]) -> Iterator[list[State]]:
        """Keep every step: the scheduler's input, the guided prediction, and the clean picture it implies."""
        scheduler = self.pipeline.scheduler
        step = scheduler.step
        states: list[State] = []

        @wraps(step)  # pipelines look at its signature to see whether it takes a generator
        def kept(output: torch.Tensor, timestep: Any, sample: torch.Tensor, *args: Any, **more: Any) -> Any:
            need_numbers(output, self.row.title, f"at step {len(states) + 1}")
            states.append(State(*read_step(scheduler, output, timestep, sample), self._decode))
            result = step(output, timestep, sample, *args, **more)
            check()
            return result

        scheduler.step = kept
        try:
            yield states
        finally:
            del scheduler.step

    def _decode(self, latents: torch.Tensor) -> np.ndarray:
        if self.preview is None:
            raise CourseError(
                f"{self.row.title} has no preview decoder here: only its finished picture can be seen."
            )
        return self.preview(latents)

    def _remark(self, result: Any, settings: Settings, moves: int, start: Start | None) -> str:
        said = []
        if any(getattr(result, "nsfw_content_detected", None) or ()):
            said.append(
                "The safety checker of this model has blanked the picture: change the prompt or the seed."
            )
        run = -(-moves // self.pipeline.scheduler.order)  # Heun moves twice a step, but for the last
        if start is not None and run != settings.steps:
            said.append(f"Started from a picture: steps asked for {settings.steps}, steps taken {run}.")
        return " ".join(said)
