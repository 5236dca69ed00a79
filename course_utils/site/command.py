"""python -m course_utils site folder: the lessons as pages with the painters in them, for any static host."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from course_utils.painters import BUILTIN
from course_utils.runtime import ROOT
from course_utils.site import front, npm
from course_utils.site.files import PageFiles, write_list, write_painters
from course_utils.site.lessons import write_lessons

MEGABYTE = 1e6
# The page's own code, as it is; the rest of `web` is for those who work on it.
CODE = ("*.css", "*.js", "front/*.js", "lesson/theme.js", "painter/*.js")
LICENCES = ("LICENSE", "LICENSE-CONTENT", "web/LICENSE-onnxruntime-web")


def main(arguments: Sequence[str] = ()) -> int:
    """Write the pages of the course, lessons and painters, and say what they weigh; perhaps serve them."""
    parser = argparse.ArgumentParser(prog="python -m course_utils site", description=main.__doc__)
    parser.add_argument("folder", type=Path, help="where to write")
    parser.add_argument("--painters", nargs="+", default=list(BUILTIN), metavar="NAME")
    parser.add_argument("--serve", type=int, nargs="?", const=8000, metavar="PORT", help="then serve it here")
    chosen = parser.parse_args(arguments)
    files = build(chosen.folder, chosen.painters)
    for name, one in sorted(files.sizes.items()):
        print(f"{one['size'] / MEGABYTE:7.2f} MB  {name}")
    print(f"Open {chosen.folder / 'index.html'} on a server; from a file the lessons show what was recorded.")
    if chosen.serve is not None:
        serve(chosen.folder, chosen.serve)
    return 0


def build(folder: Path, painters: Sequence[str] = tuple(BUILTIN)) -> PageFiles:
    """Write lessons, painters and runtime below `folder`. Raises `CourseError` where something is missing."""
    packages = npm.install()
    copy_code(folder)
    write_lessons(folder)
    files = PageFiles(folder / "files")
    for leftover in files.folder.glob("*.pack"):
        leftover.unlink()  # of an earlier build
    told = write_painters(painters, files)
    first = write_list(told, npm.write_runtime(packages, folder / "vendor", files), files)
    front.write(folder, first)
    for licence in LICENCES:
        shutil.copy(ROOT / licence, folder / f"{Path(licence).name}.txt")  # as text, which hosts show
    return files


def copy_code(folder: Path) -> None:
    """Copy the page's own code."""
    for pattern in CODE:
        for source in npm.WEB.glob(pattern):
            target = folder / source.relative_to(npm.WEB)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


class Isolated(SimpleHTTPRequestHandler):
    """Serves a folder with the two headers under which a page may use threads."""

    def end_headers(self) -> None:
        """See the library."""
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()


def serve(folder: Path, port: int) -> None:
    """Serve a folder to this machine alone until Ctrl+C."""
    handler = partial(Isolated, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        print(f"Open http://127.0.0.1:{server.server_port}/ and end this with Ctrl+C.")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
