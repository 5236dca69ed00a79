"""Write the measured figures of each model into its card.

python -m course_utils.training.cards

The figures are between two marks, and the text around them stays. A test checks that cards and figures
agree.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from course_utils.judge import BACKBONES
from course_utils.picturebook.scene import ATTRIBUTES
from course_utils.runtime import MODELS

BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
CARD = "MODEL_CARD.md"
Rows = Iterable[Sequence[str]]


# The exam's lists in words.
SPLITS = {
    "fresh": "prompts of seen combinations",
    "held_out": "held-out combinations",
    "held_out_style": "subjects in a style they were never seen in",
    "old_fresh": "the first world's questions, seen",
    "old_held_out": "the first world's questions, held out",
}


def painter_figures(folder: Path) -> str:
    """The tables of a painter of pages, from its figures.json."""
    found = json.loads((folder / "figures.json").read_text())
    return "\n\n".join((_marks(found), _options(found), _shares(found), _distances(found)))


def _marks(found: Mapping[str, Any]) -> str:
    """Subject, colour and setting."""
    rows = [
        (f"subject, colour and setting right, {found[split]['second']['count']} {name}", *_both(found[split]))
        for split, name in SPLITS.items()
    ]
    for name, changed in found["beside"].items():
        rows += [
            (f"{name}: seen", *_both(changed["fresh"])),
            (f"{name}: held out", *_both(changed["held_out"])),
        ]
    return _table((_settings(found["settings"]), "first judge", "second judge"), rows)


def _options(found: Mapping[str, Any]) -> str:
    """Each attribute apart."""
    splits = ("fresh", "held_out", "held_out_style")
    by_split = [found[split]["by attribute"] for split in splits]
    rows = [
        (name, *(_share(options[name]) if name in options else "" for options in by_split))
        for name in ATTRIBUTES
    ]
    return _table(
        ("right where the prompt names it, second judge", *(SPLITS[split] for split in splits)), rows
    )


def _shares(found: Mapping[str, Any]) -> str:
    """Poor pages and famous prompts."""
    rows = [(f'poor pages for "a cat", {name}', _share(share)) for name, share in found["poor"].items()]
    rows += [(f'"{text}": all that it asks for', _share(share)) for text, share in found["famous"].items()]
    return _table(("second judge", ""), rows)


def _distances(found: Mapping[str, Any]) -> str:
    frechet, novelty = found["frechet"], found["novelty"]
    quotient = frechet["painted"] / frechet["reconstructed"]
    rows = [
        (
            f"Fréchet distance between {frechet['pages']:,} paintings and fresh pages",
            f"{frechet['painted']:.3f}",
        ),
        ("the same between two sets of fresh pages (the floor)", f"{frechet['real']:.3f}"),
        (
            "the same between fresh pages that have been through the VAE and others",
            f"{frechet['reconstructed']:.3f}",
        ),
        ("the first distance as a multiple of the last", f"{quotient:.2f}"),
        (
            f"how far paintings lie from the nearest of {novelty['training pages']:,} training pages, "
            "as a multiple of how far unseen pages do",
            f"{novelty['quotient']:.2f}",
        ),
        ("how far apart paintings of one vague prompt lie, from seed to seed", _mean(found["variety"])),
        *((f"the same, {name}", _mean(changed["variety"])) for name, changed in found["beside"].items()),
    ]
    return _table(("in neutral features", ""), rows)


def judge_figures(folder: Path) -> str:
    """How accurate the judges are, from accuracy.json."""
    found = json.loads((folder / "accuracy.json").read_text())
    kinds = [(which, kind) for which in BACKBONES for kind in found[which]]
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the figures of every model that has some."""
    argparse.ArgumentParser(description=main.__doc__).parse_args(arguments)
    for name, figures in FIGURES.items():
        write(MODELS / name, figures(MODELS / name))


if __name__ == "__main__":
    main()
