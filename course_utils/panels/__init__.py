"""Instruments of the five notebooks: controls, views and one pure function each."""

from course_utils.panels.start import install

install()
