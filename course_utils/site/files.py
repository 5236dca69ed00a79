"""The files that a page loads besides its code: named by what is in them, in one list with their sizes."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from course_utils.painters.parts import Parts
from course_utils.site import web_graphs
from course_utils.site.facts import facts, painter_named
from course_utils.site.packs import ENCODINGS, pack, squeezed

LIST = "painters.json"


class PageFiles:
    """The gzipped files of a folder. What two painters share is one file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sizes: dict[str, dict[str, Any]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, what: str, packed: bytes) -> str:
        """Write gzipped bytes and return the name of their file, which differs wherever they do."""
        digest = hashlib.sha256(packed).hexdigest()
        name = f"{what}-{digest[:12]}.pack"  # no ending by which a server would inflate it on the way
        if name not in self.sizes:
            (self.folder / name).write_bytes(packed)
            inflated = len(gzip.decompress(packed))
            self.sizes[name] = {"size": len(packed), "inflated": inflated, "sha256": digest}
        return name


def write_painters(names: Sequence[str], files: PageFiles) -> dict[str, Any]:
    """Write all that painters need; return what the list says of each of them."""
    return {name: _painter(name, files) for name in names}


def write_list(painters: dict[str, Any], runtime: dict[str, Any], files: PageFiles) -> str:
    """Write the list of everything; return its `first`, the painter that a page begins with."""
    leaping = [name for name, told in painters.items() if told["kind"] == "leaping"]
    first = (leaping or list(painters))[0]
    listed = {
        "first": first,
        "painters": painters,
        "runtime": runtime,
        "files": files.sizes,
    }
    (files.folder / LIST).write_text(json.dumps(listed, indent=1) + "\n")
    return first


def _painter(name: str, files: PageFiles) -> dict[str, Any]:
    painter = painter_named(name)
    graphs = {
        part: {
            "graph": files.keep(part, squeezed(found.graph)),
            "weights": {
                precision: files.keep(f"{part.replace(web_graphs.WATCHED, 'network')}-{precision}", weights)
                for precision, weights in packed(found).items()
            },
        }
        for part, found in web_graphs.of_painter(painter.parts).items()
    }
    return {**facts(painter), "tokenizer": _tokenizer(painter.parts, files), "graphs": graphs}


def packed(graph: web_graphs.WebGraph) -> dict[str, bytes]:
    """A graph's weights in every precision that is offered."""
    return {precision: pack(graph.weights, precision) for precision in ENCODINGS}


def _tokenizer(parts: Parts, files: PageFiles) -> str:
    home = parts.home("tokenizer")
    both = {
        "tokenizer": json.loads(parts.splitter.to_str()),  # without the padding of its last use
        "config": json.loads((home / "tokenizer_config.json").read_text()),
    }
    return files.keep("tokenizer", squeezed(json.dumps(both).encode()))
