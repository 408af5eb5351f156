"""One pass whose register changes in the middle of a line: how far the one register is heard beyond the gate.

Two regions meet in the middle of one window of 49 frames, the first half of a line in one and the second half in the other,
one normal and one whispered. `--register-gating` samples them in one pass: the LoRA acts on its own side of the gate, over an
edge of 80 ms. With its words bound (the default), each side reads its own half's caption; unbound (`--gating-leak 1`) both
sides read both captions. Beside it the same line, whole, once in each register, and the two joined at the gate by the
splice's own fade of 80 ms: what measuring alone makes of a change that is one.

v of the judge, every 10 ms, is averaged over all takes that speak then. Its means from 250 to 500 ms before and after the
gate are the two plateaus. Of the way from one to the other:

half-way       where the curve, as the nearest one that never turns back, has gone half of it
before gate    where it has gone a fifth, in ms before the gate: up to there the first register is itself to four fifths
after gate     where it has gone four fifths, in ms after the gate: from there the second is

A figure below 0 lies on the other side of the gate. Intervals: 95 %, bootstrap over takes.

    python -m bench.learned.bleeding --registers .learned/lora/quiet.toml
"""

import argparse
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from bench.learned.corpus import FRAME_RATE, LEAD_FRAMES
from bench.learned.crossing import Change, change_of, mean_curve
from bench.learned.marked_scenes import RASTER, REGION_FRAMES, Marked, held_clips, marked
from bench.learned.resampling import Drawn, intervals, shown
from bench.learned.saying import register_options, settings_for

from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.judge.voicing import voicing_of
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.plan import PlanSettings, plan_for
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import RegisterTable, register_table
from sottovoce_engine.renderers.ltx.gated_jobs import sampled_jobs
from sottovoce_engine.renderers.ltx.renderer import LtxRenderer
from sottovoce_engine.scene import PictureMode, Region, Scene
from sottovoce_engine.speaking import line_in_two, speaking_seconds
from sottovoce_engine.splice.fades import Fade, correlation
from sottovoce_engine.splice.values import SpliceSettings
from sottovoce_engine.take import RenderJob, Take
from sottovoce_engine.timing import SAMPLE_RATE, Span, sample_at
from sottovoce_engine.windows import MIN_HANDLE_FRAMES

