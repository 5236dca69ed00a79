"""Challenges: a task and a stub a cell, a judge that knows common mistakes, and the way through the course.

One module a notebook; `challenge_panel` shows one of them, `opening_panel` and `closing_panel` stand at head
and tail of a notebook, and `lineup_panel` is what notebook 2's last challenge looks at.
"""

from course_utils.challenges.lineup import lineup_panel
from course_utils.challenges.panel import challenge_panel
from course_utils.challenges.strip import closing_panel, opening_panel

__all__ = ["challenge_panel", "closing_panel", "lineup_panel", "opening_panel"]
