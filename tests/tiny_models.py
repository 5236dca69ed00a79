"""Pipelines of the large models' classes: their structure is real, their size tiny, their weights random."""

from __future__ import annotations

import diffusers
import torch
import transformers
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from course_utils.training.text import tokenizer as words

SIDE = 32  # pixels of a picture


def make(name: str) -> diffusers.DiffusionPipeline:
    """A tiny pipeline of the class that the table names for a model."""
    torch.manual_seed(0)
    return MAKERS[name]()


def _clip(projected: bool = False, width: int = 32, **more):
    found = words()
    config = CLIPTextConfig(
        vocab_size=len(found),
        hidden_size=width,
        intermediate_size=37,
        projection_dim=width,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=32,
        bos_token_id=found.bos_token_id,
        eos_token_id=found.eos_token_id,
        pad_token_id=found.pad_token_id,
        **more,
    )
    return found, (CLIPTextModelWithProjection if projected else CLIPTextModel)(config).eval()


def _vae(channels: int = 4, **more):
    return diffusers.AutoencoderKL(
        block_out_channels=(8, 16),
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=channels,
        norm_num_groups=4,
        **more,
    ).eval()


def _unet(**more):
    return diffusers.UNet2DConditionModel(
        block_out_channels=(8, 16),
        layers_per_block=1,
        sample_size=SIDE // 2,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=more.pop("attention_head_dim", 4),
        cross_attention_dim=more.pop("cross_attention_dim", 32),
        norm_num_groups=4,
        **more,
    ).eval()


def _scaled(kind, **more):
    return kind(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, **more)


def sd15():
    found, text = _clip()
    return diffusers.StableDiffusionPipeline(
        vae=_vae(),
        text_encoder=text,
        tokenizer=found,
        unet=_unet(),
        scheduler=_scaled(diffusers.PNDMScheduler, skip_prk_steps=True),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def turbo():
    made = sd15()
    made.scheduler = _scaled(diffusers.EulerDiscreteScheduler, timestep_spacing="trailing")
    return made


def sdxl():
    found, text = _clip(hidden_act="gelu")
    _, second = _clip(projected=True, hidden_act="gelu")
    return diffusers.StableDiffusionXLPipeline(
        vae=_vae(),
        text_encoder=text,
        text_encoder_2=second,
        tokenizer=found,
        tokenizer_2=found,
        unet=_unet(
            cross_attention_dim=64,
            attention_head_dim=(2, 4),
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            transformer_layers_per_block=(1, 2),
            projection_class_embeddings_input_dim=80,
        ),
        scheduler=_scaled(diffusers.EulerDiscreteScheduler, timestep_spacing="trailing"),
    )


def lcm():
    found, text = _clip()
    return diffusers.LatentConsistencyModelPipeline(
        vae=_vae(),
        text_encoder=text,
        tokenizer=found,
        unet=_unet(time_cond_proj_dim=32),
        scheduler=_scaled(diffusers.LCMScheduler),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def sd3():
    found, text = _clip(projected=True, hidden_act="gelu")
    _, second = _clip(projected=True, hidden_act="gelu")
    return diffusers.StableDiffusion3Pipeline(
        transformer=diffusers.SD3Transformer2DModel(
            sample_size=SIDE // 2,
            patch_size=1,
            in_channels=4,
            num_layers=1,
            attention_head_dim=8,
            num_attention_heads=4,
            joint_attention_dim=64,
            caption_projection_dim=32,
            pooled_projection_dim=64,
            out_channels=4,
        ).eval(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=_vae(shift_factor=0.06, scaling_factor=1.5, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=text,
        tokenizer=found,
        text_encoder_2=second,
        tokenizer_2=found,
        text_encoder_3=None,
        tokenizer_3=None,
    )


def _qwen_words():
    found = words()
    table = found.get_vocab()
    kind = transformers.Qwen2Tokenizer
    made = kind(vocab={**table, "<|pad|>": len(table)}, merges=[], unk_token="<|pad|>", pad_token="<|pad|>")
    made.chat_template = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
    made.model_max_length = 64
    return made


def _qwen(width: int = 16, layers: int = 2):
    found = _qwen_words()
    config = transformers.Qwen3Config(
        vocab_size=len(found),
        hidden_size=width,
        intermediate_size=32,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=128,
    )
    return found, transformers.Qwen3ForCausalLM(config).eval()


MAKERS = {"sd15": sd15, "sd-turbo": turbo, "sdxl-turbo": sdxl, "lcm-dreamshaper": lcm, "sd35-medium": sd3}
