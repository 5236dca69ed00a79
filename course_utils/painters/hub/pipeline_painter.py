"""Any diffusers pipeline behind the painter's interface: the same settings in, a trajectory out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Any

import diffusers
import numpy as np
import torch
from PIL import Image

from course_utils.guidance import CONVENTIONS
from course_utils.painters.hub.memory import given_back
from course_utils.painters.hub.preview import decoded, encoded, exact, place
from course_utils.painters.hub.price import price
from course_utils.painters.hub.start import Start
from course_utils.painters.hub.table import Row
from course_utils.painters.painting import Painting, State
from course_utils.painters.settings import SAMPLERS, Settings
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
        """What guesses the noise or the velocity."""
        return getattr(self.pipeline, "unet", None) or self.pipeline.transformer

    @property
    def name(self) -> str:
        """The name it was loaded by."""
        return self.row.name

    def defaults(self, prompt: str, **changes: Any) -> Settings:
        """Settings as the model is meant to be used."""
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

        `start` begins from a picture instead of static, or repaints a hole in it. Raises `CourseError` for a
        setting that this pipeline has no part for, in one sentence.
        """
        several = not isinstance(prompt, str | Settings)
        requests: Any = prompt if several else [prompt]
        wanted = [
            one.but(**settings) if isinstance(one, Settings) else self.defaults(one, **settings)
            for one in requests
        ]
        shape: dict[str, Any] = {"height": side or self.row.side, "width": side or self.row.side}
        pipeline = self.pipeline
        if start is not None:
            pipeline = start.pipeline(self.pipeline, self.row.title)
            shape = start.arguments(pipeline)
        with self.lock:
            paintings = [self._paint(one, check, pipeline, shape) for one in wanted]
        return paintings if several else paintings[0]

    def look(self, picture: np.ndarray) -> torch.Tensor:
        """A picture (side, side, 3) uint8 as the latent of this model's VAE, (channels, side/8, side/8)."""
        unit = torch.from_numpy(picture).permute(2, 0, 1)[None] / 127.5 - 1
        with given_back(self.row.title), torch.inference_mode(), exact(self.pipeline.vae) as vae:
            return encoded(vae, unit.to(place(self.pipeline), vae.dtype))[0].float().cpu()

    def decode(self, latent: torch.Tensor) -> np.ndarray:
        """What `look` gave, as a picture again."""
        with given_back(self.row.title), torch.inference_mode(), exact(self.pipeline.vae) as vae:
            unit = decoded(vae, latent[None].to(place(self.pipeline), vae.dtype))[0].float().cpu()
        return ((unit.permute(1, 2, 0) / 2 + 0.5).clamp(0, 1) * 255).round().byte().numpy()

    def _paint(
        self, settings: Settings, check: Callable[[], None], pipeline: Any, shape: Mapping[str, Any]
    ) -> Painting:
        call = self._call(settings)
        if self.row.samplers:
            kind = getattr(diffusers, SAMPLERS[settings.sampler])
            # Without its private marks, by which from_config would drop what equals another class's default.
            own = {k: v for k, v in self.pipeline.scheduler.config.items() if not k.startswith("_")}
            own |= {"clip_sample": False, "timestep_spacing": settings.spacing}
            self.pipeline.scheduler = pipeline.scheduler = kind.from_config(own)
            pipeline.scheduler.set_timesteps(settings.steps)
            if (pipeline.scheduler.timesteps < 0).any():
                raise CourseError(
                    f"diffusers cannot space {settings.steps} steps of this sampler: choose one more or less."
                )
        moments = [time.perf_counter()]
        passed = partial(self._passed, moments, check)
        try:
            with given_back(self.row.title), torch.inference_mode(), self._watched(passed) as states:
                image = pipeline(
                    **call,
                    **shape,
                    num_inference_steps=settings.steps,
                    generator=generator(settings.seed),
                ).images[0]
        finally:
            pipeline.maybe_free_model_hooks()  # what was called to the GPU goes back, interrupted or not
        seconds = price([*moments, time.perf_counter()], self._cold)
        self._cold = False
        passes = len(states) * (2 if self._guides(settings) else 1)
        pixels = np.asarray(image.convert("RGB"))
        latent = states[-1].clean if states else torch.zeros(0)
        painting = Painting(
            settings, self.name, latent, states, passes, seconds, self._decode, self._remark(image)
        )
        painting.__dict__["pixels"] = pixels  # the pipeline has decoded it already
        return painting

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
        self._refuse(settings)
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
        """No prompt, as this pipeline's unconditional guess hears it: SDXL hears zeros, not an empty text."""
        if not self.pipeline.config.get("force_zeros_for_empty_prompt"):
            return {"prompt": empty}
        vectors, _, pooled, _ = self.pipeline.encode_prompt(empty, do_classifier_free_guidance=False)
        return {
            "prompt": None,
            "prompt_embeds": torch.zeros_like(vectors),
            "pooled_prompt_embeds": torch.zeros_like(pooled),
        }

    def _refuse(self, settings: Settings) -> None:
        title, rule = self.row.title, self.row.guidance
        if rule.argument is None and settings.guidance not in (0, 1):
            raise CourseError(
                f"{title} was distilled to a single guidance and has no dial for it: leave w at 1, or take 0 "
                "to paint without the prompt."
            )
        if settings.guidance < 1 and settings.guidance != 0 and rule.off_until > float("-inf"):
            raise CourseError(
                f"{title} guides only above w = 1, and paints w = 0 and w = 1 exactly: choose one of these."
            )
        own = self.defaults(settings.prompt or " ")
        if settings.bias or (
            not self.row.samplers and (settings.sampler, settings.spacing) != (own.sampler, own.spacing)
        ):
            raise CourseError(
                f"{title} walks in the steps it was made for: leave sampler, spacing and bias as they are."
            )
        if settings.negative and not rule.negative and settings.guidance != 0:
            raise CourseError(f"{title} takes no negative prompt: leave it empty.")
        if settings.blend or settings.rescale or settings.interval != (0.0, 1.0):
            raise CourseError(
                f"{title} cannot blend, rescale or guide in an interval: the built-in painter can."
            )

    def _guides(self, settings: Settings) -> bool:
        rule = self.row.guidance
        counted = CONVENTIONS[rule.convention].from_w(settings.guidance)
        return rule.argument is not None and counted > rule.off_until > float("-inf")

    @contextmanager
    def _watched(self, check: Callable[[], None]) -> Iterator[list[State]]:
        """Keep every step: the scheduler's input, the guided prediction, the clean picture it implies."""
        scheduler = self.pipeline.scheduler
        step, states = scheduler.step, []

        @wraps(step)  # pipelines look at its signature to see whether it takes a generator
        def kept(output: torch.Tensor, timestep: Any, sample: torch.Tensor, *args: Any, **more: Any) -> Any:
            sigma = _sigma(scheduler, timestep)
            result = step(output, timestep, sample, *args, **more)
            clean = _clean(scheduler, output, timestep, sample, sigma)
            t = round(float(timestep)) + (0 if sigma is not None else 1)
            seen = _as_drowned(scheduler, timestep, sample)
            noisy, noise, guess = (part[0].float().cpu() for part in (seen, output, clean))
            states.append(State(t, noisy, noise, guess, self._decode))
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

    def _remark(self, image: Image.Image) -> str:
        if getattr(self.pipeline, "safety_checker", None) is not None and not np.asarray(image).any():
            return "The safety checker of this model has blanked the picture: change the prompt or the seed."
        return ""


