"""Scenes of four registers, made by the small model the very way a user's scene is: marked, rendered, chosen, spliced, exported.

Each scene is footage of four people who speak normally, one after the other, their lines marked whisper, soft, normal and
shout in turn. `sottovoce render` and `sottovoce export` do the rest. Then every region is judged as it sounds in the finished
scene, between its two cuts, and the report tells of the joins. A join takes 80 ms, as it does by default.

Shares have their 95 % intervals (Wilson). Floors cannot be told where a take's words fill its region, as they do here.

    python -m bench.learned.scenes --registers .learned/lora/quiet.toml
    python -m bench.learned.scenes --picture cut               takes with pictures of their own; else over the footage
    python -m bench.learned.scenes --renderer scratch          the same scenes by the voice that the model learnt from
"""

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

from bench.learned.intervals import shown_share
from bench.learned.marked_scenes import Marked, marked_lines, write_scene
from bench.learned.saying import register_options, settings_for

from sottovoce.cli import run
from sottovoce.terminal import ExitCode
from sottovoce_engine.judge.level import speech_loudness_lufs
from sottovoce_engine.judge.register import RegisterFinding, Verdict, judged_voicing
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.judge.voicing import voicing_of
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.ltx.sampling_settings import Guidance
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.timing import Span
from sottovoce_engine.windows import MIN_HANDLE_FRAMES

