"""Captions as people type them: parts left out, and now and then a word that nobody taught."""

from __future__ import annotations

import numpy as np

from course_utils.training.tokens import common_words

NO_CAPTION = 0.1
NO_WORD = 0.1
UNKNOWN = 0.1


def drop_caption(caption: str, rng: np.random.Generator) -> str:
    """Caption dropout (Ho & Salimans 2022): now and then "", so that guidance has something to start from.

    Else single words are left out, so that vague prompts mean something.
    """
    if rng.random() < NO_CAPTION:
        return ""
    return " ".join(word for word in caption.split() if rng.random() >= NO_WORD)


def add_unknown_word(caption: str, rng: np.random.Generator) -> str:
    """One caption in ten with a random common word somewhere in it; an empty one stays empty.

    So the vectors of sub-words, which no caption of the picture book uses, learn to be harmless.
    """
    if not caption or rng.random() >= UNKNOWN:
        return caption
    words, common = caption.split(), common_words()
    words.insert(int(rng.integers(len(words) + 1)), common[int(rng.integers(len(common)))])
    return " ".join(words)
