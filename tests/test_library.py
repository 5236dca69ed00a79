"""The library of training pages: it finds the nearest page, and tells when it is of other pages."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from course_utils import judge
from course_utils.picturebook.dataset import Pages
from course_utils.runtime import CourseError, write_checksums
from course_utils.training import library
from course_utils.training.examination import LIBRARY, features

COUNT = 64


@pytest.fixture(scope="module")
def known():
    return features(Pages("train"), 0, COUNT)


def test_the_nearest_page_is_the_one_that_a_search_through_all_finds(known):
    fresh = features(Pages("fresh"), 0, 5)
    numbers, apart = library.of_features(known).nearest(torch.cat([known[[3, 17]], fresh]))
    true = torch.cdist(fresh, known).min(dim=1)
    assert numbers == [3, 17, *true.indices.tolist()]
    assert apart[:2] == pytest.approx(0, abs=0.05) and apart[2:] == pytest.approx(true.values, rel=1e-3)


def test_a_library_of_other_pages_is_refused(known):
    made = library.of_features(known)
    other = replace(made, codes=made.codes.roll(1, dims=0))
    with pytest.raises(CourseError, match=r"other pages: make it again with `python -m [\w.]+library`\.$"):
        other.nearest(known[:2])


def test_the_library_that_ships_is_whole_small_and_of_todays_pages():
    shipped = library.load()
    assert len(shipped) == LIBRARY and (judge.FOLDER / library.NAME).stat().st_size < 1.5e6
    numbers, apart = shipped.nearest(features(Pages("train"), LIBRARY - 2, 2))
    assert numbers == [LIBRARY - 2, LIBRARY - 1] and apart.max() < 0.05


def test_a_library_is_written_and_read_back(known, tmp_path):
    (tmp_path / "other.safetensors").touch()
    write_checksums(tmp_path)
    with pytest.raises(CourseError, match="training pages is missing"):
        library.load(tmp_path)
    made = library.of_features(known)
    library.save(made, tmp_path)
    library.load.cache_clear()
    back = library.load(tmp_path)
    assert all(torch.equal(part, vars(back)[name]) for name, part in vars(made).items())
    library.load.cache_clear()
