"""Opening files: addresses of media, bundles, schema versions, collections."""

import json
import zipfile
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.timing import Span
from sottovoce_otio.bundles import opened_bundle
from sottovoce_otio.files import opened_file
from sottovoce_otio.references import local_path
from sottovoce_otio.timeline import ReadOptions, read_timeline

from .built_timelines import REGISTERS, clip, gap, marker, read, sound, timeline, track


def written(made: Any, path: Path) -> Path:
    made.to_json_file(str(path))
    return path


def marked(name: str = "built") -> Any:
    made = timeline(track("V1", clip("a", 0, 48)), marks=[marker("ANNA whisper: hi", 4, 20)])
    made.name = name
    return made


# Addresses of media. --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("file:///footage/a%20b.mov", "/footage/a b.mov"),
        ("file://localhost/footage/a.mov", "/footage/a.mov"),
        ("FILE:///footage/a.mov", "/footage/a.mov"),
        ("file:/footage/a.mov", "/footage/a.mov"),
        ("file:///footage/100%25 %C3%A9t%C3%A9.mov", "/footage/100% été.mov"),
        ("file:///footage/what?#1.mov", "/footage/what?#1.mov"),
        ("file:///C:/Footage/a%20b.mov", "C:/Footage/a b.mov"),
        ("file://C:/Footage/a.mov", "C:/Footage/a.mov"),
        ("C:\\Footage\\a b.mov", "C:\\Footage\\a b.mov"),
        ("c:/Footage/a.mov", "c:/Footage/a.mov"),
        ("/footage/a b.mov", "/footage/a b.mov"),
        ("media/a b.mov", "ROOT/media/a b.mov"),
        ("./media/a.mov", "ROOT/media/a.mov"),
        ("../a.mov", "ROOT/../a.mov"),
        ("file://./media/a.mov", "ROOT/media/a.mov"),
        ("//server/share/a.mov", "//server/share/a.mov"),
        ("http://example.com/a.mov", None),
        ("s3://bucket/a.mov", None),
        ("", None),
        ("  ", None),
        ("file:", None),
        ("file://[bad", None),
        ("a\0b.mov", None),
    ],
)
def test_addresses(url: str, expected: str | None, tmp_path: Path) -> None:
    found = local_path(url, tmp_path)
    if url == "file://[bad":
        assert found == Path("//[bad")
    else:
        assert found == (None if expected is None else Path(expected.replace("ROOT", str(tmp_path))))


def test_an_address_is_decoded_only_where_that_finds_the_file(tmp_path: Path) -> None:
    (tmp_path / "a%20b.mov").touch()
    assert local_path("a%20b.mov", tmp_path) == tmp_path / "a%20b.mov"
    (tmp_path / "c d.mov").touch()
    assert local_path("c%20d.mov", tmp_path) == tmp_path / "c d.mov"
    (tmp_path / "50%.mov").touch()
    assert local_path(f"file://{tmp_path}/50%.mov", tmp_path) == tmp_path / "50%.mov"
    assert local_path("x" * 5000, tmp_path) == tmp_path / ("x" * 5000)


def test_media_that_are_not_there_are_noted(tmp_path: Path) -> None:
    (tmp_path / "there.mov").touch()
    missing = otio.schema.Clip("none", otio.schema.MissingReference(), gap(24).source_range)
    sequence = otio.schema.ImageSequenceReference("file:///seq/", "a.", ".exr", 1, 1, 24, 4)
    frames = otio.schema.Clip("frames", sequence, gap(24).source_range)
    line = track(
        "V1",
        clip("there", 0, 24),
        clip("gone", 0, 24),
        clip("gone", 30, 24),
        missing,
        frames,
        clip("web", 0, 24, url="http://x/y.mov"),
    )
    scene = read(timeline(line), tmp_path).scene
    paths = [piece.source.path for piece in scene.pictures]
    assert paths == [str(tmp_path / "there.mov"), *[str(tmp_path / "gone.mov")] * 2, "", "", ""]
    for words in ("'gone'", "'none' has no media", "'frames' plays an image sequence", "http://x/y.mov"):
        assert len([note for note in scene.notes if words in note]) == 1, words
    assert not [note for note in scene.notes if "'there'" in note]


# Bundles. -------------------------------------------------------------------------------------------------------------


