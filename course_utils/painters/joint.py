"""How a transformer lays out its attention, for whoever wants to watch it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Joint:
    """One attention among picture and words.

    `picture`, `words` and `time` are the network's arguments for the latents, the prompts' vectors and the
    timestep. The words stand before the places or after them (`words_first`), either filled up to a multiple
    of `fill`. In a batch of both, the picture that hears the prompt comes last or first (`asked`).
    """

    picture: str = "hidden_states"
    words: str = "encoder_hidden_states"
    time: str = "timestep"
    words_first: bool = True
    fill: int = 1
    asked: int = -1
