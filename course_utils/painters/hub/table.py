"""The large models as data: where each lies, what it needs, how it is meant to be used.

Licences, gates and addresses change; what stands here was true when it was written, and each row links the
card that tells what is true now. Sizes are in GB of 10^9 bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from course_utils.painters.hub.licences import TERMS
from course_utils.painters.joint import Joint

CARD = "https://huggingface.co/{}"  # where a model's own card lies


@dataclass(frozen=True)
class Guidance:
    """How a pipeline counts guidance.

    `argument` is the name it goes by in the call, None where there is none to set. `convention` is a key of
    `course_utils.guidance.CONVENTIONS`. The pipeline guides only above `off_until`, counted its own way;
    `negative` tells whether it takes a negative prompt, `needs_negative` whether it guides only with one.
    """

    argument: str | None = "guidance_scale"
    convention: str = "diffusers"
    off_until: float = 1.0
    negative: bool = True
    needs_negative: bool = False


@dataclass(frozen=True)
class Row:
    """One large model.

    `repositories` are tried in order; `revision` pins the commit, which mirrors share. `precisions` are the
    kinds of number its weights may have on a GPU, best first; on a processor it is always float32. `gpu_gb`
    is what a GPU needs to hold all of it, `offloaded_gb` what it needs when parts wait in the host's
    memory, `host_gb` what the host then needs. Where `samplers`, the course's samplers and their spacing
    take the place of the checkpoint's own, `sampler` being the one it is meant for. `latents` says how they
    are packed for the scheduler (a key of `preview.UNPACKED`), `joint` how picture and words attend to each
    other, None where places look at words in cross-attention. `inpainting` is the class of diffusers'
    pipeline for holes. A `distilled` model learned a few steps, and no more.
    """

    name: str
    title: str
    repositories: tuple[str, ...]
    pipeline: str
    steps: int
    w: float
    side: int
    source: str
    gpu_gb: float
    offloaded_gb: float
    host_gb: float
    download_gb: float
    licence: str
    revision: str
    gated: bool = False
    precisions: tuple[str, ...] = ("float16",)
    guidance: Guidance = field(default_factory=Guidance)
    variant: str | None = None
    preview: str | None = None
    samplers: bool = False
    sampler: str = "ddim"
    on_processor: bool = False
    latents: str = "scaled"
    joint: Joint | None = None
    inpainting: str = "AutoPipelineForInpainting"
    distilled: bool = False

    @property
    def terms(self) -> str:
        """What its licence asks of the pictures it paints."""
        return TERMS[self.licence]


_ROWS = (
    Row(
        name="sd15",
        title="Stable Diffusion 1.5 (2022)",
        repositories=("stable-diffusion-v1-5/stable-diffusion-v1-5", "sd-legacy/stable-diffusion-v1-5"),
        pipeline="StableDiffusionPipeline",
        steps=50,
        w=7.5,
        side=512,
        source="defaults of diffusers' pipeline; Rombach 2022, arXiv 2112.10752",
        gpu_gb=3.5,
        offloaded_gb=2.5,
        host_gb=6,
        download_gb=2.8,
        licence="CreativeML OpenRAIL-M",
        revision="451f4fe16113bff5a5d2269ed5ad43b0592e9a14",
        variant="fp16",
        preview="madebyollin/taesd",
        samplers=True,
        on_processor=True,
    ),
    Row(
        name="sd-turbo",
        title="SD-Turbo (2023), one to four steps",
        repositories=("stabilityai/sd-turbo",),
        pipeline="StableDiffusionPipeline",
        steps=1,
        w=1.0,
        side=512,
        source="its model card: one to four steps, no guidance; Sauer 2023, arXiv 2311.17042",
        gpu_gb=3.5,
        offloaded_gb=2.5,
        host_gb=6,
        download_gb=2.6,
        licence="Stability AI's own",
        revision="b261bac6fd2cf515557d5d0707481eafa0485ec2",
        guidance=Guidance(negative=False),
        variant="fp16",
        preview="madebyollin/taesd",
        samplers=True,
        sampler="euler",
        on_processor=True,
        distilled=True,
    ),
    Row(
        name="sdxl-turbo",
        title="SDXL-Turbo (2023), one to four steps",
        repositories=("stabilityai/sdxl-turbo",),
        pipeline="StableDiffusionXLPipeline",
        steps=1,
        w=1.0,
        side=512,
        source="its model card: one to four steps, no guidance; Sauer 2023, arXiv 2311.17042",
        gpu_gb=8.5,
        offloaded_gb=6,
        host_gb=12,
        download_gb=7.0,
        licence="Stability AI's own, not for commerce",
        revision="71153311d3dbb46851df1931d3ca6e939de83304",
        guidance=Guidance(negative=False),
        variant="fp16",
        preview="madebyollin/taesdxl",
        samplers=True,
        sampler="euler",
        distilled=True,
    ),
    Row(
        name="lcm-dreamshaper",
        title="LCM Dreamshaper v7 (2023), four steps",
        repositories=("SimianLuo/LCM_Dreamshaper_v7",),
        pipeline="LatentConsistencyModelPipeline",
        steps=4,
        w=8.5,
        side=768,
        source="defaults of diffusers' pipeline; Luo 2023, arXiv 2310.04378",
        gpu_gb=4,
        offloaded_gb=3,
        host_gb=6,
        download_gb=5.5,
        licence="MIT",
        revision="a85df6a8bd976cdd08b4fd8f3b73f229c9e54df5",
        guidance=Guidance(off_until=float("-inf"), negative=False),
        preview="madebyollin/taesd",
        on_processor=True,
        distilled=True,
    ),
    Row(
        name="sd35-medium",
        title="Stable Diffusion 3.5 medium (2024)",
        repositories=("stabilityai/stable-diffusion-3.5-medium",),
        pipeline="StableDiffusion3Pipeline",
        steps=28,
        w=7.0,
        side=1024,
        source="defaults of diffusers' pipeline; Esser 2024, arXiv 2403.03206",
        gpu_gb=18,
        offloaded_gb=11,
        host_gb=20,
        download_gb=16.5,
        licence="Stability AI Community Licence",
        revision="b940f670f0eda2d07fbb75229e779da1ad11eb80",
        gated=True,
        precisions=("bfloat16", "float16"),
        preview="madebyollin/taesd3",
        joint=Joint(words_first=False),
    ),
    Row(
        name="flux2-klein",
        title="FLUX.2 klein 4B (2026), four steps",
        repositories=("black-forest-labs/FLUX.2-klein-4B",),
        pipeline="Flux2KleinPipeline",
        steps=4,
        w=1.0,
        side=1024,
        source="its model card: distilled to four steps; the base model takes 50 steps at 4",
        gpu_gb=17,
        offloaded_gb=10,
        host_gb=20,
        download_gb=16,
        licence="Apache-2.0",
        revision="e7b7dc27f91deacad38e78976d1f2b499d76a294",
        precisions=("bfloat16",),
        guidance=Guidance(argument=None, negative=False),
        latents="flux2",
        joint=Joint(),
        inpainting="Flux2KleinInpaintPipeline",
        distilled=True,
    ),
    Row(
        name="z-image-turbo",
        title="Z-Image-Turbo (2025), eight steps",
        repositories=("Tongyi-MAI/Z-Image-Turbo",),
        pipeline="ZImagePipeline",
        steps=8,
        w=1.0,
        side=1024,
        source="its model card: eight steps, guidance 0 as it counts; half precision gives black pictures",
        gpu_gb=22,
        offloaded_gb=14,
        host_gb=26,
        download_gb=33,
        licence="Apache-2.0",
        revision="f332072aa78be7aecdf3ee76d5c247082da564a6",
        precisions=("bfloat16",),
        guidance=Guidance(convention="z-image", off_until=0.0),
        joint=Joint("x", "cap_feats", "t", words_first=False, fill=32, asked=0),
        distilled=True,
    ),
    Row(
        name="qwen-image",
        title="Qwen-Image (2025)",
        repositories=("Qwen/Qwen-Image",),
        pipeline="QwenImagePipeline",
        steps=50,
        w=4.0,
        side=1024,
        source="defaults of diffusers' pipeline",
        gpu_gb=60,
        offloaded_gb=45,
        host_gb=64,
        download_gb=58,
        licence="Apache-2.0",
        revision="75e0b4be04f60ec59a75f475837eced720f823b6",
        precisions=("bfloat16",),
        guidance=Guidance(argument="true_cfg_scale", needs_negative=True),
        latents="qwen",
        joint=Joint(),
    ),
)

# The tiny decoders and their pinned commits.
PREVIEWS = {
    "madebyollin/taesd": "614f76814bbe30edbe2e627ace1c2234c81a2c0e",
    "madebyollin/taesdxl": "b20258aaef75ef61e659c1e0f14f251cf0ad153e",
    "madebyollin/taesd3": "d58dcaccd2b36fcb7a6b9e93c1cc507acab5a778",
}

MODELS: dict[str, Row] = {row.name: row for row in _ROWS}  # in the order of the years
# Best first, among those that fit; last a built-in painter, which always does. Every model is in one of them.
ORDERS = {
    "auto": (
        "qwen-image",
        "flux2-klein",
        "z-image-turbo",
        "sd35-medium",
        "sdxl-turbo",
        "sd15",
        "sd-turbo",
        "lcm-dreamshaper",
        "picturebook",
    ),
    "quick": ("sdxl-turbo", "sd-turbo", "lcm-dreamshaper", "picturebook-fast"),  # distilled to a few steps
    "guided": ("sd35-medium", "sd15", "picturebook"),  # those that were taught to be guided by the formula
}


def markdown() -> str:
    """The table as the README shows it."""
    head = "| name | model | download | GPU memory | with parts waiting on the host | licence |"
    return "\n".join([head, "|---|---|---|---|---|---|", *map(_line, MODELS.values())])


def _line(row: Row) -> str:
    licence = row.licence + (", gated: accept it on the card and log in" if row.gated else "")
    patience = ", or a patient processor" if row.on_processor else ""
    whole, parts = f"{row.gpu_gb:g} GB{patience}", f"{row.offloaded_gb:g} GB, and {row.host_gb:g} GB there"
    card = CARD.format(row.repositories[0])
    return (
        f"| `{row.name}` | [{row.title}]({card}) | {row.download_gb:g} GB | {whole} | {parts} | {licence} |"
    )
