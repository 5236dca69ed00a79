"""The figures of the painter's card once more, on fewer questions: is it still as good as the card says?"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from course_utils.bench.figures import Figure

OPTIONS = ("size", "place", "detail")
QUESTIONS, LIBRARY = 25, 200  # asked and compared with, a repeat; the card's own are 500 and more


def of_the_card(repeats: int) -> list[Figure]:
    """Prompts met and options right by the second judge, with 95 % intervals; distances of paintings."""
    from course_utils.training.examination import Examination
    from course_utils.training.measure import CARDS, frechets, novelty

    count, library, card = min(QUESTIONS * repeats, 100), min(LIBRARY * repeats, 1000), CARDS["picturebook"]
    with tempfile.TemporaryDirectory() as scratch:
        exam = Examination("picturebook", Path(scratch), count, library=library, many=count)
        seen = exam.marked("fresh", count, **card)
        rows = {
            "prompts met, seen": seen["second"],
            "prompts met, held out": exam.marked("held_out", count, **card)["second"],
            "prompts met, w = 0": exam.marked("fresh", count, **card | {"guidance": 0.0})["second"],
            **{f"{name} right when asked": seen["by attribute"][name] for name in OPTIONS},
        }
        apart, near = frechets(exam, card), novelty(exam, card)
    ratios = {
        "Frechet distance, paintings over reconstructions": apart["painted"] / apart["reconstructed"],
        "distance to training pages, paintings over unseen": near["quotient"],
    }
    return [
        *(_share(f"{name}, {count} questions", found) for name, found in rows.items()),
        *(Figure(name, value, value, value, "x") for name, value in ratios.items()),
    ]


def _share(name: str, found: Mapping[str, float]) -> Figure:
    mean, low, high = (100 * found[key] for key in ("mean", "low", "high"))
    return Figure(name, mean, low, high, "%")
