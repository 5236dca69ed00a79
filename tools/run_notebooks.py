"""Execute notebooks in place and save them so that a second run on another machine writes the same bytes.

    python tools/run_notebooks.py notebooks [more notebooks or folders ...]

The state of the widgets is saved with them, which is what keeps sliders alive in a static page.
"""

import argparse
import json
import os
import re
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

SECONDS_A_CELL = 600
WIDGETS = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
HOW_TO_RUN = (
    "**Nothing here runs yet,** and the pictures below stand still. Choose *Run ▸ Run All Cells* in the menu "
    "(in Colab: *Runtime ▸ Run all*), or press *Shift + Enter* from here on, cell by cell."
)
STILL = {"challenge", "class"}  # tags of cells that answer through a kernel alone
MODEL_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


def name_models_in_order(text: str, state: dict) -> str:
    """Replace the random name of every widget model in a notebook's text by its number."""
    order = {name: f"{number:032x}" for number, name in enumerate(state, start=1)}
    return MODEL_ID.sub(lambda match: order.get(match.group(), match.group()), text)


def leave_still(notebook: nbformat.NotebookNode) -> None:
    """Save no live view of a challenge or of a class's poll: without a kernel its buttons would be dead.

    What else their outputs hold, as the task with hints folded away, is shown until the cell is run.
    """
    state = notebook.metadata.get("widgets", {}).get(WIDGETS, {}).get("state", {})
    gone = [
        output.data.pop(VIEW)["model_id"]
        for cell in notebook.cells
        if STILL & set(cell.metadata.get("tags", []))
        for output in cell.outputs
        if len(output.get("data", {})) > 1 and VIEW in output.data
    ]
    while gone:  # a model, and all that it speaks of
        model = state.pop(gone.pop(), None)
        gone += MODEL_ID.findall(json.dumps(model["state"])) if model else []


def drop_unset_layout(state: dict) -> None:
    """Take out of every layout what it leaves unset, as a browser does that saves: two thirds of a layout."""
    for model in state.values():
        if model["model_name"] == "LayoutModel":
            model["state"] = {name: value for name, value in model["state"].items() if value is not None}


def normalised(notebook: nbformat.NotebookNode) -> str:
    """Return a notebook as text without anything that depends on the machine or on the moment."""
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    state = notebook.metadata.get("widgets", {}).get(WIDGETS, {}).get("state", {})
    drop_unset_layout(state)
    text = name_models_in_order(nbformat.writes(notebook), state)
    # Written a second time: the writer sorts by name, and the names have only now become stable.
    return nbformat.writes(nbformat.reads(text, as_version=4)) + "\n"


def invite(notebook: nbformat.NotebookNode) -> None:
    """Leave word of how to run as the output of the bootstrap cell, the first one, which says nothing itself.

    Whoever opens the notebook reads it on the first screen; running the cell takes it away.
    """
    words = {"text/markdown": HOW_TO_RUN, "text/plain": HOW_TO_RUN.replace("*", "")}
    for cell in notebook.cells:
        if "bootstrap" in cell.metadata.get("tags", []):
            cell.outputs = [nbformat.v4.new_output("display_data", words)]


def execute(path: Path) -> None:
    """Run one notebook from its own folder and write it back; raise CellExecutionError where a cell fails."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("widgets", None)
    client = NotebookClient(
        notebook,
        timeout=SECONDS_A_CELL,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    # A bar comes when a cell takes long, here or there: it would make two runs differ.
    client.execute(env={**os.environ, "TQDM_DISABLE": "1", "COURSE_PROGRESS": "off"})
    invite(notebook)
    leave_still(notebook)
    path.write_text(normalised(notebook), encoding="utf-8")


def notebooks_in(places: list[Path]) -> list[Path]:
    """Return the notebooks named or lying in the folders named, in order."""
    return [
        path for place in places for path in (sorted(place.glob("*.ipynb")) if place.is_dir() else [place])
    ]


def main() -> None:
    """Read the command line and execute every notebook; end with 1 at the first cell that fails."""
    parser = argparse.ArgumentParser(description="Execute notebooks in place and save them normalised.")
    parser.add_argument("places", type=Path, nargs="+")
    for path in notebooks_in(parser.parse_args().places):
        start = time.perf_counter()
        try:
            execute(path)
        except CellExecutionError as error:
            sys.exit(f"{path}: {error}")
        size = path.stat().st_size / 1e6
        print(f"{path}: {time.perf_counter() - start:.1f} s, {size:.2f} MB", flush=True)


if __name__ == "__main__":
    main()
