"""Panels of notebook 2, the reverse process."""
