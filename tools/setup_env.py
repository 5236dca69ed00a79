"""Make the virtual environment of the course and install the tested set into it.

    python3 tools/setup_env.py [--venv .venv] [--constraints constraints.txt] [--extras test,fast,present]
    python3 tools/setup_env.py --front --venv .venv-front --constraints constraints-front.txt

Runs under any Python of the system with the standard library alone. A finished environment is recognised
by its stamp and left as it is, so repeating the command costs a fraction of a second. An install that was
cut short is thrown away and made again; what pip has downloaded is kept in pip's cache.
"""

import sys

NEEDED = (3, 11)

if sys.version_info < NEEDED:
    sys.exit(
        f"This course needs Python {NEEDED[0]}.{NEEDED[1]} or newer and found {sys.version.split()[0]}: "
        "install a newer one, or name the one you have, as in `make PYTHON=python3.13 lab`."
    )

import argparse
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import tomllib
from collections import deque
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = "test,fast,present"  # a lesson may have no network: what presents it is there from the start
UNFINISHED, FAILED = "unfinished", "failed"
# Files that go into an environment, and where IPython and Jupyter read them there.
INSTALLED = {
    ROOT / "tools" / "kernel_startup.py": Path("etc", "ipython", "startup"),
    ROOT / "jupyter" / "jupyter_config.json": Path("etc", "jupyter"),
}
ANNOUNCEMENTS = "@jupyterlab/apputils-extension:announcements"


class SetupError(Exception):
    """Something a person can mend: one sentence."""


def requirements() -> bytes:
    """Return what decides what is installed: that part of pyproject.toml, and the settings of Jupyter."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    deciding = {
        key: project[key] for key in ("name", "requires-python", "dependencies", "optional-dependencies")
    }
    return json.dumps(deciding).encode() + b"".join(path.read_bytes() for path in INSTALLED)


class Environment:
    """One virtual environment of the repository, and the stamp that says what was installed into it."""

    def __init__(self, folder: Path, constraints: Path, extras: str = EXTRAS) -> None:
        self.folder = folder
        self.constraints = constraints
        self.extras = extras
        self.python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        self.stamp = folder / "course-stamp.json"
        self.identity = {"python": "{}.{}".format(*sys.version_info), "root": str(ROOT)}
        deciding = requirements() + constraints.read_bytes() + extras.encode()
        self.inputs = hashlib.sha256(deciding).hexdigest()

    def record(self, installed: str) -> None:
        """Write the stamp: a hash of what has been installed, or one of the words UNFINISHED and FAILED."""
        self.stamp.write_text(json.dumps({**self.identity, "installed": installed}) + "\n")

    def recorded(self) -> dict[str, str]:
        """Return what the stamp says; empty without a readable one."""
        try:
            return json.loads(self.stamp.read_text())
        except (OSError, ValueError):
            return {}

    def is_ready(self) -> bool:
        """True where the stamp names this Python, this folder and these requirements."""
        return self.python.exists() and self.recorded() == {**self.identity, "installed": self.inputs}

    def is_usable(self) -> bool:
        """True where installing into the folder can end well: same Python, same place, not cut short."""
        if not self.python.exists():
            return False
        installed = self.recorded()
        if installed:
            return installed.pop("installed", UNFINISHED) != UNFINISHED and installed == self.identity
        return self._is_of_this_python()

    def _is_of_this_python(self) -> bool:
        """True for an environment without a stamp, made by hand, that has the Python running this."""
        config = (self.folder / "pyvenv.cfg").read_text()
        return any(
            line.replace(" ", "").startswith(f"version={self.identity['python']}.")
            for line in config.splitlines()
        )

    def make(self) -> None:
        """Create the folder anew."""
        for module in ("venv", "ensurepip"):
            if importlib.util.find_spec(module) is None:
                raise SetupError(
                    f"This Python has no {module!r}, which making an environment needs: install it (Debian, "
                    "Ubuntu: `sudo apt install python3-venv`) and run the same command again."
                )
        result = subprocess.run(
            [sys.executable, "-m", "venv", "--clear", str(self.folder)], capture_output=True, text=True
        )
        if result.returncode:
            print(result.stdout, result.stderr, sep="\n", file=sys.stderr)
            raise SetupError(f"The environment {self.folder} could not be made; the reason stands above.")


def run_quietly(command: list[str], **environment: str) -> tuple[int, list[str]]:
    """Run a command, show only its downloads, and return its exit code and its last 15 lines."""
    tail: deque[str] = deque(maxlen=15)
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    assert process.stdout is not None
    for line in process.stdout:
        line = line.strip()
        tail.append(line)
        if line.startswith("Downloading") and line.endswith(("MB)", "GB)")):
            print("   ", line, flush=True)
    return process.wait(), list(tail)


def pip_install(environment: Environment, *what: str) -> None:
    """Install with pip under the constraints, or raise with pip's last lines on the screen."""
    code, tail = run_quietly(
        [str(environment.python), "-m", "pip", "install", "--constraint", str(environment.constraints), *what]
    )
    if code:
        print(*tail, sep="\n", file=sys.stderr)
        raise SetupError(
            "The packages could not be installed, for the reason above: check the network connection and the "
            "free disk space, then run the same command again."
        )


