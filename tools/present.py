"""Present a notebook: JupyterLab with the slide show's keys and large type, and nothing kept afterwards.

    python tools/present.py [notebooks/01_forward_process.ipynb] [options of JupyterLab]

Shift+F8 runs the whole notebook and begins its slide show, F8 shows slides or the notebook, PageDown or a
clicker goes on, R resets the panel on the slide.

Settings come from `jupyter/present` and lie in a folder of their own while the lesson lasts: those of the
person who presents stay as they are, and so does what this person guessed.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ROOT / "jupyter" / "present"
FIRST = "notebooks/01_forward_process.ipynb"


def environment(scratch: Path) -> dict[str, str]:
    """The environment of the lesson; copies the settings of slide shows into a folder of `scratch`."""
    settings = scratch / "settings"
    shutil.copytree(SETTINGS, settings)
    own = {"JUPYTERLAB_SETTINGS_DIR": settings, "JUPYTERLAB_WORKSPACES_DIR": scratch / "workspaces"}
    return {**os.environ, "COURSE_PROGRESS": "off", **{name: str(path) for name, path in own.items()}}


def main(arguments: list[str]) -> int:
    """Start JupyterLab on a notebook and wait for its end."""
    if importlib.util.find_spec("jupyterlab_deck") is None:
        print("The slide show is not installed: run `make setup`, or `pip install -e '.[present]'`.")
        return 1
    given = arguments if arguments and arguments[0].endswith(".ipynb") else [FIRST, *arguments]
    if not Path(given[0]).is_file():
        print(f"There is no notebook {given[0]}.")
        return 1
    print(__doc__.split("\n\n")[2])
    with TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "jupyterlab", *given]
        try:
            return subprocess.call(command, env=environment(Path(scratch)))
        except KeyboardInterrupt:
            return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
