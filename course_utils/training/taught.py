"""What the U-Net would answer on the straight path: the target of flow matching with less chance in it.

A noisy picture is the same mixture of page and noise on either path, but for its length. So the painter of
before can be asked about the pictures of the painter of now. Its answer is the mean of the targets that
chance might have drawn (Lipman 2023, eq. 8), and a small network learns faster from means than from draws.
"""

from __future__ import annotations

import torch
from diffusers import UNet2DConditionModel
from transformers import CLIPTextModel

from course_utils.painters.networks import patch, unpatch
from course_utils.training.unet import noise_schedule


class Teacher:
    """The trained U-Net, asked for velocities of patched latents with mean `centre` and spread `spread`.

    `factor` is its VAE's scaling factor, `centre` (16,) the mean of each number of a place.
    """

    def __init__(
        self,
        unet: UNet2DConditionModel,
        text: CLIPTextModel,
        factor: float,
        centre: torch.Tensor,
        spread: float,
    ) -> None:
        self.unet, self.text = (model.eval().requires_grad_(False) for model in (unet, text))
        self.factor, self.centre, self.spread = factor, centre[:, None, None], spread
        kept = noise_schedule().alphas_cumprod
        self.signal, self.level = kept.sqrt(), (1 - kept).sqrt()

    @torch.no_grad()
    def velocity(
        self, noisy: torch.Tensor, sigma: torch.Tensor, tokens: torch.Tensor, drawn: torch.Tensor
    ) -> torch.Tensor:
        """The velocity (batch, 16, 8, 8) at sigma (batch, 1, 1, 1) for prompts in CLIP's tokens.

        Deeper in static than the U-Net ever was, `drawn` is what stands: the target that chance drew.
        """
        device = noisy.device
        unet, text = self.unet.to(device), self.text.to(device)
        left = (1 - sigma).clamp(min=1e-6)  # the share of the page
        depth = (sigma / left * self.spread * self.factor).flatten()
        ratios = (self.level / self.signal).to(device)
        index = torch.searchsorted(ratios, depth).clamp(max=len(ratios) - 1)
        signal, level = (part.to(device)[index][:, None, None, None] for part in (self.signal, self.level))
        centre = self.centre.to(device)
        page = unpatch(self.spread * noisy / left + centre) * self.factor
        seen = signal * page
        noise = unet(seen, index, text(input_ids=tokens).last_hidden_state).sample.float()
        clean = (patch((seen - level * noise) / signal) / self.factor - centre) / self.spread
        known = (depth <= ratios[-1])[:, None, None, None]
        return torch.where(known, patch(noise) - clean, drawn)
