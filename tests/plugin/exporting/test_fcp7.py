"""FCP7 XML, read back by otio-fcp-adapter, which has no code in common with what writes it."""

from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import opentimelineio as otio
import pytest
from tests.otio_adapters.coded_media import WIDTH

from sottovoce.exporting.formats import FORMATS
from sottovoce.exporting.values import Export
from sottovoce_engine.progress import Job

from .numbered_scene import ANNA_SPAN, BEN_SPAN, CUT, DISSOLVE, FIRST_CODE, GAIN_DB, HANDLE, LENGTH, numbered_export


@pytest.fixture(scope="module", params=[Fraction(24), Fraction(24_000, 1001)], ids=["24", "23.976"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Export, Path]:
    folder = tmp_path_factory.mktemp("scene")
    export = numbered_export(folder, request.param)
    assert FORMATS["fcp7"].write(export, folder / "scene.xml", Job()) == ()
    return export, folder / "scene.xml"


@pytest.fixture(scope="module")
def timeline(written: tuple[Export, Path]) -> Any:
    return otio.adapters.read_from_file(str(written[1]), adapter_name="fcp_xml")


def clips_on(timeline: Any, name: str) -> list[tuple[int, int, int]]:
    """(first frame, frame after the last, frame of the file at the first) of each clip of a track."""
    track = next(track for track in timeline.tracks if track.name == name)
    found = []
    for clip in track.find_clips():
        lies = clip.range_in_parent()
        first = clip.source_range.start_time - clip.media_reference.available_range.start_time
        found.append((round(lies.start_time.value), round(lies.end_time_exclusive().value), round(first.value)))
    return found


def test_every_clip_lies_where_the_timeline_has_it(timeline: Any) -> None:
    after_anna, before_ben = ANNA_SPAN[1], BEN_SPAN[0]
    assert clips_on(timeline, "V1") == [(0, CUT, 10), (CUT, LENGTH, 30)]
    assert clips_on(timeline, "Sottovoce picture") == [(*BEN_SPAN, HANDLE)]
    assert clips_on(timeline, "Dialogue") == [
        (0, ANNA_SPAN[0], 10),
        (*ANNA_SPAN, 10 + ANNA_SPAN[0]),
        (after_anna, CUT, 10 + after_anna),
        (CUT, before_ben, 30),
        (*BEN_SPAN, 30 + before_ben - CUT),
        (BEN_SPAN[1], LENGTH, 30 + BEN_SPAN[1] - CUT),
    ]
    assert clips_on(timeline, "ANNA (Sottovoce)") == [(*ANNA_SPAN, HANDLE)]
    assert clips_on(timeline, "BEN (Sottovoce)") == [(*BEN_SPAN, HANDLE)]
    for name in ("Music", "Room tone (Sottovoce)"):
        assert clips_on(timeline, name) == [(0, LENGTH, 0)]


def test_rate_start_and_raster(written: tuple[Export, Path], timeline: Any) -> None:
    rate = written[0].scene.rate
    assert {clip.source_range.start_time.rate for clip in timeline.find_clips()} == {rate.numerator / rate.denominator}
    assert timeline.global_start_time.value == 86_400
    assert timeline.global_start_time.rate == rate.numerator / rate.denominator
    root = ET.parse(written[1]).getroot()
    assert [found.text for found in root.iterfind(".//video/format/samplecharacteristics/width")] == [str(WIDTH)]
    assert root.findtext(".//sequence/timecode/string") == "01:00:00:00"


def test_the_dissolve_and_the_fades(timeline: Any) -> None:
    spans: dict[str, list[tuple[float, float]]] = {}
    for track in timeline.tracks:
        for item in track:
            if isinstance(item, otio.schema.Transition):
                cut = round(track.range_of_child(item).start_time.value) + round(item.in_offset.value)
                spans.setdefault(track.name, []).append((cut - item.in_offset.value, cut + item.out_offset.value))
    assert spans == {
        "V1": [DISSOLVE],
        "ANNA (Sottovoce)": [(20, 21), (44, 45)],
        "BEN (Sottovoce)": [(75, 76), (104, 105)],
    }


def test_media_are_percent_encoded_and_there(timeline: Any) -> None:
    for clip in timeline.find_clips():
        url = clip.media_reference.target_url
        assert url.startswith("file://localhost/")
        assert url.isascii()
        assert " " not in url
        assert Path(unquote(url.removeprefix("file://localhost"))).is_file()
    assert any("street%20100%25.mov" in clip.media_reference.target_url for clip in timeline.find_clips())
    timecodes = {clip.media_reference.available_range.start_time.value for clip in timeline.find_clips()}
    assert timecodes == {0, FIRST_CODE}


def test_levels_and_disabled_dialogue(written: tuple[Export, Path]) -> None:
    levels, disabled = {}, []
    for clip in ET.parse(written[1]).getroot().iterfind(".//audio/track/clipitem"):
        name, level = clip.findtext("name"), clip.findtext("filter/effect/parameter/value")
        if level is not None:
            levels[name] = float(level)
        if clip.findtext("enabled") == "FALSE":
            disabled.append(clip.findtext("start"))
    factor = 10 ** (GAIN_DB / 20)
    assert levels == {
        "ANNA whisper: close your eyes": pytest.approx(factor, abs=1e-5),
        "BEN shout: stay <there> & wait": pytest.approx(factor, abs=1e-5),
    }
    assert disabled == [str(ANNA_SPAN[0]), str(BEN_SPAN[0])]


def test_picture_and_sound_are_linked(written: tuple[Export, Path]) -> None:
    """Each link names a clip of the other kind, at the place it has there."""
    root = ET.parse(written[1]).getroot()
    places = {
        clip.get("id"): (kind, str(track), str(place))
        for kind in ("video", "audio")
        for track, element in enumerate(root.iterfind(f".//sequence/media/{kind}/track"), start=1)
        for place, clip in enumerate(element.iterfind("clipitem"), start=1)
    }
    groups = set()
    for clip in root.iterfind(".//clipitem"):
        links = [tuple(link.findtext(tag) or "" for tag in _LINK) for link in clip.iterfind("link")]
        for linked, *place in links:
            assert places[linked] == tuple(place)
        if links:
            assert clip.get("id") in {linked for linked, *_ in links}
            groups.add(frozenset(linked for linked, *_ in links))
    kinds = sorted(sorted(places[clip][0] for clip in group if clip) for group in groups)
    assert ["audio", "video"] in kinds  # Ben's take
    assert len(groups) == 3  # and both pieces of footage


def test_markers_keep_name_comment_and_colour(written: tuple[Export, Path], timeline: Any) -> None:
    regions = written[0].scene.regions
    markers = {marker.name: marker for marker in timeline.tracks.markers}
    grade = markers.pop("grade me")
    assert grade.metadata["fcp_xml"]["comment"] == "warmer"
    assert dict(grade.metadata["fcp_xml"]["color"]) == {"alpha": "0", "red": "255", "green": "105", "blue": "180"}
    assert len(markers) == len(regions) == 2
    for region, (name, marker) in zip(regions, markers.items(), strict=True):
        assert f"[SV:{region.id}]" in name
        start = round(marker.marked_range.start_time.value)
        assert (start, start + round(marker.marked_range.duration.value)) == (region.span.start, region.span.end)


_LINK = ("linkclipref", "mediatype", "trackindex", "clipindex")
