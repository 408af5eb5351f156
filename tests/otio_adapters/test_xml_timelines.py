"""FCP7 XML and MLT projects as timelines, and files that only look like them."""

import shutil
from pathlib import Path

import pytest

from sottovoce.examples.footage import DISSOLVE, LENGTH_FRAMES
from sottovoce_engine.errors import InputError
from sottovoce_engine.timing import Span
from sottovoce_otio.timeline import read_timeline

from .built_timelines import NTSC_24, REGISTERS

_RATE = "<rate><timebase>24</timebase><ntsc>FALSE</ntsc></rate>"
_FILE = f"""<file id="f1"><name>a.mov</name><pathurl>file://localhost/footage/a%20b.mov</pathurl>{_RATE}
<duration>500</duration><timecode>{_RATE}<string>01:00:00:00</string><frame>86400</frame></timecode>
<media><video/><audio/></media></file>"""


def _clip(name: str, start: int, end: int, *, enabled: str = "TRUE", file: str = '<file id="f1"/>') -> str:
    return f"""<clipitem id="{name}"><name>{name}</name><enabled>{enabled}</enabled>{_RATE}<start>{start}</start>
    <end>{end}</end><in>{start + 10}</in><out>{end + 10}</out>{file}</clipitem>"""


def _sequence(video: str, audio: str, markers: str = "") -> str:
    return f"""<?xml version="1.0"?><!DOCTYPE xmeml><xmeml version="4"><sequence id="s"><name>night</name>{_RATE}
    <duration>200</duration><media><video><format><samplecharacteristics><width>320</width><height>180</height>
    </samplecharacteristics></format><track>{video}</track></video><audio><track>{audio}</track></audio></media>{markers}
    </sequence></xmeml>"""


_MARKER = "<marker><name>{}</name><comment>{}</comment><in>20</in><out>60</out></marker>"
_PLAIN = _sequence(_clip("a", 0, 200, file=_FILE), _clip("a1", 0, 90) + _clip("a2", 90, 200, enabled="FALSE"))


def written(folder: Path, text: str, name: str = "night.xml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_marks_pictures_and_what_is_disabled_are_read(tmp_path: Path) -> None:
    marked = _PLAIN.replace("</sequence>", _MARKER.format("temp", "ANNA whisper: hello [SV:0000000a]") + "</sequence>")
    loaded = read_timeline(written(tmp_path, marked), REGISTERS)
    scene = loaded.scene
    assert [(region.id, region.span, region.register) for region in scene.regions] == [
        ("0000000a", Span(20, 60), "whisper")
    ]
    assert [(piece.span, piece.source.path) for piece in scene.pictures] == [(Span(0, 200), "/footage/a b.mov")]
    assert [piece.span for piece in scene.sounds] == [Span(0, 90)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '<!DOCTYPE xmeml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xmeml>&b;</xmeml>',
            "defines entities of its own",
        ),
        ('<!DOCTYPE xmeml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xmeml>&a;</xmeml>', "defines entities of its own"),
        ("<fcpxml version='1.9'/>", "is Final Cut Pro X's own XML, which is not read here"),
        ("<html/>", "is XML of the kind 'html'"),
        (_PLAIN[:600], "is no whole XML"),
        ("whisper: close your eyes", "is no whole XML"),
        ("<xmeml version='4'/>", "No top-level sequences found"),
    ],
)
def test_what_is_no_safe_fcp7_xml_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_timeline(written(tmp_path, text), REGISTERS)


def test_a_clip_without_sense_is_told_and_not_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="otio-fcp-adapter cannot read"):
        read_timeline(written(tmp_path, _PLAIN.replace("<timebase>24", "<timebase>many")), REGISTERS)


_SHOTCUT = Path(__file__).parent / "data" / "shotcut_22_12.mlt"  # exported by us, opened and saved by Shotcut 22.12


def test_a_project_that_shotcut_saved_is_the_scene_it_was_exported_from(tmp_path: Path) -> None:
    scene = read_timeline(Path(shutil.copy(_SHOTCUT, tmp_path / "footage.mlt")), REGISTERS).scene
    assert (scene.rate, scene.length_frames) == (NTSC_24, LENGTH_FRAMES)
    assert [(region.span, region.register, region.voice, region.line) for region in scene.regions] == [
        (Span(20, 60), "whisper", "Anna", "Keep your eyes on the road."),
        (Span(86, 130), "loud", "Ben", "Where did you put the keys?"),
        (Span(152, 204), "soft", "Anna", "I gave them to you this morning."),
    ]
    assert {voice.name: str(voice.gender) for voice in scene.voices} == {"Anna": "woman", "Ben": "man"}
    shown = [
        (each.span, Path(each.source.path).name, round(each.source.start * NTSC_24), each.dissolve)
        for each in scene.pictures
    ]
    assert shown == [
        (Span(0, 62), "street.mov", 24, None),
        (DISSOLVE, "kitchen.mp4", 8, DISSOLVE),
        (Span(78, 144), "kitchen.mp4", 24, None),
        (Span(144, 216), "hall.mov", 30, None),
    ]
    assert {each.track for each in scene.sounds} == {"Dialogue", "Dialogue 2", "Music"}


