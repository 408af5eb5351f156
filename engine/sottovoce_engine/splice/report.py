"""`report.json`: how the scene was made, region by region and join by join. Of joins figures and bars, of takes what the judge says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from sottovoce_engine.scene import Scene
from sottovoce_engine.splice.joins import BARS, figures_over
from sottovoce_engine.splice.values import GroupLevel, JoinFigures, Spliced, SplicedRegion, TonePiece
from sottovoce_engine.take import Failure, Take
from sottovoce_engine.timing import SAMPLE_RATE, Span, frame_at, timecode

FORMAT = 1

_PACKAGES = ("sottovoce", "av", "numpy", "soxr")


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedTake:
    """One take of a region, and how it fared."""

    key: str
    seed: int
    renderer: str
    media: str
    chosen: bool
    word: str  # the judgement in a few words; "not judged" where there is none
    passes: bool | None  # None: not judged
    amber: bool
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRegion:
    """What the judge says of a region's chosen take, and of those it was chosen from."""

    word: str
    passes: bool | None  # None: not judged
    amber: bool
    by_person: bool  # picked or approved: it stays, whatever the judge says
    judgement: Mapping[str, Any] | None  # every finding, as plain JSON values
    takes: tuple[TriedTake, ...]  # by seed

    @property
    def why(self) -> tuple[str, ...]:
        """What the judge says of the chosen take, in words, the worst first."""
        return next((take.why for take in self.takes if take.chosen), ())

    @property
    def outcome(self) -> str:
        """One of "passes", "amber", "fails", "not_judged"."""
        if self.passes is None:
            return "not_judged"
        return "fails" if not self.passes else "amber" if self.amber else "passes"


_NOT_JUDGED = JudgedRegion(word="not judged", passes=None, amber=False, by_person=False, judgement=None, takes=())


def report_of(
    scene: Scene,
    spliced: Spliced,
    failures: Sequence[Failure] = (),
    judged: Mapping[str, JudgedRegion] | None = None,
) -> dict[str, Any]:
    """The report as plain JSON values. Spans of samples are from the scene's start at 48 kHz, half-open.

    Args:
        scene: As planned.
        spliced: What was made of it.
        failures: Takes that could not be made.
        judged: What the judge says, by region id.
    """
    said = {region.placed.region.id: _NOT_JUDGED for region in spliced.regions} | dict(judged or {})
    return {
        "format": FORMAT,
        "scene": {
            "name": scene.name,
            "rate": str(scene.rate),
            "length_frames": scene.length_frames,
            "start": timecode(scene.start_frame, scene.rate, drop=scene.drop_frame),
            "raster": str(scene.raster),
        },
        "files": _files(spliced),
        "true_peak_dbtp": _rounded(spliced.true_peak_dbtp),
        "anchor_lufs": _rounded(spliced.anchor_lufs),
        "levels": [_level(level) for level in spliced.levels],
        "judged": {
            outcome: sum(said[region.placed.region.id].outcome == outcome for region in spliced.regions)
            for outcome in ("passes", "amber", "fails", "not_judged")
        },
        "regions": [_region(region, scene) | _judged(said[region.placed.region.id]) for region in spliced.regions],
        "joins": [_join(join, scene) for join in spliced.joins],
        "join_bars": {
            "click_db": BARS.click_db,
            "level_jump_db": BARS.level_jump_db,
            "floor_mismatch_db": BARS.floor_mismatch_db,
            "flux_rank": BARS.flux_rank,
        },
        "joins_over": overs_of(spliced.joins),
        "room_tone": [_tone(piece) for piece in spliced.tone_pieces],
        "failures": [
            {"id": failure.job.region.id, "take": failure.job.key, "seed": failure.job.seed, "reason": failure.reason}
            for failure in failures
        ],
        "notes": [*scene.notes, *spliced.notes],
        "versions": {name: _version(name) for name in _PACKAGES},
    }


def overs_of(joins: Sequence[JoinFigures]) -> int:
    """How many joins have a figure that is not below its bar."""
    return sum(bool(figures_over(join)) for join in joins)


def _files(spliced: Spliced) -> dict[str, Any]:
    """The files by name, relative to the report's folder."""
    folder = spliced.movie.parent
    return {
        "movie": spliced.movie.name,
        "mp4": spliced.mp4.name if spliced.mp4 is not None else None,
        "stems": [{"voice": voice, "file": path.relative_to(folder).as_posix()} for voice, path in spliced.stems],
        "room_tone": spliced.tone_stem.relative_to(folder).as_posix(),
    }


def _region(spliced: SplicedRegion, scene: Scene) -> dict[str, Any]:
    region, take = spliced.placed.region, spliced.placed.take
    return {
        "id": region.id,
        "cue": region.cue,
        "voice": region.voice,
        "register": region.register,
        "line": region.line,
        "start": _clock(region.span.start, scene),
        "frames": _span(region.span),
        "take": take.key,
        "seed": take.job.seed,
        "renderer": take.job.renderer,
        "fingerprints": dict(take.fingerprints),
        "media": take.media,
        "picture": "take" if spliced.own_picture else "timeline",
        "dissolve_frames": _span(spliced.dissolve) if spliced.dissolve is not None else None,
        "slip_frames": spliced.slip_frames,
        "overrun_frames": spliced.overrun_frames,
        "sound_samples": _span(spliced.sound),
        "fade_in_samples": _span(spliced.fade_in),
        "fade_out_samples": _span(spliced.fade_out),
        "speech_samples": _span(spliced.speech),
        "gain_db": _rounded(spliced.gain_db),
        "take_loudness_lufs": _rounded(take.loudness_lufs),
        "loudness_lufs": _rounded(take.loudness_lufs + spliced.gain_db) if take.loudness_lufs is not None else None,
        "true_peak_dbtp": _rounded(take.true_peak_dbtp + spliced.gain_db),
        "words_estimated": take.words_estimated,
        "held_to": _held_to(take),
        "notes": [*spliced.notes, *take.notes],
    }


def _held_to(take: Take) -> dict[str, Any] | None:
    """What of the sound beside the region, and whether the voice, the take is held to; None: to nothing."""
    context = take.job.context
    if context is None:
        return None
    before, after = (max((sound.held.length for sound in side), default=0) for side in (context.before, context.after))
    return {
        "before_seconds": _rounded(float(before / take.job.rate)),
        "after_seconds": _rounded(float(after / take.job.rate)),
        "voice": context.anchor is not None,
        "reach_ms": _rounded(1000 * take.reach_samples / SAMPLE_RATE),
    }


def _judged(judged: JudgedRegion) -> dict[str, Any]:
    return {
        "judged": judged.word,
        "passes": judged.passes,
        "amber": judged.amber,
        "chosen_by": "person" if judged.by_person else "judge" if judged.passes is not None else "order",
        "judgement": judged.judgement,
        "takes": [
            {
                "key": take.key,
                "seed": take.seed,
                "renderer": take.renderer,
                "media": take.media,
                "chosen": take.chosen,
                "judged": take.word,
                "passes": take.passes,
                "amber": take.amber,
                "why": list(take.why),
            }
            for take in judged.takes
        ],
    }


def _join(join: JoinFigures, scene: Scene) -> dict[str, Any]:
    over = figures_over(join)
    return {
        "before": join.before,
        "after": join.after,
        "at": _clock(frame_at(join.at, scene.rate), scene),
        "sample": join.at,
        "fade_samples": _span(join.fade),
        "correlation": _rounded(join.correlation),
        "click_db": _rounded(join.click_db),
        "level_jump_db": _rounded(join.level_jump_db),
        "floor_mismatch_db": _rounded(join.floor_mismatch_db),
        "flux_rank": _rounded(join.flux_rank),
        "over": list(over),
        "notes": list(join.notes),
    }


def _level(level: GroupLevel) -> dict[str, Any]:
    return {
        "voice": level.voice,
        "register": level.register,
        "lines": level.lines,
        "target_lufs": _rounded(level.target_lufs),
        "measured_lufs": _rounded(level.measured_lufs),
        "gain_db": _rounded(level.gain_db),
        "lowered_db": _rounded(level.lowered_db),
    }


def _tone(piece: TonePiece) -> dict[str, Any]:
    return {
        "location": piece.location,
        "samples": _span(piece.span),
        "origin": str(piece.origin),
        "level_dbfs": _rounded(piece.level_dbfs),
        "source": piece.source.path if piece.source is not None else None,
        "source_start_seconds": str(piece.source.start) if piece.source is not None else None,
        "source_seconds": _rounded(piece.source_seconds),
    }


def _span(span: Span) -> list[int]:
    return [span.start, span.end]


def _rounded(value: float | None) -> float | None:
    """Two decimals tell all that these measurements know."""
    return None if value is None else round(value, 2)


def _clock(frame: int, scene: Scene) -> str:
    return timecode(scene.start_frame + frame, scene.rate, drop=scene.drop_frame)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
