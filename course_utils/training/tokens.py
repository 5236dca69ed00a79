"""Vocabularies of our own in the field's format: known words whole, everything else as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def byte_letters() -> list[str]:
    """The 256 printable characters by which byte-level tokenizers write bytes (Radford 2019)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + k) for k in range(len(others))]


def byte_pairs(
    alphabet: Sequence[str], words: Sequence[Sequence[str]]
) -> tuple[list[str], list[tuple[str, str]]]:
    """A vocabulary and the merges that join each word, given as letters of the alphabet, to one token.

    Words are taken one after the other; what the merges so far leave in pieces is joined from the left. A
    later merge ranks lower, so it cannot undo an earlier word.
    """
    vocabulary = list(alphabet)
    merges: list[tuple[str, str]] = []
    for word in words:
        pieces = list(word)
        while len(pieces) > 1:
            pairs = list(pairwise(pieces))
            known = [pair for pair in merges if pair in pairs]
            pair = known[0] if known else pairs[0]
            if not known:
                merges.append(pair)
                if "".join(pair) not in vocabulary:
                    vocabulary.append("".join(pair))
            pieces = _merged(pieces, pair)
    return vocabulary, merges


def _merged(pieces: Sequence[str], pair: tuple[str, str]) -> list[str]:
    joined: list[str] = []
    for piece in pieces:
        if joined and (joined[-1], piece) == pair:
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined
