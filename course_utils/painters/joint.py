"""How a transformer arranges picture and words in its attention, for whoever watches it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Joint:
    """The joint attention of picture and words.

    `picture`, `words` and `time` are the network's arguments for the latents, the prompts' vectors and the
    timestep. The words stand before the places or after them (`words_first`), each padded to a multiple of
    `fill`. In a guided batch the picture with the prompt comes last or first (`asked`).
    """

    picture: str = "hidden_states"
    words: str = "encoder_hidden_states"
    time: str = "timestep"
    words_first: bool = True
    fill: int = 1
    asked: int = -1
