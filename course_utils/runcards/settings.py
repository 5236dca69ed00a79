"""What can be asked of a painter in one call, checked before anything is computed."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np

from course_utils.prompts import check_length, normalise
from course_utils.runtime import CourseError, generator, plain, shown
from course_utils.sampling import SAMPLERS
from course_utils.schedules import leading, trailing

# Where the built-in painter paints well and obeys best; measured in data/models/picturebook/curves.json.
STEPS, GUIDANCE = 10, 4.0

SPACINGS = {"trailing": trailing, "leading": leading}  # which timesteps are visited, by so many steps
MOST_STEPS = 1000  # the timesteps of the schedule; none is visited twice
MOST_LEFT_OUT = 60  # timesteps at the noisy end that leading spacing may lose to a rounded stride
MOST_GUIDANCE = 100.0


@dataclass(frozen=True)
class Settings:
    """Everything that decides one painting: the same settings give the same picture.

    `guidance` is w as diffusers counts it: 0 unconditional, 1 plain conditional. `rescale` (0..1) pulls the
    guided prediction back to the contrast of the conditional one (Lin 2024, section 3.4). `interval` is the
    part of the way, from 0 (static) to 1 (clean), on which guidance is applied (Kynkäänniemi 2024); outside
    it w = 1. `blend` is the share (0..1) of `other` in the prompt's vectors. `spacing` says which
    timesteps are visited; `bias` (-1..1) crowds them at the clean end (< 0) or at the noisy end (> 0).
    """

    prompt: str
    seed: int = 7
    steps: int = STEPS
    guidance: float = GUIDANCE
    negative: str = ""
    sampler: str = "ddim"
    rescale: float = 0.0
    interval: tuple[float, float] = (0.0, 1.0)
    other: str = ""
    blend: float = 0.0
    spacing: str = "trailing"
    bias: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):  # numbers of numpy's would not go into a file
            object.__setattr__(self, field.name, plain(getattr(self, field.name)))
        generator(self.seed)  # complains about seeds that are none
        whole = isinstance(self.steps, int) and not isinstance(self.steps, bool)
        if not whole or not 1 <= self.steps <= MOST_STEPS:
            raise CourseError(f"Steps are a whole number from 1 to {MOST_STEPS}, not {shown(self.steps)}.")
        check_number("Guidance", self.guidance, -MOST_GUIDANCE, MOST_GUIDANCE)
        check_number("Rescaling", self.rescale, 0, 1)
        check_number("The share of the other prompt", self.blend, 0, 1)
        for text in (self.prompt, self.negative, self.other):
            if not isinstance(text, str):
                raise CourseError(f"A prompt is a piece of text, not {shown(text)}.")
            check_length(text)
        if not normalise(self.prompt) and self.guidance != 0:
            raise CourseError(
                "The prompt is empty: say what to paint, or set guidance to 0 to paint without one."
            )
        if self.blend and not normalise(self.other):
            raise CourseError("Blending needs another prompt: fill in `other`, or set `blend` to 0.")
        _check_choice("sampler", self.sampler, SAMPLERS)
        _check_choice("spacing", self.spacing, SPACINGS)
        check_number("Bias", self.bias, -1, 1)
        if self.bias and self.spacing != "trailing":
            raise CourseError("Only trailing spacing can be told where to spend its steps: leave bias at 0.")
        left_out = MOST_STEPS % self.steps
        if self.spacing == "leading" and left_out >= MOST_LEFT_OUT:  # lost by rounding the stride down
            raise CourseError(
                f"With {self.steps} steps of leading spacing the noisiest {left_out} timesteps would be "
                f"left out: choose at most {MOST_LEFT_OUT - 1} steps, or trailing spacing."
            )
        try:
            low, high = map(plain, self.interval)
        except (TypeError, ValueError):
            raise CourseError(
                f"The guidance interval is two numbers, where it begins and ends, not {shown(self.interval)}."
            ) from None
        object.__setattr__(self, "interval", (low, high))  # a list would not do as a key
        check_number("The start of the guidance interval", low, 0, 1)
        check_number("The end of the guidance interval", high, low, 1)

    def but(self, **changes: Any) -> Settings:
        """The same settings with some changed."""
        return replace(self, **changes)

    def to_json(self) -> str:
        """The settings as text, to go inside a picture file."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """Settings read back from a picture file. Raises `CourseError` for damaged ones."""
        try:
            found = json.loads(text)
            known = {field.name for field in fields(cls)}
            found["interval"] = tuple(found["interval"])
            return cls(**{name: value for name, value in found.items() if name in known})
        except CourseError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise CourseError(
                "The settings inside this picture are damaged, so it cannot be repainted."
            ) from None


Prompt = str | Settings


def is_several(prompt: Prompt | Sequence[Prompt]) -> bool:
    """Whether this is a list of prompts, for which a list of paintings comes back."""
    return isinstance(prompt, Sequence) and not isinstance(prompt, str)


def batch_of(prompt: Prompt | Sequence[Prompt], more: dict[str, Any]) -> list[Settings]:
    """One `Settings` for each picture; `more` changes all of them, and its `seed` may be a list of seeds.

    Raises `CourseError` for a setting that does not exist, and for pictures that cannot share a batch.
    """
    wanted: Sequence[Prompt] = prompt if is_several(prompt) else [prompt]  # type: ignore[assignment,list-item]
    if not wanted:
        raise CourseError("A batch needs at least one prompt.")
    unknown = [name for name in more if name not in {field.name for field in fields(Settings)}]
    if unknown:
        raise CourseError(f"A painter knows no such setting: {', '.join(map(repr, unknown))}.")
    found = [
        item.but(**more, **own) if isinstance(item, Settings) else Settings(item, **more, **own)
        for item, own in zip(wanted, _seeds(more.pop("seed", None), len(wanted)), strict=True)
    ]
    shared = {(one.steps, one.sampler, one.spacing, one.bias) for one in found}
    if len(shared) > 1:
        raise CourseError(
            "A batch shares steps, sampler, spacing and bias: paint the other pictures in a second batch."
        )
    return found


def _seeds(seeds: Any, count: int) -> list[dict[str, Any]]:
    """The seed of each picture, as a setting, where one was given."""
    if seeds is None:
        return [{}] * count
    each = list(seeds) if np.ndim(seeds) else [seeds] * count
    if len(each) != count:
        raise CourseError(f"There are {count} prompts but {len(each)} seeds: give as many seeds as prompts.")
    return [{"seed": seed} for seed in each]


def _check_choice(what: str, value: str, offered: Collection[str]) -> None:
    if not isinstance(value, str) or value not in offered:
        raise CourseError(f"There is no {what} {shown(value)}; choose one of {', '.join(offered)}.")


def check_number(name: str, value: float, low: float, high: float) -> None:
    """Raise `CourseError` unless a value is a number from `low` to `high`."""
    fine = isinstance(value, int | float) and not isinstance(value, bool)
    if not fine or not low <= value <= high:  # which nan is not
        raise CourseError(f"{name} is a number from {low:g} to {high:g}, not {shown(value)}.")
