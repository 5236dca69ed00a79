"""The painters in the page, in a real browser: the same pages as Python's, offline too, heard by nobody."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from web_page import PATIENCE, WebPage, hosted, web_page

from course_utils import painters
from course_utils.painters import attention
from course_utils.painters.edits import Canvas
from course_utils.runtime import DATA, CourseError
from course_utils.site import files, packs

pytestmark = [pytest.mark.browser, pytest.mark.graphs]

FAST = "picturebook-fast"
MEGABYTE = 1e6
CLOSE = 2  # grey levels between a page here and there
# Not so much a picture's fidelity as that eight bits still paint the same page: between the two sets.
EIGHT_DECIBELS = 30

ASKED = {
    FAST: [
        {"prompt": "an orange cat in space"},
        {"prompt": "an “owl” ♥ in the café’s garden", "seed": 2**53 - 1, "steps": 3, "guidance": 5.5},
        {"prompt": "a blue dog", "other": "a red fish", "blend": 0.5, "steps": 1, "guidance": 1},
    ],
    "picturebook": [
        {"prompt": "an orange cat in space"},
        {
            "prompt": "a blue dog with a hat, at night",
            "seed": 11,
            "steps": 5,
            "guidance": 7.5,
            "sampler": "euler",
        },
        {
            "prompt": "a zebra on the Moon’s beach",
            "seed": 10**12,
            "steps": 6,
            "guidance": 2,
            "sampler": "ddpm",
        },
        {"prompt": "red fish", "seed": 3, "steps": 4, "sampler": "heun", "negative": "sea"},
        {"prompt": "a yellow boat at sea", "seed": 21, "steps": 7, "sampler": "dpm++ 2m"},
        {"prompt": "a pink owl", "seed": 4, "steps": 5, "guidance": 6, "sampler": "unipc"},
        {"prompt": "", "guidance": 0, "seed": 5},
        {"prompt": "green tree", "guidance": 1, "spacing": "leading"},
        {"prompt": "green tree", "guidance": 9, "rescale": 0.7, "interval": (0, 0.5), "bias": 0.4},
    ],
    "picturebook-flow": [
        {"prompt": "an orange cat in space"},
        {
            "prompt": "a purple elephant, very big and quite xylophonic",
            "seed": 2,
            "steps": 5,
            "negative": "night",
        },
        {"prompt": "red fish", "guidance": 1, "bias": -0.3, "sampler": "euler"},
    ],
}
EVERY = [(name, asked) for name, several in ASKED.items() for asked in several]


@pytest.fixture(scope="module")
def painting(browser, fast_site) -> Iterator[WebPage]:
    """A page on an isolated host on which tests paint by the painters' own interface."""
    with hosted(fast_site) as host, web_page(browser, host) as page:
        page.bare()
        yield page


@pytest.fixture(scope="module")
def painting_all(browser, whole_site) -> Iterator[WebPage]:
    """The same with every painter."""
    with hosted(whole_site) as host, web_page(browser, host) as page:
        page.bare()
        yield page


def apart(one: np.ndarray, other: np.ndarray) -> int:
    """By how many grey levels two pages differ at most."""
    assert one.shape == other.shape
    return int(np.abs(one.astype(int) - other.astype(int)).max())


def rgba(page: np.ndarray) -> list[int]:
    return np.concatenate([page, np.full((*page.shape[:2], 1), 255, np.uint8)], -1).ravel().tolist()


def agree(page: WebPage, name: str, asked: dict) -> None:
    """Paint in the page and in Python, and hold both against each other."""
    painter = painters.load(name)
    here = painter.paint(painter.defaults(**asked))
    there = page.paint(name, asked)
    assert apart(here.pixels, there["page"]) <= CLOSE
    assert there["evaluations"] == here.evaluations
    assert there["remark"] == here.remark


def agree_on_edits(page: WebPage, name: str) -> None:
    """Image-to-image, inpainting and attention maps, here and there."""
    painter = painters.load(name)
    begun = painter.paint(painter.defaults("a blue dog", seed=9)).pixels
    latent = painter.encode_image(begun)
    hole = np.zeros(painter.shape[1:])
    hole[2:6, 3:7] = 1
    canvas = "{{canvas: {{page: Uint8ClampedArray.from({0}), strength: {1}, hole: {2}}}}}"
    for strength, marked in ((0.6, None), (1, hole)):
        here = painter.paint(painter.defaults("a red cat"), canvas=Canvas(latent, strength, marked))
        more = canvas.format(rgba(begun), strength, "null" if marked is None else marked.ravel().tolist())
        there = page.paint(name, {"prompt": "a red cat"}, more)
        assert apart(here.pixels, there["page"]) <= CLOSE
        assert there["evaluations"] == here.evaluations
    settings = {"prompt": "an orange cat in space", "steps": 2}
    with attention.watching(painter) as watch:
        painter.paint(painter.defaults(**settings))
    there = page.paint(name, settings, "{watched: true}")["attention"]
    maps = np.stack(there["maps"]).reshape(watch.maps.shape)
    assert np.abs(maps - watch.maps.numpy()).max() < 1e-3 < watch.maps.max() / 50
    assert there["pieces"] == painter.pieces(settings["prompt"])
    assert there["start"] == painter.own_tokens(settings["prompt"]).start


