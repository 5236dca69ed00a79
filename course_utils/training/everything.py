"""Train everything in data/models, one recipe after the other.

python -m course_utils.training.everything

Started again after an interruption it goes on where it was: a stage that ended stands in runs/everything.log
and is left out, and the stage that was stopped goes on from its last checkpoint. To run a stage again, take
its line out. What a stage prints is kept in runs/logs/.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from course_utils.runtime import MODELS, ROOT, CourseError, cores
from course_utils.training import decoder, fast, flow, judges, language, loop, text, unet, vae

TEXT = loop.RUNS / "text" / "final"
# What trainings begin with, as far as shapes agree.
BEGIN, CLIP, JUDGES = MODELS / "picturebook", MODELS / "picturebook-clip", MODELS / "judges"


@dataclass(frozen=True)
class Stage:
    """A recipe with its options. `batch` is that of its steps; 0 for what runs as a single process."""

    name: str
    module: str
    batch: int = 0
    options: tuple[str, ...] = ()


# The distilled painter learns from the assembled one: so that is put together twice.
STAGES = (
    Stage("pages", "kept"),
    Stage("text", "text", text.RECIPE.batch, ("--begin", str(CLIP))),
    Stage("language", "language", language.RECIPE.batch),
    Stage(
        "vae", "vae", vae.REFINED.batch, ("--refine", "--begin", str(BEGIN / "vae"), "--eyes", str(JUDGES))
    ),
    Stage("latents", "latents"),
    Stage("unet", "unet", unet.RECIPE.batch, ("--begin", str(BEGIN / "unet"))),
    Stage("decoded", "decoded"),
    Stage("judge-first", "judges", judges.RECIPE.batch, ("--which", "first", "--begin", str(JUDGES))),
    Stage("decoder", "decoder", decoder.RECIPE.batch),
    Stage("decoded-sharp", "decoded"),
    Stage("judge-second", "judges", judges.RECIPE.batch, ("--which", "second", "--begin", str(JUDGES))),
    Stage("judge-features", "judges", judges.RECIPE.batch, ("--which", "features")),
    Stage("flow", "flow", flow.RECIPE.batch),
    Stage("pictures", "text", text.RECIPE.batch, ("--keep-text", str(TEXT), "--steps", "1000")),
    Stage("assemble-teacher", "assemble"),
    Stage("walks", "walks"),
    Stage("fast", "fast", fast.RECIPE.batch),
    Stage("assemble", "assemble"),
    Stage("library", "library"),
    Stage("library", "library"),
    Stage("measure", "measure"),
    Stage("measure-flow", "measure", options=("--painter", "picturebook-flow")),
    Stage("measure-fast", "measure", options=("--painter", "picturebook-fast")),
    Stage("cards", "cards"),
)


def log() -> Path:
    """The stages that ended, one a line: when, which, and its seconds since it was last started."""
    return loop.RUNS / "everything.log"


def ended() -> list[str]:
    """The names of the stages that ended."""
    return [line.split("\t")[1] for line in log().read_text().splitlines()] if log().exists() else []


def command(stage: Stage, count: int) -> list[str]:
    """A stage on so many cores: a process for each that gets an equal share of the batch."""
    recipe = ["-m", f"course_utils.training.{stage.module}", *stage.options]
    if not stage.batch:
        return [sys.executable, *recipe]
    processes = next(n for n in range(count, 0, -1) if stage.batch % n == 0)
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(processes)]
    return [sys.executable, *launch, *recipe]


def run(stage: Stage, count: int) -> None:
    """Run a stage to its end, niced. Raises `CourseError` where it fails."""
    output = loop.RUNS / "logs" / f"{stage.name}.log"
    output.parent.mkdir(parents=True, exist_ok=True)
    one_thread = {"OMP_NUM_THREADS": "1"} if stage.batch else {}
    environment = {**os.environ, **one_thread, "TOKENIZERS_PARALLELISM": "false", "PYTHONUNBUFFERED": "1"}
    started = time.monotonic()
    with output.open("a") as file:
        nice = ["nice", "-n", "10", *command(stage, count)]
        process = subprocess.Popen(nice, cwd=ROOT, env=environment, stdout=file, stderr=subprocess.STDOUT)
        try:
            code = process.wait()
        except BaseException:
            process.terminate()  # the launcher then stops its workers
            process.wait()
            raise
    if code:
        raise CourseError(f"The stage {stage.name} failed, {output} says why; start again to go on with it.")
    with log().open("a") as file:
        seconds = time.monotonic() - started
        file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')}\t{stage.name}\t{seconds:.0f}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every stage that has not ended yet."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cores", type=int, default=cores(), help="processes, or GPUs")
    parser.add_argument("--until", choices=[stage.name for stage in STAGES], help="the last stage to run")
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    done = ended()
    try:
        for stage in STAGES:
            if stage.name not in done:
                print(stage.name, flush=True)
                run(stage, chosen.cores)
            if stage.name == chosen.until:
                break
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
