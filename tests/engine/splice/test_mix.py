from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce_engine.media.sound import SoundReader, WavWriter
from sottovoce_engine.splice.beds import Bed, gaps_between
from sottovoce_engine.splice.fades import Fade, Samples
from sottovoce_engine.splice.mix import MixedBlock, MixPlan, SourceLayer, TakeLayer, ToneLayer, mixed_blocks
from sottovoce_engine.splice.running import OpenSounds
from sottovoce_engine.splice.tone import level_dbfs, synthetic_spectrum
from sottovoce_engine.timing import Span

LENGTH = 150_000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Noises of four kinds, each as long as the scene."""
    folder: Path = tmp_path_factory.mktemp("noises")
    paths = {}
    for seed, name in enumerate(("dialogue", "music", "anna", "ben")):
        path = folder / f"{name}.wav"
        with WavWriter(path) as writer:
            writer.write((0.05 * np.random.default_rng(seed).standard_normal((2, LENGTH))).astype(np.float32))
        paths[name] = str(path)
    return paths


def _take(files: dict[str, str], voice: str, fade_in: Span, fade_out: Span, *, r: float = 0.0) -> TakeLayer:
    return TakeLayer(
        region=f"{voice} {fade_in.start}",
        voice=voice,
        path=files[voice.lower()],
        origin=0,
        gain=0.7,
        fade_in=Fade(span=fade_in, correlation=r),
        fade_out=Fade(span=fade_out),
    )


def _source(files: dict[str, str], name: str, span: Span) -> SourceLayer:
    return SourceLayer(
        path=files[name], origin=span.start, span=span, gain=1.0, dialogue=name == "dialogue", rise=None, fall=None
    )


def _plan(sources: list[SourceLayer], takes: list[TakeLayer]) -> MixPlan:
    bed = ToneLayer(bed=Bed(location="room", span=Span(0, LENGTH)), spectrum=synthetic_spectrum(), level_dbfs=-52.0)
    return MixPlan(
        length_samples=LENGTH,
        voices=("ANNA", "BEN"),
        sources=tuple(sources),
        takes=tuple(takes),
        gaps=gaps_between([source.span for source in sources], LENGTH, 1_920),
        tones=(bed,),
    )


def _joined(plan: MixPlan, block: int = 48_000) -> MixedBlock:
    """The whole scene as one block."""
    with OpenSounds() as sounds:
        blocks = list(mixed_blocks(plan, sounds, block))
    whole = blocks[0]
    return replace(
        whole,
        span=Span(0, LENGTH),
        mix=np.concatenate([part.mix for part in blocks], axis=1),
        source=np.concatenate([part.source for part in blocks], axis=1),
        tone=np.concatenate([part.tone for part in blocks], axis=1),
        voices=tuple(np.concatenate(parts, axis=1) for parts in zip(*(part.voices for part in blocks), strict=True)),
    )


def _read(files: dict[str, str], name: str, span: Span) -> Samples:
    with SoundReader(files[name]) as reader:
        return reader.read(span)


@st.composite
def _lines(draw: st.DrawFn) -> list[tuple[Span, Span]]:
    """Fades of lines that follow each other, some abutting."""
    found, at = [], draw(st.integers(0, 20_000))
    for _ in range(draw(st.integers(1, 4))):
        rise, fall = draw(st.integers(144, 4_000)), draw(st.integers(144, 4_000))
        length = draw(st.integers(0, 25_000))
        if at + rise + length + fall > LENGTH:
            break
        found.append((Span(at, at + rise), Span(at + rise + length, at + rise + length + fall)))
        at = found[-1][1].start if draw(st.booleans()) else found[-1][1].end + draw(st.integers(0, 20_000))
    return found


@given(lines=_lines(), block=st.sampled_from([48_000, 7_001]), r=st.floats(-1, 1), cut=st.integers(1, LENGTH))
@settings(max_examples=40, deadline=None)
def test_outside_regions_and_joins_the_mix_is_the_source_to_the_sample(
    files: dict[str, str], lines: list[tuple[Span, Span]], block: int, r: float, cut: int
) -> None:
    takes = [_take(files, ("ANNA", "BEN")[index % 2], rise, fall, r=r) for index, (rise, fall) in enumerate(lines)]
    dialogue, music = _source(files, "dialogue", Span(0, LENGTH)), _source(files, "music", Span(0, cut))
    mixed = _joined(_plan([dialogue, music], takes), block)
    assert mixed.mix.shape == (2, LENGTH)
    other = np.zeros((2, LENGTH), np.float32)
    other[:, :cut] = _read(files, "music", Span(0, cut))
    untouched = np.ones(LENGTH, bool)
    covered = np.zeros(LENGTH, bool)
    for rise, fall in lines:
        untouched[rise.start : fall.end] = False
        covered[rise.end : fall.start] = True
    source = _read(files, "dialogue", Span(0, LENGTH)) + other
    assert (mixed.mix[:, untouched] == source[:, untouched]).all()
    assert (mixed.source[:, covered] == other[:, covered]).all()
    assert np.abs(mixed.source + mixed.tone + sum(mixed.voices) - mixed.mix).max() < 1e-6


def test_blocks_of_any_length_give_the_same_mix(files: dict[str, str]) -> None:
    takes = [_take(files, "ANNA", Span(20_000, 24_000), Span(60_000, 64_000), r=0.3)]
    plan = _plan([_source(files, "dialogue", Span(0, 40_000))], takes)
    assert (_joined(plan, 48_000).mix == _joined(plan, 9_973).mix).all()


def test_between_its_fades_a_take_sounds_at_its_gain(files: dict[str, str]) -> None:
    takes = [
        _take(files, "ANNA", Span(20_000, 24_000), Span(60_000, 64_000)),
        _take(files, "BEN", Span(50_000, 54_000), Span(90_000, 94_000)),
    ]
    mixed = _joined(_plan([], takes))
    for voice, span in ((0, Span(24_000, 60_000)), (1, Span(54_000, 90_000))):
        expected = _read(files, ("anna", "ben")[voice], span) * np.float32(0.7)
        assert np.abs(mixed.voices[voice][:, span.start : span.end] - expected).max() < 1e-7


def test_original_dialogue_falls_as_the_take_rises_and_the_level_holds(files: dict[str, str]) -> None:
    take = replace(_take(files, "ANNA", Span(40_000, 88_000), Span(140_000, 144_000)), gain=1.0)
    mixed = _joined(_plan([_source(files, "dialogue", Span(0, LENGTH))], [take]))
    levels = [level_dbfs((mixed.source + mixed.voices[0])[:, at : at + 6_000]) for at in range(34_000, 94_000, 6_000)]
    assert max(levels) - min(levels) < 0.5


def test_tone_lies_under_regions_and_in_gaps_and_nowhere_else(files: dict[str, str]) -> None:
    takes = [_take(files, "ANNA", Span(20_000, 24_000), Span(40_000, 44_000))]
    tone = _joined(_plan([_source(files, "dialogue", Span(0, 100_000))], takes)).tone
    assert not tone[:, :20_000].any()
    assert not tone[:, 44_000:100_000].any()
    assert level_dbfs(tone[:, 24_000:40_000]) == pytest.approx(-52.0, abs=1.0)
    assert level_dbfs(tone[:, 103_000:]) == pytest.approx(-52.0, abs=0.6)


def test_a_take_in_a_gap_lies_on_unbroken_tone(files: dict[str, str]) -> None:
    takes = [_take(files, "ANNA", Span(20_000, 24_000), Span(40_000, 44_000))]
    assert (_joined(_plan([], takes)).tone == _joined(_plan([], [])).tone).all()
