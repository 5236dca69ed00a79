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
    unit = (tensor.float() / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1).numpy()
    return (unit * 255).round().astype(np.uint8)
