"""The parts of a checkpoint in diffusers' layout, each read when it is first needed.

Reading the networks, and importing what reads them, takes seconds. A painter whose graphs lie in the cache
paints without doing either.
"""

from __future__ import annotations

import importlib
import json
import threading
from functools import cached_property
from pathlib import Path
from typing import Any

from course_utils.runtime import CourseError

LIBRARIES = ("diffusers", "transformers")  # a checkpoint may name classes of these, and no others
NETWORKS = ("unet", "transformer")


class Parts:
    """Tokenizer, text encoder, network, VAE and schedule of the checkpoint in `folder`.

    Parts that it lacks come from the folders of `lenders`. Raises `CourseError` for what cannot be read.
    """

    def __init__(self, folder: Path, *lenders: Path) -> None:
        self.folder, self.folders = folder, (folder, *lenders)
        self._classes: dict[str, Any] = {}
        for home in self.folders:
            index = self._json(home / "model_index.json")
            own = {part: kind for part, kind in index.items() if kind not in (None, [None, None])}
            self._classes = {**own, **self._classes}
        self._read: dict[str, Any] = {}
        self._lock = threading.Lock()

    @property
    def kind(self) -> str:
        """The class of the pipeline that stock diffusers would make of it."""
        return self._classes.get("_class_name", "folder without a pipeline")

    @property
    def tokenizer(self) -> Any:
        """The library's tokenizer, a chat template included."""
        return self.part("tokenizer")

    @property
    def text_encoder(self) -> Any:
        """The library's text encoder."""
        return self.part("text_encoder")

    @property
    def network(self) -> Any:
        """What predicts the noise or the velocity: the U-Net or the transformer."""
        return self.part(self.network_name)

    @property
    def vae(self) -> Any:
        """The autoencoder between pages and latents."""
        return self.part("vae")

    @cached_property
    def network_name(self) -> str:
        """The folder of the network."""
        return next((name for name in NETWORKS if name in self._classes), NETWORKS[0])

    @cached_property
    def schedule(self) -> dict[str, Any]:
        """The scheduler's settings."""
        return self._json(self.home("scheduler") / "scheduler_config.json")

    @cached_property
    def length(self) -> int:
        """Tokens of a prompt: as many as the tokenizer says its model reads."""
        return self._json(self.home("tokenizer") / "tokenizer_config.json")["model_max_length"]

    def config(self, part: str) -> dict[str, Any]:
        """The settings of a part, without reading its weights."""
        return self._json(self.home(part) / "config.json")

    def home(self, part: str) -> Path:
        """The folder of a part."""
        return next((home / part for home in self.folders if (home / part).is_dir()), self.folder / part)

    @cached_property
    def splitter(self) -> Any:
        """What splits a prompt into tokens: the core of the tokenizer, which loads in a blink."""
        from tokenizers import Tokenizer

        path = self.home("tokenizer") / "tokenizer.json"
        try:
            cutter = Tokenizer.from_file(str(path)) if path.exists() else self.tokenizer.backend_tokenizer
        except CourseError:
            raise
        except Exception as error:  # the library raises nothing narrower
            raise self._broken(error) from None
        cutter.no_padding()  # a saved tokenizer remembers both from its last use
        cutter.no_truncation()
        return cutter

    def read(self) -> None:
        """Read every part, so that a damaged folder is noticed now."""
        for part in ("tokenizer", "text_encoder", self.network_name, "vae"):
            self.part(part)

    def part(self, name: str) -> Any:
        """A part by its folder, read at the first call."""
        with self._lock:
            if name not in self._read:
                self._read[name] = self._load(name)
            return self._read[name]

    def _load(self, name: str) -> Any:
        if name not in self._classes:
            raise self._broken(LookupError(f"it has no {name}."))
        library, kind = self._classes[name]
        if library not in LIBRARIES:
            raise CourseError(
                f"The painter {self.folder.name!r} takes its {name} from {library!r}: only parts of "
                f"{' and '.join(LIBRARIES)} are loaded."
            )
        if library == "transformers":
            from transformers.utils.logging import disable_progress_bar

            disable_progress_bar()  # these weights load in a blink
        import torch

        with torch.inference_mode(False):  # weights read while painting must serve a gradient later
            try:
                part = getattr(importlib.import_module(library), kind).from_pretrained(self.home(name))
            except Exception as error:  # of the libraries, of safetensors: each damage has its own
                raise self._broken(error) from None
            return part.float().eval().requires_grad_(False) if hasattr(part, "parameters") else part

    def _json(self, path: Path) -> dict[str, Any]:
        try:
            return json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise self._broken(error) from None

    def _broken(self, error: Exception) -> CourseError:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        return CourseError(f"The painter {self.folder.name!r} cannot be loaded from its folder: {reason}")
