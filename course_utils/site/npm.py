"""What the page takes from npm, in exact versions: what runs its networks, and what cuts its words."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from course_utils.runtime import ROOT, CourseError
from course_utils.site.files import PageFiles
from course_utils.site.packs import squeezed

WEB = ROOT / "web"
RUNTIME, CUTTER = "onnxruntime-web", "@huggingface/tokenizers"
# Modules as they are; of each build of the runtime the glue of its threads and the WebAssembly beside it.
MODULES = {
    f"{CUTTER}/dist/tokenizers.min.mjs": "tokenizers.mjs",
    f"{RUNTIME}/dist/ort.wasm.min.mjs": "ort.wasm.mjs",
    f"{RUNTIME}/dist/ort.jspi.min.mjs": "ort.jspi.mjs",
}
BUILDS = {"wasm": "ort-wasm-simd-threaded", "webgpu": "ort-wasm-simd-threaded.jspi"}
LICENCES = {f"{CUTTER}/LICENSE": "LICENSE-tokenizers.txt"}


def install(home: Path = WEB) -> Path:
    """Install what package-lock.json names for pages, unless it is there; return the folder of packages.

    What only the audits need (dev dependencies) is left out: `make audits` installs it. Raises `CourseError`
    where npm is missing or fails.
    """
    packages, lock = home / "node_modules", home / "package-lock.json"
    if _installed(packages, lock):
        return packages
    npm = shutil.which("npm")
    if npm is None:
        raise CourseError("The pages need two packages of npm's: install Node.js with npm and run it again.")
    command = [npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise CourseError(f"npm could not install the pages' packages: {reason}; check the network.")
    return packages


def _installed(packages: Path, lock: Path) -> bool:
    """Whether npm's own note of what it installed says the versions of the lock file."""
    try:
        wanted = json.loads(lock.read_text())["packages"]
        found = json.loads((packages / ".package-lock.json").read_text())["packages"]
    except (OSError, ValueError, KeyError):
        return False
    return all(
        found.get(name, {}).get("version") == one["version"]
        for name, one in wanted.items()
        if name and not one.get("optional") and not one.get("dev")
    )


def write_runtime(packages: Path, folder: Path, files: PageFiles) -> dict[str, Any]:
    """Write modules and licences into `folder`, the WebAssembly among the files; say where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    glue = {f"{RUNTIME}/dist/{build}.mjs": f"{build}.mjs" for build in BUILDS.values()}
    for source, name in {**MODULES, **glue, **LICENCES}.items():
        shutil.copyfile(packages / source, folder / name)
    version = json.loads((packages / RUNTIME / "package.json").read_text())["version"]
    told = {
        kind: {
            "module": f"ort.{build.rpartition('.')[2] if '.' in build else 'wasm'}.mjs",
            "glue": f"{build}.mjs",
            "wasm": files.keep(
                f"runtime-{kind}", squeezed((packages / RUNTIME / f"dist/{build}.wasm").read_bytes())
            ),
        }
        for kind, build in BUILDS.items()
    }
    return {"version": version, **told}
