"""Charts as figures: one drawing for the page (`plots.svg`) and for its still (`plots.png`).

They look like `widgets.CurveView`, which draws the charts that move with a control: the same colours, marks,
dashes and sizes of letters.
"""

from course_utils.charts.bars import bars
from course_utils.charts.curves import chart
from course_utils.charts.tables import table
from course_utils.charts.votes import number_line, tally

__all__ = ["bars", "chart", "number_line", "table", "tally"]
