"""The commands of the course: `python -m course_utils <command> [options]`."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from course_utils.runtime import CourseError

# name -> (module, what it does). The module offers main(arguments) -> exit code and is imported only when
# its command is called, so that `doctor` also runs where what another command needs is missing.
COMMANDS = {
    "doctor": ("course_utils.doctor", "say what this machine can run, in one table"),
    "paint": ("course_utils.painters.command", "paint a page without a notebook"),
    "fetch": ("course_utils.painters.hub.fetch", "download a large model ahead of a lesson"),
    "bench": ("course_utils.bench", "measure what the course costs on this machine"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command named first in `arguments` (default: the command line) and return its exit code."""
    listing = "\n".join(f"  {name:8} {purpose}" for name, (_, purpose) in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m course_utils",
        description="Tools of the course 'how image generators paint'.",
        epilog=f"commands:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="command")
    parser.add_argument(
        "options", nargs=argparse.REMAINDER, help="options of the command; try --help after it"
    )
    chosen = parser.parse_args(arguments)
    module, _ = COMMANDS[chosen.command]
    try:
        return importlib.import_module(module).main(chosen.options)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