def agree_on_tokens(page: WebPage, name: str) -> None:
    """Every text that people may type becomes the same numbers here and there."""
    pairs = json.loads((DATA / "prompts" / "normalised.json").read_text())
    famous = (DATA / "exam" / "held_out.txt").read_text().splitlines()[:20]
    texts = [*(typed for typed, _ in pairs if "\ud800" not in typed), *famous, "zebra " * 45, "x" * 300]
    painter = painters.load(name)
    there = page.run(
        """
          const { Painters } = await import(`${location.origin}/painter/client.js`);
          globalThis.painters ??= await Painters.open();
          return Promise.all(given.texts.map((text) => painters.tokens(given.name, text)));
        """,
        {"name": name, "texts": texts},
    )
    assert len(there) == len(texts) > 60
    for text, found in zip(texts, there, strict=True):
        heard = painter.heard(text)
        assert found["heard"] == {"text": heard.text, "dropped": list(heard.dropped)}, text
        assert found["numbers"] == painter.tokens(text)[0].tolist(), text


@pytest.mark.parametrize("asked", ASKED[FAST], ids=lambda asked: asked["prompt"][:14])
def test_the_page_paints_what_python_paints(painting, asked):
    agree(painting, FAST, asked)


def test_words_become_the_same_tokens_in_the_page(painting):
    agree_on_tokens(painting, FAST)


def test_redraws_and_attention_are_those_of_python(painting):
    agree_on_edits(painting, FAST)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "asked"), EVERY, ids=lambda part: str(part)[:40])
def test_every_painter_in_the_page_paints_what_python_paints(painting_all, name, asked):
    agree(painting_all, name, asked)


@pytest.mark.slow
@pytest.mark.parametrize("name", ASKED)
def test_every_painter_cuts_words_redraws_and_attends_as_in_python(painting_all, name):
    agree_on_tokens(painting_all, name)
    agree_on_edits(painting_all, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ASKED)
def test_eight_bits_paint_the_same_page_roughly(painting_all, name):
    code = """
      const { Painters } = await import(`${location.origin}/painter/client.js`);
      globalThis.rough ??= await Painters.open({ precision: "eight" });
      return (await rough.paint(given, { prompt: "an orange cat in space" })).page;
    """
    whole = painting_all.paint(name, {"prompt": "an orange cat in space"})["page"]
    rough = painting_all.run(code, name).reshape(*whole.shape[:2], 4)[..., :3]
    off = np.square(rough.astype(float) - whole).mean()
    assert 10 * np.log10(255**2 / off) > EIGHT_DECIBELS


def test_the_newest_request_wins_and_stop_stops(painting):
    found = painting.run(
        """
          const { Painters } = await import(`${location.origin}/painter/client.js`);
          globalThis.painters ??= await Painters.open();
          const outcome = (promise) => promise.then(({ settings }) => settings.seed, (error) => error.name);
          const paint = (seed) => outcome(painters.paint(given, { prompt: "a cat", seed, steps: 10 }));
          const raced = await Promise.all([1, 2, 3].map(paint));
          const stopped = paint(4);
          await painters.abort();
          return { raced, stopped: await stopped, after: await paint(5) };
        """,
        FAST,
    )
    assert found == {"raced": ["Cancelled", "Cancelled", 3], "stopped": "Cancelled", "after": 5}


