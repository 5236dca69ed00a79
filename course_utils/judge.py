"""What is on this page? Trained judges of different architectures, and how far to trust them.

The first may help to choose between weights; the second never takes part in any training or choice, so that
its verdict on a finished painter is an outsider's. A third, "features", lends its eyes to distances between
sets of pages; no loss and no choice of weights has ever used them, nor did it see what painters learn from.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional

from course_utils.picturebook.captions import asked
from course_utils.picturebook.scene import ATTRIBUTES, WORLD
from course_utils.picturebook.tensors import to_tensor
from course_utils.runtime import MODELS, CourseError, verify_checksums

FOLDER = MODELS / "judges"
BATCH = 64
GRID = 4  # places across on which the answers are read


def _resnet() -> tuple[nn.Module, int]:
    from transformers import ResNetConfig, ResNetModel

    widths = [32, 64, 128, 192]
    return ResNetModel(
        ResNetConfig(embedding_size=32, hidden_sizes=widths, depths=[1, 1, 1, 1], layer_type="basic")
    ), widths[-1]


def _convnext() -> tuple[nn.Module, int]:
    from transformers import ConvNextConfig, ConvNextModel

    widths = [40, 80, 160]
    found = ConvNextModel(ConvNextConfig(num_stages=3, patch_size=4, hidden_sizes=widths, depths=[2, 2, 2]))
    found.layernorm = nn.Identity()  # of its pooled vector, which is never read here
    return found, widths[-1]


def _regnet() -> tuple[nn.Module, int]:
    from transformers import RegNetConfig, RegNetModel

    widths = [32, 64, 128, 192]
    return RegNetModel(
        RegNetConfig(embedding_size=32, hidden_sizes=widths, depths=[1, 1, 2, 1], groups_width=16)
    ), widths[-1]


BACKBONES = {"first": _resnet, "second": _convnext, "features": _regnet}
READERS = ("first", "second")  # those whose verdicts count


@dataclass(frozen=True)
class Verdict:
    """What a judge saw: an answer an attribute, or None for "nothing I know", and how sure it was (0..1)."""

    answers: dict[str, str | None]
    sure: dict[str, float]

    def fits(self, prompt: str, attributes: Sequence[str] = tuple(ATTRIBUTES)) -> bool:
        """Whether everything that a prompt asks of these attributes is on the page."""
        wanted = asked(prompt)
        return all(self.answers[name] == wanted[name] for name in attributes if name in wanted)


class Judge(nn.Module):
    """A picture network with one answer sheet an attribute; the last line of each reads "nothing I know"."""

    def __init__(self, which: str) -> None:
        super().__init__()
        if which not in BACKBONES:
            raise CourseError(f"There is no judge {which!r}; there are {', '.join(BACKBONES)}.")
        self.which = which
        self.backbone, width = BACKBONES[which]()
        self.sheets = nn.ModuleDict(
            {name: nn.Linear(GRID**2 * width, len(answers) + 1) for name, answers in ATTRIBUTES.items()}
        )

    def features(self, pictures: torch.Tensor) -> torch.Tensor:
        """What is on a picture, wherever it is: (batch, width) of pictures (batch, 3, 128, 128) in -1..1."""
        return self._seen(pictures).mean((2, 3))

    def forward(self, pictures: torch.Tensor) -> dict[str, torch.Tensor]:
        """Logits (batch, answers + 1) of every attribute, read off a grid, so that left and right differ."""
        seen = functional.adaptive_avg_pool2d(self._seen(pictures), GRID).flatten(1)
        return {name: sheet(seen) for name, sheet in self.sheets.items()}

    def _seen(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.backbone(pictures).last_hidden_state

    def read(self, pages: np.ndarray) -> list[Verdict]:
        """Verdicts on pages, (batch, 128, 128, 3) uint8."""
        verdicts = []
        with torch.inference_mode():
            for part in _batches(pages):
                chances = {name: logits.softmax(-1) for name, logits in self(part).items()}
                verdicts += [_verdict(chances, k) for k in range(len(part))]
        return verdicts

    def describe(self, pages: np.ndarray) -> torch.Tensor:
        """Features (batch, width) of pages, (batch, 128, 128, 3) uint8."""
        with torch.inference_mode():
            return torch.cat([self.features(part) for part in _batches(pages)])


def _batches(pages: np.ndarray) -> list[torch.Tensor]:
    return [to_tensor(pages[k : k + BATCH]) for k in range(0, len(pages), BATCH)]


def _verdict(chances: dict[str, torch.Tensor], k: int) -> Verdict:
    answers: dict[str, str | None] = {}
    sure: dict[str, float] = {}
    for name, table in chances.items():
        best = int(table[k].argmax())
        answers[name] = ATTRIBUTES[name][best] if best < len(ATTRIBUTES[name]) else None
        sure[name] = float(table[k, best])
    return Verdict(answers, sure)


def save(judge: Judge, folder: Path) -> None:
    """Write a judge's weights as half precision."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: value.half() if value.is_floating_point() else value
        for name, value in judge.state_dict().items()
    }
    save_file(weights, folder / f"{judge.which}.safetensors", {"attributes": json.dumps(ATTRIBUTES)})


def read(which: str, folder: Path) -> Judge:
    """The judge of this name in a folder, ready to use.

    Raises `CourseError` for a judge of other answers than those of `ATTRIBUTES`.
    """
    judge, path = Judge(which), folder / f"{which}.safetensors"
    with safe_open(path, "pt") as file:
        answers = (file.metadata() or {}).get("attributes", "{}")
    if json.loads(answers) != {name: list(known) for name, known in ATTRIBUTES.items()}:
        raise CourseError(
            f"The {which} judge in {folder} learned another world than the picture book's version {WORLD}: "
            "train it again with `make train-judges`, then `make assemble`."
        )
    judge.load_state_dict(load_file(path))
    return judge.float().eval().requires_grad_(False)


@cache
def load(which: str = "first", folder: Path = FOLDER) -> Judge:
    """The judge "first" or "second", or the eyes "features".

    Raises `CourseError` for others, where weights are damaged, and as `read`.
    """
    verify_checksums(folder)
    return read(which, folder)


def accuracy(which: str = "first", folder: Path = FOLDER) -> dict[str, Any]:
    """How often a judge was right on fresh pages, per attribute, as measured when it was made."""
    return json.loads((folder / "accuracy.json").read_text())[which]


def credentials(which: str = "first") -> str:
    """One sentence on how often a judge is right, to stand beside whatever it says."""
    told = accuracy(which)["fresh pages"]
    sure = min(told[name] for name in ("subject", "colour", "setting"))
    return (
        f"(The {which} judge reads subject, colour and setting of {100 * sure:.1f} % of fresh pages right.)"
    )
