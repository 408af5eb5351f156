"""What goes to the mix, read back by programs that are not ours, and laid against what the splice made of the same takes."""

import json
import subprocess
import unicodedata
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from wavinfo import WavInfoReader

from sottovoce_engine.errors import InputError
from sottovoce_engine.handover import HANDLE, HandedTake, handed_takes, short_handles, time_reference
from sottovoce_engine.handover_files import Headed, file_names, write_handover_files
from sottovoce_engine.handover_names import Named, handover_names, reel_in
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job
from sottovoce_engine.ranking import Esteem
from sottovoce_engine.scene import Scene
from sottovoce_engine.splice.values import SplicedRegion
from sottovoce_engine.take import RECORDING, PlacedTake
from sottovoce_engine.timing import SAMPLE_RATE, Span, sample_at, samples_of, timecode

from .splice.making import World, level_of, region_at, scene_with, sound_in

NTSC_24, NTSC_30 = Fraction(24_000, 1001), Fraction(30_000, 1001)
HOUR = {Fraction(24): 86_400, NTSC_24: 86_400, Fraction(25): 90_000, NTSC_30: 107_892}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def laid(placed: PlacedTake, scene: Scene, slip: int = 0) -> SplicedRegion:
    """As the splice would lay it; only what a handover reads of it counts."""
    sound = samples_of(placed.region.span, scene.rate)
    return SplicedRegion(
        placed=placed, slip_frames=slip, sound=sound, fade_in=sound, fade_out=sound, gain_db=-3.0, speech=sound
    )


def written(handed: tuple[HandedTake, ...], scene: Scene, folder: Path, reel: str = "") -> list[Path]:
    headed = Headed(scene=scene, project="night", reel=reel)
    names = file_names(handed, headed)
    write_handover_files(handed, names, headed, folder, Job())
    return [folder / name for name in names]


@pytest.mark.parametrize("rate", [Fraction(24), NTSC_24, Fraction(25), NTSC_30], ids=lambda rate: f"{float(rate):.5g}")
def test_a_file_at_its_time_reference_is_the_scenes_own_sound_before_gains(world: World, rate: Fraction) -> None:
    region = region_at(30, 71, register="whisper", gain_db=-4.0)
    scene = scene_with([region], rate=rate, length_frames=140, start_frame=HOUR[rate], drop_frame=rate == NTSC_30)
    taken = world.take(region, rate=rate, handle=40, words=[(-0.3, 1.0)], has_picture=False)  # it will slip
    spliced = world.splice(scene, [taken])
    handed = handed_takes(scene, spliced.regions, {})
    (path,) = written(handed, scene, world.root)
    info = WavInfoReader(str(path))
    assert timecode(HOUR[rate], rate, drop=scene.drop_frame) in ("01:00:00:00", "01:00:00;00")
    assert spliced.regions[0].slip_frames > 0
    start = info.bext.time_reference - sample_at(HOUR[rate], rate)
    stem = sound_in(dict(spliced.stems)["ANNA"]).mean(axis=0)
    mono, _ = soundfile.read(path, dtype="float32")
    inside = Span(spliced.regions[0].fade_in.end, spliced.regions[0].fade_out.start)
    expected = 10 ** (spliced.regions[0].gain_db / 20) * mono[inside.start - start : inside.end - start]
    assert inside.length > SAMPLE_RATE // 2
    assert np.abs(stem[inside.start : inside.end] - expected).max() < 3 / 2**23
    off_by_one = 10 ** (spliced.regions[0].gain_db / 20) * mono[inside.start - start + 1 : inside.end - start + 1]
    assert np.abs(stem[inside.start : inside.end] - off_by_one).max() > 100 / 2**23


