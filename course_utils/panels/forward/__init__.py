"""Panels of notebook 1, the forward process."""
