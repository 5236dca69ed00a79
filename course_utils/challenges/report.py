"""A learner's progress as one table for a teacher: a line a guess, challenge or question."""

from __future__ import annotations

import csv
import io

from course_utils.challenges.path import TITLES, stops
from course_utils.challenges.questions import QUESTIONS
from course_utils.logbook import Logbook

HEAD = ("name", "notebook", "kind", "what", "state", "answer", "tries", "hints", "solution", "best", "on")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for one


def lines(book: Logbook, name: str = "") -> list[dict[str, str]]:
    """Everything there is to do, in order, with what the book knows of it."""
    found = []
    for notebook, title in TITLES.items():
        common = {"name": name.strip(), "notebook": title}
        asked = book.entry("questions", notebook)
        found += [
            {
                **common,
                "kind": f"question {when}",
                "what": QUESTIONS[notebook].text,
                "state": _verdict(asked.get(when), QUESTIONS[notebook].right),
                "answer": asked.get(when, ""),
                "on": asked.get("on", "") if when in asked else "",
            }
            for when in ("before", "after")
        ]
        for stop in stops(notebook):
            entry = stop.entry(book)
            answer = entry.get("guess", "") if stop.kind == "guess" else ""
            what = stop.key if stop.kind == "guess" else stop.title
            found.append(
                {**common, "kind": stop.kind, "what": what, "state": stop.state(book), "answer": answer}
            )
            found[-1] |= {key: entry.get(key, "") for key in ("tries", "hints", "solution", "best", "on")}
    return [{key: "" if line.get(key) is None else str(line.get(key, "")) for key in HEAD} for line in found]


def _verdict(answer: object, right: str) -> str:
    return "not tried" if answer is None else "right" if answer == right else "wrong"


def as_csv(book: Logbook, name: str = "") -> str:
    """The same as a file that a spreadsheet opens; nothing in it is taken for a formula."""
    target = io.StringIO()
    writer = csv.DictWriter(target, HEAD)
    writer.writeheader()
    for line in lines(book, name):
        writer.writerow(
            {key: f"'{text}" if text.startswith(_FORMULA) else text for key, text in line.items()}
        )
    return target.getvalue()
