"""The commands of the course: `python -m course_utils <command> [options]`."""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from course_utils.runtime import CourseError

# name -> (module, what it does). The module offers main(arguments) -> exit code and is imported only when
# its command is called, so that `doctor` also runs where what another command needs is missing.
COMMANDS = {
    "doctor": ("course_utils.doctor", "say what this machine can run, in one table"),
    "warm": ("course_utils.warm", "get painters, graphs and judges ready ahead of a lesson"),
    "paint": ("course_utils.paint", "paint a page without a notebook"),
    "site": ("course_utils.site.command", "write the course as pages, painters in them, and serve them"),
    "fetch": ("course_utils.painters.hub.fetch", "download a large model ahead of a lesson"),
    "record": (
        "course_utils.galleries.command",
        "paint each notebook's experiment with a large model, into one file",
    ),
    "bench": ("course_utils.bench", "measure what the course costs on this machine"),
}

READER_GONE = 141  # as a shell tells a process that a pipe has ended: 128 + SIGPIPE


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
    _print_anything()
    try:
        code = importlib.import_module(module).main(chosen.options)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:
        _hear_no_more()
        return READER_GONE
    try:
        print(end="", flush=True)
    except BrokenPipeError:  # the work is done all the same
        _hear_no_more()
    return code


def _print_anything() -> None:
    """Write what the terminal's encoding lacks as escapes: a remark must not cost the picture it is about."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _hear_no_more() -> None:
    """Let what is still to be printed go nowhere: whoever reads it, as `head` does, has had enough."""
    with suppress(OSError, ValueError):  # a stream without a file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