def bundle(path: Path, members: dict[str, bytes], *, content: Any = None, compressed: bool = False) -> Path:
    kind = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w", kind) as archive:
        if content is not None:
            archive.writestr("content.otio", content.to_json_string())
        archive.writestr("version.txt", "1.0.0")
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def bundled() -> Any:
    made = timeline(track("V1", clip("a", 0, 24, url="media/a%20b.mov"), clip("b", 0, 24, url="media/b.mov")))
    made.tracks.markers.append(marker("whisper: hi", 4, 20))
    return made


def test_only_the_media_that_are_used_are_unpacked(tmp_path: Path) -> None:
    members = {"media/a b.mov": b"A" * 5000, "media/b.mov": b"B" * 70_000, "media/unused.mov": b"C" * 10}
    path = bundle(tmp_path / "night scene.otioz", members, content=bundled())
    cache = tmp_path / "cache"
    loaded = read_timeline(path, REGISTERS, ReadOptions(cache_folder=cache))
    paths = [Path(piece.source.path) for piece in loaded.scene.pictures]
    assert [each.read_bytes()[:1] * each.stat().st_size for each in paths] == [b"A" * 5000, b"B" * 70_000]
    assert all(each.is_relative_to(cache) and each.is_relative_to(loaded.media_root) for each in paths)
    assert sorted(each.name for each in cache.rglob("*.*")) == ["a b.mov", "b.mov"]
    assert [region.span for region in loaded.scene.regions] == [Span(4, 24)]

    paths[0].write_bytes(b"X")  # damaged in the cache: unpacked again; the other is kept as it is
    paths[1].write_bytes(b"Y" * 70_000)
    read_timeline(path, REGISTERS, ReadOptions(cache_folder=cache))
    assert (paths[0].read_bytes()[:1], paths[1].read_bytes()[:1]) == (b"A", b"Y")


def test_a_temporary_folder_lives_as_long_as_what_was_read(tmp_path: Path) -> None:
    path = bundle(tmp_path / "a.otioz", {"media/a b.mov": b"A", "media/b.mov": b"B"}, content=bundled())
    loaded = read_timeline(path, REGISTERS)
    file = Path(loaded.scene.pictures[0].source.path)
    assert file.read_bytes() == b"A"
    del loaded
    assert not file.exists()


def test_regions_are_read_without_unpacking(tmp_path: Path) -> None:
    path = bundle(tmp_path / "a.otioz", {"media/a b.mov": b"A", "media/b.mov": b"B"}, content=bundled())
    loaded = read_timeline(path, REGISTERS, ReadOptions(unpack_media=False))
    assert (len(loaded.scene.regions), loaded.unpacked) == (1, None)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.otioz"]


def test_a_bundle_of_otios_own_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.mov").write_bytes(b"A" * 100)
    made = timeline(track("V1", clip("a", 0, 24, url=(tmp_path / "a.mov").as_uri())), marks=[marker("soft: hi", 0, 20)])
    path = tmp_path / "own.otioz"
    otio.adapters.write_to_file(made, str(path))
    loaded = read_timeline(path, REGISTERS, ReadOptions(cache_folder=tmp_path / "cache"))
    assert Path(loaded.scene.pictures[0].source.path).read_bytes() == b"A" * 100


def test_the_digest_tells_bundles_apart(tmp_path: Path) -> None:
    first = bundle(tmp_path / "1.otioz", {"media/b.mov": b"B"}, content=bundled())
    same = bundle(tmp_path / "2.otioz", {"media/b.mov": b"B"}, content=bundled())
    other = bundle(tmp_path / "3.otioz", {"media/b.mov": b"C"}, content=bundled())
    digests = [opened_file(path).digest for path in (first, same, other)]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize(
    "name",
    ["../evil.mov", "media/../../evil.mov", "/etc/evil.mov", "\\evil.mov", "C:\\evil.mov", "C:evil.mov", "media\\..\\..\\evil.mov", "//server/evil"],
)  # fmt: skip
def test_a_bundle_that_leads_out_of_itself_is_refused(name: str, tmp_path: Path) -> None:
    path = bundle(tmp_path / "a.otioz", {name: b"evil"}, content=bundled())
    with pytest.raises(InputError, match="leads out of the bundle"):
        read_timeline(path, REGISTERS, ReadOptions(cache_folder=tmp_path / "cache"))
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["a.otioz"]


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = bundle(tmp_path / "a.otioz", {"media/b.mov": bytes(40_000_000)}, content=bundled(), compressed=True)
    assert path.stat().st_size < 100_000
    with pytest.raises(InputError, match="as zip bombs do"):
        read_timeline(path, REGISTERS, ReadOptions(cache_folder=tmp_path / "cache"))
    assert not (tmp_path / "cache").exists()


