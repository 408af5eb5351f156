"""What every written `.otio` and `.otioz` carries, whatever the editor's own timeline had."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from sottovoce.exporting.formats import FORMATS
from sottovoce.exporting.values import Export, Links
from sottovoce_engine.progress import Job

from .numbered_scene import numbered_export

EXACT = 24_000 / 1001


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Export:
    return numbered_export(tmp_path_factory.mktemp("scene"), Fraction(24_000, 1001))


@pytest.fixture(scope="module", params=["otio", "otio relative", "otioz"])
def document(request: pytest.FixtureRequest, export: Export, tmp_path_factory: pytest.TempPathFactory) -> Any:
    name, _, links = request.param.partition(" ")
    path = tmp_path_factory.mktemp("out") / f"out.{name}"
    asked = replace(export, links=Links(links or "absolute"))
    assert FORMATS[name].write(asked, path, Job()) == ()
    if name == "otio":
        return json.loads(path.read_text())
    with zipfile.ZipFile(path) as bundle:
        return json.loads(bundle.read("content.otio"))


def objects(value: Any, schema: str) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if str(value.get("OTIO_SCHEMA", "")).startswith(f"{schema}."):
            yield value
        for inner in value.values():
            yield from objects(inner, schema)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner, schema)


def test_every_rate_is_the_exact_fraction(document: Any) -> None:
    rates = {time["rate"] for time in objects(document, "RationalTime")}
    assert rates == {EXACT}


def test_every_frame_is_a_whole_number(document: Any) -> None:
    assert all(float(time["value"]).is_integer() for time in objects(document, "RationalTime"))


def test_addresses_are_percent_encoded(document: Any) -> None:
    urls = {media["target_url"] for media in objects(document, "ExternalReference")}
    assert len(urls) == 8  # two pieces of footage, music, room tone, four takes
    assert all(url.isascii() and " " not in url for url in urls)
    assert any("street%20100" in url for url in urls)


def test_every_marker_has_its_range_twice(document: Any) -> None:
    markers = list(objects(document, "Marker"))
    assert len(markers) == 3
    assert all(marker["range"] == marker["marked_range"] for marker in markers)


def test_picture_and_sound_of_a_take_are_linked(document: Any) -> None:
    takes = [clip for clip in objects(document, "Clip") if clip["name"].startswith("BEN")]
    numbers = [clip["metadata"]["Resolve_OTIO"]["Link Group ID"] for clip in takes]
    assert len(numbers) == 2
    assert len(set(numbers)) == 1
    others = {
        clip["metadata"].get("Resolve_OTIO", {}).get("Link Group ID")
        for clip in objects(document, "Clip")
        if clip not in takes
    }
    assert numbers[0] not in others


def test_files_of_one_name_have_names_of_their_own_in_a_bundle(export: Export, tmp_path: Path) -> None:
    """Two takes named alike in two folders: both are inside, each clip plays its own."""
    contents = {}
    regions = []
    for number, region in enumerate(export.spliced.regions):
        path = tmp_path / str(number) / "take.mov"
        path.parent.mkdir()
        path.write_bytes(Path(region.placed.path).read_bytes())
        contents[region.placed.region.voice] = path.read_bytes()
        regions.append(replace(region, placed=replace(region.placed, path=str(path))))
    alike = replace(export, spliced=replace(export.spliced, regions=tuple(regions)))
    assert FORMATS["otioz"].write(alike, tmp_path / "out.otioz", Job()) == ()
    with zipfile.ZipFile(tmp_path / "out.otioz") as bundle:
        names = [name.casefold() for name in bundle.namelist()]
        assert len(set(names)) == len(names)
        document = json.loads(bundle.read("content.otio"))
        for clip in objects(document, "Clip"):
            voice = clip["name"].split()[0]
            if voice in contents:
                active = clip["media_references"][clip["active_media_reference_key"]]
                assert bundle.read(active["target_url"].replace("%20", " ")) == contents[voice]
