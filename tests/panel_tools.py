"""What tests of panels share: finding the controls and views that a learner sees."""

from __future__ import annotations


def all_widgets(root):
    """Every widget below a panel's root, the root included."""
    found = [root]
    for child in getattr(root, "children", ()):
        found += all_widgets(child)
    return found


def control(panel, label):
    """The control a learner finds by its label."""
    (found,) = (w for w in all_widgets(panel.root) if getattr(w, "description", None) == label)
    return found


def views_of(panel, kind):
    return [w for w in all_widgets(panel.root) if isinstance(w, kind)]


def message(panel):
    return panel._message.value
