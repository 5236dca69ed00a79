"""What is on a page: one subject, in one colour, in one setting, with a few options."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from course_utils.picturebook.quality import QUALITIES
from course_utils.picturebook.styles import STYLES

WORLD = 2  # the version of the world: of its pages, splits, captions, questions and judges

# New answers are appended: the rules of what is held out count places in these lists.
SUBJECTS = (
    "cat",
    "dog",
    "rabbit",
    "owl",
    "fish",
    "house",
    "tree",
    "flower",
    "mushroom",
    "boat",
    "rocket",
    "car",
    "dragon",
    "robot",
    "penguin",
    "castle",
)
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "white", "gray")
SETTINGS = ("meadow", "forest", "sea", "snow", "desert", "space", "city", "room")
SIZES = ("small", "medium", "big")
PLACES = ("left", "middle", "right")
DETAILS = ("none", "hat", "crown", "butterfly", "helmet", "balloon", "scarf")
LIGHTS = ("day", "night", "sunset")
EYES = ("awake", "asleep")
COATS = ("plain", "striped", "spotted")

# What can be asked of a page and read off it, with the answers possible.
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "subject": SUBJECTS,
    "colour": COLOURS,
    "setting": SETTINGS,
    "size": SIZES,
    "place": PLACES,
    "detail": DETAILS,
    "light": LIGHTS,
    "eyes": EYES,
    "coat": COATS,
    "style": STYLES,
    "quality": QUALITIES,
}


@dataclass(frozen=True)
class Scene:
    """The truth of one page.

    The attributes are what a caption may say. The rest is what captions never say: `turn` is the tilt in
    degrees, `flip` mirrors the subject, `spread` nudges size and position (three numbers in 0..1), `backdrop`
    seeds everything behind the subject, and the hand that puts the page into its style.
    """

    subject: str
    colour: str
    setting: str
    size: str = "medium"
    place: str = "middle"
    detail: str = "none"
    light: str = "day"
    eyes: str = "awake"
    coat: str = "plain"
    style: str = "picture book"
    quality: str = "clean"
    turn: float = 0.0
    flip: bool = False
    spread: tuple[float, float, float] = (0.5, 0.5, 0.5)
    backdrop: int = 0

    def __post_init__(self) -> None:
        for name, answers in ATTRIBUTES.items():
            if getattr(self, name) not in answers:
                raise ValueError(f"{name} is {getattr(self, name)!r}, but a page knows {', '.join(answers)}.")


def is_held_out(subject: str, colour: str, setting: str) -> bool:
    """Whether this combination is kept from everything that is trained: one in eight.

    Each word and each pair of words still occurs in training with other company, so a painter that gets these
    right has composed them.
    """
    key = SUBJECTS.index(subject) + 3 * COLOURS.index(colour) + 5 * SETTINGS.index(setting)
    return key % 8 == 0


def is_held_out_pair(subject: str, style: str) -> bool:
    """Whether no training ever sees this subject in this style: one in eight, but every picture book page.

    Three in four subjects lack one style, every style lacks two subjects.
    """
    key = SUBJECTS.index(subject) + 3 * STYLES.index(style)
    return key % 8 == 0 and style != STYLES[0]


def combinations(held_out: bool) -> list[tuple[str, str, str]]:
    """Every (subject, colour, setting) on one side of the rule, in a fixed order."""
    return [key for key in product(SUBJECTS, COLOURS, SETTINGS) if is_held_out(*key) is held_out]


SEEN, HELD_OUT = combinations(False), combinations(True)
HELD_OUT_PAIRS = [pair for pair in product(SUBJECTS, STYLES) if is_held_out_pair(*pair)]

# How often each answer is on a page. Helmets are worn in space above all; it is always night there.
_DETAILS = dict(zip(DETAILS, (0.28, 0.12, 0.12, 0.12, 0.12, 0.12, 0.12), strict=True))
_IN_SPACE = dict(zip(DETAILS, (0.15, 0.08, 0.08, 0.08, 0.45, 0.08, 0.08), strict=True))
_LIGHTS = {"day": 0.44, "night": 0.26, "sunset": 0.3}
_EYES = {"awake": 0.7, "asleep": 0.3}
_COATS = {"plain": 0.5, "striped": 0.25, "spotted": 0.25}
_STYLES = {style: 1 / 3 if style == STYLES[0] else 1 / 9 for style in STYLES}
_QUALITIES = {quality: 7 / 8 if quality == QUALITIES[0] else 1 / 32 for quality in QUALITIES}


def style_weights(subject: str) -> dict[str, float]:
    """How often, to one another, pages of a subject have each style that it is ever seen in."""
    return {style: share for style, share in _STYLES.items() if not is_held_out_pair(subject, style)}


def sample_scene(rng: np.random.Generator, held_out: bool = False, held_out_pair: bool = False) -> Scene:
    """Draw a page's truth at random, combinations alike often.

    `held_out` chooses the side of `is_held_out`, `held_out_pair` that of `is_held_out_pair`.
    """
    choices = HELD_OUT if held_out else SEEN
    if held_out_pair:
        subject, style = HELD_OUT_PAIRS[rng.integers(len(HELD_OUT_PAIRS))]
        choices = [key for key in choices if key[0] == subject]
    subject, colour, setting = choices[rng.integers(len(choices))]
    if not held_out_pair:
        style = _one_of(style_weights(subject), rng)
    return Scene(
        subject,
        colour,
        setting,
        size=str(rng.choice(SIZES)),
        place=str(rng.choice(PLACES)),
        detail=_one_of(_IN_SPACE if setting == "space" else _DETAILS, rng),
        light="night" if setting == "space" else _one_of(_LIGHTS, rng),
        eyes=_one_of(_EYES, rng),
        coat=_one_of(_COATS, rng),
        style=style,
        quality=_one_of(_QUALITIES, rng),
        turn=float(np.clip(rng.normal(0, 3), -6, 6)),
        flip=bool(rng.random() < 0.5),
        spread=(float(rng.random()), float(rng.random()), float(rng.random())),
        backdrop=int(rng.integers(2**31)),
    )


def _one_of(shares: dict[str, float], rng: np.random.Generator) -> str:
    weights = np.array(list(shares.values()))
    return str(rng.choice(list(shares), p=weights / weights.sum()))
