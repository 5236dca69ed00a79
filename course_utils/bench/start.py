"""From starting a kernel to something on the screen, and what a kernel holds."""

from __future__ import annotations

from course_utils.bench.figures import Figure, figure_of
from course_utils.bench.kernels import PEAK, kernel

# The first instrument of every notebook, and the first painting.
FIRST = {
    f"notebook {k}": f"from course_utils.panels.{room} import {module}; shown = {module}.{panel}()"
    for k, (room, module, panel) in enumerate(
        (
            ("forward", "drowning", "drown_panel"),
            ("reverse", "denoising", "particles_panel"),
            ("steering", "steered_points", "steering_panel"),
            ("steps", "step_counts", "sixty_or_three_panel"),
            ("guidance", "universes", "universes_panel"),
        ),
        1,
    )
}
PAINTING = "from course_utils import painters; painters.load().paint('an orange cat in space').pixels.shape"


def first_sight(repeats: int) -> list[Figure]:
    """Seconds from starting a kernel to the first instrument of each notebook, and to a first painting."""
    figures, runs = [], max(1, repeats // 2)
    for name, work in FIRST.items():
        spent = [_shown(f"{work}; shown") for _ in range(runs)]
        figures.append(figure_of(f"kernel start to the first instrument, {name}", "s", spent))
    figures.append(
        figure_of("kernel start to the first painting", "s", [_shown(PAINTING) for _ in range(runs)])
    )
    return figures


def _shown(work: str) -> float:
    with kernel() as running:
        return running.show(work)


def peak_mib(work: str) -> float:
    """The most memory, MiB, of a fresh kernel that runs a piece of Python."""
    with kernel() as running:
        running.show(work)
        return float(running.value(PEAK))
