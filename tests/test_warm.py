"""Warming up before a lesson: what is ready is said, and what is not."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from course_utils import __main__, painters, warm
from course_utils.doctor import LIMITED, MISSING, OK, Row
from course_utils.runtime import CourseError


class Engine:
    """Stands in for an engine; `waited` says that somebody waited for its graphs."""

    def __init__(self, name, reason=None):
        self.name, self.waited = name, False
        if reason:
            self.reason = reason

    def wait(self):
        self.waited = True


def painter(engine, sketching):
    def paint(_prompt, steps):
        assert engine.waited and sketching.waited and steps == warm.STEPS
        return SimpleNamespace(seconds=0.25)

    return SimpleNamespace(
        engine=engine, paint=paint, sketcher=SimpleNamespace(engine=sketching, paint=paint)
    )


def test_every_painter_that_ships_and_both_judges_are_made_ready():
    assert set(warm.PARTS) == {
        "points",
        *(f"painter {name}" for name in painters.BUILTIN),
        "first judge",
        "second judge",
    }
    assert __main__.COMMANDS["warm"][0] == "course_utils.warm"


@pytest.mark.parametrize(
    ("engines", "row"),
    [
        (
            (Engine("ONNX Runtime"), Engine("ONNX Runtime")),
            Row("painter it", "ONNX Runtime, 4 steps in 0.25 s", OK),
        ),
        (
            (Engine("ONNX Runtime"), Engine("torch", "ImportError: no onnx")),
            Row(
                "painter it",
                "ONNX Runtime, 4 steps in 0.25 s",
                LIMITED,
                "paints or sketches slowly: ImportError: no onnx",
            ),
        ),
        (
            (Engine("torch"), Engine("torch")),
            Row("painter it", "torch, 4 steps in 0.25 s", LIMITED, "paints or sketches slowly: no graphs"),
        ),
    ],
)
def test_a_painter_is_waited_for_and_its_engines_are_named(monkeypatch, engines, row):
    monkeypatch.setattr(painters, "load", lambda name: painter(*engines))
    assert warm._painter("it", "painter it") == row


def test_what_is_missing_is_one_row_and_the_rest_is_made_ready_all_the_same(monkeypatch, capsys):
    def broken(_what):
        raise CourseError("The weights of it are damaged: fetch them again.")

    monkeypatch.setattr(warm, "PARTS", {"it": broken, "points": lambda what: Row(what, "weights read")})
    assert __main__.main(["warm"]) == 1
    said = capsys.readouterr().out
    assert f"{MISSING}  The weights of it are damaged: fetch them again." in said
    assert "points" in said.splitlines()[-1] and "weights read" in said.splitlines()[-1]
    monkeypatch.setattr(warm, "PARTS", {"points": lambda what: Row(what, "weights read")})
    assert __main__.main(["warm"]) == 0
