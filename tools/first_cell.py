"""The first cell of every notebook: on Google Colab it fetches the course, elsewhere it does nothing.

    python tools/first_cell.py notebooks            says which notebooks have another one
    python tools/first_cell.py --write notebooks    writes it into the cell tagged "bootstrap"

It is the one text for all of them. The address is that of pyproject.toml; the variable COURSE_REPOSITORY
names another one, such as file:///home/me/course, for trying a change before it is published.
"""

import argparse
import sys
import tomllib
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
TEXT = """\
import os
import subprocess
import sys
from pathlib import Path

if "google.colab" in sys.modules:  # elsewhere the course is installed already
    published = "{address}"
    address = os.environ.get("COURSE_REPOSITORY", published)
    fetch = ["git", "clone", "--quiet", "--depth", "1", address, "course"]
    if not Path("course").is_dir() and subprocess.run(fetch).returncode:
        sys.exit(f"The course could not be fetched from {{address}}: check the network, then run it again.")
    sys.path.insert(0, str(Path("course").resolve()))
    from course_utils import colab

    colab.prepare()"""


def source() -> str:
    """The cell's text, with the address of the repository."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return TEXT.format(address=project["urls"]["Repository"])


def main() -> int:
    """Write the cell into notebooks, or say where it differs; 1 where it does."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("places", nargs="+", type=Path, help="notebooks, or folders of them")
    parser.add_argument("--write", action="store_true", help="write it into the notebooks")
    asked = parser.parse_args()
    others = []
    for path in (path for place in asked.places for path in (sorted(place.glob("*.ipynb")) or [place])):
        notebook = nbformat.read(path, as_version=4)
        (cell,) = (cell for cell in notebook.cells if "bootstrap" in cell.metadata.get("tags", []))
        if cell.source == source():
            continue
        others.append(path)
        if asked.write:
            cell.source = source()
            path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    print(*(f"{path}: {'written' if asked.write else 'has another one'}" for path in others), sep="\n")
    return int(bool(others) and not asked.write)


if __name__ == "__main__":
    sys.exit(main())
