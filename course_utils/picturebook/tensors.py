"""Pages as networks take them, and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch


def to_tensor(pages: Sequence[np.ndarray] | np.ndarray) -> torch.Tensor:
    """Pages (batch, side, side, 3) uint8 as (batch, 3, side, side) float in -1..1."""
    return torch.from_numpy(np.stack(list(pages))).permute(0, 3, 1, 2).float() / 127.5 - 1


def to_pages(tensor: torch.Tensor) -> np.ndarray:
    """(batch, 3, side, side) in -1..1, beyond is cut off, as pages (batch, side, side, 3) uint8."""
    # In numpy: torch would wake a second thread, for which one waits longer than the work takes.
    unit = np.clip(tensor.float().numpy() / 2 + 0.5, 0, 1)
    return np.rint(unit * 255).astype(np.uint8).transpose(0, 2, 3, 1).copy()
