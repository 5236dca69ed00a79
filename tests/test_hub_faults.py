"""Downloads that go wrong: one sentence each, nothing half-written in the way, the next try goes on."""

from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from fake_hub import Hub, serve

from course_utils.painters.hub import choose
from course_utils.painters.hub.choose import Plan
from course_utils.painters.hub.table import MODELS, PREVIEWS
from course_utils.runtime import CourseError

pytestmark = pytest.mark.long  # each download has a process of its own

WEIGHTS = b"w" * 3_000_000
NAME = "unet/diffusion_pytorch_model.fp16.safetensors"
FILES = {
    "model_index.json": (
        b'{"_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "UNet2DConditionModel"]}'
    ),
    NAME: WEIGHTS,
    "unet/diffusion_pytorch_model.bin": b"pickled weights",
    "unet/run_me.py": b"raise SystemExit",
    "v1-5-pruned.safetensors": WEIGHTS,  # all of it once more in one file, for other programs
    "v1-5-pruned.fp16.safetensors": WEIGHTS,
}
FIRST, MIRROR = MODELS["sd15"].repositories[:2]

# The client tries again after 1, 2, 4, 8 and 8 seconds: the tries are wanted here, the seconds are not.
PROGRAM = """
import sys, time
time.sleep = lambda seconds: None
from course_utils.painters.hub.fetch import fetch
from course_utils.painters.hub.table import MODELS
from course_utils.runtime import CourseError
try:
    print(fetch(MODELS["sd15"]))
except CourseError as error:
    print("SENTENCE", error)
"""


def fetched(hub, home, prepare="", patience=5):
    """Fetch in a process of its own, whose hub is the fake one; returns the last line printed."""
    environment = {
        **os.environ,
        "HF_ENDPOINT": hub.address,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DOWNLOAD_TIMEOUT": str(patience),
        "HF_HUB_OFFLINE": "0",
        "NO_PROXY": "127.0.0.1",
    }
    done = subprocess.run(
        [sys.executable, "-c", prepare + PROGRAM],
        capture_output=True,
        text=True,
        timeout=240,
        env=environment,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip().splitlines()[-1]


def test_a_model_arrives_without_anything_that_could_run(tmp_path):
    with serve(Hub({FIRST: FILES})) as hub:
        folder = fetched(hub, tmp_path)
    arrived = {str(path.relative_to(folder)) for path in (tmp_path / folder).rglob("*") if path.is_file()}
    assert arrived == {"model_index.json", NAME}


def test_without_the_wanted_variant_only_the_plain_weights_arrive(tmp_path):
    """Of a row without a variant the same weights in other numbers stay where they are."""
    plain = "unet/diffusion_pytorch_model.safetensors"
    prepare = (
        "from dataclasses import replace; from course_utils.painters.hub import table\n"
        "table.MODELS['sd15'] = replace(table.MODELS['sd15'], variant=None)\n"
    )
    with serve(Hub({FIRST: FILES | {plain: WEIGHTS}})) as hub:
        folder = fetched(hub, tmp_path, prepare)
    assert {path.name for path in (tmp_path / folder).rglob("*.safetensors")} == {Path(plain).name}


def test_what_a_mirror_brought_is_used_while_the_hub_is_down(tmp_path):
    with serve(Hub({MIRROR: FILES})) as hub:
        folder = fetched(hub, tmp_path)
    assert fetched(hub, tmp_path) == folder


def test_a_repository_that_is_gone_gives_way_to_its_mirror(tmp_path):
    with serve(Hub({MIRROR: FILES})) as hub:
        assert MIRROR.replace("/", "--") in fetched(hub, tmp_path)


def test_a_repository_without_the_pinned_commit_gives_way_to_its_mirror(tmp_path):
    with serve(Hub({FIRST: FILES, MIRROR: FILES}, {FIRST: 404})) as hub:
        assert MIRROR.replace("/", "--") in fetched(hub, tmp_path)
    assert any(MODELS["sd15"].revision in asked for asked in hub.asked)


def test_every_commit_is_pinned():
    pinned = [row.revision for row in MODELS.values()] + list(PREVIEWS.values())
    assert all(re.fullmatch("[0-9a-f]{40}", revision) for revision in pinned)
    assert {row.preview for row in MODELS.values() if row.preview} == set(PREVIEWS)


@pytest.mark.parametrize(
    ("files", "faults", "sentence"),
    [
        ({}, {}, f"is gone from the hub; tried {FIRST}, {MIRROR}."),
        ({FIRST: FILES}, {FIRST: 401}, "is gated: accept its licence"),
        ({FIRST: FILES}, {FIRST: 403}, "is gated: accept its licence"),
        ({FIRST: FILES}, {FIRST: 500}, "the hub answers 500"),
        ({FIRST: FILES}, {FIRST: 429}, "the hub asks you to wait (429)"),
        ({FIRST: {"model_index.json": b"[1"}}, {}, "is damaged"),
    ],
)
def test_a_hub_that_refuses_is_one_sentence(files, faults, sentence, tmp_path):
    with serve(Hub(files, faults)) as hub:
        told = fetched(hub, tmp_path)
    assert told.startswith("SENTENCE Stable Diffusion 1.5") and sentence in told
    assert not list(tmp_path.rglob("*.safetensors"))
    tries = sum(asked.startswith("HEAD") and "model_index.json" in asked for asked in hub.asked)
    assert (tries >= 6) == any(
        status in (429, 500) for status in faults.values()
    )  # what may pass is waited for


def test_a_connection_cut_half_way_is_taken_up_again(tmp_path):
    with serve(Hub({FIRST: FILES}, {NAME: "short"})) as hub:
        told = fetched(hub, tmp_path)
        assert told.startswith("SENTENCE") and not list(tmp_path.rglob("snapshots/*/unet/*.safetensors"))
        hub.faults.clear()
        folder = fetched(hub, tmp_path)
    assert (tmp_path / folder / NAME).read_bytes() == WEIGHTS


def test_a_file_of_the_wrong_size_is_not_kept(tmp_path):
    with serve(Hub({FIRST: FILES}, {NAME: "wrong size"})) as hub:
        told = fetched(hub, tmp_path)
        assert "size" in told and told.startswith("SENTENCE Stable Diffusion 1.5 (2022) cannot be downloaded")
        assert not list(tmp_path.rglob("snapshots/*/unet/*.safetensors"))
        hub.faults.clear()
        assert (tmp_path / fetched(hub, tmp_path) / NAME).read_bytes() == WEIGHTS


def test_a_slow_server_is_waited_for(tmp_path):
    with serve(Hub({FIRST: FILES}, {NAME: "slow"})) as hub:
        folder = fetched(hub, tmp_path, patience=1)
    assert (tmp_path / folder / NAME).read_bytes() == WEIGHTS


def test_a_server_that_falls_silent_is_one_sentence(tmp_path):
    with serve(Hub({FIRST: FILES}, {NAME: "stalled"})) as hub:
        told = fetched(hub, tmp_path, patience=1)
    assert told.startswith("SENTENCE Stable Diffusion 1.5 (2022) cannot be downloaded")
    assert not list(tmp_path.rglob("snapshots/*/unet/*.safetensors"))


@pytest.mark.skipif(sys.platform == "win32", reason="the limit on a file's size is one of Unix")
def test_a_disk_that_fills_up_half_way_is_one_sentence(tmp_path):
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))\n"
    with serve(Hub({FIRST: FILES})) as hub:
        told = fetched(hub, tmp_path, full)
        assert told.startswith("SENTENCE Stable Diffusion 1.5 (2022) cannot be downloaded")
        assert not list(tmp_path.rglob("snapshots/*/unet/*.safetensors"))
        assert (tmp_path / fetched(hub, tmp_path) / NAME).read_bytes() == WEIGHTS


