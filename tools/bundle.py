"""Write the course onto a memory stick, so that one command installs it without a network.

    python tools/bundle.py bundle
    python tools/bundle.py bundle --platform windows --python-version 3.12

The folder holds the repository as it is committed, the packages for this machine or the one that is named,
recorded galleries, the site where it is built, and what installs them. Run it again for another system or
another Python: packages gather beside each other.
"""

import argparse
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STICK = ROOT / "tools" / "stick"  # what lies at the top of the bundle
GALLERIES = Path("data", "galleries")
INDEX = "bundle.json"
SMALL_TORCH = "https://download.pytorch.org/whl/cpu"  # PyTorch's own index of builds without CUDA


class BundleError(Exception):
    """Something a person can mend: one sentence."""


@dataclass(frozen=True)
class System:
    """A system that packages are fetched for: its name for uv, which resolves, and for pip, which fetches.

    `release` is the oldest that PyTorch's wheels run on, where uv takes a still older one for granted.
    """

    uv: str
    pip: tuple[str, ...]
    release: str = ""


SYSTEMS = {
    "windows": System("x86_64-pc-windows-msvc", ("win_amd64",)),
    "macos": System("aarch64-apple-darwin", ("macosx_14_0_arm64",), "14.0"),
    "linux": System(
        "x86_64-manylinux_2_28",
        (*(f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)), "manylinux2014_x86_64"),
    ),
}
OWN = {"Windows": "windows", "Darwin": "macos", "Linux": "linux"}.get(platform.system(), platform.system())


def course(folder: Path) -> None:
    """Put the committed files and this machine's recorded galleries into `folder`, anew."""
    packed = subprocess.run(["git", "archive", "--format=zip", "HEAD"], cwd=ROOT, capture_output=True)
    if packed.returncode:
        raise BundleError("A bundle is made from a git clone of the course, and this folder is none.")
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder)
    for gallery in (ROOT / GALLERIES).glob("*.gallery"):
        (folder / GALLERIES).mkdir(parents=True, exist_ok=True)
        shutil.copy(gallery, folder / GALLERIES)


def requirements() -> list[str]:
    """What the course needs to run, its tests left out, and what builds it."""
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project, builders = whole["project"], whole["build-system"]["requires"]
    return [*project["dependencies"], *project["optional-dependencies"]["fast"], *builders]


def fetch_wheels(folder: Path, system: str, python: str) -> None:
    """Fetch the packages for a system and a Python into `folder`; what lies there already is kept."""
    own = (system, python) == (OWN, own_python())
    target = [] if own else for_pip(system, python)
    if system == "linux":
        fetch_small_torch(folder, target)
    if own:
        pip_download(folder, *requirements(), "--constraint", str(ROOT / "constraints.txt"))
    else:
        pip_download(folder, *target, "--no-deps", *resolved(system, python))


def fetch_small_torch(folder: Path, target: list[str]) -> None:
    """Try for PyTorch's build without CUDA, 200 MB instead of 3 GB."""
    pins = (ROOT / "constraints.txt").read_text().splitlines()
    torch = next(line for line in pins if line.startswith("torch=="))
    index = ["--index-url", SMALL_TORCH, "--no-deps", "--retries", "0", "--timeout", "20"]
    try:
        pip_download(folder, *target, *index, torch, quietly=True)
    except BundleError:
        print("  PyTorch's small build cannot be reached; going on with what pip finds", flush=True)


def for_pip(system: str, python: str) -> list[str]:
    """The options by which pip fetches for another machine."""
    named = [option for name in SYSTEMS[system].pip for option in ("--platform", name)]
    return [*named, "--python-version", python, "--implementation", "cp"]


def resolved(system: str, python: str) -> list[str]:
    """The exact packages for another machine; pip would ask this one what it is."""
    command = [*("-m", "uv", "pip", "compile", "-", "--constraint", "constraints.txt"), "--no-header"]
    command += ["--no-annotate", "--python-platform", SYSTEMS[system].uv, "--python-version", python]
    command += ["--no-build", "--no-python-downloads"]  # what is only chosen needs no Python of its version
    wanted = "\n".join(requirements())
    release = {"MACOSX_DEPLOYMENT_TARGET": SYSTEMS[system].release} if SYSTEMS[system].release else {}
    environment = {**os.environ, **release}
    run = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, input=wanted, capture_output=True, text=True
    )
    if run.returncode:
        print(run.stderr, file=sys.stderr)
        raise BundleError(
            f"The packages for Python {python} on {system} could not be chosen, for the reason above: check "
            "the network and, where uv is missing, run `pip install uv`."
        )
    return run.stdout.split()


def pip_download(folder: Path, *what: str, quietly: bool = False) -> None:
    """Have pip put wheels, and nothing that would have to be built, into `folder`."""
    command = [*(sys.executable, "-m", "pip", "download", "--quiet", "--dest", str(folder)), "--find-links"]
    command += [str(folder), "--only-binary", ":all:", *what]
    folder.mkdir(parents=True, exist_ok=True)
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        if not quietly:
            print(*run.stderr.splitlines()[-15:], sep="\n", file=sys.stderr)
        raise BundleError(
            "The packages could not be fetched, for the reason above: check the network and the free disk "
            "space, then run the same command again."
        )


def own_python() -> str:
    """The version of the Python that runs this, as 3.12."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def note(path: Path, system: str, python: str) -> None:
    """Add to the bundle's list of machines that it serves."""
    served = json.loads(path.read_text())["serves"] if path.exists() else []
    mine = {"system": system, "python": python}
    path.write_text(json.dumps({"serves": [*(one for one in served if one != mine), mine]}, indent=1) + "\n")


def megabytes(folder: Path) -> float:
    """How much lies below a folder, in MB of 10^6 bytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def bundle(folder: Path, system: str, python: str) -> None:
    """Write the whole bundle, and say what it weighs."""
    folder.mkdir(parents=True, exist_ok=True)
    course(folder / "course")
    print(f"  the packages for Python {python} on {system} (some minutes)", flush=True)
    fetch_wheels(folder / "wheels", system, python)
    if (ROOT / "site").is_dir():
        shutil.copytree(ROOT / "site", folder / "site", dirs_exist_ok=True)
    shutil.copytree(STICK, folder, dirs_exist_ok=True)
    note(folder / INDEX, system, python)
    for part in sorted(path for path in folder.iterdir() if path.is_dir()):
        print(f"{megabytes(part):7.0f} MB  {part.name}")
    print(f"{megabytes(folder):7.0f} MB  {folder}: copy it onto the stick; README.txt in it says the rest.")


def main() -> None:
    """Read the command line and write the bundle."""
    parser = argparse.ArgumentParser(description="Write the course onto a memory stick.")
    parser.add_argument("folder", type=Path, help="where to write")
    parser.add_argument(
        "--platform", choices=SYSTEMS, default=OWN, help="whose packages (default: this one's)"
    )
    parser.add_argument("--python-version", default=own_python(), help="for which Python (default: this one)")
    chosen = parser.parse_args()
    try:
        bundle(chosen.folder, chosen.platform, chosen.python_version)
    except BundleError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"{error.filename or chosen.folder} cannot be written: {error.strerror or error}.")
    except KeyboardInterrupt:
        sys.exit("Interrupted; the same command starts again with what has been fetched.")


if __name__ == "__main__":
    main()
