"""What `nbconvert` makes of a notebook's panels: pages that show every still without scripts or network.

`jupyter/jupyter_config.json` names `Stills` to nbconvert and to JupyterLab's "Save and Export Notebook As".
`make` installs it; elsewhere it is given by hand: `jupyter nbconvert --config jupyter/jupyter_config.json`.
"""

from __future__ import annotations

import html
from typing import Any

from nbconvert.preprocessors import Preprocessor

VIEW = "application/vnd.jupyter.widget-view+json"
PICTURES = ("image/png", "image/jpeg")


class Stills(Preprocessor):
    """Replace each live view by what else its output holds, and name each picture in the words it brings.

    A view needs scripts from the network and a saved state; where one is missing the page stays blank.
    """

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        """Rewrite the outputs of one cell."""
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if len(data) > 1:
                data.pop(VIEW, None)
            for kind in PICTURES:
                alt = output.get("metadata", {}).get(kind, {}).get("alt")
                if kind in data and alt:
                    source = f"data:{kind};base64,{data[kind].strip()}"
                    data["text/html"] = f'<img alt="{html.escape(alt)}" src="{source}">'
        return cell, resources
