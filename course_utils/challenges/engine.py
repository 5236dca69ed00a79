"""What a challenge is, and how an answer is judged: reached, or one sentence that says what to mend."""

from __future__ import annotations

import linecache
import secrets
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from course_utils.languages import tr
from course_utils.panels.stills import StillPicture
from course_utils.runtime import CourseError, generator, plain, short, shown

# Kinds of an outcome that are no attempt: nothing was handed in yet.
UNTRIED = ("not defined", "stub")


@dataclass(frozen=True)
class Outcome:
    """What became of an answer.

    `mistake` is the kind of what went wrong, where it was recognised ("swapped", "no return"), "unknown"
    where it was not, and "" where the goal is reached. `score` counts against the challenge's par.
    """

    reached: bool
    sentence: str
    mistake: str = ""
    score: float | None = None
    picture: StillPicture | None = None

    @property
    def attempted(self) -> bool:
        """Whether there was an answer at all."""
        return self.mistake not in UNTRIED


class Mistake(Exception):
    """Raised by whoever recognises what is wrong with an answer; `kind` names it for tests."""

    def __init__(self, kind: str, sentence: str, picture: StillPicture | None = None) -> None:
        super().__init__(sentence)
        self.kind, self.sentence, self.picture = kind, sentence, picture


@dataclass(frozen=True)
class Par:
    """A good score: as few of something as somebody who thought about it needed."""

    value: float
    unit: str

    def told(self, score: float) -> str:
        """A score with its unit."""
        return f"{score:.3g} {tr(self.unit)}"


@dataclass(frozen=True)
class Challenge:
    """A task with a stub for the cell, three hints, a solution, and a judge of answers.

    The learner gives the answer the name `answer` in a cell of the notebook. `judge` takes it and returns an
    `Outcome` or raises `Mistake`; texts may hold `code` between backticks.
    """

    name: str
    title: str
    task: str
    answer: str
    stub: str
    hints: tuple[str, str, str]
    solution: str
    judge: Callable[[Any], Outcome]
    par: Par | None = None

    def check(self, reference: Callable[[], Any]) -> Outcome:
        """Judge what `reference` gives just now; whatever the answer does ends in an outcome."""
        try:
            return self.judge(self._fetch(reference))
        except Mistake as mistake:
            return Outcome(False, mistake.sentence, mistake.kind, picture=mistake.picture)
        except CourseError as error:
            return Outcome(False, str(error), "refused")

    def _fetch(self, reference: Callable[[], Any]) -> Any:
        try:
            answer = reference()
        except NameError as error:
            raise Mistake(
                "not defined",
                tr(
                    "There is no {name} yet: run the cell above, which begins with “{line}”, then press "
                    "check again.",
                    name=error.name,
                    line=self.stub.splitlines()[0],
                ),
            ) from None
        check_written(answer, self.answer)
        return answer

    def best(self, one: float | None, other: float | None) -> float | None:
        """The better of two scores, if there is any: the lower one."""
        return min((score for score in (one, other) if score is not None), default=None)


def check_written(value: Any, what: str) -> None:
    """Raise `Mistake` where a value is still the stub's `...`, or holds it."""
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple | list) else ()
    if value is Ellipsis or any(part is Ellipsis for part in parts):
        raise Mistake(
            "stub", tr("{what} still holds the three dots: replace them with your answer.", what=what)
        )


def a_number(value: Any, what: str) -> float:
    """A finite number out of an answer, or a `Mistake`."""
    number = plain(value)
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise Mistake(
            "no number",
            tr("{what} has to be a number, but yours is {value}.", what=what, value=shown(value)),
        )
    if not -1e300 < number < 1e300:
        raise Mistake(
            "no number",
            tr("{what} has to be a finite number, but yours is {value}.", what=what, value=shown(number)),
        )
    return float(number)


def a_dict(value: Any, what: str, allowed: Mapping[str, str]) -> dict[str, Any]:
    """A dictionary out of an answer with no other keys than the `allowed` ones, or a `Mistake`."""
    example = ", ".join(f'"{key}": {text}' for key, text in allowed.items())
    if not isinstance(value, Mapping):
        raise Mistake("no dict", f"{what} has to be a dictionary like {{{example}}}, not {shown(value)}.")
    strange = [key for key in value if key not in allowed]
    if strange:
        raise Mistake(
            "strange key", f"{what} cannot set {shown(strange[0])}: you may set {', '.join(allowed)}."
        )
    return dict(value)


def call(function: Callable[..., Any], arguments: tuple[Any, ...], where: str) -> Any:
    """What a learner's function returns for copies of some arguments; raises `Mistake` where it fails."""
    own = tuple(argument.clone() if hasattr(argument, "clone") else argument for argument in arguments)
    try:
        returned = function(*own)
    except Mistake:
        raise
    except NameError as error:
        raise Mistake(
            "unknown name",
            tr(
                "Your function uses {name!r}, which is not defined: check its spelling, or define it.",
                name=error.name,
            ),
        ) from None
    except Exception as error:
        raise Mistake(
            "fails",
            tr(
                "{where} your function stops with an error{line}: {error}",
                where=where,
                line=_line(error, function),
                error=_said(error),
            ),
        ) from None
    if returned is None:
        raise Mistake(
            "no return", tr("Your function returns nothing: its last line has to begin with return.")
        )
    if returned is Ellipsis:
        raise Mistake(
            "stub", tr("The line with the three dots is still to be written: put your formula there.")
        )
    return returned


def check_callable(function: Any, what: str, arguments: str) -> None:
    """Raise `Mistake` unless `function` can be called with so many arguments, "clean, noise, t"."""
    from inspect import signature

    if not callable(function):
        raise Mistake(
            "no function",
            tr(
                "{what} has to be a function, but it is {value}: keep the line that begins with def.",
                what=what,
                value=shown(function),
            ),
        )
    wanted = arguments.split(", ")
    try:
        parameters = signature(function)
    except (TypeError, ValueError):  # built-in functions do not tell
        return
    try:
        parameters.bind(*wanted)
    except TypeError:
        raise Mistake(
            "arguments",
            tr(
                "The judge calls {what} with {wanted} arguments; yours takes {taken}. Begin it with "
                "`def {what}({arguments}):`.",
                what=what,
                wanted=len(wanted),
                taken=len(parameters.parameters),
                arguments=arguments,
            ),
        ) from None


def _said(error: Exception) -> str:
    """The kind of an error and the first line of its message."""
    first = (str(error).splitlines() or [""])[0].strip()
    return f"{type(error).__name__}{f', {first}' if first else ''}".rstrip(".") + "."


def _line(error: Exception, function: Callable[..., Any]) -> str:
    """The learner's own line in which an error arose, if it is known."""
    code = getattr(function, "__code__", None)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if code is not None and frame.filename == code.co_filename:
            text = short(linecache.getline(frame.filename, frame.lineno or 0).strip())
            return tr(" in the line “{line}”", line=text) if text else ""
    return ""


def fresh_generator() -> Any:
    """A `torch.Generator` whose seed nobody knows beforehand: an answer learned by heart is none."""
    return generator(secrets.randbelow(2**32))
