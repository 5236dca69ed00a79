"""What no code uses: names that neither package nor tools nor a notebook's cell nor a view's script mentions.

    python tools/unused.py

vulture looks for them; `tool.vulture` in pyproject.toml says what it passes over, and why. That only a test
uses something does not count.
"""

import json
import re
import sys
import tomllib
from pathlib import Path

from vulture import Vulture

ROOT = Path(__file__).resolve().parent.parent
MAGIC = re.compile(r"^( *)[%!].*$", re.MULTILINE)  # IPython's own lines, which are no Python
SHARED = re.compile(r"""["'.](\w+)""")  # in a view's script: what it may share with Python


def main() -> int:
    """Print what is unused, one line each; 1 where there is something."""
    chosen = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["vulture"]
    search = Vulture(ignore_names=chosen["ignore_names"], ignore_decorators=chosen["ignore_decorators"])
    search.scavenge([str(ROOT / folder) for folder in chosen["paths"]])
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                search.scan(MAGIC.sub(r"\1pass", "".join(cell["source"])), filename=path)
    for script in (ROOT / "course_utils/widgets").glob("*.js"):
        search.used_names |= set(SHARED.findall(script.read_text()))
    found = [item for item in search.get_unused_code() if item.filename.suffix == ".py"]
    for item in found:
        print(item.get_report())
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