ORDERS = (("normal", "whisper"), ("whisper", "normal"))
GATE_FRAME = LEAD_FRAMES + REGION_FRAMES // 2
WHOLE = Span(LEAD_FRAMES, LEAD_FRAMES + REGION_FRAMES)
_PLATEAU_MS = (250.0, 500.0)
_LEAST_APART = 0.08  # of v between plateaus
_LEAST_SECONDS = 1.1  # of a line: it has to reach both plateaus
_MOST_FRAMES = 40  # of a line; one that is longer than its region is said faster
_EVEN = 0.12  # how far from the middle of its speaking time a line may be cut in two


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of having two registers in one line."""

    order: tuple[str, str]
    name: str
    sounds: tuple[Sound, ...]


def main() -> None:
    """Prints one table."""
    chosen = _options().parse_args()
    registers = register_table(chosen.registers)
    lines = _lines(chosen.lines, chosen.corpus)
    plain = PlanSettings(renderer="ltx", takes=chosen.seeds, handle_frames=MIN_HANDLE_FRAMES)
    gated = replace(plain, register_gating=True, gating_edge_ms=chosen.edge)
    with tempfile.TemporaryDirectory() as folder:
        media = MediaFolder(Path(folder))
        settings = settings_for(chosen.model, None, Path(folder) / "captions", chosen.guidance, chosen.steps)
        asked = {
            (order, name): gated_windows(lines, order, registers, replace(gated, gating_leak=leak))
            for order in ORDERS
            for name, leak in (("one pass, words bound", 0.0), ("one pass, words not bound", 1.0))
        }
        alone = {register: whole_windows(lines, register, registers, plain) for register in ORDERS[0]}
        jobs = [job for group in (*asked.values(), *alone.values()) for job in group]
        sounds = _rendered(jobs, LtxRenderer(media, settings), media)
    ways = [Way(order=order, name=name, sounds=_of(group, sounds)) for (order, name), group in asked.items()]
    ways += [spliced(order, [_of(alone[register], sounds) for register in order]) for order in ORDERS]
    print(
        f"{chosen.lines} lines, {chosen.seeds} takes each: {chosen.lines * chosen.seeds} takes a row, edge "
        f"{chosen.edge} ms, guidance {chosen.guidance:g}, {chosen.steps} steps\n"
    )
    print_ways(ways)


def _options() -> argparse.ArgumentParser:
    parser = register_options(__doc__)
    parser.add_argument("--lines", type=int, default=8)
    parser.add_argument("--seeds", type=int, default=4, help="takes of each line")
    parser.add_argument("--edge", type=int, default=PlanSettings().gating_edge_ms, help="of the gate, in ms")
    return parser


def _lines(count: int, corpus: Path) -> list[Marked]:
    """Held-out lines that can be cut in two between words near the middle of their time.

    Raises:
        ValueError: There are not so many.
    """
    clips = held_clips(corpus, _MOST_FRAMES)
    some = [
        marked(clip, "normal", number)
        for number, clip in enumerate(clips)
        if _is_even(clip.line) and speaking_seconds(clip.line) >= _LEAST_SECONDS
    ]
    if len(some) < count:
        raise ValueError(f"{len(some)} held-out lines can be cut in two near their middle, and {count} were asked for")
    return some[:count]


def _is_even(line: str) -> bool:
    first, second = line_in_two(line, 0.5)
    share = speaking_seconds(first) / (speaking_seconds(first) + speaking_seconds(second))
    return bool(second) and abs(share - 0.5) <= _EVEN


def gated_windows(
    lines: Sequence[Marked], order: tuple[str, str], registers: RegisterTable, settings: PlanSettings
) -> list[RenderJob]:
    """A whole window for each line and seed, of both its halves."""
    spans = Span(WHOLE.start, GATE_FRAME), Span(GATE_FRAME, WHOLE.end)
    jobs = []
    for one in lines:
        halves = zip(line_in_two(one.line, 0.5), spans, order, strict=True)
        jobs += list(sampled_jobs(_jobs(one, list(halves), registers, settings)).jobs)
    return jobs


def whole_windows(
    lines: Sequence[Marked], register: str, registers: RegisterTable, settings: PlanSettings
) -> list[RenderJob]:
    """A window for each line and seed, of the whole line in one register."""
    return [job for one in lines for job in _jobs(one, [(one.line, WHOLE, register)], registers, settings)]


def _jobs(
    one: Marked, said: Sequence[tuple[str, Span, str]], registers: RegisterTable, settings: PlanSettings
) -> tuple[RenderJob, ...]:
    """What the plan asks for where these lines, spans and registers are marked; sound alone."""
    regions = tuple(
        Region(
            id=f"{number:08x}",
            span=span,
            register=register,
            voice=one.voice.name,
            line=line,
            look=one.look,
            picture=PictureMode.LOCK,
            seed=one.seed,
        )
        for number, (line, span, register) in enumerate(said)
    )
    scene = Scene(
        name="", rate=FRAME_RATE, length_frames=2 * WHOLE.end, raster=RASTER, voices=(one.voice,), regions=regions
    )
    return plan_for(scene, registers, settings, chosen={}, known={}, fingerprint=lambda register: register.name).jobs


def _rendered(jobs: Sequence[RenderJob], renderer: LtxRenderer, media: MediaFolder) -> dict[str, Sound]:
    """The sound of every job's take, by key.

    Raises:
        RuntimeError: One was not rendered.
    """
    sounds: dict[str, Sound] = {}
    for outcome in renderer.render(jobs, Job()):
        if not isinstance(outcome, Take):
            raise RuntimeError(f"a take was not rendered: {outcome.reason}")
        with SoundReader(media.path(outcome.media)) as reader:
            sounds[outcome.key] = reader.read(Span(0, outcome.length_samples))
    return sounds


def _of(jobs: Sequence[RenderJob], sounds: Mapping[str, Sound]) -> tuple[Sound, ...]:
    return tuple(sounds[job.key] for job in jobs)


def spliced(order: tuple[str, str], takes: Sequence[tuple[Sound, ...]]) -> Way:
    """The same line and seed in both registers, one fading into the other around the gate."""
    length = round(SpliceSettings().fade_in_ms * SAMPLE_RATE / 1000)
    gate = sample_at(GATE_FRAME, FRAME_RATE)
    span = Span(gate - length // 2, gate + length // 2)
    sounds = []
    for before, after in zip(*takes, strict=True):
        whole = Span(0, before.shape[1])
        alike = correlation(before[:, span.start : span.end], after[:, span.start : span.end])
        fade = Fade(span=span, correlation=alike)
        sounds.append(before * fade.falling(whole) + after * fade.rising(whole))
    return Way(order=order, name="two takes, spliced", sounds=tuple(sounds))


def print_ways(ways: Sequence[Way]) -> None:
    """One row for each."""
    print("| from, to | way | v before, after | half-way, ms | heard before the gate, ms | heard after the gate, ms |")
    print("|---|---|---|---|---|---|")
    for way in sorted(ways, key=lambda way: ORDERS.index(way.order)):
        changed, takes = _changes(way.sounds), len(way.sounds)
        found = changed(np.arange(takes))
        sure = intervals(_figures_by(changed), takes)
        figures = [shown(value, each, 0) for value, each in zip(_figures(found), sure, strict=True)]
        cells = (", ".join(way.order), way.name, f"{found.first:.2f}, {found.second:.2f}", *figures)
        print(f"| {' | '.join(cells)} |", flush=True)


def _figures(found: Change) -> tuple[float, float, float]:
    return found.half, found.before_gate, found.after_gate


def _figures_by(changed: Callable[[Drawn], Change]) -> Callable[[Drawn], tuple[float, float, float]]:
    return lambda drawn: _figures(changed(drawn))


def _changes(sounds: Sequence[Sound]) -> Callable[[Drawn], Change]:
    """The change in the mean of some of these takes."""
    thresholds = thresholds_of("register", RegisterThresholds)
    voicings = [voicing_of(sound, thresholds) for sound in sounds]
    v = np.stack([voicing.v for voicing in voicings]).astype(np.float64)
    speaks = np.stack([voicing.active for voicing in voicings])
    times = np.arange(5.0, 10.0 * v.shape[1], 10.0, dtype=np.float64) - 1000 * float(GATE_FRAME / FRAME_RATE)

    def changed(drawn: Drawn) -> Change:
        curve, counts = mean_curve(v[drawn], speaks[drawn])
        return change_of(times, curve, counts, _PLATEAU_MS, _LEAST_APART)

    return changed


if __name__ == "__main__":
    main()
