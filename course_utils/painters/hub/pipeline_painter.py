"""Any diffusers pipeline behind the painter's interface: the same settings in, a trajectory out."""

from __future__ import annotations

import gc
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import diffusers
import numpy as np
import torch
from PIL import Image

from course_utils.guidance import CONVENTIONS
from course_utils.painters.hub.preview import place
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
        return Settings(prompt, **{"steps": self.row.steps, "guidance": self.row.w, **changes})

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
        with torch.inference_mode():
            return self._vae().encode(self._placed(unit)).latent_dist.mean[0].float().cpu()

    def decode(self, latent: torch.Tensor) -> np.ndarray:
        """What `look` gave, as a picture again."""
        with torch.inference_mode():
            unit = self._vae().decode(self._placed(latent[None])).sample[0].float().cpu()
        return ((unit.permute(1, 2, 0) / 2 + 0.5).clamp(0, 1) * 255).round().byte().numpy()

    def _placed(self, tensor: torch.Tensor) -> torch.Tensor:
        return tensor.to(place(self.pipeline), self.pipeline.vae.dtype)

    def _vae(self) -> Any:
        vae = self.pipeline.vae
        if "QwenImage" in type(vae).__name__:
            raise CourseError(f"The VAE of {self.row.title} is made for films: choose another model.")
        return vae

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
        started = time.perf_counter()
        with given_back(self.row.title), torch.inference_mode(), self._watched(check) as states:
            image = pipeline(
                **call,
                **shape,
                num_inference_steps=settings.steps,
                generator=generator(settings.seed),
            ).images[0]
        seconds = time.perf_counter() - started
        passes = len(states) * (2 if self._guides(settings) else 1)
        pixels = np.asarray(image.convert("RGB"))
        latent = states[-1].clean if states else torch.zeros(0)
        painting = Painting(
            settings, self.name, latent, states, passes, seconds, self._decode, self._remark(image)
        )
        painting.__dict__["pixels"] = pixels  # the pipeline has decoded it already
        return painting

    def _call(self, settings: Settings) -> dict[str, Any]:
        """The pipeline's own arguments for these settings: prompts and guidance, counted its way.

        w = 0 is painted as the negative (or empty) prompt at w = 1, which is what the formula says: every
        pipeline switches guidance off there.
        """
        self._refuse(settings)
        rule, call = self.row.guidance, {**self.always, "prompt": settings.prompt}
        w = settings.guidance
        if w == 0:
            call["prompt"], w = settings.negative, 1.0
        elif rule.negative and (settings.negative or rule.needs_negative):
            call["negative_prompt"] = settings.negative or " "
        if rule.argument:
            call[rule.argument] = CONVENTIONS[rule.convention].from_w(w)
        return call

    def _refuse(self, settings: Settings) -> None:
        title, rule = self.row.title, self.row.guidance
        if 0 < settings.guidance < 1 and rule.off_until > float("-inf"):
            raise CourseError(
                f"{title} guides only above w = 1, and paints w = 0 and w = 1 exactly: choose one of these."
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
        distilled = bool(getattr(self.pipeline.config, "is_distilled", False))
        return rule.argument is not None and counted > rule.off_until > float("-inf") and not distilled

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
            noisy, noise, guess = (part[0].float().cpu() for part in (sample, output, clean))
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
    alpha_bar = scheduler.alphas_cumprod[round(float(timestep))].to(sample.device, sample.dtype)
    if hasattr(scheduler, "sigmas") and scheduler.config.get("prediction_type") == "epsilon":
        scale = (1 / alpha_bar).sqrt() if _scales(scheduler) else 1.0
        sample = sample / scale
    if scheduler.config.get("prediction_type") == "v_prediction":
        return alpha_bar.sqrt() * sample - (1 - alpha_bar).sqrt() * prediction
    return (sample - (1 - alpha_bar).sqrt() * prediction) / alpha_bar.sqrt()


def _scales(scheduler: Any) -> bool:
    """Whether a scheduler keeps its latents divided by the signal, as Euler and Heun do."""
    return "Euler" in type(scheduler).__name__ or "Heun" in type(scheduler).__name__


@contextmanager
def given_back(title: str) -> Iterator[None]:
    """However a run ends, the memory it held is free afterwards; where it ran out, one sentence says so."""
    exhausted = False
    try:
        yield
    except BaseException as error:
        # A notebook keeps its last error, that keeps its frames, and those keep their tensors.
        traceback.clear_frames(error.__traceback__)
        exhausted = _out_of_memory(error)
        if not exhausted:
            raise
    finally:
        free()
    if exhausted:  # raised here, where it does not carry the first error along
        raise CourseError(
            f"{title} ran out of memory: close other notebooks, or choose a smaller model or picture."
        )


def free() -> None:
    """Give back what a run on a GPU held; on a processor memory comes back by itself."""
    if torch.accelerator.is_available():
        gc.collect()
        torch.get_device_module().empty_cache()


def _out_of_memory(error: BaseException) -> bool:
    """Apple's GPU and the processor say it in a plain RuntimeError."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and "memory" in str(error).lower()
    )
