"""A real JupyterLab or Notebook for tests: on the loopback, with a home of its own, gone when the test is."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import ipywidgets
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course_utils import cache

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"

START_PATIENCE = 120.0  # seconds; the first start on a busy machine reads a great many files
STOP_PATIENCE = 15.0


@dataclass(frozen=True)
class Lab:
    """A running server: its address with a closing slash, its token, the folder it serves, its front end."""

    address: str
    token: str
    folder: Path
    front: str = "jupyterlab"

    def page(self, notebook: str) -> str:
        """Return the address that opens a notebook alone in a fresh workspace."""
        place = FRONTS[self.front].place
        return f"{self.address}{place}/{notebook}?token={self.token}&reset"


@dataclass(frozen=True)
class Front:
    """How a front end is told to show itself to a test, and where it shows a notebook.

    `module` starts it, by `python`. Its kernels are those of the environment that runs the tests.
    """

    module: str
    place: str
    python: Path = Path(sys.executable)


FRONTS = {
    "jupyterlab": Front("jupyterlab", "lab/tree"),
    "notebook": Front("notebook", "notebooks"),
    # JupyterLab 3.6, whose widgets are those of ipywidgets 7; `make test-colab` makes its environment.
    "colab": Front("jupyterlab", "lab/tree", ROOT / ".venv-colab-front" / "bin" / "python"),
}


def needs_colab() -> None:
    """Skip a test where the two environments are not that `make test-colab` makes and tests with."""
    if ipywidgets.version_info[0] != 7 or not FRONTS["colab"].python.exists():
        pytest.skip("needs the two environments that `make test-colab` makes")


@contextmanager
def serve(
    notebooks: Path,
    scratch: Path,
    front: str = "jupyterlab",
    *options: str,
    settings: Path | None = None,
) -> Iterator[Lab]:
    """Serve a copy of `notebooks` from `scratch` (an empty folder) and stop the server afterwards.

    `front` is one of `FRONTS`; `settings` is a folder of JupyterLab's settings to begin with; further
    `options` go to the server.

    Raises `RuntimeError` with the end of the server's log when it does not start.
    """
    folder, home, runtime = scratch / "notebooks", scratch / "home", scratch / "runtime"
    shutil.copytree(notebooks, folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for path in (home, runtime):
        path.mkdir()
    if settings:
        shutil.copytree(settings, home / "settings")
    token = secrets.token_hex(16)
    log = scratch / "lab.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [*_command(folder, FRONTS[front]), *options],
            cwd=folder,
            env=environment(home, runtime, token),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Lab(_wait_for_address(server, runtime, token, log), token, folder, front)
    finally:
        server.terminate()  # the server stops its kernels itself
        try:
            server.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def write_notebook(lab: Lab, name: str, sources: Iterable[str]) -> None:
    """Write a notebook of these code cells into the folder that a server serves."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [new_code_cell(source) for source in sources]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), lab.folder / name)


def _command(folder: Path, front: Front) -> list[str]:
    root = ["--allow-root"] if hasattr(os, "getuid") and os.getuid() == 0 else []
    return [
        *(str(front.python), "-m", front.module, "--no-browser", *root),
        *("--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--ServerApp.root_dir={folder}"),
        # No request may leave the machine, and no popup may cover a slider.
        *("--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"),
        "--LabApp.extension_manager=readonly",
    ]


def environment(home: Path, runtime: Path, token: str) -> dict[str, str]:
    """Return the environment without a trace of the person's own settings."""
    foreign = ("JUPYTER", "IPYTHON", "XDG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True, exist_ok=True)
    quiet = {"checkForUpdates": False, "fetchNews": "false"}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    page = home / "config" / "labconfig"
    page.mkdir(parents=True)
    # Lets the tests call the commands behind the menus, whose places move from release to release.
    (page / "page_config.json").write_text(json.dumps({"exposeAppInBrowser": True}))
    own = {
        "HOME": home,
        "USERPROFILE": home,
        "IPYTHONDIR": home / "ipython",
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_PATH": _own_kernel(home / "kernel"),
        "JUPYTER_RUNTIME_DIR": runtime,
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "JUPYTER_TOKEN": token,
        "HF_HUB_OFFLINE": "1",
        "COURSE_CACHE": cache.folder().parent,  # else each server's kernels would build all graphs anew
        "PYTHONPATH": path,
    }
    return kept | {name: str(value) for name, value in own.items()}


def _own_kernel(place: Path) -> Path:
    """Write a folder of Jupyter's, whose one kernel is that of this environment; return it."""
    folder = place / "kernels" / "python3"
    folder.mkdir(parents=True)
    start = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    about = {"argv": start, "display_name": "Python 3", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(about))
    return place


def _wait_for_address(server: subprocess.Popen[bytes], runtime: Path, token: str, log: Path) -> str:
    """Return the server's address once it answers; its port is in the file it writes on starting."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never by way of a proxy
    deadline = time.monotonic() + START_PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        for info in runtime.glob("jpserver-*.json"):
            try:
                address = json.loads(info.read_text())["url"]
                request = urllib.request.Request(
                    f"{address}api/status", headers={"Authorization": f"token {token}"}
                )
                with opener.open(request, timeout=5):
                    return address
            except (OSError, ValueError):
                continue  # half written, or not answering yet
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")