def _sigma(scheduler: Any, timestep: Any) -> float | None:
    """The noise level of a flow-matching step, None for schedulers of the curved kind."""
    if "FlowMatch" not in type(scheduler).__name__:
        return None
    if scheduler.step_index is None:
        scheduler._init_step_index(timestep)
    return float(scheduler.sigmas[scheduler.step_index])


def _clean(
    scheduler: Any, prediction: torch.Tensor, timestep: Any, sample: torch.Tensor, sigma: float | None
) -> torch.Tensor:
    """The clean latent that a prediction implies, by what it predicts."""
    if sigma is not None:
        return sample - sigma * prediction
    alpha_bar = _alpha_bar(scheduler, timestep, sample)
    sample = _as_drowned(scheduler, timestep, sample)
    if scheduler.config.get("prediction_type") == "v_prediction":
        return alpha_bar.sqrt() * sample - (1 - alpha_bar).sqrt() * prediction
    return (sample - (1 - alpha_bar).sqrt() * prediction) / alpha_bar.sqrt()


def _as_drowned(scheduler: Any, timestep: Any, sample: torch.Tensor) -> torch.Tensor:
    """The latents as x_t = signal x0 + noise level eps; Euler and Heun keep them divided by the signal."""
    divided = type(scheduler).__name__ in ("EulerDiscreteScheduler", "HeunDiscreteScheduler")
    return sample * _alpha_bar(scheduler, timestep, sample).sqrt() if divided else sample


def _alpha_bar(scheduler: Any, timestep: Any, like: torch.Tensor) -> torch.Tensor:
    return scheduler.alphas_cumprod[round(float(timestep))].to(like.device, like.dtype)
