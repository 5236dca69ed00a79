"""Write the measured figures of each model into its card.

python -m course_utils.training.cards

The figures are between two marks, and the text around them stays. A test checks that cards and figures
agree.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from course_utils.picturebook.scene import ATTRIBUTES
from course_utils.runtime import MODELS

BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
CARD = "MODEL_CARD.md"
Rows = Iterable[Sequence[str]]


def painter_figures(folder: Path) -> str:
    """The tables of a painter of pages, from its figures.json."""
    found = json.loads((folder / "figures.json").read_text())
    frechet, novelty = found["frechet"], found["novelty"]
    count = found["fresh"]["second"]["count"]
    rows = [
        (f"subject, colour and setting right, {count} prompts of seen combinations", *_both(found["fresh"])),
        ("the same on held-out combinations", *_both(found["held_out"])),
    ]
    for name, changed in found["beside"].items():
        rows += [
            (f"{name}: seen", *_both(changed["fresh"])),
            (f"{name}: held out", *_both(changed["held_out"])),
        ]
    options = found["fresh"]["by attribute"]
    rows += [
        (f"{name} right where the prompt names it", "", _share(options[name]))
        for name in ATTRIBUTES
        if name in options
    ]
    distances = [
        ("Fréchet distance between paintings and fresh pages", f"{frechet['painted']:.3f}"),
        ("the same between two sets of fresh pages (the floor)", f"{frechet['real']:.3f}"),
        (
            "the same between fresh pages that have been through the VAE and others",
            f"{frechet['reconstructed']:.3f}",
        ),
        (
            f"how far paintings lie from the nearest of {novelty['training pages']:,} training pages, "
            "as a multiple of how far unseen pages do",
            f"{novelty['quotient']:.2f}",
        ),
        ("how far apart paintings of one vague prompt lie, from seed to seed", _mean(found["variety"])),
        *((f"the same, {name}", _mean(changed["variety"])) for name, changed in found["beside"].items()),
    ]
    return "\n\n".join(
        (
            _table((_settings(found["settings"]), "first judge", "second judge"), rows),
            _table(("in the first judge's features", ""), distances),
        )
    )


def judge_figures(folder: Path) -> str:
    """How accurate the judges are, from accuracy.json."""
    found = json.loads((folder / "accuracy.json").read_text())
    kinds = [(which, kind) for which in found for kind in found[which]]
    rows = [(name, *(f"{found[which][kind][name]:.4f}" for which, kind in kinds)) for name in ATTRIBUTES]
    return _table(("share right", *(f"{which}: {kind}" for which, kind in kinds)), rows)


def pair_figures(folder: Path) -> str:
    """Zero-shot accuracy, from zero_shot.json."""
    found = json.loads((folder / "zero_shot.json").read_text())
    return _table(("attribute", "share right"), [(name, f"{share:.3f}") for name, share in found.items()])


FIGURES: Mapping[str, Callable[[Path], str]] = {
    "picturebook": painter_figures,
    "picturebook-flow": painter_figures,
    "picturebook-fast": painter_figures,
    "picturebook-clip": pair_figures,
    "judges": judge_figures,
}


def write(folder: Path, figures: str) -> None:
    """Put figures between the marks of the card in `folder`."""
    card = (folder / CARD).read_text()
    before, after = card.split(BEGIN, 1)[0], card.split(END, 1)[1]
    (folder / CARD).write_text(f"{before}{BEGIN}\n\n{figures}\n\n{END}{after}")


def _both(marks: Mapping[str, Any]) -> tuple[str, str]:
    return _share(marks["first"]), _share(marks["second"])


def _settings(settings: Mapping[str, Any]) -> str:
    """Settings in a few words: 20 steps, w = 4, DDPM."""
    words = [f"{settings['steps']} steps", f"w = {settings['guidance']:g}"]
    return ", ".join([*words, settings["sampler"].upper()] if "sampler" in settings else words)


def _mean(found: Mapping[str, float]) -> str:
    return f"{found['mean']:.2f} ± {found['error']:.2f}"


def _share(share: Mapping[str, float]) -> str:
    return f"{100 * share['mean']:.1f} % ({100 * share['low']:.1f} to {100 * share['high']:.1f})"


def _table(head: Sequence[str], rows: Rows) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Write the figures of every model that has some."""
    for name, figures in FIGURES.items():
        write(MODELS / name, figures(MODELS / name))


if __name__ == "__main__":
    main()
