from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sottovoce_engine.judge.neighbours import production_beside, production_under
from sottovoce_engine.media.wav import WavWriter
from sottovoce_engine.scene import Gender, MediaRange, Raster, Region, Scene, SoundPiece, Voice
from sottovoce_engine.timing import SAMPLE_RATE, Span, sample_at, samples_of

RATE = Fraction(24_000, 1001)


def ramp(path: Path, seconds: float, start: float = 0.0) -> str:
    """Sound whose left channel says where in the file a sample lies, in minutes."""
    values = start + np.arange(round(seconds * SAMPLE_RATE)) / (60 * SAMPLE_RATE)
    with WavWriter(path) as wav:
        wav.write(np.stack([values, -values]).astype(np.float32))
    return str(path)


def piece(
    path: str, span: Span, *, start: Fraction = Fraction(0), dialogue: bool = True, gain: float = 0.0
) -> SoundPiece:
    source = MediaRange(path=path, start=start)
    return SoundPiece(span=span, source=source, track="A1", clip="clip", dialogue=dialogue, gain_db=gain)


def scene_of(*sounds: SoundPiece) -> tuple[Scene, Region]:
    region = Region(id="1f0c9a42", span=Span(480, 528), register="whisper", voice="Anna", line="Listen.")
    scene = Scene(
        name="scene",
        rate=RATE,
        length_frames=2_400,
        raster=Raster(width=320, height=180),
        voices=(Voice(name="Anna", gender=Gender.WOMAN),),
        regions=(region,),
        sounds=sounds,
    )
    return scene, region


def test_dialogue_under_a_region_lies_where_it_lies_in_the_scene(tmp_path: Path) -> None:
    path = ramp(tmp_path / "a.wav", 30)
    scene, region = scene_of(
        piece(path, Span(460, 500), start=Fraction(5)), piece(path, Span(470, 540), dialogue=False)
    )
    found = production_under(scene, region)
    assert found is not None
    assert found.span == samples_of(region.span, RATE)
    into = 5 * SAMPLE_RATE + found.span.start - sample_at(460, RATE)
    end = sample_at(500, RATE) - found.span.start
    expected = (into + np.arange(end)) / (60 * SAMPLE_RATE)
    assert found.sound[0, :end] == pytest.approx(expected, abs=1e-6)
    assert not found.sound[:, end:].any()


def test_dialogue_beside_a_region_comes_without_its_gaps(tmp_path: Path) -> None:
    path = ramp(tmp_path / "a.wav", 30, start=0.1)
    far, near, after = Span(0, 48), Span(400, 460), Span(560, 600)
    scene, region = scene_of(piece(path, far), piece(path, near), piece(path, after, gain=-6.0))
    found = production_beside(scene, region)
    assert found is not None
    lengths = [samples_of(span, RATE).length for span in (near, after)]
    assert found.shape == (2, sum(lengths))
    assert found[0, 0] == pytest.approx(0.1, abs=1e-5)
    assert found[0, lengths[0]] == pytest.approx(0.1 * 10 ** (-6 / 20), abs=1e-5)
    assert found.all()


def test_overlapping_dialogue_is_heard_together(tmp_path: Path) -> None:
    path = ramp(tmp_path / "a.wav", 30, start=0.1)
    scene, region = scene_of(piece(path, Span(470, 540)), piece(path, Span(470, 540)))
    under, beside = production_under(scene, region), production_beside(scene, region)
    assert under is not None
    assert beside is not None
    assert under.sound[0, 0] > 0.2
    assert beside.shape[1] == samples_of(Span(470, 540), RATE).length


def test_without_dialogue_that_can_be_read_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    music = ramp(tmp_path / "a.wav", 30)
    (tmp_path / "broken.wav").write_bytes(b"no sound" * 50)
    for sounds in (
        (),
        (piece(music, Span(0, 600), dialogue=False),),
        (piece("", Span(0, 600)),),
        (piece(str(tmp_path / "gone.wav"), Span(0, 600)), piece(str(tmp_path / "broken.wav"), Span(400, 600))),
    ):
        scene, region = scene_of(*sounds)
        assert production_under(scene, region) is None
        assert production_beside(scene, region) is None
