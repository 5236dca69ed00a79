"""From a fresh kernel to something on the screen, and what a kernel holds: each in a process of its own."""

from __future__ import annotations

import subprocess
import sys

from course_utils.bench.figures import Figure, figure_of

# The first instrument of every notebook, and the first painting.
FIRST = {
    "notebook 1": "from course_utils.panels import forward; shown = forward.drown_panel()",
    "notebook 2": "from course_utils.panels import reverse; shown = reverse.particles_panel()",
    "notebook 3": "from course_utils.panels import steering; shown = steering.steering_panel()",
    "notebook 4": "from course_utils.panels import steps; shown = steps.sixty_or_three_panel()",
    "notebook 5": "from course_utils.panels import universes; shown = universes.universes_panel()",
}
PAINTING = "from course_utils import painters; painters.load().paint('an orange cat in space').pixels"

_CLOCK = """
import resource, sys, time
start = time.perf_counter()
{work}
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def first_sight(repeats: int) -> list[Figure]:
    """Seconds from an interpreter that has imported nothing to the first instrument, and to a painting."""
    figures = []
    for name, work in {**FIRST, "painting": PAINTING}.items():
        shown = work + ("; shown._repr_mimebundle_()" if "shown" in work else "")
        runs = [measured(shown) for _ in range(max(1, repeats // 2))]
        what = "first painting" if name == "painting" else f"first instrument of {name}"
        figures.append(figure_of(f"{what}, fresh interpreter", "s", [seconds for seconds, _ in runs]))
        if name == "painting":
            figures.append(figure_of("memory after a painting", "MiB", [memory for _, memory in runs]))
    return figures


def measured(work: str) -> tuple[float, float]:
    """Seconds and peak MiB of a piece of Python in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", _CLOCK.format(work=work)], capture_output=True, text=True, check=True
    )
    seconds, memory = done.stdout.split()[-2:]
    return float(seconds), float(memory)
