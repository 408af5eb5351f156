"""A take cut from a window of several registers is judged by its own part: its neighbour's line is somebody else's."""

from fractions import Fraction
from pathlib import Path

import numpy as np
from tests.engine.judge.signals import voiced
from tests.engine.judge.spoken_lines import speech

from sottovoce_engine.judge.judgement import Judgement
from sottovoce_engine.judge.judging import Judge
from sottovoce_engine.media.wav import WavWriter
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, PictureMode, Raster, Region, Voice
from sottovoce_engine.take import GatedLine, Gating, RenderJob, Take, Window
from sottovoce_engine.timing import Span

LINE = "Did you hear that?"
ANNA, BEN = Voice(name="Anna", gender=Gender.WOMAN), Voice(name="Ben", gender=Gender.MAN)
WHISPER, NORMAL = (register_table().get(name) for name in ("whisper", "normal"))
WHISPERED = speech(LINE, "whisper").sound
FRAMES = -(-len(WHISPERED) // 2000)
SHARED = 24  # frames of the neighbour's side: far more than a plan would share


def judged(path: Path, *, gated: bool) -> Judgement:
    """A whisper, and right behind it a voice."""
    sound = np.concatenate([np.pad(WHISPERED, (0, FRAMES * 2000 - len(WHISPERED))), voiced(SHARED / 24)])
    with WavWriter(path) as wav:
        wav.write(np.stack([sound, sound]).astype(np.float32))
    spans = Span(0, FRAMES), Span(FRAMES, FRAMES + 48)
    lines = tuple(
        GatedLine(span=span, voice=voice, register=register, line=LINE, caption="")
        for span, voice, register in zip(spans, (ANNA, BEN), (WHISPER, NORMAL), strict=True)
    )
    window = Window(start=0, model_frames=-(-(FRAMES + SHARED) // 8) * 8 + 1)
    gating = Gating(window=window, lines=lines, caption="", locked_on=None, edge_ms=80, leak=0.0)
    region = Region(id="0000000a", span=spans[0], register="whisper", voice="Anna", line=LINE)
    job = RenderJob(
        key="k",
        content="c",
        region=region,
        voice=ANNA,
        register=WHISPER,
        caption="",
        window=window,
        rate=Fraction(24),
        start_frame=0,
        drop_frame=False,
        raster=Raster(width=320, height=180),
        picture=PictureMode.LOCK,
        seed=1,
        renderer="ltx",
        gating=gating if gated else None,
        kept_frames=FRAMES + SHARED,
    )
    take = Take(
        job=job,
        media=f"{'a' * 64}.wav",
        length_frames=job.length_frames,
        length_samples=job.length_samples,
        words=(),
        words_estimated=True,
        made="2026-01-31T12:00:00+00:00",
        loudness_lufs=None,
        true_peak_dbtp=-3.0,
    )
    return Judge().judged_take(take, path)


def test_the_neighbours_voice_is_not_held_against_a_whisper(tmp_path: Path) -> None:
    gated, plain = (judged(tmp_path / f"{gated}.wav", gated=gated) for gated in (True, False))
    assert gated.passes, gated.why
    assert not plain.passes
