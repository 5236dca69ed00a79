"""Text-to-image models behind one small interface: `load(name).paint(prompt, seed=7, ...)`.

What needs torch is imported when it is first asked for, so that a look at the table of models costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from course_utils.painters.builtin import BUILTIN, folder, from_link, large, load
from course_utils.runcards.png import recipe_of, settings_of
from course_utils.runcards.settings import Settings
from course_utils.sampling import SAMPLERS

if TYPE_CHECKING:
    from course_utils.painters.edits import Canvas
    from course_utils.painters.painter import Painter
    from course_utils.painters.painting import Painting, State

__all__ = [
    "BUILTIN",
    "SAMPLERS",
    "Canvas",
    "Painter",
    "Painting",
    "Settings",
    "State",
    "folder",
    "from_link",
    "large",
    "load",
    "recipe_of",
    "settings_of",
]
# Of what needs torch; all else of it is in `painting`.
_HOMES = {"Canvas": "edits", "Painter": "painter"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES.get(name, 'painting')}"), name)
