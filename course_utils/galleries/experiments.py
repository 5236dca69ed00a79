"""What the notebooks repeat on a large model: the one list that is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PROMPT = "a cat astronaut floating in space, oil painting"
VAGUE = "a cat"
TABBY = "a detailed orange tabby cat on a windowsill, warm light"
DOG = "a cyberpunk dog"
NEGATIVE = "blurry, photo, text"
# Sent through the VAE and back in notebook 1.
PICTURES = ("cat", "page")


@dataclass(frozen=True)
class Experiment:
    """Requests that belong together: each names the settings that differ from the painter's own.

    `needs` is the kind of model for which it has a meaning, "" for all. Of a `film` the way is kept, too.
    """

    notebook: int
    requests: tuple[Mapping[str, Any], ...]
    needs: str = ""
    film: bool = False


UNHURRIED, DISTILLED = "unhurried", "distilled"

EXPERIMENTS = (
    Experiment(2, ({"prompt": PROMPT},), film=True),
    Experiment(
        3,
        (
            {"prompt": VAGUE},
            {"prompt": TABBY},
            {"prompt": TABBY, "negative": NEGATIVE},
            {"prompt": PROMPT},
            {"prompt": PROMPT, "negative": NEGATIVE},
            {"prompt": DOG},
        ),
    ),
    Experiment(4, tuple({"prompt": PROMPT, "steps": steps} for steps in (60, 20, 8, 3)), UNHURRIED),
    Experiment(4, tuple({"prompt": PROMPT, "steps": steps} for steps in (1, 2, 3, 4)), DISTILLED),
    Experiment(5, tuple({"prompt": PROMPT, "guidance": w} for w in (1, 7, 20)), UNHURRIED),
)
