"""The engines that run a painter's networks; torch is the readable one, and the reference for the others."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

import torch

from course_utils.painters.networks import DECODER, NETWORK, TEXT_ENCODER, module
from course_utils.painters.parts import Parts
from course_utils.runtime import threads, threads_for

Inputs = Mapping[str, torch.Tensor]  # of one network by their names, each (batch, ...)


class Engine(ABC):
    """Something that runs the text encoder, the network and the decoder (see `networks`)."""

    reason = ""  # why it is not the fast one, where that was tried

    @property
    @abstractmethod
    def name(self) -> str:
        """What computes, in words."""

    @abstractmethod
    def run(self, network: str, inputs: Inputs) -> torch.Tensor:
        """What one of the three networks makes of its inputs; shapes as in `networks`: (batch, ...)."""

    def prepare(self) -> None:  # noqa: B027  # most have read it
        """Load now what the first evaluation would have to load."""

    def wait(self, seconds: float | None = None) -> None:  # noqa: B027  # for most there is none
        """Wait until no faster engine is being built any more, or for so many seconds."""

    def encode_text(self, tokens: torch.Tensor) -> torch.Tensor:
        """The vectors (batch, length, width) of prompts as token ids (batch, length)."""
        return self.run(TEXT_ENCODER, {"tokens": tokens})

    def predict(
        self,
        noisy: torch.Tensor,
        timestep: torch.Tensor,
        vectors: torch.Tensor,
        timestep_cond: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The network's prediction for (batch, channels, h, w) with (batch, length, width) prompt vectors.

        `timestep` is one number for all of them. `timestep_cond` (batch, any) is the guidance, as a
        distilled network takes it.
        """
        inputs = {"noisy": noisy, "timestep": timestep.float().expand(len(noisy)), "vectors": vectors}
        return self.run(
            NETWORK, inputs if timestep_cond is None else inputs | {"timestep_cond": timestep_cond}
        )

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """Latents (batch, channels, h, w) as pixels (batch, 3, side, side) in about -1..1."""
        return self.run(DECODER, {"latents": latents})


class TorchEngine(Engine):
    """The networks run by torch, each read when it is first needed."""

    name = "torch"

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def prepare(self) -> None:
        """See `Engine`."""
        module(self._parts, NETWORK)

    def run(self, network: str, inputs: Inputs) -> torch.Tensor:
        """See `Engine`; on one core for a few pictures, on all of them for a large (batch, ...)."""
        rows = len(next(iter(inputs.values())))
        pictures = rows // 2 if network == NETWORK else rows  # with prompt and without
        with torch.inference_mode(), threads(threads_for(pictures)):
            return module(self._parts, network)(**inputs)


class Warming(Engine):
    """Runs a slow engine until a fast one is built, in the background, and that one from then on.

    Where the fast runtime is missing, or its cache can be neither written nor read, the slow one stays.
    """

    def __init__(self, slow: Engine, build: Callable[[], Engine]) -> None:
        self._engine = slow
        self._thread = threading.Thread(target=self._warm, args=(build,), daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """Which engine runs now."""
        return self._engine.name

    def prepare(self) -> None:
        """See `Engine`."""
        self._engine.prepare()

    def run(self, network: str, inputs: Inputs) -> torch.Tensor:
        """See `Engine`: (batch, ...) to (batch, ...)."""
        return self._engine.run(network, inputs)

    def wait(self, seconds: float | None = None) -> None:
        """See `Engine`."""
        self._thread.join(seconds)

    def _warm(self, build: Callable[[], Engine]) -> None:
        try:
            self._engine = build()
        except Exception as error:  # whatever is broken there, the painter goes on with the slow one
            self.reason = f"{type(error).__name__}: {error}".splitlines()[0]
