"""How people would put a page into words, and what a prompt asks for."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

import numpy as np

from course_utils.picturebook.lexicon import (
    ANIMALS,
    ASTRONAUT,
    COAT_WORDS,
    COLOUR_WORDS,
    DETAIL_PHRASES,
    EYES_WORDS,
    KNOWN_WORDS,
    LIGHT_PHRASES,
    NOUNS,
    OPENINGS,
    ORDERS,
    PLACE_PHRASES,
    POOR,
    QUALITY_WORDS,
    SETTING_PHRASES,
    SIZE_WORDS,
    STYLE_OPENINGS,
    STYLE_PHRASES,
    STYLE_WORDS,
    TABBY,
    asked,
    plural,
    words,
)
from course_utils.picturebook.scene import WORLD, Scene
from course_utils.runtime import CourseError

__all__ = [
    "KNOWN_WORDS",
    "SAID_OF_STYLES",
    "asked",
    "caption",
    "check_learned",
    "in_style",
    "plain",
    "with_article",
    "words",
]

SAID_OF_STYLES = tuple(said for said, *_ in STYLE_PHRASES.values())  # one phrase for each

# How often each part of a page is told. Where it is not, the noise decides.
TOLD = {"subject": 0.9, "colour": 0.85, "setting": 0.82, "place": 0.4, "style": 0.8}
TOLD_SIZE = {"small": 0.6, "medium": 0.25, "big": 0.6}
TOLD_DETAIL = 0.75
TOLD_LIGHT = {"night": 0.7, "day": 0.25, "sunset": 0.7}
TOLD_EYES = {"asleep": 0.7, "awake": 0.15}
TOLD_COAT = {"plain": 0.1, "striped": 0.75, "spotted": 0.75}
TOLD_QUALITY = {"clean": 0.25, "poor": 0.5}
LONGEST = 28  # words, numbers and punctuation marks of a caption: prompts have room for so many tokens

# What `plain` leaves unsaid, and what is on a page of which nothing else is said.
USUAL = {
    "size": "medium",
    "detail": "none",
    "light": "day",
    "eyes": "awake",
    "coat": "plain",
    "style": "picture book",
    "quality": "clean",
}


class _Teller:
    """Says what is on a page, each time in other words; `rng` chooses."""

    def __init__(self, scene: Scene, rng: np.random.Generator) -> None:
        self.scene, self.rng = scene, rng

    def one_of(self, phrases: Sequence[str]) -> str:
        return phrases[int(self.rng.integers(len(phrases)))]

    def told(self, share: float, phrases: Sequence[str]) -> str:
        return self.one_of(phrases) if self.rng.random() < share else ""

    def caption(self) -> str:
        scene, rng = self.scene, self.rng
        noun, coat, detail = self.who()
        traits = [
            self.told(TOLD_SIZE[scene.size], SIZE_WORDS[scene.size]),
            self.told(TOLD_EYES[scene.eyes], EYES_WORDS[scene.eyes]),
            coat,
            self.told(TOLD["colour"], COLOUR_WORDS[scene.colour]),
        ]
        by_rule = 0.15 if scene.setting == "space" else 1  # nobody says that it is night in space
        rest = [
            self.told(TOLD["setting"], SETTING_PHRASES[scene.setting]),
            self.told(TOLD_LIGHT[scene.light] * by_rule, LIGHT_PHRASES[scene.light]),
            self.told(TOLD["place"], PLACE_PHRASES[scene.place]),
        ]
        rest = [rest[k] for k in rng.permutation(3)]
        quality = self.quality()
        if rng.random() < 0.15:
            style = self.told(TOLD["style"], STYLE_PHRASES[scene.style])
            return _keywords([*traits, noun, detail, *rest, style, quality])
        opening, before, ending = self.style()
        if quality and rng.random() < 0.5:
            ending = ", ".join(filter(None, [ending, quality]))
        elif quality and opening:
            opening = with_article(_join([quality, *opening.split()[opening.startswith(("a ", "an ")) :]]))
        elif quality:
            before = _join([quality, before])
        main = self.noun_phrase(before, [trait for trait in traits if trait], noun)
        if not opening and any(rest) and rng.random() < 0.2:
            told = _join([", ".join(filter(None, rest)) + ",", main, detail])
        else:
            told = _join([opening or self.opening(), main, detail, *rest])
        if ending.startswith(("in ", "painted in ", "drawn in ")) and rng.random() < 0.6:
            return f"{told} {ending}"
        return f"{told}, {ending}" if ending else told

    def who(self) -> tuple[str, str, str]:
        """The noun, the word for its coat, and what it wears, which may be a part of the noun."""
        scene, rng = self.scene, self.rng
        noun = self.told(TOLD["subject"], NOUNS[scene.subject])
        coat = self.told(TOLD_COAT[scene.coat], COAT_WORDS[scene.coat])
        if coat and scene.coat == "striped" and scene.subject in ANIMALS and rng.random() < 0.5:
            noun, coat = _join([TABBY, noun]), ""
        detail = self.told(TOLD_DETAIL, DETAIL_PHRASES.get(scene.detail, ("",)))
        if detail and scene.detail == "helmet" and rng.random() < 0.5:
            noun, detail = _join([ASTRONAUT, noun] if rng.random() < 0.4 else [noun, ASTRONAUT]), ""
        return noun, coat, detail

    def style(self) -> tuple[str, str, str]:
        """What is said of the style: as an opening, before the noun, or at the end; the others are empty."""
        style, rng = self.scene.style, self.rng
        if rng.random() > TOLD["style"]:
            return "", "", ""
        manner = rng.random()
        if manner < 0.3:
            return self.one_of(STYLE_OPENINGS[style]), "", ""
        if manner < 0.6:
            return "", self.one_of(STYLE_WORDS[style]), ""
        return "", "", self.one_of(STYLE_PHRASES[style])

    def quality(self) -> str:
        quality = self.scene.quality
        if quality == "clean":
            return self.told(TOLD_QUALITY["clean"], QUALITY_WORDS["clean"])
        return self.told(TOLD_QUALITY["poor"], [*QUALITY_WORDS[quality], *POOR])

    def opening(self) -> str:
        return self.one_of(ORDERS) if self.rng.random() < 0.15 else self.one_of(OPENINGS)

    def noun_phrase(self, before: str, traits: list[str], noun: str) -> str:
        if not noun:
            return _join(["something", before, *traits])
        manner = self.rng.random()
        if manner < 0.08:
            return _join(["one of the", before, *traits, plural(noun)])
        if manner < 0.2 and traits:
            return _join([with_article(_join([before, noun])), "that is", " and ".join(traits)])
        if manner < 0.3:
            return _join(["the", before, *traits, noun])
        if manner < 0.6:
            return with_article(_join([*traits, before, noun]))
        return with_article(_join([before, *traits, noun]))


def caption(scene: Scene, rng: np.random.Generator) -> str:
    """Say what is on a page in one of many ways, some parts left out."""
    teller = _Teller(scene, rng)
    while True:
        told = teller.caption()
        if len(re.findall(r"[a-z]+|[^a-z\s]", told)) <= LONGEST:
            return told


def plain(scene: Scene) -> str:
    """Say the truth of a page in the plainest words, all but what is `USUAL`."""

    def unusual(name: str, said: str) -> str:
        return "" if getattr(scene, name) == USUAL[name] else said

    night = scene.light == "night" and scene.setting == "space"
    told = _join(
        [
            with_article(
                _join(
                    [
                        unusual("size", scene.size),
                        unusual("eyes", "sleeping"),
                        unusual("coat", scene.coat),
                        scene.colour,
                        scene.subject,
                    ]
                )
            ),
            unusual("detail", DETAIL_PHRASES.get(scene.detail, ("",))[0]),
            SETTING_PHRASES[scene.setting][0],
            "" if night else unusual("light", LIGHT_PHRASES[scene.light][0]),
            PLACE_PHRASES[scene.place][0],
        ]
    )
    style, quality = (
        unusual("style", STYLE_PHRASES[scene.style][0]),
        unusual("quality", QUALITY_WORDS[scene.quality][0]),
    )
    return ", ".join(filter(None, [told, style, quality]))


def in_style(prompt: str, said: str) -> str:
    """The prompt with a phrase for a style at its end, as captions have it; without one as it is."""
    return f"{prompt}, {said}" if said else prompt


def with_article(phrase: str) -> str:
    """`a` or `an` before a phrase."""
    return f"{'an' if phrase[0] in 'aeiou8' else 'a'} {phrase}"


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


def _keywords(parts: list[str]) -> str:
    bare = [
        re.sub(r"^(in|on|at|by|to|with|and|wearing|holding|among|under|during)( the| an| a)? ", "", part)
        for part in parts
    ]
    return ", ".join(filter(None, bare)) or "something"


def _join(parts: Sequence[str]) -> str:
    return " ".join(part for part in parts if part)
