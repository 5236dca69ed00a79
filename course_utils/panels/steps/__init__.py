"""Panels of notebook 4, steps vs quality."""
