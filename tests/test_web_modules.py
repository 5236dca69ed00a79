"""The page's pure modules, run by node on vectors of torch's and the package's own."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pytest
import torch
from programs import needs
from safetensors.numpy import load as load_safetensors

from course_utils import painters, particles, prompts, schedules
from course_utils.painters.fast_painter import LEAPS, guidance_numbers
from course_utils.panels import point_sampling
from course_utils.runcards.link import card_of
from course_utils.runtime import DATA, CourseError, generator
from course_utils.sampling import SAMPLERS
from course_utils.site import packs
from course_utils.site.lesson_clouds import clouds

ROOT = Path(__file__).resolve().parents[1]
SEEDS = (0, 7, 1234, 2**31 - 1, 2**32 + 7, 2**53 + 1, 2**63 - 1)
SIZES = (1024, 1024, 16, 31, 640)
SCALED = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}


def noise() -> list[dict]:
    found = []
    for seed in SEEDS:
        drawn = generator(seed)
        draws = [torch.randn(1, size, generator=drawn)[0].tolist() for size in SIZES]
        found.append({"seed": str(seed), "draws": draws})
    return found


def timesteps() -> list[dict]:
    steps = (1, 2, 3, 4, 7, 10, 20, 50, 59, 1000)
    even = [[1000 - 1000 * k / n for k in range(n)] + [0] for n in steps]
    asked = [
        *(("trailing", [n], schedules.trailing(n)) for n in steps),
        *(("leading", [n], schedules.leading(n)) for n in steps),
        *(("biased", [n, b], schedules.biased_timesteps(n, b)) for n in steps for b in (-0.7, 0.4, 1)),
        *(("distilled", [n, 10], schedules.distilled(n, 10)) for n in range(1, 11)),
        *(("even", [n], found) for n, found in zip(steps, even, strict=True)),
    ]
    return [{"name": name, "given": given, "wanted": wanted} for name, given, wanted in asked]


def walks() -> list[dict]:
    found = []
    curved, straight = schedules.of_checkpoint(SCALED), schedules.straight()
    # On the straight path ddpm has nothing left to divide by at t = 1000; the multistep ones are not offered.
    curved_only = ("ddpm", "dpm++ 2m", "unipc")
    asked = [
        (name, sampler, which, path, steps)
        for name, sampler in {**SAMPLERS, "consistency": LEAPS}.items()
        for which, path in (("curved", curved), ("straight", straight))
        for steps in ((1, 2, 3, 6, 20) if name in curved_only else (6,))
        if which == "curved" or name not in curved_only
    ]
    for name, sampler, which, path, steps in asked:
        start = torch.randn(64, generator=generator(3))
        visited = [*schedules.trailing(steps)]
        x = sampler.initial_state(start, visited[0], path)
        *_, last = sampler.walk(lambda x, t: 0.3 * x + 0.1 * np.cos(t), x[None], visited, path, generator(11))
        found.append(
            {
                "sampler": name,
                "path": which,
                "timesteps": visited,
                "noise": start.tolist(),
                "seed": 11,
                "wanted": last.x[0].tolist(),
                "evaluations": last.evaluations,
            }
        )
    return found


def named_schedules() -> dict:
    return {
        name: {"signal": path().signal.tolist(), "level": path().noise_level.tolist()}
        for name, path in schedules.SCHEDULES.items()
    }


def points() -> dict:
    """What the exact and the learned denoiser say of points, and a whole walk of each."""
    denoisers = {"exact": point_sampling.exact(), "learned": point_sampling.shipped()}
    x = point_sampling.start(7)[:40]
    asked = [
        (badge, t, prompt) for badge in denoisers for t in (100, 400, 1000) for prompt in ("cat", "", "ring")
    ]
    walked = [
        {"denoiser": badge, "prompt": prompt, "seed": 7, "steps": 3, **more}
        for badge, prompt, more in (
            ("exact", "cat", {}),
            ("learned", "heart", {"w": 2.5, "negative": "ring"}),
            ("learned", "cat", {"sampler": "ddpm", "stepSeed": 3}),
        )
    ]
    runs = []
    for settings in walked:
        told = {"step_seed" if name == "stepSeed" else name: value for name, value in settings.items()}
        run = point_sampling.paint(denoisers[told.pop("denoiser")], **told)
        runs.append({"settings": settings, "wanted": run.result.ravel().tolist(), "figure": run.figures[-1]})
    return {
        "points": x.ravel().tolist(),
        "predictions": [
            {"denoiser": b, "t": t, "prompt": p, "wanted": denoisers[b].predict(x, t, p).ravel().tolist()}
            for b, t, p in asked
        ],
        "walks": runs,
    }


def some_weights() -> dict[str, np.ndarray]:
    drawn = np.random.default_rng(0)
    return {
        "conv.weight": drawn.normal(size=(32, 16, 3, 3)).astype(np.float16).astype(np.float32),
        "conv.bias": drawn.normal(size=32).astype(np.float32),
        "product": (drawn.normal(size=(64, 96)) * np.linspace(0.01, 5, 96)).astype(np.float32),
        "mask": np.full((80, 80), np.finfo(np.float32).min),
        "nothing": np.zeros((70, 70), np.float32),
    }


TAUGHT = [
    "blue",
    "boat",
    "cat",
    "dog",
    "elephant",
    "gray",
    "green",
    "meadow",
    "night",
    "rabbit",
    "red",
    "tree",
]


READ = [
    "cat",
    "two Hearts, please!",
    "a spirl",
    "a star and a cat and a zebra",
    "",
    "Ring ring",
    "hart",
    "mons",
]


def misspelled() -> list[str]:
    """Words a letter short, doubled, swapped or strange, and some of no kin."""
    drawn = np.random.default_rng(1)
    found = ["", "x", "zebra", "épouvantail", "🐱", "green-ish", "catcatcat"]
    for word in TAUGHT * 4:
        k = int(drawn.integers(len(word)))
        found += [word[:k] + word[k + 1 :], word[:k] + word[k:] * 2, word[::-1], word[:k] + "q" + word[k:]]
    return found


def unpacked(packed: bytes) -> dict[str, np.ndarray]:
    """What a pack holds, by the library that wrote it."""
    import gzip

    stored = load_safetensors(gzip.decompress(packed))
    return {
        name: part.astype(np.float32) * stored.get(name + packs.SCALE, np.float32(1))
        for name, part in stored.items()
        if not name.endswith(packs.SCALE)
    }


@pytest.fixture(scope="module")
def vectors(tmp_path_factory) -> Path:
    """What torch and the package say, in a file for node."""
    path = schedules.of_checkpoint(SCALED)
    texts = [
        "An orange cat's hat, at night!",
        "it's 3 owls & a ♥ 🐱🐱",
        "rock 'n' roll",
        "  ",
        "the cats' hats",
    ]
    long = "a red cat and a zebra, with seven little owls in a very blue forest"
    known = ["a", "red", "cat", "and", "with", "in", "blue", "forest"]
    fits = []
    for words, most in ((known, 20), (known, 9), (known, 3), (None, 5)):
        heard = prompts.fit(long, words, lambda text: len(text.split()), most)
        found = {"text": heard.text, "dropped": list(heard.dropped)}
        fits.append({"text": long, "known": words, "most": most, "wanted": found})
    told = [(w, guidance_numbers(torch.tensor([w]), 64)[0].tolist()) for w in (1.0, 2.5, 4.0, 6.0)]
    packed = [packs.pack(some_weights(), precision) for precision in packs.ENCODINGS]
    shapes = tmp_path_factory.mktemp("clouds")
    for name, data in clouds().items():
        (shapes / name).write_bytes(data)
    content = {
        "clouds": str(shapes),
        "points": points(),
        "named": named_schedules(),
        "noise": noise(),
        "timesteps": timesteps(),
        "schedule": {"config": SCALED, "signal": path.signal.tolist(), "level": path.noise_level.tolist()},
        "told": [{"w": w, "wanted": wanted} for w, wanted in told],
        "walks": walks(),
        "packs": [
            {
                "packed": base64.b64encode(one).decode(),
                "wanted": {name: part.ravel().tolist() for name, part in unpacked(one).items()},
            }
            for one in packed
        ],
        "words": [{"text": text, "wanted": prompts.words(text)} for text in texts],
        "fits": fits,
        "readings": [
            {"text": text, "word": read.word, "remark": read.remark}
            for text in READ
            for read in [prompts.read(text, tuple(particles.SHAPES))]
        ],
        "taught": TAUGHT,
        "close": [{"word": word, "wanted": get_close_matches(word, TAUGHT, n=2)} for word in misspelled()],
    }
    target = tmp_path_factory.mktemp("vectors") / "vectors.json"
    target.write_text(json.dumps(content))
    return target


@pytest.mark.long
def test_the_pages_modules_agree_with_the_package(vectors):
    node = needs("node", "to test the page's modules")
    files = sorted((ROOT / "web" / "test").glob("*.test.js"))
    written = sum(path.read_text().count('\ntest("') for path in files)
    ran = subprocess.run(
        [node, "--test", "--test-reporter=tap", *map(str, files)],
        env={**os.environ, "VECTORS": str(vectors)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    assert "# fail 0" in ran.stdout and f"# pass {written}" in ran.stdout, ran.stdout[-600:]


def test_half_precision_keeps_every_number_and_eight_bits_come_near():
    weights = some_weights()
    half, eight = (unpacked(packs.pack(weights, precision)) for precision in packs.ENCODINGS)
    for name in weights:
        assert np.array_equal(half[name], weights[name]), name
    for name in ("conv.weight", "product"):
        steps = np.abs(weights[name]).max(axis=tuple(range(1, weights[name].ndim))) / packs.STEPS
        if name == "product":
            steps = np.abs(weights[name]).max(axis=0) / packs.STEPS
        assert np.abs(eight[name] - weights[name]).max() <= steps.max()
    assert np.array_equal(eight["mask"], weights["mask"])
    assert packs.pack(weights, packs.HALF) == packs.pack(weights, packs.HALF), "the same bytes every time"


def links() -> dict:
    return json.loads((DATA / "prompts" / "links.json").read_text())


@pytest.mark.parametrize(("url", "card"), links()["cards"], ids=lambda one: str(one)[:40])
def test_a_notebook_reads_the_card_in_a_link_as_the_page_does(url, card):
    found = card_of(url, painters.BUILTIN)
    wanted = {name: tuple(value) if isinstance(value, list) else value for name, value in card.items()}
    wanted |= {"seed": int(wanted["seed"])} if "seed" in wanted else {}
    assert {"painter": found.painter, **found.settings} == wanted
    painters.Settings(**found.settings)  # which it takes


REFUSED = (
    *links()["refused"],
    "https://example.org/",
    "",
    7,
    "#painter=../../x&prompt=a",
    "#painter=sd15&prompt=a",
)


@pytest.mark.parametrize("url", REFUSED)
def test_a_link_that_holds_something_else_is_refused_in_a_sentence(url):
    with pytest.raises(CourseError):
        painters.from_link(url)
