"""Pages counted by somebody who does not know whose they are."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from course_utils.picturebook.captions import asked
from course_utils.training import exam, sheets

FLAT = {kind: np.full((12, 128, 128, 3), 40 * k, np.uint8) for k, kind in enumerate(("real", "then"), 1)}


def test_all_prompts_ask_for_a_clean_page_and_belong_to_the_pages():
    texts, pages = sheets.prompts(5), sheets.drawn(5)
    assert [asked(text)["quality"] for text in texts] == ["clean"] * 5
    written = exam.write_prompts("fresh", 5)
    assert all(text.startswith(caption) for text, caption in zip(texts, written, strict=True))
    assert pages.shape == (5, 128, 128, 3)


def test_the_key_says_what_stands_at_each_number(tmp_path):
    sheets.blind(FLAT, tmp_path)
    key = json.loads((tmp_path / "key.json").read_text())
    assert sorted(key) == ["real"] * 12 + ["then"] * 12 and key != sorted(key)
    first, last = (np.asarray(Image.open(tmp_path / name)) for name in ("000.png", "020.png"))
    for number, kind in enumerate(key):
        sheet, place = (first, number) if number < 20 else (last, number - 20)
        y = place // sheets.ACROSS * (sheets.TILE + 24) + 100
        assert sheet[y, place % sheets.ACROSS * sheets.TILE + 100, 0] == (40 if kind == "real" else 80)


def test_each_reader_is_counted_apart(tmp_path, capsys):
    sheets.blind(FLAT, tmp_path)
    key = json.loads((tmp_path / "key.json").read_text())
    painted = [number for number, kind in enumerate(key) if kind == "then"]
    strict, kind = tmp_path / "strict.txt", tmp_path / "kind.txt"
    strict.write_text("\n".join(map(str, painted)))
    kind.write_text(f"{painted[0]} {painted[1]}")
    sheets.main(["--count", str(tmp_path), "--flawed", str(strict), str(kind)])
    assert capsys.readouterr().out.splitlines() == [
        "real\t12 of 12 without a flaw\t12 of 12 without a flaw",
        "then\t0 of 12 without a flaw\t10 of 12 without a flaw",
    ]


def test_a_sheet_of_each_kind_shows_its_pages_in_order(tmp_path):
    sheets.show(FLAT, tmp_path)
    wall = np.asarray(Image.open(tmp_path / "then.webp"))
    assert wall.shape == (256, 1280, 3)


@pytest.mark.graphs
def test_painters_paint_at_their_panels_defaults():
    assert sheets.painted("picturebook-fast", 2).shape == (2, 128, 128, 3)
