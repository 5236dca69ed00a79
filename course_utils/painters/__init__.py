"""Text-to-image models behind one small interface: `load(name).paint(prompt, seed=7, ...)`."""

from course_utils.painters.builtin import BUILTIN, load
from course_utils.painters.edits import Canvas
from course_utils.painters.painter import Painter, Run
from course_utils.painters.painting import Painting, State, settings_of
from course_utils.painters.settings import SAMPLERS, Settings

__all__ = [
    "BUILTIN",
    "SAMPLERS",
    "Canvas",
    "Painter",
    "Painting",
    "Run",
    "Settings",
    "State",
    "load",
    "settings_of",
]