FOUR = ("whisper", "soft", "normal", "shout")
_FIGURES = {
    "click_db": "click, dB",
    "level_jump_db": "level jump, dB",
    "floor_mismatch_db": "floor, dB",
    "flux_rank": "flux rank",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardRegion:
    """A region as it sounds in the finished scene."""

    register: str
    found: RegisterFinding
    lufs: float | None

    @property
    def right(self) -> bool:
        return self.found.verdict is (Verdict.WHISPER if self.register == "whisper" else Verdict.VOICED)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeScene:
    """What came of one scene."""

    regions: tuple[HeardRegion, ...]
    joins: tuple[dict[str, Any], ...]  # as the report has them
    bars: dict[str, float]
    frames: frozenset[int]  # how many the windows of its takes have


def main() -> None:
    """Prints two tables."""
    chosen = _options().parse_args()
    registers = register_table(chosen.registers)
    orders = [(*FOUR[number % 4 :], *FOUR[: number % 4]) for number in range(chosen.scenes)]
    marked = marked_lines([register for order in orders for register in order], chosen.corpus)
    scenes = []
    with tempfile.TemporaryDirectory() as name:
        settings = settings_for(chosen.model, None, Path(name) / "captions", chosen.guidance, chosen.steps)
        for number in range(chosen.scenes):
            lines, folder = marked[4 * number : 4 * number + 4], (chosen.keep or Path(name)) / f"scene{number}"
            timeline = write_scene(f"scene{number}", lines, registers, folder)
            options = ["--renderer", chosen.renderer, "--takes", str(chosen.takes), "--seed", str(lines[0].seed)]
            options += ["--picture", chosen.picture, *options_of(settings)]
            scenes.append(made_scene(timeline, lines, chosen.registers, options))
    windows = ", ".join(map(str, sorted({frames for scene in scenes for frames in scene.frames})))
    print(
        f"{chosen.scenes} scenes of 4 regions, {chosen.takes} takes each by {chosen.renderer}, picture {chosen.picture}, "
        f"windows of {windows} frames, guidance {chosen.guidance:g}, {chosen.steps} steps\n"
    )
    print_regions([region for scene in scenes for region in scene.regions])
    print_joins(scenes)


def _options() -> argparse.ArgumentParser:
    parser = register_options(__doc__)
    parser.add_argument("--scenes", type=int, default=6)
    parser.add_argument("--takes", type=int, default=3, help="of each region; the product's judge chooses")
    parser.add_argument("--picture", default="lock", choices=("lock", "cut"))
    parser.add_argument("--renderer", default="ltx", choices=("ltx", "scratch"))
    parser.add_argument("--keep", type=Path, help="a folder to keep the scenes in, to be looked at")
    return parser


def options_of(settings: LtxSettings) -> list[str]:
    """What `sottovoce render` is given to render with these settings."""
    plain = ("model", "device", "dtype", "raster", "text_tokens", "takes_at_once", "cache")
    given = [f"{name}={getattr(settings, name)}" for name in plain]
    given += [f"sampling.steps={settings.sampling.steps}", "sampling.perturbed_blocks=[]"]
    for part in ("video", "audio"):
        guidance: Guidance = getattr(settings.sampling, part)
        for name in ("caption", "perturbation", "modality", "rescale"):
            given.append(f"sampling.{part}.{name}={getattr(guidance, name)}")
    return ["--handles", str(MIN_HANDLE_FRAMES), *(word for one in given for word in ("--ltx", one))]


def made_scene(timeline: Path, marked: Sequence[Marked], registers: Path, options: list[str]) -> MadeScene:
    """The timeline rendered, spliced and exported by the command line, and what it sounds like.

    Raises:
        RuntimeError: A command failed, or a region has no take.
    """
    out = timeline.parent / "out"
    read = ["--registers", str(registers)]
    command(["render", str(timeline), "-o", str(out), "--no-mp4", "--json", *read, *options])
    command(["export", str(timeline), "--to", "all", "-o", str(out / "export"), *read])
    report = json.loads((out / "report.json").read_text())
    if len(report["regions"]) != len(marked):
        raise RuntimeError(f"{timeline} has {len(report['regions'])} regions in its scene: {report['failures']}")
    takes = [json.loads(path.read_text())["value"] for path in (timeline.with_suffix(".sottovoce") / "takes").iterdir()]
    pairs = zip(report["regions"], marked, strict=True)
    return MadeScene(
        regions=tuple(heard_region(region, one, out / report["files"]["movie"], registers) for region, one in pairs),
        joins=tuple(report["joins"]),
        bars=report["join_bars"],
        frames=frozenset(take["job"]["window"]["model_frames"] for take in takes),
    )


def command(words: list[str]) -> None:
    """Runs `sottovoce` with these words, quietly.

    Raises:
        RuntimeError: It failed. Takes that the judge fails are no failure.
    """
    with tempfile.TemporaryFile("w+") as said, redirect_stdout(said), redirect_stderr(said):
        code = run(words)
    if code not in (ExitCode.DONE, ExitCode.BELOW_BAR):
        raise RuntimeError(f"sottovoce {words[0]} ended with {code!r}")


def heard_region(region: dict[str, Any], marked: Marked, movie: Path, registers: Path) -> HeardRegion:
    """What the finished scene sounds like between a region's two cuts."""
    thresholds = thresholds_of("register", RegisterThresholds)
    with SoundReader(movie) as reader:
        sound = reader.read(Span(*region["sound_samples"]))
    voicing = voicing_of(sound, thresholds)
    asked = register_table(registers).get(marked.register)
    return HeardRegion(
        register=marked.register,
        found=judged_voicing(voicing, None, asked, marked.voice, None, thresholds),
        lufs=speech_loudness_lufs(sound, voicing),
    )


def print_regions(regions: Sequence[HeardRegion]) -> None:
    """What share of the regions is in its register."""
    print("| register | in its register | else | v | pitch, Hz | LUFS |")
    print("|---|---|---|---|---|---|")
    for register in (*FOUR, "all"):
        some = [region for region in regions if register in (region.register, "all")]
        if not some:
            continue
        others = Counter(region.found.verdict.value for region in some if not region.right)
        pitches = [region.found.f0_hz for region in some if region.found.f0_hz]
        levels = [region.lufs for region in some if region.lufs is not None]
        cells = (
            register,
            shown_share(sum(region.right for region in some), len(some)),
            ", ".join(f"{count} {verdict}" for verdict, count in others.most_common()),
            f"{mean(region.found.v or 0.0 for region in some):.2f}" if register != "all" else "",
            f"{median(pitches):.0f}" if pitches and register != "all" else "",
            f"{mean(levels):.1f}" if levels and register != "all" else "",
        )
        print(f"| {' | '.join(cells)} |")


def print_joins(scenes: Sequence[MadeScene]) -> None:
    """What share of the joins is within all bars, and the worst of each figure."""
    bars = scenes[0].bars
    joins = [join for scene in scenes for join in scene.joins]
    asked = " | ".join(f"worst {words} (bar {bars[name]:g})" for name, words in _FIGURES.items())
    print(f"\n| joins | within all bars | {asked} |\n|---|---|---|---|---|---|")
    for title in [*sorted({_kind(join) for join in joins}), "all"]:
        some = [join for join in joins if title in (_kind(join), "all")]
        worst = []
        for name in _FIGURES:
            known = [join[name] for join in some if join[name] is not None]
            over = sum(value >= bars[name] for value in known)
            worst.append(f"{max(known):.2f}, {over} over, of {len(known)}" if known else "–")
        within = sum(not join["over"] for join in some)
        print(f"| {title} | {shown_share(within, len(some))} | {' | '.join(worst)} |")


def _kind(join: dict[str, Any]) -> str:
    names = {"source": "footage", "room tone": "room tone"}
    return " to ".join(names.get(join[side], "take") for side in ("before", "after"))


if __name__ == "__main__":
    main()
