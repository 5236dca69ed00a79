"""Nobody is kept out of the pages: what axe and Lighthouse find, in both themes and on a telephone."""

from __future__ import annotations

from pathlib import Path

import pytest
from audits import lighthouse, serious
from web_page import hosted, web_page

from course_utils import glossary

STEMS = [Path(name).stem for name, _ in glossary.NOTEBOOKS.values()]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ENOUGH = 0.95
TELEPHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [None, TELEPHONE], ids=["screen", "telephone"])
def test_axe_finds_nothing_serious_on_the_front_page(browser, whole_site, theme, size):
    options = {"color_scheme": theme, **({"viewport": size} if size else {})}
    with hosted(whole_site) as host, web_page(browser, host, **options) as visit:
        for card in ("prompt=a+zebra&rescale=0.5&painter=picturebook", "prompt=a+cat"):
            visit.open(card)
            assert serious(visit.page) == []
            visit.page.goto("about:blank")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("stem", STEMS)
def test_axe_finds_nothing_serious_in_a_lesson(browser, fast_site, stem, theme):
    with hosted(fast_site) as host, web_page(browser, host, color_scheme=theme) as visit:
        visit.page.goto(f"{host.address}{stem}.html")
        visit.wait_ready()
        assert serious(visit.page) == []


@pytest.mark.parametrize("stem", STEMS)
def test_lighthouse_finds_a_lesson_accessible_and_well_made(fast_site, tmp_path, stem):
    with hosted(fast_site) as host:
        report = lighthouse(f"{host.address}{stem}.html", tmp_path)
    assert min(report["scores"].values()) >= ENOUGH, report


def test_lighthouse_finds_the_front_page_accessible_and_well_made(fast_site, tmp_path):
    with hosted(fast_site) as host:
        report = lighthouse(host.address, tmp_path)
    assert min(report["scores"].values()) >= ENOUGH, report