def _project(tracks: str, lists: str, *, marks: str = "", rate: str = 'frame_rate_num="24" frame_rate_den="1"') -> str:
    return f"""<mlt><profile width="320" height="180" {rate}/>
    <producer id="a"><property name="resource">media/a b.mov</property><property name="length">00:00:10.000</property>
      <property name="mlt_service">avformat</property></producer>
    <producer id="fast"><property name="resource">2:media/a b.mov</property><property name="warp_speed">2</property>
      <property name="warp_resource">media/a b.mov</property><property name="mlt_service">timewarp</property></producer>
    {lists}<tractor id="t"><property name="shotcut">1</property>{marks}{tracks}</tractor></mlt>"""


_LIST = """<playlist id="p"><property name="shotcut:name">V1</property><blank length="00:00:00.500"/>
<entry producer="a" in="00:00:01.000" out="00:00:01.958"><filter><property name="mlt_service">volume</property>
<property name="level">-6.5</property></filter></entry><entry producer="fast" in="24" out="47"/></playlist>"""


def test_a_clip_with_its_sound_a_gain_and_a_speed_are_read(tmp_path: Path) -> None:
    loaded = read_timeline(written(tmp_path, _project('<track producer="p"/>', _LIST), "p.mlt"), REGISTERS)
    scene, file = loaded.scene, str(tmp_path / "media" / "a b.mov")
    assert [
        (each.span, each.source.path, round(each.source.start * 24), each.approximate) for each in scene.pictures
    ] == [
        (Span(12, 36), file, 24, False),
        (Span(36, 60), file, 48, True),
    ]
    assert [(each.span, each.track, each.gain_db) for each in scene.sounds] == [
        (Span(12, 36), "V1", -6.5),
        (Span(36, 60), "V1", 0),
    ]
    silent = read_timeline(written(tmp_path, _project('<track producer="p" hide="audio"/>', _LIST), "q.mlt"), REGISTERS)
    assert silent.scene.sounds == ()
    muted = read_timeline(written(tmp_path, _project('<track producer="p" hide="both"/>', _LIST), "r.mlt"), REGISTERS)
    assert (muted.scene.pictures, muted.scene.sounds) == ((), ())


_DISSOLVE = """<tractor id="d" in="0" out="11">
<track producer="a" in="24" out="35"><filter><property name="mlt_service">volume</property>
<property name="level">-6.5</property></filter></track><track producer="a" in="100" out="111"/></tractor>
<playlist id="p"><entry producer="a" in="0" out="23"/><entry producer="d" in="0" out="11"/>
<entry producer="a" in="112" out="123"/></playlist>"""


def test_a_gain_inside_a_dissolve_is_kept(tmp_path: Path) -> None:
    path = written(tmp_path, _project('<track producer="p" hide="video"/>', _DISSOLVE), "p.mlt")
    sounds = read_timeline(path, REGISTERS).scene.sounds
    assert [each.gain_db for each in sounds] == [0, -6.5, 0, 0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<mlt/>", "says nothing of its frame rate"),
        ('<mlt><profile frame_rate_num="24" frame_rate_den="1"/></mlt>', "holds no tracks"),
        (_project("", "", rate='frame_rate_num="24" frame_rate_den="0"'), "has a number that cannot be"),
        (_project("", "", rate='frame_rate_num="many"'), "has a number that cannot be"),
        (_project('<track producer="p"/>', _LIST.replace("00:00:00.500", "soon")), "has the time 'soon'"),
        (_project('<track producer="p"/>', _LIST.replace('in="24"', 'in="94"')), "has a number that cannot be"),
        (
            _project('<track producer="p"/>', _LIST).replace('warp_speed">2', 'warp_speed">1e99999999'),
            "has a number that cannot be",
        ),
    ],
)
def test_a_project_that_cannot_be_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_timeline(written(tmp_path, text, "p.mlt"), REGISTERS)
