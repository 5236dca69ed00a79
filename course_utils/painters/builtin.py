"""The painters that ship with the course, and local folders in diffusers' layout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.painters.hub.table import MODELS as LARGE
from course_utils.painters.hub.table import ORDERS
from course_utils.runcards.link import card_of
from course_utils.runtime import CHECKSUMS, MODELS, CourseError, verify_checksums

if TYPE_CHECKING:
    from course_utils.painters.painter import Painter
    from course_utils.painters.painting import Painting

# Name -> what it is, in one line.
BUILTIN = {
    "picturebook": "a small Stable Diffusion: U-Net with cross-attention, eps prediction, CLIP text encoder",
    "picturebook-flow": "a small FLUX.2: flow-matching transformer, straight path, language model for text",
    "picturebook-fast": "picturebook distilled: a consistency model of one to four steps, an evaluation each",
}
# Name -> the painters whose parts it uses where it has none.
BORROWS = {"picturebook-fast": ("picturebook",)}


def load(name: str | Path = "picturebook", *, build: bool = True) -> Any:
    """The painter of this name: built in, a large model of the hub, or a local folder.

    "auto" chooses the best that can run here now, "quick" the best among those distilled to a few steps,
    "guided" the best among those that guidance steers.

    A local folder is one in diffusers' layout. `build` lets a built-in painter build its graphs in the
    background where they are missing, which takes half a minute and ends with this process.

    Raises `CourseError` for unknown names, for weights that are missing or damaged, and for large models that
    this machine cannot run.
    """
    if str(name) in BUILTIN:
        return _built_in(str(name), build)
    if str(name) in ORDERS:
        return _best(str(name))
    if str(name) in LARGE:
        from course_utils.painters.hub.fetch import load as load_large

        return load_large(str(name))
    folder = Path(name)
    if (folder / "model_index.json").is_file():
        return _local(folder.resolve())
    raise CourseError(
        f"There is no painter {str(name)!r}; choose one of {', '.join((*BUILTIN, *ORDERS, *LARGE))}, or a "
        "folder with a model_index.json."
    )


def from_link(url: str) -> Painting:
    """Paint what the link to a page of the course says: the same page as there, up to two grey levels.

    Raises `CourseError` for an address without a card, and for what the painter refuses.
    """
    card = card_of(url, BUILTIN)  # no path out of a stranger's link
    painter = load(card.painter)
    settings = {**card.settings}
    return painter.paint(painter.defaults(settings.pop("prompt", ""), **settings))


def folder(name: str = "picturebook") -> Path:
    """Where a built-in painter's checkpoint lies, in diffusers' layout, for any program that reads it.

    Raises `CourseError` for names other than those of built-in painters whose checkpoint is complete.
    """
    whole = [known for known in BUILTIN if known not in BORROWS]
    if name not in whole:
        raise CourseError(f"There is no complete checkpoint {name!r}; choose {' or '.join(whole)}.")
    return MODELS / name


def large(order: str) -> tuple[Any, str]:
    """The first large model of an order that can be loaded, or None; and why the built-in painter follows it.

    Every attempt prints a line.
    """
    from course_utils.painters.hub.choose import auto

    *found, (_, otherwise) = auto(order=order)
    for name, why in found:
        print(why)
        try:
            return load(name), otherwise
        except CourseError as error:
            print(error)
    return None, otherwise


def _best(order: str) -> Any:
    """The first painter of an order that can be loaded, the built-in one at last."""
    painter, otherwise = large(order)
    if painter is not None:
        return painter
    print(otherwise)
    return load(ORDERS[order][-1])


@cache
def _built_in(name: str, build: bool) -> Painter:
    from course_utils.picturebook.captions import KNOWN_WORDS, check_learned

    own, lenders = MODELS / name, [MODELS / lender for lender in BORROWS.get(name, ())]
    verify_checksums(own)
    for lender in lenders:
        verify_checksums(lender, besides=own)
    painter = assembled(own, *lenders, words=KNOWN_WORDS)
    check_learned(painter.parts.splitter.get_vocab(), name)
    painter.quicken(build)
    return painter


@cache
def _local(folder: Path) -> Painter:
    """A painter on torch alone: the reference for the fast engine."""
    if (folder / CHECKSUMS).is_file():
        verify_checksums(folder)
    painter = assembled(folder)
    painter.parts.read()
    return painter


def assembled(folder: Path, *lenders: Path, words: Sequence[str] | None = None) -> Painter:
    """The painter of a checkpoint, by torch; what the folder lacks comes from those of `lenders`."""
    from course_utils.painters.fast_painter import FastPainter
    from course_utils.painters.flow_painter import FlowPainter
    from course_utils.painters.painter import Painter
    from course_utils.painters.parts import Parts

    kinds: dict[str, Callable[..., Painter]] = {
        "StableDiffusionPipeline": Painter,
        "Flux2KleinPipeline": FlowPainter,
        "LatentConsistencyModelPipeline": FastPainter,
    }
    parts = Parts(folder, *lenders)
    if parts.kind not in kinds:
        raise CourseError(
            f"The painter {folder.name!r} is a {parts.kind}; choose a folder with one of {', '.join(kinds)}."
        )
    return kinds[parts.kind](folder.name, parts, words)
