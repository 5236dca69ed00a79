"""Text-to-image models behind one small interface: `load(name).paint(prompt, seed=7, ...)`.

What needs torch is imported when it is first asked for, so that a look at the table of models costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from course_utils.painters.settings import Settings
from course_utils.sampling import SAMPLERS

if TYPE_CHECKING:
    from course_utils.painters.builtin import BUILTIN, folder, load
    from course_utils.painters.edits import Canvas
    from course_utils.painters.link import from_link
    from course_utils.painters.painter import Painter
    from course_utils.painters.painting import Painting, Recipe, State, recipe_of, settings_of

__all__ = [
    "BUILTIN",
    "SAMPLERS",
    "Canvas",
    "Painter",
    "Painting",
    "Recipe",
    "Settings",
    "State",
    "folder",
    "from_link",
    "load",
    "recipe_of",
    "settings_of",
]

_HOMES = {
    "BUILTIN": "builtin",
    "folder": "builtin",
    "load": "builtin",
    "Canvas": "edits",
    "from_link": "link",
    "Painter": "painter",
    "Painting": "painting",
    "Recipe": "painting",
    "State": "painting",
    "recipe_of": "painting",
    "settings_of": "painting",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
