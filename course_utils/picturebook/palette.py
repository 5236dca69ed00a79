"""The paints of the picture book."""

Colour = tuple[int, int, int]

INK: Colour = (46, 34, 58)
WHITE: Colour = (255, 253, 248)
CREAM: Colour = (255, 241, 219)
GOLD: Colour = (252, 205, 66)
TEAL: Colour = (38, 174, 170)
BLUSH: Colour = (244, 138, 138)
GLASS: Colour = (196, 232, 246)
WOOD: Colour = (134, 92, 66)
LEAF: Colour = (84, 160, 74)

# Far enough apart to tell at a glance, by day and by night.
BODY: dict[str, Colour] = {
    "red": (216, 46, 52),
    "orange": (247, 140, 36),
    "yellow": (250, 216, 62),
    "green": (70, 172, 76),
    "blue": (52, 112, 216),
    "purple": (140, 76, 188),
    "pink": (250, 156, 196),
    "brown": (130, 82, 52),
    "white": (248, 247, 243),
    "gray": (140, 146, 156),
}


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`first` with this share (0..1) of `second`."""
    red, green, blue = (round(a + share * (b - a)) for a, b in zip(first, second, strict=True))
    return red, green, blue


def shade(colour: Colour, share: float = 0.42) -> Colour:
    """Darker: outlines and the parts that turn away from the light."""
    return mix(colour, INK, share)


def tint(colour: Colour, share: float = 0.5) -> Colour:
    """Lighter: bellies, muzzles, highlights."""
    return mix(colour, WHITE, share)