def test_a_timeline_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = bundle(tmp_path / "a.otioz", {}, content=bundled())
    with pytest.raises(InputError, match="unpacks to"):
        opened_bundle(path).timeline(max_bytes=100)
    bomb = tmp_path / "b.otioz"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("content.otio", "w") as member:
        for _ in range(20):
            member.write(b" " * 1_000_000)
    with pytest.raises(InputError, match="as zip bombs do"):
        read_timeline(bomb, REGISTERS)


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    path = bundle(tmp_path / "a.otioz", {"media/b.mov": b"B" * 3000}, content=bundled())
    data = path.read_bytes()
    central = data.index(b"PK\x01\x02")
    end = data.rindex(b"PK\x05\x06")
    entries = data[central:end]
    last = entries[entries.rindex(b"PK\x01\x02") :]
    many = entries + last * 50
    footer = bytearray(data[end:])
    count = (3 + 50).to_bytes(2, "little")
    footer[8:10], footer[10:12], footer[12:16] = count, count, len(many).to_bytes(4, "little")
    path.write_bytes(data[:central] + many + bytes(footer))
    with pytest.raises(InputError, match="overlap"):
        read_timeline(path, REGISTERS)


def test_damaged_and_locked_bundles_are_refused(tmp_path: Path) -> None:
    path = bundle(tmp_path / "a.otioz", {"media/b.mov": b"B" * 3000, "media/a b.mov": b"A"}, content=bundled())
    data = bytearray(path.read_bytes())
    place = data.index(b"B" * 3000)
    data[place] = 0
    path.write_bytes(data)
    with pytest.raises(InputError, match="is damaged"):
        read_timeline(path, REGISTERS, ReadOptions(cache_folder=tmp_path / "cache"))
    assert not [each for each in (tmp_path / "cache").rglob("*") if each.name != "a b.mov" and each.is_file()]
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match="is damaged"):
        read_timeline(path, REGISTERS)
    with pytest.raises(InputError, match=r"holds no content\.otio"):
        read_timeline(bundle(tmp_path / "b.otioz", {"a": b""}), REGISTERS)
    locked = bytearray(bundle(tmp_path / "c.otioz", {}, content=bundled()).read_bytes())
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "c.otioz").write_bytes(locked)
    with pytest.raises(InputError, match="encrypted"):
        read_timeline(tmp_path / "c.otioz", REGISTERS)


def test_a_flipped_byte_in_a_packed_member_is_told(tmp_path: Path) -> None:
    media = bytes(range(256)) * 20
    path = bundle(
        tmp_path / "a.otioz", {"media/a b.mov": media, "media/b.mov": b"B"}, content=bundled(), compressed=True
    )
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo("media/a b.mov")
    data = bytearray(path.read_bytes())
    start = data.index(b"media/a b.mov", member.header_offset) + len("media/a b.mov")
    data[start] = 0xFF  # a kind of block that deflate does not know
    path.write_bytes(data)
    with pytest.raises(InputError, match="is damaged"):
        read_timeline(path, REGISTERS, ReadOptions(cache_folder=tmp_path / "cache"))


def test_a_cache_that_is_a_file_is_a_matter_of_set_up(tmp_path: Path) -> None:
    path = bundle(tmp_path / "a.otioz", {"media/a b.mov": b"A", "media/b.mov": b"B"}, content=bundled())
    (tmp_path / "cache").touch()
    with pytest.raises(SetupError, match="cannot be unpacked"):
        read_timeline(path, REGISTERS, ReadOptions(cache_folder=tmp_path / "cache"))


# Schemas and collections. ---------------------------------------------------------------------------------------------


