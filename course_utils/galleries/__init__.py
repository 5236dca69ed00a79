"""Recorded galleries: a notebook's experiments painted once on a large model, shown on any machine."""
