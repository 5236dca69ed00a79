"""Install the course from this folder, without a network: python install.py [FOLDER].

The course is copied to FOLDER (how-image-generators-paint in your home), and gets an environment of its own
there. Run again, it goes on where it stopped, and leaves what you have written in the notebooks alone.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # it is run by whatever Python there is
    sys.exit(f"This course needs Python 3.11 or newer and found {sys.version.split()[0]}: use a newer one.")

import importlib.util
import json
import platform
import shutil
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).resolve().parent
USUAL = "how-image-generators-paint"
SYSTEMS = {"Windows": "windows", "Darwin": "macos", "Linux": "linux"}


def check_served() -> None:
    """End with a sentence where this bundle has no packages for this machine."""
    served = json.loads((HERE / "bundle.json").read_text())["serves"]
    mine = {
        "system": SYSTEMS.get(platform.system(), platform.system()),
        "python": f"{sys.version_info[0]}.{sys.version_info[1]}",
    }
    if mine not in served:
        there = ", ".join(f"Python {one['python']} on {one['system']}" for one in served)
        sys.exit(
            f"This stick has packages for {there}, and this is Python {mine['python']} on {mine['system']}: "
            "run it with such a Python, or ask whoever made the stick for one."
        )


def place(target: Path) -> None:
    """Copy the course to `target`, unless it is there."""
    if (target / "tools" / "setup_env.py").is_file():
        return
    if target.exists() and any(target.iterdir()):
        sys.exit(f"{target} holds something else: name another folder, as in `python install.py FOLDER`.")
    part = target.with_name(f"{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    print(f"Copying the course to {target}", flush=True)
    shutil.copytree(HERE / "course", part)
    if target.exists():
        target.rmdir()
    part.rename(target)


def tools_of(course: Path) -> ModuleType:
    """The course's own script that makes environments."""
    spec = importlib.util.spec_from_file_location("setup_env", course / "tools" / "setup_env.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def set_up(course: Path) -> Path:
    """Make the environment of the course from the wheels beside this file; return its Python."""
    tools = tools_of(course)
    environment = tools.Environment(course / ".venv", course / "constraints.txt")
    if not environment.is_ready():
        print("Installing what it needs (some minutes)", flush=True)
        if not environment.is_usable():
            environment.make()
        environment.record(tools.UNFINISHED)
        wheels = ("--no-index", "--find-links", str(HERE / "wheels"))
        try:
            tools.pip_install(environment, *wheels, "--editable", f"{course}[fast]")
        except tools.SetupError:
            environment.record(tools.FAILED)
            sys.exit(
                "The packages could not be installed, for the reason above: make room on the disk, or copy "
                "the stick anew, then run the same command again."
            )
        tools.silence_announcements(environment)
        tools.install_files(environment)
        environment.record(environment.inputs)
    return Path(environment.python)


def main() -> None:
    """Copy, install, and say how to begin."""
    target = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else Path.home() / USUAL
    check_served()
    try:
        place(target)
        python = set_up(target)
    except OSError as error:
        sys.exit(f"{error.filename or target} cannot be written: {error.strerror or error}.")
    except KeyboardInterrupt:
        sys.exit("Interrupted; the same command goes on from here.")
    notebook = target / "notebooks" / "01_forward_process.ipynb"
    print(f'The course is ready. Open it with:\n\n    "{python}" -m jupyterlab "{notebook}"\n')


if __name__ == "__main__":
    main()
