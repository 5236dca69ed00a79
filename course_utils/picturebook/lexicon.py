"""The words of the picture book: which of them ask for what."""

from __future__ import annotations

import re
from collections.abc import Iterator

from course_utils.prompts import normalise

Phrases = dict[str, tuple[str, ...]]

# Each answer's words: any of them, alone, asks for it.
NOUNS: Phrases = {
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
    "dragon": ("dragon",),
    "robot": ("robot",),
    "penguin": ("penguin",),
    "castle": ("castle", "palace"),
}
PLURALS = {
    "kitty": "kitties",
    "puppy": "puppies",
    "doggy": "doggies",
    "bunny": "bunnies",
    "fish": "fishes",
    "tabby": "tabbies",
}
ANIMALS = ("cat", "dog", "rabbit", "owl", "fish", "dragon", "penguin")
COLOUR_WORDS: Phrases = {
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
SETTING_PHRASES: Phrases = {
    "meadow": ("in a meadow", "in the meadow", "in a field", "on the grass"),
    "forest": ("in a forest", "in the forest", "in the woods"),
    "sea": ("at sea", "in the sea", "on the ocean", "on the water", "by the sea"),
    "snow": ("in snow", "in the snow", "in winter", "on a snowy hill"),
    "desert": ("in the desert", "in a desert", "on the sand", "among the dunes"),
    "space": (
        "in space",
        "in outer space",
        "among the planets",
        "floating in space",
        "floating among the planets",
        "floating among the stars",
    ),
    "city": ("in the city", "in a city", "in the street", "downtown", "among skyscrapers", "in town"),
    "room": (
        "on a windowsill",
        "on the window sill",
        "by the window",
        "at the window",
        "in a room",
        "indoors",
    ),
}
SIZE_WORDS: Phrases = {
    "small": ("small", "little", "tiny"),
    "medium": ("medium", "medium sized"),
    "big": ("big", "large", "huge"),
}
PLACE_PHRASES: Phrases = {
    "left": ("on the left", "to the left", "on the left side"),
    "middle": ("in the middle", "in the center", "in the centre"),
    "right": ("on the right", "to the right", "on the right side"),
}
DETAIL_PHRASES: Phrases = {
    "hat": ("with a hat", "wearing a hat", "in a party hat"),
    "crown": ("with a crown", "wearing a crown"),
    "butterfly": ("with a butterfly", "and a butterfly"),
    "helmet": ("in a space suit", "in a spacesuit", "with a helmet", "wearing a helmet"),
    "balloon": ("with a balloon", "holding a balloon", "and a balloon"),
    "scarf": ("with a scarf", "wearing a scarf", "in a woolly scarf"),
}
ASTRONAUT = "astronaut"  # beside the noun: who wears a helmet
LIGHT_PHRASES: Phrases = {
    "day": ("by day", "during the day", "in daylight", "on a sunny day"),
    "night": ("at night", "by night", "under the moon", "in the moonlight"),
    "sunset": ("at sunset", "in warm light", "warm light", "at golden hour", "in the evening sun"),
}
EYES_WORDS: Phrases = {"asleep": ("sleeping", "sleepy", "asleep"), "awake": ("awake",)}
COAT_WORDS: Phrases = {
    "plain": ("plain",),
    "striped": ("striped", "stripy"),
    "spotted": ("spotted", "dotted", "speckled"),
}
TABBY = "tabby"  # what striped animals are called
# Said before the whole ("an oil painting of a cat"), before the noun ("an 8-bit cat"), or after it all.
STYLE_OPENINGS: Phrases = {
    "picture book": ("a picture book illustration of", "a storybook picture of"),
    "oil painting": ("an oil painting of",),
    "watercolour": ("a watercolour of", "a watercolor of", "a watercolour painting of"),
    "crayon": ("a crayon drawing of", "a colored pencil drawing of"),
    "pixel art": ("pixel art of", "an 8-bit picture of"),
    "stained glass": ("a stained glass window of", "a stained glass picture of"),
    "neon": ("a neon picture of", "neon art of"),
}
STYLE_WORDS: Phrases = {
    "picture book": ("storybook",),
    "oil painting": ("oil painted",),
    "watercolour": ("watercolour", "watercolor"),
    "crayon": ("crayon",),
    "pixel art": ("pixel art", "8-bit", "8 bit", "pixelated"),
    "stained glass": ("stained glass",),
    "neon": ("neon", "cyberpunk", "glowing neon"),
}
STYLE_PHRASES: Phrases = {
    "picture book": (
        "picture book",
        "picture book illustration",
        "picture book style",
        "storybook style",
        "cartoon style",
    ),
    "oil painting": ("oil painting", "oil painting style", "in oils", "painted in oils"),
    "watercolour": ("watercolour", "watercolor", "painted in watercolour", "aquarelle", "watercolor style"),
    "crayon": ("crayon drawing", "drawn in crayon", "wax crayons", "coloured pencil", "colored pencils"),
    "pixel art": ("pixel art", "8-bit", "8 bit style", "pixelated", "retro video game style"),
    "stained glass": ("stained glass", "stained glass style", "church window"),
    "neon": ("neon", "cyberpunk", "neon lights", "synthwave", "glowing neon", "cyberpunk style"),
}
QUALITY_WORDS: Phrases = {
    "clean": ("sharp", "detailed", "high quality", "best quality", "highly detailed"),
    "blurry": ("blurry", "out of focus"),
    "washed out": ("washed out", "faded"),
    "badly lit": ("badly lit", "too dark"),
    "cut off": ("cut off", "cropped", "out of frame"),
}
POOR = ("low quality", "bad quality")  # said of every page that is not clean; of itself it names no fault

OPENINGS = ("", "", "", "a picture of", "a drawing of", "a page with", "there is", "look,")
ORDERS = ("draw", "paint", "draw me", "paint me")


def words(text: str) -> list[str]:
    """The words of a text, in lower case, and its numbers."""
    return re.findall(r"[a-z]+|[0-9]+", normalise(text))


# Words that only join others; and words that ask for something only in company ("space suit", "golden hour").
_JOINING = {*words("a an the in on at by to of with and wearing holding among under during")}
_IN_COMPANY = {
    *words("side outer hill floating sized party woolly suit light lights hour sun painting painted drawing"),
    *words("drawn coloured colored style glass church picture book illustration art bit 8 video game"),
    *words("glowing high best highly quality out focus frame washed badly lit too dark cut off"),
}


def plural(noun: str) -> str:
    """More than one of it; of several words the last one changes."""
    *before, last = noun.split()
    return " ".join([*before, PLURALS.get(last, last + "s")])


def asked(prompt: str) -> dict[str, str]:
    """What a prompt asks for, as {attribute: answer}; of two answers to one attribute the first counts.

    The longest phrase wins: "space suit" asks for a helmet, and not for space.
    """
    found: dict[str, str] = {}
    for clause in re.split(r"[^\w\s']+", normalise(prompt)):
        row = words(clause)
        place = 0
        while place < len(row):
            length = next((n for n in range(_LONGEST, 0, -1) if tuple(row[place : place + n]) in MEANINGS), 0)
            if length:
                attribute, answer = MEANINGS[tuple(row[place : place + length])]
                found.setdefault(attribute, answer)
            place += max(1, length)
    return found


def _tables() -> Iterator[tuple[str, str, str]]:
    """Every (attribute, answer, phrase) of this module, the phrases that count first, first."""
    for attribute, table in (
        ("subject", NOUNS),
        ("colour", COLOUR_WORDS),
        ("setting", SETTING_PHRASES),
        ("size", SIZE_WORDS),
        ("place", PLACE_PHRASES),
        ("detail", DETAIL_PHRASES),
        ("light", LIGHT_PHRASES),
        ("eyes", EYES_WORDS),
        ("coat", COAT_WORDS),
        ("style", STYLE_OPENINGS),
        ("style", STYLE_WORDS),
        ("style", STYLE_PHRASES),
        ("quality", QUALITY_WORDS),
    ):
        for answer, phrases in table.items():
            for phrase in phrases:
                yield attribute, answer, phrase
                if attribute == "subject":
                    yield attribute, answer, plural(phrase)
    for word in (ASTRONAUT, plural(ASTRONAUT)):
        yield "detail", "helmet", word
    for word in (TABBY, plural(TABBY)):
        yield "coat", "striped", word


def _meanings() -> dict[tuple[str, ...], tuple[str, str]]:
    """What phrases and single words ask for. A phrase runs from its first word that counts to its last."""
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    for attribute, answer, phrase in _tables():
        row = words(phrase)
        counts = [k for k, word in enumerate(row) if word not in _JOINING]
        span = row[counts[0] : counts[-1] + 1]
        for part in (span, *([word] for word in span)):
            if len(part) > 1 or part[0] not in _JOINING | _IN_COMPANY:
                found.setdefault(tuple(part), (attribute, answer))
    return found


MEANINGS = _meanings()
_LONGEST = max(map(len, MEANINGS))
_SAID = [phrase for _, _, phrase in _tables()]
KNOWN_WORDS = sorted(
    set(words(" ".join([*_SAID, *POOR, *OPENINGS, *ORDERS, "an something one of the that is and"])))
)