def document(made: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(made.to_json_string())
    return found


def test_older_schemas_are_read(tmp_path: Path) -> None:
    found = document(marked())
    mark = found["tracks"]["markers"][0]
    mark["OTIO_SCHEMA"], mark["range"] = "Marker.1", mark.pop("marked_range")
    cut = found["tracks"]["children"][0]["children"][0]
    cut["OTIO_SCHEMA"], cut["media_reference"] = "Clip.1", cut.pop("media_references")["DEFAULT_MEDIA"]
    del cut["active_media_reference_key"]
    path = tmp_path / "old.otio"
    path.write_text(json.dumps(found))
    scene = read_timeline(path, REGISTERS).scene
    assert [region.span for region in scene.regions] == [Span(4, 24)]
    assert scene.pictures[0].source.path == str(tmp_path / "a.mov")


@pytest.mark.parametrize("key", ["marked_range", "range", "both"])
def test_markers_of_the_main_branch_are_read(key: str, tmp_path: Path) -> None:
    found = document(marked())
    mark = found["tracks"]["markers"][0]
    marked_range = mark.pop("marked_range")
    mark["OTIO_SCHEMA"], mark["color"] = "Marker.3", {"OTIO_SCHEMA": "Color.1", "r": 1.0}
    mark |= {"marked_range": marked_range, "range": marked_range} if key == "both" else {key: marked_range}
    path = tmp_path / "newer.otio"
    path.write_text(json.dumps(found))
    scene = read_timeline(path, REGISTERS).scene
    assert [region.span for region in scene.regions] == [Span(4, 24)]
    assert [note for note in scene.notes if "Marker.3" in note]


@pytest.mark.parametrize("schema", ["Timeline.99", "Clip.3", "Marker.4", "Track.2", "Stack.12"])
def test_newer_schemas_are_refused(schema: str, tmp_path: Path) -> None:
    name = schema.partition(".")[0]
    text = marked().to_json_string()
    known = otio.core.type_version_map()[name]
    path = tmp_path / "newer.otio"
    path.write_text(text.replace(f'"{name}.{known}"', f'"{schema}"'))
    before = path.read_bytes()
    with pytest.raises(InputError, match=rf"holds {schema}.*reads up to {name}\.{known}.*[Uu]pdate Sottovoce"):
        read_timeline(path, REGISTERS)
    assert path.read_bytes() == before


def test_a_marker_of_the_main_branch_without_a_range_is_refused(tmp_path: Path) -> None:
    found = document(marked())
    mark = found["tracks"]["markers"][0]
    mark["OTIO_SCHEMA"] = "Marker.3"
    del mark["marked_range"]
    path = tmp_path / "newer.otio"
    path.write_text(json.dumps(found))
    with pytest.raises(InputError, match=r"holds Marker\.3"):
        read_timeline(path, REGISTERS)


def test_unknown_schemas_in_metadata_are_carried_along(tmp_path: Path) -> None:
    found = document(marked())
    found["metadata"]["studio"] = {"OTIO_SCHEMA": "StudioThing.7", "x": 1}
    path = tmp_path / "studio.otio"
    path.write_text(json.dumps(found))
    loaded = read_timeline(path, REGISTERS)
    assert len(loaded.scene.regions) == 1
    assert json.loads(loaded.timeline.to_json_string())["metadata"]["studio"]["OTIO_SCHEMA"] == "StudioThing.7"


def test_a_collection_with_one_timeline_is_that_timeline(tmp_path: Path) -> None:
    collection = otio.schema.SerializableCollection("bin", [clip("loose", 0, 10), marked()])
    path = written(collection, tmp_path / "bin.otio")
    loaded = read_timeline(path, REGISTERS)
    assert (loaded.scene.name, len(loaded.scene.regions)) == ("built", 1)
    assert loaded.timeline.name == "built"


def test_of_several_timelines_one_must_be_named(tmp_path: Path) -> None:
    collection = otio.schema.SerializableCollection("bin", [marked("day"), marked("night")])
    path = written(collection, tmp_path / "bin.otio")
    with pytest.raises(InputError, match=r"2 timelines \('day', 'night'\)"):
        read_timeline(path, REGISTERS)
    assert read_timeline(path, REGISTERS, ReadOptions(timeline="night")).scene.name == "night"
    with pytest.raises(InputError, match="none of them is named 'noon'"):
        read_timeline(path, REGISTERS, ReadOptions(timeline="noon"))


def test_a_byte_order_mark_is_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "bom.otio"
    path.write_text(marked().to_json_string(), encoding="utf-8-sig")
    assert len(read_timeline(path, REGISTERS).scene.regions) == 1


def test_hooks_of_other_packages_stay_out(tmp_path: Path) -> None:
    made = timeline(sound("A1", clip("a", 0, 24)))
    path = written(made, tmp_path / "a.otio")
    assert opened_file(path).timeline.is_equivalent_to(made)


def test_otio_loads_our_plugin_manifest() -> None:
    sources = [str(source) for source in otio.plugins.ActiveManifest().source_files]
    assert [source for source in sources if "sottovoce_otio" in source and source.endswith("plugin_manifest.json")]
