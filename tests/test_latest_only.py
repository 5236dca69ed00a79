"""Newest request wins: storms of requests end in the picture for the last one."""

from __future__ import annotations

import threading
import time

import pytest

from course_utils.panels import pacing
from course_utils.panels.latest_only import Cancelled, LatestOnlyWorker, check, preview_wanted
from course_utils.runtime import CourseError, side_by_side


class Desk:
    """Records what a `LatestOnlyWorker` does; work takes ten checks of a millisecond."""

    def __init__(self):
        self.shown, self.said, self.busy, self.begun = [], [], [], 0
        self.worker = LatestOnlyWorker(self.work, self.show, self.said.append, self.busy.append)

    def work(self, request):
        self.begun += 1
        for _ in range(10):
            check()
            time.sleep(0.001)
        if request == "bad":
            raise CourseError("That will not do.")
        return f"page {request}"

    def show(self, result):
        self.shown.append(result)
        return f"{result} shown"


@pytest.fixture
def desk():
    return Desk()


def test_the_first_request_is_done_before_returning(desk):
    desk.worker.now(1)
    assert desk.shown == ["page 1"] and desk.said == ["page 1 shown"]


def test_a_mistake_in_the_first_request_is_raised(desk):
    with pytest.raises(CourseError, match="That will not do"):
        desk.worker.now("bad")


def test_after_a_storm_the_last_request_is_shown_and_most_others_were_given_up(desk):
    for number in range(1000):
        desk.worker.ask(number)
    desk.worker.wait()
    assert desk.shown[-1] == "page 999" and len(desk.shown) < 200
    assert desk.busy[-1] is False


@pytest.mark.long
def test_a_backlog_of_requests_is_let_through_before_the_last_is_worked_off(desk, monkeypatch):
    monkeypatch.setattr(pacing, "BACKLOG", 0.5)  # however slow this machine is, these come faster
    for number in range(50):
        desk.worker.ask(number)
        time.sleep(0.002)
    desk.worker.wait()
    assert desk.begun <= 3 and desk.shown[-1] == "page 49"


@pytest.mark.long
def test_pieces_done_side_by_side_keep_their_order_and_are_given_up_with_the_work_they_belong_to():
    begun, shown = threading.Event(), []

    def piece(number):
        begun.set()
        for _ in range(20):
            check()
            time.sleep(0.01)
        return 10 * number

    worker = LatestOnlyWorker(lambda size: side_by_side(piece, range(size)), shown.append, lambda _: None)
    worker.now(4)
    assert shown == [[0, 10, 20, 30]]
    begun.clear()
    worker.ask(400)
    assert begun.wait(10)
    time.sleep(0.4)
    worker.ask(2)
    worker.wait()
    assert shown == [[0, 10, 20, 30], [0, 10]]


def test_an_accident_is_said_and_the_next_request_is_painted(caplog):
    shown, said, busy = [], [], []
    one = LatestOnlyWorker(lambda request: 1 // request, shown.append, said.append, busy.append)
    one.ask(0)
    one.wait()
    assert said[-1].startswith("Painting failed") and busy[-1] is False and "panel" in caplog.text
    one.ask(1)
    one.wait()
    assert shown == [1]


def test_a_mistake_takes_the_place_of_what_is_under_way(desk):
    desk.worker.ask(1)
    desk.worker.ask(CourseError("No such page."))
    desk.worker.wait()
    assert desk.said[-1] == "No such page."


def test_asking_returns_while_work_goes_on_and_on():
    begun, gate, shown = threading.Event(), threading.Event(), []

    def work(request):
        begun.set()
        return request, gate.wait(5)  # False where whoever asks waits for the answer

    slow = LatestOnlyWorker(work, shown.append, lambda _: None)
    slow.ask(1)
    assert begun.wait(10)
    slow.ask(2)
    assert shown == []
    gate.set()
    slow.wait()
    assert shown == [(1, True), (2, True)]


def test_a_mistake_is_said_and_the_next_request_still_works(desk):
    desk.worker.ask("bad")
    desk.worker.wait()
    assert desk.said == ["That will not do."] and desk.shown == []
    desk.worker.ask(2)
    desk.worker.wait()
    assert desk.shown == ["page 2"]


def test_work_that_is_stale_says_nothing(desk, monkeypatch):
    monkeypatch.setattr(pacing, "PATIENCE", -1.0)
    seen = []

    def work(request):
        if request == 1:
            desk.worker.ask(2)
        check()
        seen.append(request)
        return request

    desk.worker = LatestOnlyWorker(work, desk.show, desk.said.append)
    desk.worker.ask(1)
    desk.worker.wait()
    assert seen == [2] and desk.shown == [2]


def test_slow_work_too_is_seen_while_a_slider_moves(monkeypatch):
    """Each piece takes ten times the patience; not all of them may be given up."""
    monkeypatch.setattr(pacing, "PATIENCE", 0.003)
    shown = []

    def work(request):
        for _ in range(10):
            check()
            time.sleep(0.003)
        return request

    one = LatestOnlyWorker(work, shown.append, lambda sentence: None)
    for number in range(100):
        one.ask(number)
        time.sleep(0.005)
    during = len(shown)
    one.wait()
    assert during >= 2 and shown[-1] == 99


def test_young_work_is_finished_so_that_a_moving_slider_sees_pictures(desk):
    for number in range(20):
        desk.worker.ask(number)
        time.sleep(0.01)
    desk.worker.wait()
    assert len(desk.shown) >= 3 and desk.shown[-1] == "page 19"
    assert desk.shown == sorted(desk.shown, key=lambda page: int(page.split()[1]))


def test_long_work_shows_what_it_has_so_far():
    shown = []
    LatestOnlyWorker(lambda request: iter(range(request)), shown.append, lambda sentence: None).now(3)
    assert shown == [0, 1, 2]


def test_outside_a_panel_nothing_is_stale():
    """Not even while a panel's own work is given up: what a cell paints goes on."""
    begun, stale, gate = threading.Event(), threading.Event(), threading.Event()

    def work(request):
        begun.set()
        while request == 1:
            try:
                check()
            except Cancelled:
                stale.set()
                gate.wait(10)
                raise
            time.sleep(0.001)

    panel = LatestOnlyWorker(work, lambda _: None, lambda _: None)
    panel.ask(1)
    assert begun.wait(10)
    panel.ask(2)
    assert stale.wait(10)
    assert check() is None
    gate.set()
    panel.wait()


def test_stale_is_no_error_of_the_course():
    assert not issubclass(Cancelled, CourseError)


def test_a_moving_slider_sees_sketches_and_then_the_work_proper():
    shown = []

    def work(request):
        time.sleep(0.01)
        return request, "sketch" if preview_wanted() else "proper"

    one = LatestOnlyWorker(work, shown.append, lambda sentence: None)
    one.now(0)
    for number in range(1, 30):
        one.ask(number)
        time.sleep(0.005)
    one.wait()
    assert shown[0] == (0, "proper") and shown[-1] == (29, "proper")
    assert sum(kind == "sketch" for _, kind in shown) > 5
    assert [number for number, _ in shown] == sorted(number for number, _ in shown)


def test_work_that_never_sketches_is_done_once(desk):
    desk.worker.ask(1)
    desk.worker.ask(2)
    desk.worker.wait()
    assert desk.shown.count("page 2") == 1


def test_a_single_request_is_never_hurried():
    kinds = []
    one = LatestOnlyWorker(lambda request: preview_wanted(), kinds.append, lambda sentence: None)
    one.ask(1)
    one.wait()
    assert kinds == [False] and not preview_wanted()