MISTAKES = [
    {"prompt": " "},
    {"prompt": "a cat", "steps": 11},
    {"prompt": "a cat", "guidance": 9},
    {"prompt": "a cat", "negative": "dogs"},
    {"prompt": "a cat", "seed": "seven"},
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_mistake_is_told_in_the_sentence_python_has_for_it(painting, mistake):
    code = """
      const { Painters } = await import(`${location.origin}/painter/client.js`);
      globalThis.painters ??= await Painters.open();
      return painters.paint(given.name, given.mistake).then(() => "", ({ name, message }) => [name, message]);
    """
    kind, sentence = painting.run(code, {"name": FAST, "mistake": mistake})
    with pytest.raises(CourseError) as here:
        painter = painters.load(FAST)
        painter.paint(painter.defaults(**mistake))
    assert kind == "CourseError" and sentence.replace("'", "") == str(here.value).replace("'", "")


def test_a_visit_to_a_plain_host(browser, fast_site):
    """First picture, a moving slider, a link, the server gone, a purge: no request leaves the page's host."""
    with hosted(fast_site, isolated=False) as host, web_page(browser, host) as visit:
        page = visit.page
        visit.open("prompt=a+blue+dog&painter=picturebook-fast&seed=9&steps=3&guidance=2.5")
        assert page.evaluate("crossOriginIsolated"), "the service worker isolates the page after one reload"
        link = page.url
        canvas = "return document.getElementById('page').getContext('2d').getImageData(0, 0, 128, 128).data"
        shown = visit.run(canvas).reshape(128, 128, 4)[..., :3]
        assert apart(painters.from_link(link).pixels, shown) <= CLOSE

        before = visit.painted
        page.locator("input[name=guidance]").focus()
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        page.wait_for_function("location.hash.includes('guidance=4.5')", timeout=PATIENCE)
        assert visit.painted > before

        page.locator("input[name=prompt]").fill("")
        page.wait_for_function("document.getElementById('status').innerText.includes('The prompt is empty')")
        assert visit.run(canvas).any(), "the picture stays"
        page.locator("input[name=prompt]").fill("a red fish")
        page.wait_for_function("location.hash.includes('red+fish')", timeout=PATIENCE)

        host.close()
        visit.problems.clear()
        page.reload()
        visit.wait_ready()
        assert "red fish" in page.locator("#page").get_attribute("aria-label")
        assert page.evaluate("crossOriginIsolated")

        page.locator("#purge").click()
        page.wait_for_function("document.getElementById('status').innerText.includes('Nothing of this page')")
        assert page.evaluate("caches.keys()") == []
        assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
        assert visit.strangers() == []


def test_a_damaged_file_is_told_in_a_sentence(browser, fast_site, tmp_path):
    broken = tmp_path / "site"
    shutil.copytree(fast_site, broken)
    weights = next((broken / "files").glob("network-half-*.pack"))
    content = bytearray(weights.read_bytes())
    content[1000] ^= 1
    weights.write_bytes(content)
    with hosted(broken) as host, web_page(browser, host) as visit:
        visit.page.goto(host.address)
        said = "document.getElementById('status').innerText.includes('damaged')"
        visit.page.wait_for_function(said, timeout=PATIENCE)


def first_picture(listed: dict, precision: str) -> float:
    """What a visitor transfers up to the first picture, in bytes: runtime, painter, tokenizer."""
    facts = listed["painters"][listed["first"]]
    parts = [facts["graphs"][part] for part in ("text_encoder", "conditioning", "network", "decoder")]
    names = {listed["runtime"]["wasm"]["wasm"], facts["tokenizer"]}
    names |= {part["graph"] for part in parts} | {part["weights"][precision] for part in parts}
    return sum(listed["files"][name]["size"] for name in names)


def listed_in(folder: Path) -> dict:
    return json.loads((folder / "files" / files.LIST).read_text())


def code_of(folder: Path) -> int:
    """What the front page brings along besides painters, in bytes: code, styles, pictures; no lessons."""
    kinds = (".js", ".mjs", ".css", ".png")
    own = [path for path in folder.rglob("*") if path.suffix in kinds and "lessons" not in path.parts]
    return sum(path.stat().st_size for path in [folder / "index.html", *own])


def test_the_first_picture_weighs_what_a_telephone_carries(fast_site):
    listed = listed_in(fast_site)
    assert listed["first"] == FAST
    assert first_picture(listed, packs.HALF) + code_of(fast_site) < 25 * MEGABYTE
    assert first_picture(listed, packs.EIGHT) + code_of(fast_site) < 14 * MEGABYTE


def test_everything_beside_the_page_is_named_by_its_content_and_has_its_licence(fast_site):
    listed = listed_in(fast_site)
    assert {path.name for path in (fast_site / "files").glob("*.pack")} == set(listed["files"])
    licences = {path.name for path in fast_site.rglob("LICENSE*")}
    assert licences == {
        "LICENSE.txt",
        "LICENSE-CONTENT.txt",
        "LICENSE-onnxruntime-web.txt",
        "LICENSE-tokenizers.txt",
    }


@pytest.mark.slow
def test_all_three_painters_weigh_what_a_page_may(whole_site):
    listed = listed_in(whole_site)
    eight = {
        graph["weights"][packs.EIGHT]
        for facts in listed["painters"].values()
        for graph in facts["graphs"].values()
    }
    carried = [one["size"] for name, one in listed["files"].items() if name not in eight]
    assert sum(carried) + code_of(whole_site) < 65 * MEGABYTE