def test_ffmpeg_soundfile_and_wavinfo_read_the_same_samples_and_the_same_words(world: World) -> None:
    region = region_at(30, 71, register="whisper", cue="SC12-034", line="Schließ die Augen – “now”")
    scene = scene_with([region], rate=NTSC_24, start_frame=86_400)
    taken = world.take(region, rate=NTSC_24, handle=40, floor=None)
    handed = handed_takes(scene, [laid(taken, scene)], {"key of 0000001e": Esteem.APPROVED})
    (path,) = written(handed, scene, world.root, reel="R2")
    assert path.name == "R2_night_SC12-034_ANNA_T01_SV0000001e.wav"
    with SoundReader(taken.path) as reader:
        own = reader.read(handed[0].span.shifted(-handed[0].origin))[0]
    values = np.rint(own.astype(np.float64) * 2**23).astype(np.int32)
    assert len(values) == handed[0].span.length > 0

    stream, tags = _probed(path)
    assert (stream["codec_name"], stream["channels"], stream["sample_rate"]) == ("pcm_s24le", 1, "48000")
    assert tags["time_reference"] == str(86_400 * 2002 + handed[0].span.start)
    assert np.array_equal(_decoded_by_ffmpeg(path) >> 8, values)
    with soundfile.SoundFile(path) as sound:
        assert (sound.subtype, sound.samplerate, sound.channels) == ("PCM_24", 48_000, 1)
        assert np.array_equal(sound.read(dtype="int32") >> 8, values)

    info = WavInfoReader(str(path))
    assert (info.fmt.bits_per_sample, info.data.frame_count) == (24, len(values))
    assert info.bext.version == 2
    assert info.bext.time_reference == int(tags["time_reference"])
    assert info.bext.originator == "Sottovoce"
    assert (info.bext.originator_date, info.bext.originator_time) == ("2026-01-01", "00:00:00")
    assert info.bext.description.startswith("SYNTHETIC VOICE; ANNA whisper, SC12-034, take 1, chosen, approved; ")
    assert "nobody spoke this line" in info.bext.description
    assert 'Schlie? die Augen - "now"' in info.bext.description
    assert info.bext.coding_history.splitlines()[-1].startswith("A=PCM,F=48000,W=24,M=mono,T=Sottovoce")
    assert info.bext.loudness_value == pytest.approx(_ebur128(path), abs=0.3)
    assert info.bext.max_true_peak == pytest.approx(-20.0, abs=0.2)
    assert info.bext.loudness_range == info.bext.max_shortterm_loudness == 327.67  # unknown
    assert info.info.comment is not None
    assert "SYNTHETIC VOICE" in info.info.comment
    assert info.ixml is not None
    assert (info.ixml.project, info.ixml.scene, info.ixml.take, info.ixml.tape) == ("night", "scene", "1", "R2")
    assert [track.name for track in info.ixml.track_list] == ["ANNA"]
    note = info.ixml.parsed.findtext("NOTE")
    assert note is not None
    assert "SYNTHETIC VOICE" in note
    assert note.endswith("Schließ die Augen – “now” [SV:0000001e]")
    assert info.ixml.parsed.findtext("CIRCLED") == "TRUE"
    assert info.ixml.parsed.findtext("SPEED/TIMECODE_RATE") == "24000/1001"
    assert info.ixml.parsed.findtext("SPEED/TIMECODE_FLAG") == "NDF"
    high, low = (
        int(info.ixml.parsed.findtext(f"SPEED/TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_{half}") or "") for half in ("HI", "LO")
    )
    assert high * 2**32 + low == info.bext.time_reference


