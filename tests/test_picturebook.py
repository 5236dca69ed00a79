"""The drawn world: what can be on a page, how it looks, how it is put into words, which pages are whose."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from PIL import Image, ImageDraw

from course_utils.picturebook import captions, draw, lexicon, scene
from course_utils.picturebook.dataset import SPLITS, Pages
from course_utils.picturebook.pen import Pen
from course_utils.picturebook.scene import (
    ATTRIBUTES,
    COLOURS,
    HELD_OUT,
    HELD_OUT_PAIRS,
    SEEN,
    SETTINGS,
    STYLES,
    SUBJECTS,
    Scene,
)
from course_utils.training import exam

CAT = Scene("cat", "orange", "meadow")


def digest(lines) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def test_the_world_is_large_enough():
    assert len(SUBJECTS) >= 16 and len(COLOURS) >= 10 and len(SETTINGS) >= 8 and len(STYLES) >= 7
    assert set(draw.SUBJECT) == set(draw.details.FITS) == set(lexicon.NOUNS) == set(SUBJECTS)
    assert set(draw.backdrops.SETTINGS) == set(SETTINGS)


def test_one_combination_in_eight_is_held_out_for_good():
    assert 8 * len(HELD_OUT) == len(HELD_OUT) + len(SEEN)
    # The rules may never change: every set of weights was trained by them.
    assert digest(" ".join(key) for key in HELD_OUT) == "4447bfe0a2ca0d26"
    # Those of the first world, which had 12 subjects and 6 settings, in its order.
    first = [key for key in HELD_OUT if key[0] in SUBJECTS[:12] and key[2] in SETTINGS[:6]]
    assert digest(" ".join(key) for key in first) == "24b898e52c139ec9"


def test_one_subject_in_a_style_in_eight_is_held_out_for_good():
    assert 8 * len(HELD_OUT_PAIRS) == len(SUBJECTS) * (len(STYLES) - 1)
    assert digest(" in ".join(pair) for pair in HELD_OUT_PAIRS) == "fea95143c07c8aff"
    subjects, styles = zip(*HELD_OUT_PAIRS, strict=True)
    assert max(map(subjects.count, SUBJECTS)) == 1 and "cat" not in subjects
    assert [styles.count(style) for style in STYLES] == [0, 2, 2, 2, 2, 2, 2]
    assert ("dog", "neon") not in HELD_OUT_PAIRS


def test_every_pair_of_words_that_is_held_out_is_seen_in_other_company():
    for parts in ((0, 1), (0, 2), (1, 2)):
        seen = {tuple(key[k] for k in parts) for key in SEEN}
        assert {tuple(key[k] for k in parts) for key in HELD_OUT} <= seen


def test_a_scene_knows_what_a_page_can_show():
    for name in ATTRIBUTES:
        with pytest.raises(ValueError, match=name):
            replace(CAT, **{name: "unheard of"})


def test_splits_keep_to_their_side_of_the_rules():
    for split in SPLITS:
        scenes = [Pages(split).scene(number) for number in range(300)]
        keys = {(page.subject, page.colour, page.setting) for page in scenes}
        pairs = {(page.subject, page.style) for page in scenes}
        assert keys <= set(HELD_OUT if split == "held_out" else SEEN)
        if split == "held_out_style":
            assert pairs == set(HELD_OUT_PAIRS)
        else:
            assert not pairs & set(HELD_OUT_PAIRS)


def test_page_k_is_the_same_everywhere_and_differs_between_splits():
    here = Pages("train", seed=3)
    code = (
        "import hashlib; from course_utils.picturebook.dataset import Pages; p = Pages('train', seed=3); "
        "print(hashlib.sha256(p.page(41).tobytes()).hexdigest(), p.caption(41, 2))"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert there.split(" ", 1) == [
        hashlib.sha256(here.page(41).tobytes()).hexdigest(),
        here.caption(41, 2) + "\n",
    ]
    assert here.scene(41) != here.scene(42) != Pages("fresh", seed=3).scene(42)
    assert Pages("train", seed=4).scene(41) != here.scene(41)


def test_space_knows_no_day():
    scenes = [Pages().scene(number) for number in range(500)]
    assert {s.light for s in scenes if s.setting == "space"} == {"night"}
    assert {s.light for s in scenes if s.setting != "space"} == set(scene.LIGHTS)


def test_every_answer_gets_its_pages():
    """Enough to learn from; a third of the pages are plain picture book, seven in eight are clean."""
    scenes = [Pages().scene(number) for number in range(3000)]
    for name, answers in ATTRIBUTES.items():
        for answer in answers:
            assert np.mean([getattr(page, name) == answer for page in scenes]) > 0.02, (name, answer)
    assert np.mean([page.style == "picture book" for page in scenes]) == pytest.approx(1 / 3, abs=0.04)
    assert np.mean([page.quality == "clean" for page in scenes]) == pytest.approx(7 / 8, abs=0.03)
    in_space = [page.detail == "helmet" for page in scenes if page.setting == "space"]
    assert np.mean(in_space) == pytest.approx(0.45, abs=0.08)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_page_is_the_same_drawing_at_every_size(subject):
    page = replace(CAT, subject=subject, detail="hat", coat="spotted")
    large = Image.fromarray(draw.plain_page(page, 256)).reduce(2)
    gap = np.abs(np.asarray(large, float) - draw.plain_page(page, 128))
    assert draw.draw(page).shape == (128, 128, 3) and gap.mean() < 2.5


SMALL = 8  # pixels of a page of which only the corners of its drawing are looked at


class Ledger(ImageDraw.ImageDraw):
    """A surface that remembers how far out it was drawn on."""

    def __init__(self, image):
        super().__init__(image)
        self.points = []

    def polygon(self, points, *args, **more):
        self.points += points

    def line(self, points, *args, **more):
        self.points += points

    def ellipse(self, box, *args, **more):
        self.points += [box[:2], box[2:]]


def reach(page: Scene, monkeypatch) -> tuple[float, float]:
    """How far to the sides and upwards a subject was drawn, in shares of the page."""
    surfaces = []
    monkeypatch.setattr(draw.backdrops, "paint", lambda *args: None)
    monkeypatch.setattr(draw.backdrops, "stand", lambda *args: None)
    monkeypatch.setattr(draw.ImageDraw, "Draw", lambda image: surfaces.append(Ledger(image)) or surfaces[-1])
    draw.plain_page(page, 32)
    points = np.array(surfaces[0].points) / (32 * draw.FINE)
    return float(points.min()), float(points.max())


@pytest.mark.parametrize("subject", SUBJECTS)
def test_nothing_of_a_subject_is_cut_off(subject, monkeypatch):
    """Every size and detail, at the far ends of tilt and position: all of it is on the page."""
    lowest, highest = ("meadow", 0.0), ("space", 1.0)
    for size, detail, (setting, end) in product(scene.SIZES, scene.DETAILS, (lowest, highest)):
        page = Scene(subject, "red", setting, size, "left", detail, "night", spread=(1.0, end, end))
        for turn, flip in product((-6, 6), (False, True)):
            low, high = reach(replace(page, turn=turn, flip=flip), monkeypatch)
            assert low > -0.004 and high < 1.004, (size, detail, setting, turn)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_pages_that_are_cut_off_lack_a_good_part(subject, monkeypatch):
    for size, place in product(scene.SIZES, scene.PLACES):
        page = Scene(subject, "red", "meadow", size=size, place=place, quality="cut off")
        low, high = reach(page, monkeypatch)
        assert max(-low, high - 1) > 0.25 * draw.place(page).height, (size, place)


@pytest.mark.long
def test_every_attribute_shows():
    """Changing one attribute changes the page where a child would look."""
    for subject in SUBJECTS:
        page = Scene(subject, "red", "meadow", spread=(0.5, 0.5, 0.5), backdrop=3)
        before = draw.plain_page(page, 128).astype(int)
        for name in ("colour", "size", "place", "detail", "eyes", "coat"):
            for answer in set(ATTRIBUTES[name]) - {getattr(page, name)}:
                after = draw.plain_page(replace(page, **{name: answer}), 128)
                assert (np.abs(after - before).max(-1) > 40).mean() > 0.004, (subject, name, answer)


@pytest.mark.parametrize("name", ["subject", "setting", "light", "style", "quality"])
def test_every_answer_looks_different(name):
    pages = [draw.draw(replace(CAT, **{name: answer})).astype(int) for answer in ATTRIBUTES[name]]
    for one, other in combinations(pages, 2):
        assert (np.abs(one - other).max(-1) > 20).mean() > 0.1


@pytest.mark.parametrize("subject", SUBJECTS)
def test_coats_are_coarse_and_told_apart(subject):
    """Also on a small subject: in squares of 4 x 4 pixels, for finer marks get lost in an autoencoder."""
    for colour in ("orange", "white", "blue"):
        page = Scene(subject, colour, "snow", size="small")
        coats = [draw.draw(replace(page, coat=coat)).astype(int) for coat in scene.COATS]
        for one, other in combinations(coats, 2):
            gap = np.abs(one - other).max(-1).reshape(32, 4, 32, 4).mean((1, 3))
            assert (gap > 30).sum() >= 5, colour


def test_a_scene_always_draws_the_same_page():
    page = replace(Pages().scene(5), style="oil painting", quality="badly lit")
    assert (draw.draw(page) == draw.draw(page)).all()
    assert (draw.draw(replace(page, backdrop=page.backdrop + 1)) != draw.draw(page)).any()


def test_the_pen_turns_flips_and_scales():
    pen = Pen(ImageDraw.Draw(Image.new("RGB", (100, 100))), 100).at(0.5, 0.5, 0.2, turn=90, flip=True)
    assert pen._pixel(1, 0) == pytest.approx((50, 70)) and pen._pixel(0, 1) == pytest.approx((30, 50))


PAGES = Pages()
TOLD = [
    (PAGES.scene(number), PAGES.caption(number, telling)) for number in range(700) for telling in range(3)
]


def test_captions_never_contradict_their_page():
    for page, caption in TOLD:
        for name, answer in captions.asked(caption).items():
            assert getattr(page, name) == answer, caption


@pytest.mark.long
def test_every_part_is_told_sometimes_and_left_out_sometimes():
    for name in ATTRIBUTES:
        told = [name in captions.asked(caption) for _, caption in TOLD]
        assert 0.1 < np.mean(told) < 0.98, name


@pytest.mark.long
def test_captions_use_exactly_the_known_words():
    used = {word for number in range(5000) for word in captions.words(PAGES.caption(number))}
    assert (
        used <= set(captions.KNOWN_WORDS) and sorted(used | set(captions.KNOWN_WORDS)) == captions.KNOWN_WORDS
    )
    rare = set(captions.KNOWN_WORDS) - used
    assert len(rare) <= 6 and all(word.endswith("s") for word in rare)  # rare plurals


def test_captions_leave_room_for_the_end_of_a_prompt():
    lengths = [len(re.findall(r"[a-z]+|[^a-z\s]", caption)) for _, caption in TOLD]
    assert max(lengths) <= captions.LONGEST and np.mean(lengths) < 18


def test_the_plain_caption_says_it_all():
    for number in range(400):
        page = PAGES.scene(number)
        told = captions.USUAL | captions.asked(captions.plain(page))
        if page.setting == "space":  # where it is always night, and nobody says so
            told["light"] = "night"
        assert told == {name: getattr(page, name) for name in ATTRIBUTES}


def test_every_answer_has_its_words():
    for name, answers in ATTRIBUTES.items():
        usual = captions.USUAL.get(name)
        for answer in answers:
            page = replace(CAT, **{name: answer})
            told = [captions.asked(captions.caption(page, np.random.default_rng(k))) for k in range(120)]
            assert answer == "none" or answer in {found.get(name) for found in told}, (name, answer, usual)


def test_styles_and_faults_are_told_as_often_as_planned():
    """Four captions in five tell the style; one in two a fault, one in four that there is none."""
    told = [(page, captions.asked(caption), caption) for page, caption in TOLD]
    assert np.mean(["style" in found for _, found, _ in told]) == pytest.approx(0.8, abs=0.03)
    clean = ["quality" in found for page, found, _ in told if page.quality == "clean"]
    assert np.mean(clean) == pytest.approx(0.25, abs=0.04)
    poor = [
        "quality" in found or any(words in caption for words in lexicon.POOR)
        for page, found, caption in told
        if page.quality != "clean"
    ]
    assert np.mean(poor) == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    ("prompt", "asked"),
    [
        ("A BLUE kitten, in the Snow!", {"colour": "blue", "subject": "cat", "setting": "snow"}),
        ("two bunnies", {"subject": "rabbit"}),
        ("grey toadstool on the left", {"colour": "gray", "subject": "mushroom", "place": "left"}),
        ("a dinosaur", {}),
        ("", {}),
        ("a cat and a dog", {"subject": "cat"}),
        (
            "a sleepy owl at night with a crown",
            {"eyes": "asleep", "subject": "owl", "light": "night", "detail": "crown"},
        ),
        # What everybody types first.
        (
            "a cat astronaut floating in space, oil painting style",
            {"subject": "cat", "detail": "helmet", "setting": "space", "style": "oil painting"},
        ),
        ("a cyberpunk dog", {"subject": "dog", "style": "neon"}),
        (
            "a detailed orange tabby cat on a windowsill, warm light",
            {
                "quality": "clean",
                "colour": "orange",
                "coat": "striped",
                "subject": "cat",
                "setting": "room",
                "light": "sunset",
            },
        ),
        ("draw a cat", {"subject": "cat"}),
        ("blurry, low quality", {"quality": "blurry"}),
        # Phrases win over their words.
        ("a cat in a space suit", {"subject": "cat", "detail": "helmet"}),
        ("a robot at golden hour", {"subject": "robot", "light": "sunset"}),
        ("a golden robot", {"subject": "robot", "colour": "yellow"}),
        ("a stained glass window of a fish", {"style": "stained glass", "subject": "fish"}),
        ("fish, stained glass, window", {"subject": "fish", "style": "stained glass", "setting": "room"}),
        (
            "paint me an 8-bit castle in the street",
            {"style": "pixel art", "subject": "castle", "setting": "city"},
        ),
        ("out of focus", {"quality": "blurry"}),
        ("a picture of a book", {}),
        ("two astronaut kitties, art", {"detail": "helmet", "subject": "cat"}),
    ],
)
def test_what_a_prompt_asks_for(prompt, asked):
    assert captions.asked(prompt) == asked


def test_articles():
    assert captions.with_article("orange cat") == "an orange cat"
    assert captions.with_article("blue owl") == "a blue owl"
    assert captions.with_article("8-bit owl") == "an 8-bit owl"


def test_the_old_questions_still_ask_for_the_same():
    """The words of the first world keep their meaning: the digest was made by its code, light called time."""
    questions = [question for split in exam.OLD for question in exam.prompts(split)]
    meant = [json.dumps(captions.asked(question), sort_keys=True) for question in questions]
    assert digest(meant) == "4e348eacb17c5e2f"


def test_questions_ask_for_clean_pages_and_tell_enough():
    for split, told in exam.TOLD.items():
        for question in exam.prompts(split):
            found = captions.asked(question)
            assert set(told) <= set(found) and found.get("quality", "clean") == "clean", question
            assert not any(words in question for words in lexicon.POOR)
    for found in map(captions.asked, exam.prompts("held_out_style")):
        assert (found["subject"], found["style"]) in HELD_OUT_PAIRS
    assert exam.prompts("famous") == [prompt for prompt, _ in exam.FAMOUS]
