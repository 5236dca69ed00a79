"""Challenges at the end of the notebooks: what was tried, and whether it reaches the goal.

One module an episode; all of them by one import: `from course_utils import challenges`.
"""

from course_utils.challenges.forward import add_noise, crossing, recover
from course_utils.challenges.guiding import convert, dial, guide
from course_utils.challenges.reverse import lineup, loss, spot, step
from course_utils.challenges.steering import meet, repair, widest
from course_utils.challenges.steps import heun_step, way

__all__ = [
    "add_noise",
    "convert",
    "crossing",
    "dial",
    "guide",
    "heun_step",
    "lineup",
    "loss",
    "meet",
    "recover",
    "repair",
    "spot",
    "step",
    "way",
    "widest",
]