def test_the_machine_readable_label_says_synthetic_and_a_recording_is_not_called_so(world: World) -> None:
    region = region_at(30, 60)
    scene = scene_with([region])
    made = world.take(region, has_picture=False)
    brought = replace(made, take=replace(made.take, job=replace(made.take.job, renderer=RECORDING, key="k2")))
    packets = {}
    for name, placed in (("made", made), ("brought", brought)):
        (world.root / name).mkdir()
        (path,) = written(handed_takes(scene, [laid(placed, scene)], {}), scene, world.root / name)
        packets[name] = (_chunk(path, b"_PMX"), WavInfoReader(str(path)).bext.description)
    packet, description = packets["made"]
    assert packet is not None
    described = ET.fromstring(packet.decode("utf-8")).find(
        ".//{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description"
    )
    assert described is not None
    assert described.get("{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType") == (
        "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    )
    assert description.startswith("SYNTHETIC VOICE")
    assert packets["brought"][0] is None
    assert packets["brought"][1].startswith("RECORDING brought in by a person")


def test_alternates_are_there_with_their_numbers_and_rejected_ones_are_not(world: World) -> None:
    region = region_at(30, 60)
    scene = scene_with([region])
    first = world.take(region, has_picture=False, hertz=700)
    others = [_other(world, first, seed, hertz) for seed, hertz in ((2, 900.0), (3, 1100.0))]
    placed = replace(others[0], alternatives=((first.take, first.path), (others[1].take, others[1].path)))
    handed = handed_takes(scene, [laid(placed, scene)], {"key 3": Esteem.REJECTED})
    assert [(each.number, each.status, each.circled) for each in handed] == [
        (1, "alternate", False),
        (2, "chosen", True),
    ]
    heard = [sound_in(path) for path in written(handed, scene, world.root)]
    assert [[level_of(sound, hertz) > -30 for hertz in (700, 900)] for sound in heard] == [[True, False], [False, True]]
    rejected = handed_takes(scene, [laid(placed, scene)], {"key 2": Esteem.REJECTED})
    assert [each.take.key for each in rejected if each.chosen] == ["key 2"]


def test_handles_are_a_second_and_less_only_where_the_take_has_less_which_is_said(world: World) -> None:
    region = region_at(60, 90)
    scene = scene_with([region], length_frames=200)
    long = world.take(region, handle=60, has_picture=False, words=[(0.2, 1.0)])
    (handed,) = handed_takes(scene, [laid(long, scene)], {})
    assert handed.handles == (HANDLE, HANDLE)
    assert short_handles([handed], scene) == ()
    short = world.take(region, handle=12, has_picture=False, words=[(0.2, 1.0)])
    (handed,) = handed_takes(scene, [laid(short, scene)], {})
    assert handed.handles[0] == sample_at(12, scene.rate)
    assert handed.span.end == handed.origin + short.take.length_samples
    assert short_handles([handed], scene) == (
        "1 take has less than 1 s on a side of the line; the cue sheet says how much",
    )
    trimmed_out = replace(short, region=replace(region, span=Span(52, 90)))
    (handed,) = handed_takes(scene, [laid(trimmed_out, scene)], {})
    assert handed.handles[0] == sample_at(4, scene.rate)
    assert "4 frames on a side of its line, under 8: render it again" in short_handles([handed], scene)[0]


def test_words_beyond_the_region_and_a_j_cut_belong_to_the_line(world: World) -> None:
    region = region_at(60, 90, lead_frames=6)
    scene = scene_with([region], length_frames=200)
    taken = world.take(region, handle=60, has_picture=False, words=[(0.2, 1.75)])
    (handed,) = handed_takes(scene, [laid(taken, scene)], {})
    assert handed.line == Span(sample_at(54, scene.rate), sample_at(60, scene.rate) + 84_000)
    assert handed.handles == (HANDLE, HANDLE)


@given(
    rate=st.sampled_from([Fraction(24), NTSC_24, Fraction(25), NTSC_30, Fraction(60_000, 1001)]),
    drop=st.booleans(),
    frame=st.integers(0, 10_000_000),
    offset=st.integers(-40_000, 400_000),
)
def test_time_references_lie_within_the_day_and_keep_distances(
    rate: Fraction, drop: bool, frame: int, offset: int
) -> None:
    drop = drop and rate in (NTSC_30, Fraction(60_000, 1001))
    scene = scene_with([], rate=rate, start_frame=frame, drop_frame=drop)
    one, other = (time_reference(_spanning(offset + by), scene) for by in (0, 1001))
    seconds_in_day = Fraction(2_589_408, 1) / NTSC_30 if drop else 86_400 * -(-rate // 1) / rate
    day = round(seconds_in_day * SAMPLE_RATE)
    assert 0 <= one < day
    assert (other - one) % day == 1001
    assert one == (round(frame / rate * SAMPLE_RATE) + offset) % day


def test_a_scene_that_starts_at_midnight_has_no_handle_before_it(world: World) -> None:
    region = region_at(6, 40)
    scene = scene_with([region])
    taken = world.take(region, handle=24, has_picture=False, words=[(0.2, 1.0)])
    (handed,) = handed_takes(scene, [laid(taken, scene)], {})
    assert taken.start_frame < 0
    assert handed.span.start == 0
    assert time_reference(handed, scene) == 0
    assert handed.handles[0] == sample_at(6, scene.rate)
    assert "give the timeline a later start timecode" in short_handles([handed], scene)[0]


def test_left_and_right_that_differ_are_folded_and_the_history_says_so(world: World) -> None:
    region = region_at(30, 60)
    scene = scene_with([region])
    taken = world.take(region, has_picture=False)
    sound = sound_in(taken.path)
    sound[1] *= 0.5
    path = Path(world.sound_file("wide.wav", sound))
    (out,) = written(handed_takes(scene, [laid(replace(taken, path=str(path)), scene)], {}), scene, world.root)
    (handed,) = handed_takes(scene, [laid(taken, scene)], {})
    piece = sound[:, handed.span.start - handed.origin : handed.span.end - handed.origin]
    mono, _ = soundfile.read(out, dtype="float32")
    assert np.abs(mono - piece.mean(axis=0)).max() <= 1 / 2**23
    assert "mean of left and right" in WavInfoReader(str(out)).bext.coding_history


def test_a_record_without_a_date_and_a_lost_file_are_told(world: World) -> None:
    region = region_at(30, 60)
    scene = scene_with([region])
    taken = world.take(region, has_picture=False)
    undated = replace(taken, take=replace(taken.take, made="yesterday"))
    with pytest.raises(InputError, match="'yesterday', which is no date"):
        written(handed_takes(scene, [laid(undated, scene)], {}), scene, world.root)
    lost = replace(taken, path=str(world.root / "lost.wav"))
    with pytest.raises(InputError, match=r"lost\.wav"):
        written(handed_takes(scene, [laid(lost, scene)], {}), scene, world.root)


@given(
    st.lists(
        st.builds(
            Named,
            scene=st.text(max_size=30),
            cue=st.text(max_size=30),
            voice=st.sampled_from(["ANNA", "Anna", "Mère", "Mere", "李", "CON", "..", "R2-D2", "Ben / Ann", "x" * 80]),
            number=st.integers(1, 1200),
            region_id=st.from_regex(r"[0-9a-f]{8,32}(-[1-9])?", fullmatch=True),
        ),
        max_size=12,
    ),
    st.sampled_from(["", "R1", "Reel / 12: part two"]),
)
def test_names_are_plain_short_and_no_two_alike(files: list[Named], reel: str) -> None:
    names = handover_names(files, reel)
    assert len({name.casefold() for name in names}) == len(files)
    for name, named in zip(names, files, strict=True):
        assert name.isascii()
        assert len(name) <= 72  # 63, and what tells two apart that would be alike
        assert not set(name) & set('<>:"/\\|?*\0')
        assert f"T{named.number:02}" in name
        assert f"SV{named.region_id[:8]}" in name
        assert unicodedata.normalize("NFC", name) == name


def test_the_longest_parts_fit_into_63_characters() -> None:
    long = Named(scene="s" * 50, cue="c" * 50, voice="v" * 50, number=12, region_id="0123456789abcdef")
    assert handover_names([long], "reel " + "r" * 40) == (
        "reel-r_ssssssssssss_cccccccccccc_vvvvvvvvvvv_T12_SV01234567.wav",
    )


@pytest.mark.parametrize(
    ("name", "reel"),
    [("Night R2 v7", "R2"), ("night_reel_03", "R3"), ("REEL 1", "R1"), ("Parlor 2", ""), ("R2D2", ""), ("night", "")],
)
def test_a_reel_is_found_in_a_timelines_name(name: str, reel: str) -> None:
    assert reel_in(name) == reel


def _other(world: World, like: PlacedTake, seed: int, hertz: float) -> PlacedTake:
    made = world.take(like.region, has_picture=False, hertz=hertz, first=seed)
    return replace(made, take=replace(made.take, job=replace(made.take.job, seed=seed, key=f"key {seed}")))


def _spanning(start: int) -> HandedTake:
    """A handed take of which only its place counts."""
    span = Span(start, start + 1)
    return HandedTake(
        placed=None,  # type: ignore[arg-type]
        number=1,
        chosen=True,
        esteem=Esteem.NONE,
        origin=start,
        line=span,
        span=span,
    )


def _probed(path: Path) -> tuple[dict[str, object], dict[str, str]]:
    asked = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", str(path)]
    found = json.loads(subprocess.run(asked, check=True, capture_output=True, timeout=60).stdout)
    return found["streams"][0], found["format"]["tags"]


def _decoded_by_ffmpeg(path: Path) -> NDArray[np.int32]:
    asked = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "s32le", "-"]
    return np.frombuffer(subprocess.run(asked, check=True, capture_output=True, timeout=60).stdout, "<i4")


def _ebur128(path: Path) -> float:
    asked = ["ffmpeg", "-nostats", "-i", str(path), "-af", "ebur128", "-f", "null", "-"]
    said = subprocess.run(asked, check=True, capture_output=True, text=True, timeout=60).stderr
    return float(said.rpartition("I:")[2].split()[0])


def _chunk(path: Path, name: bytes) -> bytes | None:
    data, at = path.read_bytes(), 12
    while at < len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == name:
            return data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    return None
