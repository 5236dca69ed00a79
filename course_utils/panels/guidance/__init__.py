"""Panels of notebook 5, guidance."""
