"""Vocabularies of our own in the field's format: known words whole, others in sub-words of English."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise

from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import WhitespaceSplit
from tokenizers.trainers import BpeTrainer

from course_utils.runtime import DATA

GENERAL = 1_500  # merges of English beside those of the known words
Merges = list[tuple[str, str]]


@cache
def common_words() -> tuple[str, ...]:
    """Common English words that the picture book does not know; the general sub-words are learned on them."""
    return tuple((DATA / "vocabulary" / "words.txt").read_text().split())


def byte_letters() -> list[str]:
    """The 256 printable characters by which byte-level tokenizers write bytes (Radford 2019)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + k) for k in range(len(others))]


def byte_pairs(
    alphabet: Sequence[str], known: Sequence[Sequence[str]], common: Sequence[Sequence[str]] = ()
) -> tuple[list[str], Merges]:
    """A vocabulary and the merges that join each known word, given as letters of the alphabet, to one token.

    Below them rank `GENERAL` merges learned on the `common` words, which cannot undo a known one.
    """
    merges = _whole(known)
    merges += _general(merges, common)
    return list(dict.fromkeys([*alphabet, *("".join(pair) for pair in merges)])), merges


def _whole(words: Sequence[Sequence[str]]) -> Merges:
    """Words are taken one after the other; what the merges so far leave in pieces is joined from the left."""
    merges: dict[tuple[str, str], int] = {}
    for word in words:
        pieces = _cut(word, merges)
        while len(pieces) > 1:
            merges[(pieces[0], pieces[1])] = len(merges)
            pieces = _cut(word, merges)
    return list(merges)


def _general(merges: Merges, words: Sequence[Sequence[str]]) -> Merges:
    """Merges that shorten these words most (Sennrich 2016, arXiv 1508.07909), on top of those there are.

    The library's trainer begins at letters. So each piece that the merges leave is a letter of its alphabet,
    one of Unicode's private ones.
    """
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    cut = [_cut(word, ranks) for word in words]
    pieces = list(dict.fromkeys(piece for word in cut for piece in word))
    private = {piece: chr(0xE000 + k) for k, piece in enumerate(pieces)}
    spelled = {letter: piece for piece, letter in private.items()}
    learner = Tokenizer(BPE())
    learner.pre_tokenizer = WhitespaceSplit()
    trainer = BpeTrainer(
        vocab_size=len(pieces) + GENERAL, initial_alphabet=list(spelled), show_progress=False
    )
    learner.train_from_iterator([" ".join(_spelled(word, private) for word in cut)], trainer)
    found = json.loads(learner.to_str())["model"]["merges"]
    return [(_spelled(left, spelled), _spelled(right, spelled)) for left, right in found]


def _spelled(letters: Iterable[str], table: dict[str, str]) -> str:
    return "".join(table[letter] for letter in letters)


def _cut(word: Sequence[str], ranks: dict[tuple[str, str], int]) -> list[str]:
    """What merges make of a word: the pair of lowest rank is joined wherever it stands, then the next."""
    pieces = list(word)
    while known := [pair for pair in pairwise(pieces) if pair in ranks]:
        pair = min(known, key=ranks.__getitem__)
        pieces = _merged(pieces, pair)
    return pieces


def _merged(pieces: Sequence[str], pair: tuple[str, str]) -> list[str]:
    joined: list[str] = []
    for piece in pieces:
        if joined and (joined[-1], piece) == pair:
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined
