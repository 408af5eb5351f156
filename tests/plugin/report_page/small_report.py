"""A small report with a region of every standing, as `report.json` holds it, and sound to go with it."""

from typing import Any

import numpy as np

from sottovoce.report_page.encoding import sound_uri
from sottovoce.report_page.values import Heard, LoudnessCurve, Moment, TakeSound, Voiced
from sottovoce_engine.timing import SAMPLE_RATE, Span

SECONDS = 2


def small_report(lines: tuple[str, ...] = ("close your eyes", "stay there", "who is it?", "me")) -> dict[str, Any]:
    """Regions that fail, are amber, pass and were not judged, in this order."""
    regions = [_region(place, line) for place, line in enumerate(lines)]
    judgements = (_judgement(False, False, "missing: your"), _judgement(True, True, "half-whispered"))
    for region, judgement in zip(regions, (*judgements, _judgement(True, False, "sync not checked")), strict=False):
        region |= {"passes": judgement["passes"], "amber": judgement["amber"], "judgement": judgement}
        region["takes"] = [
            _take(region["take"], 1, judgement, True),
            _take("other", 2, _judgement(False, False, "silent"), False),
        ]
    return {
        "format": 1,
        "scene": {
            "name": "night",
            "rate": "24000/1001",
            "length_frames": 400,
            "start": "01:00:00:00",
            "raster": "640x360",
        },
        "files": {
            "movie": "a #1.mov",
            "mp4": None,
            "stems": [{"voice": "Anna", "file": "stems/a.wav"}],
            "room_tone": "stems/t.wav",
        },
        "true_peak_dbtp": -6.0,
        "levels": [_level()],
        "regions": regions,
        "joins": [_join("source", "r0", -10.0, ()), _join("r0", "r1", 4.5, ("click",))],
        "join_bars": {"click_db": 3.0, "level_jump_db": 6.0, "floor_mismatch_db": 4.0, "flux_rank": 0.95},
        "joins_over": 1,
        "failures": [],
        "notes": [],
        "versions": {"sottovoce": "0.1.0", "av": None},
    }


def small_sound(report: dict[str, Any]) -> Heard:
    """Two seconds for each region, and a curve."""
    sound = 0.1 * np.sin(np.arange(SECONDS * SAMPLE_RATE) * (2 * np.pi * 220 / SAMPLE_RATE))
    moments = tuple(
        Moment(lowest=-0.5, highest=0.6, voiced=voiced) for voiced in (Voiced.SILENT, *Voiced, Voiced.SILENT)
    )
    take = TakeSound(
        length_samples=SECONDS * SAMPLE_RATE,
        region=Span(8_000, 88_000),
        moments=moments,
        words=(("close", Span(9_000, 20_000)),),
        words_estimated=False,
        audio=sound_uri(np.stack([sound, sound]).astype(np.float32), 64),
    )
    curve = tuple((second / 10, -30.0 - second % 7) for second in range(160))
    return Heard(
        takes={region["id"]: take for region in report["regions"]},
        loudness=LoudnessCurve(
            seconds=16.0, momentary_lufs=curve, short_term_lufs=curve[15:-15], integrated_lufs=-32.0
        ),
        bars=(0.56, 0.66),
    )


def _region(place: int, line: str) -> dict[str, Any]:
    start = place * 4 * SAMPLE_RATE
    return {
        "id": f"r{place}",
        "voice": "Anna",
        "register": "whisper",
        "line": line,
        "start": f"01:00:{4 * place:02}:00",
        "take": f"take{place}",
        "seed": 1,
        "slip_frames": -2,
        "overrun_frames": 0,
        "sound_samples": [start, start + SECONDS * SAMPLE_RATE],
        "gain_db": 2.0,
        "take_loudness_lufs": -36.0,
        "loudness_lufs": -34.0,
        "true_peak_dbtp": -12.0,
        "notes": [],
    }


def _judgement(passes: bool, amber: bool, why: str) -> dict[str, Any]:
    words = [("same", "close", "close"), ("missing", "your", ""), ("added", "", "now"), ("wrong", "eyes", "ice")]
    return {
        "passes": passes,
        "amber": amber,
        "why": [why],
        "register": {
            "asked": "whisper",
            "verdict": "mixed" if amber else "whisper",
            "v": 0.58 if amber else 0.41,
            "voiced_share": None,
            "stretches": 0.1,
            "f0_hz": None,
            "alpha_db": 4.0,
            "effort": None,
            "passes": True,
            "amber": amber,
            "why": [],
        },
        "line": {
            "verdict": "said" if passes else "not said",
            "passes": passes,
            "why": [],
            "by": "faster-whisper tiny.en",
            "cer": 0.1,
            "bound": 0.25,
            "diff": [{"change": change, "line": line, "heard": heard} for change, line, heard in words],
            "words": [],
        },
        "damage": []
        if passes
        else [{"kind": "clipping", "severity": "fails", "why": ["clipped at 0.4 s: 1 % lie at one ceiling"]}],
        "timing": {"passes": None, "why": ["sync not checked: no guide"]},
        "perspective": None,
    }


def _take(key: str, seed: int, judgement: dict[str, Any], chosen: bool) -> dict[str, Any]:
    return {
        "key": key,
        "seed": seed,
        "chosen": chosen,
        **{name: judgement[name] for name in ("passes", "amber", "why")},
    }


def _join(before: str, after: str, click_db: float, over: tuple[str, ...]) -> dict[str, Any]:
    figures = {"click_db": click_db, "level_jump_db": 2.0, "floor_mismatch_db": None, "flux_rank": 0.5}
    return {"before": before, "after": after, "at": "01:00:04:00", **figures, "over": list(over)}


def _level() -> dict[str, Any]:
    gains = {"target_lufs": -34.0, "measured_lufs": None, "gain_db": 2.0, "lowered_db": 0.0}
    return {"voice": "Anna", "register": "whisper", "lines": 4, **gains}
