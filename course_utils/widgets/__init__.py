"""Front-end views: arrays and bytes in, pixels out, in the browser and without the kernel.

A view knows nothing of diffusion. Link its traits to ordinary controls with `ipywidgets.jslink`, and
time, playing and blending never wait for Python.
"""

from course_utils.widgets.arrow_field import ArrowField
from course_utils.widgets.badge import Badge
from course_utils.widgets.brush import Brush
from course_utils.widgets.challenge_card import ChallengeCard
from course_utils.widgets.curve_view import CurveView
from course_utils.widgets.drawing import Drawing
from course_utils.widgets.drawing_pad import DrawingPad
from course_utils.widgets.film import Film
from course_utils.widgets.gallery import Gallery
from course_utils.widgets.guess import Guess
from course_utils.widgets.loss_view import LossView
from course_utils.widgets.machine_map import MachineMap
from course_utils.widgets.particle_player import ParticlePlayer
from course_utils.widgets.path_strip import PathStrip
from course_utils.widgets.picture_drowner import PictureDrowner
from course_utils.widgets.reader import Reader
from course_utils.widgets.reveal import Reveal
from course_utils.widgets.upload import Upload

__all__ = [
    "ArrowField",
    "Badge",
    "Brush",
    "ChallengeCard",
    "CurveView",
    "Drawing",
    "DrawingPad",
    "Film",
    "Gallery",
    "Guess",
    "LossView",
    "MachineMap",
    "ParticlePlayer",
    "PathStrip",
    "PictureDrowner",
    "Reader",
    "Reveal",
    "Upload",
]
