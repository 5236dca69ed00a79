"""How people would put a page into words, and what a prompt asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence

import numpy as np

from course_utils.picturebook.scene import WORLD, Scene
from course_utils.prompts import normalise
from course_utils.runtime import CourseError

# Each answer's words: any of them, alone, asks for it.
NOUNS: dict[str, tuple[str, ...]] = {
    "cat": ("cat", "kitten", "kitty"),
    "dog": ("dog", "puppy", "doggy"),
    "rabbit": ("rabbit", "bunny", "hare"),
    "owl": ("owl",),
    "fish": ("fish",),
    "house": ("house", "cottage", "home"),
    "tree": ("tree",),
    "flower": ("flower", "blossom"),
    "mushroom": ("mushroom", "toadstool"),
    "boat": ("boat", "ship", "sailboat"),
    "rocket": ("rocket", "spaceship"),
    "car": ("car", "automobile"),
}
PLURALS = {
    "kitty": "kitties",
    "puppy": "puppies",
    "doggy": "doggies",
    "bunny": "bunnies",
    "fish": "fishes",
}
COLOUR_WORDS: dict[str, tuple[str, ...]] = {
    "red": ("red", "scarlet"),
    "orange": ("orange",),
    "yellow": ("yellow", "golden"),
    "green": ("green",),
    "blue": ("blue",),
    "purple": ("purple", "violet"),
    "pink": ("pink", "rosy"),
    "brown": ("brown",),
    "white": ("white",),
    "gray": ("gray", "grey"),
}
SETTING_PHRASES: dict[str, tuple[str, ...]] = {
    "meadow": ("in a meadow", "in the meadow", "in a field", "on the grass"),
    "forest": ("in a forest", "in the forest", "in the woods"),
    "sea": ("at sea", "in the sea", "on the ocean", "on the water", "by the sea"),
    "snow": ("in snow", "in the snow", "in winter", "on a snowy hill"),
    "desert": ("in the desert", "in a desert", "on the sand", "among the dunes"),
    "space": ("in space", "in outer space", "among the planets"),
}
SIZE_WORDS: dict[str, tuple[str, ...]] = {
    "small": ("small", "little", "tiny"),
    "medium": ("medium", "medium sized"),
    "big": ("big", "large", "huge"),
}
PLACE_PHRASES: dict[str, tuple[str, ...]] = {
    "left": ("on the left", "to the left", "on the left side"),
    "middle": ("in the middle", "in the center", "in the centre"),
    "right": ("on the right", "to the right", "on the right side"),
}
DETAIL_PHRASES: dict[str, tuple[str, ...]] = {
    "hat": ("with a hat", "wearing a hat", "in a party hat"),
    "crown": ("with a crown", "wearing a crown"),
    "butterfly": ("with a butterfly", "and a butterfly"),
}
TIME_PHRASES: dict[str, tuple[str, ...]] = {
    "night": ("at night", "by night", "under the moon"),
    "day": ("by day", "during the day", "in daylight"),
}
EYES_WORDS: dict[str, tuple[str, ...]] = {"asleep": ("sleeping", "sleepy", "asleep"), "awake": ("awake",)}

# How often each part of a page is told. Where it is not, the noise decides.
TOLD = {"subject": 0.9, "colour": 0.85, "setting": 0.82, "place": 0.4}
TOLD_SIZE = {"small": 0.6, "medium": 0.25, "big": 0.6}
TOLD_DETAIL = {"none": 0.0, "hat": 0.75, "crown": 0.75, "butterfly": 0.75}
TOLD_TIME = {"night": 0.7, "day": 0.25}
TOLD_EYES = {"asleep": 0.7, "awake": 0.15}

OPENINGS = ("", "", "", "a picture of", "a drawing of", "a page with", "there is", "look,")


def plural(noun: str) -> str:
    """More than one of it."""
    return PLURALS.get(noun, noun + "s")


def caption(scene: Scene, rng: np.random.Generator) -> str:
    """Say what is on a page in one of many ways, some parts left out."""

    def one_of(words: Sequence[str]) -> str:
        return words[int(rng.integers(len(words)))]

    def told(share: float, words: Sequence[str]) -> str:
        return one_of(words) if rng.random() < share else ""

    space = scene.setting == "space"
    noun = told(TOLD["subject"], NOUNS[scene.subject])
    traits = [
        told(TOLD_SIZE[scene.size], SIZE_WORDS[scene.size]),
        told(TOLD_EYES[scene.eyes], EYES_WORDS[scene.eyes]),
        told(TOLD["colour"], COLOUR_WORDS[scene.colour]),
    ]
    detail = told(TOLD_DETAIL[scene.detail], DETAIL_PHRASES.get(scene.detail, ("",)))
    rest = [
        told(TOLD["setting"], SETTING_PHRASES[scene.setting]),
        told(TOLD_TIME[scene.time] * (0.15 if space else 1), TIME_PHRASES[scene.time]),
        told(TOLD["place"], PLACE_PHRASES[scene.place]),
    ]
    rest = [rest[k] for k in rng.permutation(3)]
    if rng.random() < 0.15:
        return _keywords([*traits, noun, detail, *rest])
    main = _noun_phrase([trait for trait in traits if trait], noun, rng)
    if rng.random() < 0.2 and any(rest):
        return _join([", ".join(filter(None, rest)) + ",", main, detail])
    return _join([one_of(OPENINGS), main, detail, *rest])


def plain(scene: Scene) -> str:
    """Say the whole truth of a page in the plainest words."""
    size = "" if scene.size == "medium" else scene.size
    eyes = "sleeping" if scene.eyes == "asleep" else ""
    time = "at night" if scene.time == "night" and scene.setting != "space" else ""
    return _join(
        [
            with_article(_join([size, eyes, scene.colour, scene.subject])),
            DETAIL_PHRASES[scene.detail][0] if scene.detail != "none" else "",
            SETTING_PHRASES[scene.setting][0],
            time,
            PLACE_PHRASES[scene.place][0],
        ]
    )


def with_article(words: str) -> str:
    """`a` or `an` before a phrase."""
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def asked(prompt: str) -> dict[str, str]:
    """What a prompt asks for, as {attribute: answer}; of two answers to one attribute the first counts."""
    found: dict[str, str] = {}
    for word in words(prompt):
        if word in MEANINGS:
            attribute, answer = MEANINGS[word]
            found.setdefault(attribute, answer)
    return found


def words(prompt: str) -> list[str]:
    """The words of a prompt, in lower case."""
    return re.findall(r"[a-z]+", normalise(prompt))


def check_learned(vocabulary: Container[str], name: str) -> None:
    """Raise `CourseError` unless the tokenizer of weights called `name` has every known word as one token.

    Tokens are written CLIP's way, "</w>" at a word's end, or GPT-2's, with a sign for the space before it.
    """
    strange = [
        word for word in KNOWN_WORDS if not any(form in vocabulary for form in (f"{word}</w>", f"Ġ{word}"))
    ]
    if strange:
        raise CourseError(
            f"The weights of {name} never learned {', '.join(strange)}: they know another vocabulary than "
            f"the picture book's version {WORLD}; train them again (see Retrain in CONTRIBUTING.md)."
        )


def _noun_phrase(traits: list[str], noun: str, rng: np.random.Generator) -> str:
    if not noun:
        return _join(["something", *traits])
    manner = rng.random()
    if manner < 0.08:
        return _join(["one of the", *traits, plural(noun)])
    if manner < 0.2 and traits:
        return _join([with_article(noun), "that is", " and ".join(traits)])
    if manner < 0.3:
        return _join(["the", *traits, noun])
    return with_article(_join([*traits, noun]))


def _keywords(parts: list[str]) -> str:
    bare = [re.sub(r"^(in|on|at|by|to|with|and|wearing|among|under)( the| a)? ", "", part) for part in parts]
    return ", ".join(filter(None, bare)) or "something"


def _join(parts: Sequence[str]) -> str:
    return " ".join(part for part in parts if part)


def _meanings() -> dict[str, tuple[str, str]]:
    table: dict[str, tuple[str, str]] = {}
    simple: tuple[tuple[str, dict[str, tuple[str, ...]], Callable[[str], str]], ...] = (
        ("subject", NOUNS, str),
        ("subject", NOUNS, plural),
        ("colour", COLOUR_WORDS, str),
        ("setting", SETTING_PHRASES, str),
        ("size", SIZE_WORDS, str),
        ("place", PLACE_PHRASES, str),
        ("detail", DETAIL_PHRASES, str),
        ("time", TIME_PHRASES, str),
        ("eyes", EYES_WORDS, str),
    )
    for attribute, answers, form in simple:
        for answer, phrases in answers.items():
            for word in words(" ".join(map(form, phrases))):
                if word not in _FILLERS:
                    table.setdefault(word, (attribute, answer))
    return table


_FILLERS = {
    *words("in a the on at by to with and wearing among under during side outer hill sized party"),
}

# Which attribute a word speaks of, and what it says.
MEANINGS = _meanings()
KNOWN_WORDS = sorted(
    {*MEANINGS, *_FILLERS, *words(" ".join(OPENINGS)), *words("an something one of that is")}
)