def test_the_built_in_painter_paints_after_a_failed_download(tmp_path):
    after = """
from course_utils import painters
assert painters.load("picturebook").paint("a cat", steps=1).pixels.any()
"""
    with serve(Hub({})) as hub, patch(f"{__name__}.PROGRAM", PROGRAM + after):
        assert "is gone from the hub" in fetched(hub, tmp_path)


def test_a_server_that_is_not_there_is_one_sentence(tmp_path):
    with serve(Hub({FIRST: FILES})) as hub:
        pass
    assert "does not answer" in fetched(hub, tmp_path)


def test_a_network_that_was_switched_off_is_not_asked(tmp_path):
    with serve(Hub({FIRST: FILES})) as hub:
        said = fetched(hub, tmp_path, "import os; os.environ['HF_HUB_OFFLINE'] = '1'\n")
    assert "HF_HUB_OFFLINE switches the network off" in said and not hub.asked


def test_a_full_disk_is_noticed_before(tmp_path):
    """What is missing is asked of the hub and weighed before the first byte of weights is fetched."""
    prepare = (
        "import shutil; from types import SimpleNamespace\n"
        "shutil.disk_usage = lambda path: SimpleNamespace(free=1_002_000_000)\n"
    )
    with serve(Hub({FIRST: FILES})) as hub:
        told = fetched(hub, tmp_path, prepare)
    assert "GB of disk space" in told and "1.0 GB are free" in told
    assert not any("GET" in asked and NAME in asked for asked in hub.asked)


def served_model(tmp_path, **poison):
    """The files of a tiny model as the hub would serve them, some of them replaced."""
    from tiny_models import make

    make("sd15").save_pretrained(tmp_path / "model", variant="fp16")
    files = {
        str(path.relative_to(tmp_path / "model")): path.read_bytes()
        for path in (tmp_path / "model").rglob("*")
        if path.is_file()
    }
    return files | poison


def assembled(folder):
    """What fetch has brought, put together here, as a painter."""
    from course_utils.painters.hub.fetch import assemble

    return assemble(Path(folder), Plan(MODELS["sd15"], "cpu", "float32"))


def test_a_whole_model_comes_from_the_hub_and_paints(tmp_path):
    with serve(Hub({FIRST: served_model(tmp_path)})) as hub:
        painter = assembled(fetched(hub, tmp_path))
    assert painter.paint("a cat", steps=1, side=32).pixels.shape == (32, 32, 3)


def test_weights_that_are_no_weights_are_refused(tmp_path):
    """A pickle that calls itself safetensors is not opened as what it is."""

    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "exploded"), "w"))

    files = served_model(tmp_path, **{NAME: pickle.dumps(Bomb())})
    with serve(Hub({FIRST: files})) as hub:
        folder = fetched(hub, tmp_path)
    with pytest.raises(CourseError, match=r"cannot be loaded.*hf cache rm"):
        assembled(folder)
    assert not (tmp_path / "exploded").exists()


def test_code_that_comes_with_a_model_is_not_run(tmp_path):
    files = served_model(tmp_path)
    index = json.loads(files["model_index.json"])
    index["unet"] = ["mine", "Mine"]
    files |= {
        "model_index.json": json.dumps(index).encode(),
        "unet/mine.py": f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Mine: pass\n".encode(),
    }
    with serve(Hub({FIRST: files})) as hub:
        folder = fetched(hub, tmp_path)
    with pytest.raises(CourseError, match="cannot be loaded"):
        assembled(folder)
    assert not (tmp_path / "ran").exists()


def test_nothing_is_in_an_empty_cache(monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert choose.cached_names() == frozenset()
