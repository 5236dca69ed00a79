"""What tests of panels share: finding the controls and views that a learner sees."""

from __future__ import annotations

import io

from PIL import Image


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


def check_shown(panel):
    """A panel shows itself, leaves a still picture with something in it, and has words for what is seen."""
    bundle, metadata = panel._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == panel.root.model_id
    assert bundle["text/plain"] == repr(panel) and panel.alt and "0x" not in repr(panel)
    (kind,) = (kind for kind in bundle if kind.startswith("image/"))
    assert metadata == {kind: {"alt": panel.alt}}
    still = Image.open(io.BytesIO(panel._still()))
    assert still.width >= 400 and len(still.convert("L").getcolors(256)) > 1, "an empty picture"
    for view in all_widgets(panel.root):
        if hasattr(view, "alt"):
            assert view.alt, f"{type(view).__name__} has no alt text"
