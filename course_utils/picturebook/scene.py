"""What is on a page: one subject, in one colour, in one setting, with a few options."""

from dataclasses import dataclass
from itertools import product

import numpy as np

WORLD = 1  # the version of the world: of its pages, splits, captions, questions and judges

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
)
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "white", "gray")
SETTINGS = ("meadow", "forest", "sea", "snow", "desert", "space")
SIZES = ("small", "medium", "big")
PLACES = ("left", "middle", "right")
DETAILS = ("none", "hat", "crown", "butterfly")

# What can be asked of a page and read off it, with the answers possible.
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "subject": SUBJECTS,
    "colour": COLOURS,
    "setting": SETTINGS,
    "size": SIZES,
    "place": PLACES,
    "detail": DETAILS,
    "time": ("day", "night"),
    "eyes": ("awake", "asleep"),
}


@dataclass(frozen=True)
class Scene:
    """The truth of one page.

    The attributes are what a caption may say. The rest is what captions never say: `turn` is the tilt in
    degrees, `flip` mirrors the subject, `spread` nudges size and position (three numbers in 0..1), `backdrop`
    seeds everything behind the subject.
    """

    subject: str
    colour: str
    setting: str
    size: str = "medium"
    place: str = "middle"
    detail: str = "none"
    time: str = "day"
    eyes: str = "awake"
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


def combinations(held_out: bool) -> list[tuple[str, str, str]]:
    """Every (subject, colour, setting) on one side of the rule, in a fixed order."""
    return [key for key in product(SUBJECTS, COLOURS, SETTINGS) if is_held_out(*key) is held_out]


SEEN, HELD_OUT = combinations(False), combinations(True)


def sample_scene(rng: np.random.Generator, held_out: bool = False) -> Scene:
    """Draw a page's truth at random: combinations alike often, two pages in five without a detail.

    It is always night in space.
    """
    choices = HELD_OUT if held_out else SEEN
    subject, colour, setting = choices[rng.integers(len(choices))]
    return Scene(
        subject,
        colour,
        setting,
        size=str(rng.choice(SIZES)),
        place=str(rng.choice(PLACES)),
        detail=str(rng.choice(DETAILS, p=(0.4, 0.2, 0.2, 0.2))),
        time="night" if setting == "space" or rng.random() < 0.3 else "day",
        eyes="asleep" if rng.random() < 0.3 else "awake",
        turn=float(np.clip(rng.normal(0, 3), -6, 6)),
        flip=bool(rng.random() < 0.5),
        spread=(float(rng.random()), float(rng.random()), float(rng.random())),
        backdrop=int(rng.integers(2**31)),
    )
