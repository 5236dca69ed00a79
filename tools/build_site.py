"""Write a notebook as a static page whose sliders still work: no kernel, no network, also from file://.

    python tools/build_site.py notebooks/01_forward_process.ipynb site

The page shows the saved widget state of an executed notebook. Its scripts lie beside it in `scripts/`: the
widget manager and its module loader from npm packages, anywidget's module from the Python package.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from fnmatch import fnmatch
from pathlib import Path

import anywidget
import nbformat
from nbconvert import HTMLExporter

from course_utils import cache

HERE = Path(__file__).resolve().parent
PACKAGES = HERE / "site" / "package.json"

# What is taken out of each npm package, and where below scripts/ it goes. The fonts hold the icons of the
# player's buttons; the widget manager looks for them in the folder named after its module.
TAKEN = {
    "@jupyter-widgets/html-manager": {"dist/embed-amd.js": ".", "dist/*.woff2": "@jupyter-widgets"},
    "requirejs": {"require.js": "."},
}


class SiteError(Exception):
    """Something a person can mend: one sentence."""


def fetch(package: str, version: str, scratch: Path) -> Path:
    """Return the archive of an npm package, fetched into the folder `scratch`."""
    if shutil.which("npm") is None:
        raise SiteError("The page needs two scripts from npm: install Node.js with npm and run it again.")
    command = ["npm", "pack", "--silent", f"{package}@{version}"]
    result = subprocess.run(command, cwd=scratch, capture_output=True, text=True)
    if result.returncode:
        print(result.stderr, file=sys.stderr)
        raise SiteError(f"npm could not fetch {package} {version}: check the network and run it again.")
    return next(scratch.glob("*.tgz"))


def unpack(archive: Path, wanted: dict[str, str], folder: Path) -> None:
    """Write the members of an npm archive that match a pattern to the pattern's place below `folder`."""
    with tarfile.open(archive) as members:
        for member in members:
            inside = member.name.removeprefix("package/")
            place = next((place for pattern, place in wanted.items() if fnmatch(inside, pattern)), None)
            data = members.extractfile(member)
            if place and data:
                (folder / place).mkdir(exist_ok=True)
                (folder / place / Path(inside).name).write_bytes(data.read())


def cached_scripts(package: str, version: str) -> Path:
    """Return the folder that holds what is taken from an npm package, filled at its first use."""
    home = cache.folder() / "site"
    folder = home / f"{package.replace('/', '-')}-{version}"
    if not folder.is_dir():
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home) as name:
            scratch, taken = Path(name), Path(name) / "taken"
            taken.mkdir()
            unpack(fetch(package, version, scratch), TAKEN[package], taken)
            taken.rename(folder)
    return folder


def gather_scripts(folder: Path) -> None:
    """Copy every script of the page into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for package, version in json.loads(PACKAGES.read_text())["dependencies"].items():
        shutil.copytree(cached_scripts(package, version), folder, dirs_exist_ok=True)
    shutil.copy(Path(anywidget.__file__).parent / "nbextension" / "index.js", folder / "anywidget.js")


def render(notebook: Path) -> str:
    """Return the page of an executed notebook as HTML, its pictures inside."""
    content = nbformat.read(notebook, as_version=4)
    if "widgets" not in content.metadata:
        raise SiteError(f"{notebook} holds no widget state: run `make notebooks` first.")
    for cell in content.cells:
        if "bootstrap" in cell.metadata.get("tags", []):
            cell.outputs = []  # it tells how to run, which this page needs not
    exporter = HTMLExporter(
        template_name="page",
        extra_template_basedirs=[str(HERE / "site")],
        widget_renderer_url="scripts/embed-amd.js",
        embed_images=True,
    )
    place = {"metadata": {"path": str(notebook.parent), "name": notebook.stem}}
    return exporter.from_notebook_node(content, resources=place)[0]


def build(notebook: Path, folder: Path) -> Path:
    """Write `folder`/index.html and its scripts; return the page."""
    page = folder / "index.html"
    html = render(notebook)
    gather_scripts(folder / "scripts")
    page.write_text(html, encoding="utf-8")
    return page


def main() -> None:
    """Read the command line and write the page."""
    parser = argparse.ArgumentParser(description="Write an executed notebook as a static, living page.")
    parser.add_argument("notebook", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    if not options.notebook.is_file():
        sys.exit(f"There is no notebook {options.notebook}: name one of those in notebooks/.")
    try:
        print(f"Open {build(options.notebook, options.folder).resolve()} in a browser.")
    except SiteError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
