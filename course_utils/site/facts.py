"""What a page must know of a painter besides its networks: shapes, settings, tokens, schedule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from course_utils.painters import BUILTIN, Painter, load
from course_utils.painters.fast_painter import FastPainter
from course_utils.painters.flow_painter import FlowPainter
from course_utils.painters.networks import guidance_width
from course_utils.painters.tokens import ChatTokens
from course_utils.runtime import CourseError

# How the page's own code calls the three kinds: guided by two passes, leaping with one, on a straight path.
KINDS: Mapping[type[Painter], str] = {Painter: "guided", FastPainter: "leaping", FlowPainter: "straight"}
SCHEDULE = ("beta_schedule", "beta_start", "beta_end", "prediction_type", "original_inference_steps")


def facts(painter: Painter) -> dict[str, Any]:
    """All of it, fit for JSON; shapes as the checkpoint has them."""
    settings = painter.defaults("a page")
    schedule = painter.parts.schedule
    return {
        "title": BUILTIN.get(painter.name, painter.name),
        "kind": KINDS[type(painter)],
        "shape": list(painter.shape),
        "side": painter.side,
        "dial": list(painter.dial),
        "most_steps": painter.most_steps,
        "early": painter.early,
        "defaults": {"steps": settings.steps, "guidance": settings.guidance},
        "guidance_width": guidance_width(painter.parts),
        "schedule": {name: schedule[name] for name in SCHEDULE if name in schedule},
        "tokens": tokens(painter),
        "words": None if painter.words is None else sorted(painter.words),
    }


def tokens(painter: Painter) -> dict[str, Any]:
    """How a prompt becomes token numbers: `room` for them, what stands around the prompt, what fills up."""
    cutter = painter.cutting(painter.parts)
    found = {"room": cutter.room, "start": cutter.start}
    if not isinstance(cutter, ChatTokens):
        return {**found, "before": "", "after": "", "filler": None}  # the last token, repeated
    tokenizer, sample = painter.parts.tokenizer, "a page"
    chat = tokenizer.apply_chat_template([{"role": "user", "content": sample}], tokenize=False)
    before, middle, after = chat.partition(sample)
    if not middle:
        raise CourseError(f"The chat template of {painter.name!r} changes what is typed: a page cannot.")
    return {**found, "before": before, "after": after, "filler": tokenizer.pad_token_id}


def painter_named(name: str) -> Painter:
    """A built-in painter, not made any quicker. Raises `CourseError` for others."""
    if name not in BUILTIN:
        raise CourseError(f"There is no built-in painter {name!r}; choose {', '.join(BUILTIN)}.")
    return load(name, build=False)
