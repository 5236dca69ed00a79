"""Panels of notebook 3, prompt steering."""
