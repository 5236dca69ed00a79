"""Pipelines of the large models' classes: their structure is real, their size tiny, their weights random."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import diffusers
import torch
import transformers
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from course_utils.painters.hub import preview
from course_utils.painters.hub.pipeline_painter import PipelinePainter
from course_utils.painters.hub.table import MODELS
from course_utils.training.text import tokenizer as words
from course_utils.training.tokens import byte_letters

SIDE = 32  # pixels of a picture


def make(name: str) -> diffusers.DiffusionPipeline:
    """A tiny pipeline of the class that the table names for a model."""
    torch.manual_seed(0)
    return MAKERS[name]()


@cache
def _made(name: str) -> diffusers.DiffusionPipeline:
    made = make(name)
    made.set_progress_bar_config(disable=True)
    return made


def painter(name: str) -> PipelinePainter:
    """A painter of a tiny pipeline, which is made once and shared."""
    row = replace(MODELS[name], preview=None)  # no network here: shown by the model's own VAE
    return PipelinePainter(
        row, _made(name), preview.for_pipeline(row, _made(name)), always=CALLS.get(name, {})
    )


def _clip(projected: bool = False, width: int = 32, **more):
    found = words()
    config = CLIPTextConfig(
        vocab_size=len(found),
        hidden_size=width,
        intermediate_size=37,
        projection_dim=width,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=found.model_max_length,
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
            in_channels=16,
            num_layers=1,
            attention_head_dim=8,
            num_attention_heads=4,
            joint_attention_dim=64,
            caption_projection_dim=32,
            pooled_projection_dim=64,
            out_channels=16,
        ).eval(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=_vae(16, shift_factor=0.06, scaling_factor=1.5, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=text,
        tokenizer=found,
        text_encoder_2=second,
        tokenizer_2=found,
        text_encoder_3=transformers.T5EncoderModel(
            transformers.T5Config(
                vocab_size=len(found), d_model=64, d_kv=8, d_ff=37, num_layers=1, num_heads=2
            )
        ).eval(),
        tokenizer_3=_chat_words(),
    )


def _chat_words():
    """A tokenizer of Qwen's class over bytes, whose chat template is a mark and the prompt."""
    letters = byte_letters()
    table = {token: number for number, token in enumerate([*letters, "<|endoftext|>"])}
    made = transformers.Qwen2Tokenizer(
        vocab=table, merges=[], unk_token="<|endoftext|>", pad_token="<|endoftext|>", model_max_length=64
    )
    made.chat_template = "{% for message in messages %}>{{ message['content'] }}{% endfor %}"
    return made


def _qwen3(width: int = 16):
    found = _chat_words()
    config = transformers.Qwen3Config(
        vocab_size=len(found),
        hidden_size=width,
        intermediate_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=128,
    )
    return found, transformers.Qwen3ForCausalLM(config).eval()


def klein():
    found, text = _qwen3()
    vae = diffusers.AutoencoderKLFlux2(
        block_out_channels=(8, 16),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=4,
        norm_num_groups=4,
        layers_per_block=1,
        sample_size=SIDE,
    )
    return diffusers.Flux2KleinPipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        vae=vae.eval(),
        text_encoder=text,
        tokenizer=found,
        transformer=diffusers.Flux2Transformer2DModel(
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=48,
            timestep_guidance_channels=32,
            axes_dims_rope=(4, 4, 4, 4),
            guidance_embeds=False,
        ).eval(),
        is_distilled=True,
    )


def z_image():
    found, text = _qwen3()
    transformer = diffusers.ZImageTransformer2DModel(
        in_channels=4,
        dim=32,
        n_layers=1,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=16,
        axes_dims=[4, 6, 6],
        axes_lens=[256, 64, 64],
    ).eval()
    for token in (transformer.x_pad_token, transformer.cap_pad_token):
        torch.nn.init.normal_(token.data)  # diffusers leaves them as they lie in memory
    return diffusers.ZImagePipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        vae=_vae(shift_factor=0.0),
        text_encoder=text,
        tokenizer=found,
        transformer=transformer,
    )


def qwen_image():
    found = _chat_words()
    text = transformers.Qwen2_5_VLForConditionalGeneration(
        transformers.Qwen2_5_VLConfig(
            text_config={
                "hidden_size": 16,
                "intermediate_size": 32,
                "num_hidden_layers": 2,
                "num_attention_heads": 2,
                "num_key_value_heads": 2,
                "rope_scaling": {"mrope_section": [1, 1, 2], "rope_type": "default", "type": "default"},
                "vocab_size": len(found),
                "max_position_embeddings": 512,
            },
            vision_config={
                "depth": 1,
                "hidden_size": 16,
                "intermediate_size": 32,
                "num_heads": 2,
                "out_hidden_size": 16,
            },
        )
    ).eval()
    return diffusers.QwenImagePipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        vae=diffusers.AutoencoderKLQwenImage(
            base_dim=8,
            z_dim=4,
            dim_mult=[1, 2],
            num_res_blocks=1,
            temperal_downsample=[False],
            latents_mean=[0.1, -0.2, 0.3, 0.0],
            latents_std=[0.9, 1.1, 1.2, 0.8],
        ).eval(),
        text_encoder=text,
        tokenizer=found,
        transformer=diffusers.QwenImageTransformer2DModel(
            in_channels=16,
            out_channels=4,
            num_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=16,
            axes_dims_rope=(8, 4, 4),
        ).eval(),
    )


MAKERS = {
    "sd15": sd15,
    "sd-turbo": turbo,
    "sdxl-turbo": sdxl,
    "lcm-dreamshaper": lcm,
    "sd35-medium": sd3,
    "flux2-klein": klein,
    "z-image-turbo": z_image,
    "qwen-image": qwen_image,
}
# What a call needs at this size: layers that a tiny language model has, few padding tokens.
CALLS = {
    "flux2-klein": {"text_encoder_out_layers": (1, 2, 3), "max_sequence_length": 24},
    "z-image-turbo": {"max_sequence_length": 24},
}
