"""A cell that is run before those above it ends in one sentence that says where to start.

And one that has ended gives back the memory that it has freed. `install` is called when a panel is imported,
and at the start of every kernel of an environment that the course was installed into
(`tools/kernel_startup.py`), so that the very first cell a newcomer runs has it.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

from course_utils.languages import tr
from course_utils.runtime import release_memory

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def install() -> None:
    """Let the notebook around us do both; does nothing where there is none."""
    try:
        from IPython import get_ipython
    except ImportError:
        return
    shell = get_ipython()
    if shell is not None:
        shell.set_custom_exc((NameError,), _explained)
        shell.events.register("post_run_cell", _ended)


def _ended(*_result: Any) -> None:
    release_memory()


def _explained(
    shell: InteractiveShell, kind: type[NameError], error: NameError, trace: TracebackType, **_more: Any
) -> None:
    """Say what to do about a name that a cell does not find; an unknown name of ours stays a traceback."""
    place = trace
    while place.tb_next is not None:
        place = place.tb_next
    if kind is not NameError or place.tb_frame.f_globals is not shell.user_global_ns:
        shell.showtraceback((kind, error, trace))
        return
    sentence = NameError(
        tr(
            "{name!r} is not known here: first run the cells above (Run ▸ Run All Above Selected Cell; in "
            "Colab: Runtime ▸ Run before), then this one again; if you typed it, check its spelling.",
            name=error.name,
        )
    )
    # What `showtraceback` ends with, too; there is no public way to show one line and nothing else.
    shell._showtraceback(kind, sentence, [f"{kind.__name__}: {sentence}"])