def has_nvidia_gpu() -> bool:
    """True where NVIDIA's driver is installed."""
    return shutil.which("nvidia-smi") is not None or Path("/proc/driver/nvidia").exists()


def install_small_torch(environment: Environment) -> None:
    """Try for PyTorch's CPU build, 200 MB instead of 3 GB, where a GPU could not be used anyway.

    uv knows where PyTorch keeps its CPU wheels. Failing is no error: pip's own choice works everywhere.
    """
    if platform.system() != "Linux" or has_nvidia_gpu():
        return
    pins = environment.constraints.read_text().splitlines()
    torch = next(line.strip() for line in pins if line.startswith("torch=="))
    print("  PyTorch, the small build for machines without an NVIDIA GPU", flush=True)
    pip_install(environment, "uv")
    python = str(environment.python)
    command = ["-m", "uv", "pip", "install", "--python", python, "--no-deps", "--torch-backend", "cpu", torch]
    code, _ = run_quietly([python, *command], UV_HTTP_TIMEOUT="20", UV_HTTP_RETRIES="1")
    if code:
        print("  its index does not answer; going on with what pip finds", flush=True)
        pip_install(environment, torch)


def silence_announcements(environment: Environment) -> None:
    """Keep JupyterLab from asking about news and looking for updates: a lesson may have no network."""
    command = ["-m", "jupyterlab.labextensions", "disable", "--level=sys_prefix", ANNOUNCEMENTS]
    run_quietly([str(environment.python), *command])


def install_files(environment: Environment) -> None:
    """Put into an environment what its kernels and its exports read there.

    Kernels then explain unknown names from their first cell on (course_utils.panels.start), and exports show
    stills, from the command line and from JupyterLab's menu.
    """
    for source, place in INSTALLED.items():
        folder = environment.folder / place
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, folder)


def install_course(environment: Environment) -> None:
    """Install the course and all that it needs."""
    install_small_torch(environment)
    print("  the tested set of packages", flush=True)
    pip_install(environment, "--editable", f".[{environment.extras}]")
    silence_announcements(environment)
    install_files(environment)


def install_front(environment: Environment) -> None:
    """Install what the constraints name and nothing else: a front end, for kernels of another environment."""
    print("  the front end", flush=True)
    pip_install(environment, "--no-deps", "--requirement", str(environment.constraints))


def set_up(environment: Environment, install: Callable[[Environment], None] = install_course) -> None:
    """Bring the environment to the wanted state; does nothing where it is there."""
    if environment.is_ready():
        return
    usable = environment.is_usable()
    name = environment.folder.name
    print(f"{'Updating' if usable else 'Making'} the environment {name} (some minutes)", flush=True)
    if not usable:
        environment.make()
    environment.record(UNFINISHED)
    try:
        install(environment)
    except SetupError:
        environment.record(FAILED)
        raise
    environment.record(environment.inputs)
    print(f"  {name} is ready", flush=True)


def main() -> None:
    """Read the command line and set up one environment."""
    parser = argparse.ArgumentParser(description="Make the virtual environment of the course.")
    parser.add_argument("--venv", default=".venv", help="folder of the environment, below the repository")
    parser.add_argument("--constraints", default="constraints.txt", help="file with the exact versions")
    parser.add_argument("--extras", default=EXTRAS, help="optional dependencies of the course, with commas")
    parser.add_argument(
        "--front", action="store_true", help="install the packages in that file, without the course"
    )
    options = parser.parse_args()
    environment = Environment(ROOT / options.venv, ROOT / options.constraints, options.extras)
    try:
        set_up(environment, install_front if options.front else install_course)
    except SetupError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Interrupted; the same command starts again with what has been downloaded.")


if __name__ == "__main__":
    main()
