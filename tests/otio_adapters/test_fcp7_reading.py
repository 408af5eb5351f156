"""FCP7 XML as a timeline, and files that only look like it."""

from pathlib import Path

import pytest

from sottovoce_engine.errors import InputError
from sottovoce_engine.timing import Span
from sottovoce_otio.timeline import read_timeline

from .built_timelines import REGISTERS

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
        ("<mlt/>", "is an MLT project, which is not read here"),
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
