import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sottovoce_engine.codec import from_json, to_json
from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.scene import PictureMode
from sottovoce_engine.store import Store
from sottovoce_engine.take import FORMAT, SpokenWord, Take, Window
from sottovoce_engine.timing import Span

SAMPLE = Path(__file__).parent / "data" / "take-format-1.json"
NOW = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
LONG_AGO = (1_000_000_000, 1_000_000_000)


def sample() -> Take:
    return from_json(SAMPLE.read_bytes(), Take, format_version=FORMAT, source=str(SAMPLE))


def added(store: Store, name: str, content: bytes = b"sound") -> Take:
    """A take of its own key, with media of that content."""
    with store.media.staged("wav") as staged:
        staged.write_bytes(content)
        media = store.media.adopt(staged)
    key = hashlib.sha256(name.encode()).hexdigest()
    take = replace(sample(), job=replace(sample().job, key=key), media=media, made=f"2026-01-31T12:00:00+00:00 {name}")
    store.add(take)
    return take


def test_the_sample_of_format_1_is_read_whole() -> None:
    take = sample()
    assert take.job.region.line == "Close your eyes — nobody's here."
    assert take.job.window == Window(start=100, model_frames=97)
    assert take.job.picture is PictureMode.CUT
    assert take.words[0] == SpokenWord(text="Close", span=Span(48_048, 62_000))
    assert take.loudness_lufs == -34.2
    assert take.job.from_take is None
    written = json.loads(to_json(take, format_version=1))
    assert holds(written, json.loads(SAMPLE.read_bytes()))
    assert from_json(json.dumps(written), Take, format_version=FORMAT, source="") == take


def holds(written: object, sample: object) -> bool:
    """Whether everything in `sample` is in `written`, which may say more: fields that came later."""
    if isinstance(sample, dict):
        return isinstance(written, dict) and all(
            key in written and holds(written[key], value) for key, value in sample.items()
        )
    return written == sample


def test_a_store_of_format_1_is_read(tmp_path: Path) -> None:
    take = sample()
    root = tmp_path / "night.sottovoce"
    (root / "takes").mkdir(parents=True)
    (root / "media").mkdir()
    (root / "takes" / f"{take.key}.json").write_bytes(SAMPLE.read_bytes())
    (root / "media" / take.media).write_bytes(b"picture and sound")
    (root / "format.json").write_text(
        '{"format": 1, "kind": "StoreFormat", "value": {"layout": "media, takes, trash"}}'
    )
    for writing in (False, True, True):
        with Store.opened(root, writing=writing) as store:
            assert store.takes() == {take.key: take}
            assert store.problems == ()


def test_a_take_is_found_again(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "s") as store:
        take = added(store, "one")
        assert store.takes() == {take.key: take}
        assert store.path(take).read_bytes() == b"sound"
    with Store.opened(tmp_path / "s", writing=False) as store:
        assert store.takes() == {take.key: take}


def test_a_take_replaces_the_one_of_its_key(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "s") as store:
        take = added(store, "one")
        assert store.takes()[take.key] == take
        store.add(replace(take, notes=("measured again",)))
        assert store.takes()[take.key].notes == ("measured again",)


def test_a_missing_store_reads_as_empty_and_is_not_made(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "s", writing=False) as store:
        assert store.takes() == {}
        assert store.unused(()) == ()
    assert not (tmp_path / "s").exists()


def test_a_store_open_for_reading_writes_nothing(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "s") as store:
        take = added(store, "one")
    with Store.opened(tmp_path / "s", writing=False) as store:
        with pytest.raises(ValueError, match="open for reading"):
            store.add(take)
        with pytest.raises(ValueError, match="open for reading"):
            store.move_to_trash([take], NOW)


def test_a_take_without_media_is_not_added(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "s") as store, pytest.raises(ValueError, match="media are missing"):
        store.add(sample())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "not valid JSON"),
        (b'{"format": 1, "kind": "Take", "val', "not valid JSON"),
        (b"\xff\xfe\x00", "not valid JSON"),
        (b'{"format": 1, "kind": "Scene", "value": {}}', "not a Sottovoce Take"),
        (b'{"format": 2, "kind": "Take", "value": {}}', "has format 2.*Update Sottovoce"),
        (SAMPLE.read_bytes().replace(b'"seed": 7', b'"seed": "7"'), "'7' is not a whole number"),
        (SAMPLE.read_bytes(), "was renamed"),
    ],
)
def test_damaged_records_are_reported_and_the_rest_is_read(tmp_path: Path, text: bytes, reason: str) -> None:
    with Store.opened(tmp_path / "s") as store:
        take = added(store, "good")
        bad = store.root / "takes" / "damaged.json"
        bad.write_bytes(text)
        assert store.takes() == {take.key: take}
        assert len(store.problems) == 1
        assert str(bad) in store.problems[0]
        assert re.search(reason, store.problems[0])
        bad.unlink()
        assert store.takes() == {take.key: take}
        assert not store.problems


def test_a_record_cannot_point_outside_the_media_folder(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "s") as store:
        record = store.root / "takes" / f"{sample().key}.json"
        record.write_bytes(SAMPLE.read_bytes().replace(sample().media.encode(), b"../../secret.mov"))
        (tmp_path / "secret.mov").write_bytes(b"x")
        assert store.takes() == {}
        assert "../../secret.mov" in store.problems[0]


def test_a_take_whose_media_are_gone_is_reported(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "s") as store:
        take = added(store, "one")
        store.path(take).unlink()
        assert store.takes() == {}
        assert "has lost its media" in store.problems[0]
        assert take.media in store.problems[0]


@pytest.mark.parametrize("writing", [True, False])
def test_a_newer_store_is_refused_untouched(tmp_path: Path, writing: bool) -> None:
    root = tmp_path / "s"
    root.mkdir()
    (root / "format.json").write_text('{"format": 2, "kind": "StoreFormat", "value": {"shelves": 3}}')
    with pytest.raises(InputError, match="has format 2; this version reads up to 1"):
        Store.opened(root, writing=writing).__enter__()
    assert [path.name for path in root.iterdir()] == ["format.json"]


def test_a_damaged_format_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "format.json").write_text("{")
    with pytest.raises(InputError, match=r"format\.json is not valid JSON.*Restore"):
        Store.opened(tmp_path).__enter__()


def test_a_store_cannot_be_made_where_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("")
    with pytest.raises(InputError, match="Choose another folder"):
        Store.opened(tmp_path / "s").__enter__()


def test_unused_takes_go_to_a_dated_trash_with_media_nobody_else_uses(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "s") as store:
        kept = added(store, "kept", b"shared")
        shares = added(store, "shares media", b"shared")
        alone = added(store, "alone", b"own")
        unused = store.unused({kept.key})
        assert unused == (alone, shares)
        trash = store.move_to_trash(unused, NOW)
        assert trash == store.root / "trash" / "2026-01-31T12-00-00"
        assert store.takes() == {kept.key: kept}
        assert store.media.names() == (kept.media,)
        assert {path.name for path in (trash / "takes").iterdir()} == {f"{alone.key}.json", f"{shares.key}.json"}
        assert [path.read_bytes() for path in (trash / "media").iterdir()] == [b"own"]


def test_the_latents_of_a_shot_go_where_its_media_go(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "s") as store:
        with store.media.staged("safetensors") as staged:
            staged.write_bytes(b"latents")
            latents = store.media.adopt(staged)
        shot, retake, gone = (added(store, name, name.encode()) for name in ("shot", "retake", "gone"))
        for take in (shot, retake):
            store.add(replace(take, latents=latents))
        store.add(replace(gone, latents=f"{'0' * 64}.safetensors"))
        for path in store.media.root.iterdir():
            os.utime(path, LONG_AGO)
        store.move_to_trash([store.takes()[shot.key], store.takes()[gone.key]], NOW)
        assert latents in store.media.names(), "another take has the same"
        trash = store.move_to_trash([store.takes()[retake.key]], NOW)
        assert store.media.names() == ()
        assert (trash / "media" / latents).read_bytes() == b"latents"


def plain_text(text: bytes, source: str) -> str:
    """What tests keep for a judgement: any text but that of a broken one."""
    if text == b"broken":
        raise InputError(f"{source} is broken")
    return text.decode()


def test_a_judgement_is_kept_replaced_and_goes_to_the_trash_with_its_take(tmp_path: Path) -> None:
    with Store.opened(tmp_path) as store:
        first, second, third = (added(store, name) for name in ("first", "second", "third"))
        for take, text in ((first, "old"), (first, "new"), (second, "broken")):
            store.add_judgement(take.key, text)
        keys = [first.key, second.key, third.key]
        assert store.judgements(keys, plain_text) == {first.key: "new"}
        store.add_judgement(second.key, "mended")
        assert store.judgements(keys, plain_text) == {first.key: "new", second.key: "mended"}
        trash = store.move_to_trash([first, third], NOW)
        assert [path.name for path in (trash / "judgements").iterdir()] == [f"{first.key}.json"]
        assert store.judgements(keys, plain_text) == {second.key: "mended"}


def test_two_cleanings_in_one_second_do_not_meet(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "s") as store:
        first = store.move_to_trash([added(store, "one", b"1")], NOW)
        second = store.move_to_trash([added(store, "two", b"2")], NOW)
        assert (first.name, second.name) == ("2026-01-31T12-00-00", "2026-01-31T12-00-00-2")


def test_media_of_a_render_that_broke_off_are_cleaned_but_not_those_just_made(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "s") as store:
        names = []
        for content in (b"left over", b"just made"):
            with store.media.staged("wav") as staged:
                staged.write_bytes(content)
                names.append(store.media.adopt(staged))
        os.utime(store.media.path(names[0]), LONG_AGO)
        trash = store.move_to_trash([], NOW)
        assert store.media.names() == (names[1],)
        assert (trash / "media" / names[0]).read_bytes() == b"left over"


def test_media_stay_while_a_record_cannot_be_read(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "s") as store:
        take = added(store, "one")
        os.utime(store.path(take), LONG_AGO)
        (store.root / "takes" / f"{take.key}.json").write_text("damaged")
        store.move_to_trash([], NOW)
        assert store.media.has(take.media)


# --- two processes ------------------------------------------------------------------------------------------------

HOLDER = """
import sys
from pathlib import Path
from sottovoce_engine.scene import PictureMode
from sottovoce_engine.store import Store
with Store.opened(Path(sys.argv[1])) as store:
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(root: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Another process that has the store open for writing."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_writer_is_told_who_writes_and_may_read(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "s") as store:
        take = added(store, "one")
    with holder(tmp_path / "s") as process:
        with pytest.raises(SetupError, match=f"written by process {process.pid} on .*Close that program"):
            Store.opened(tmp_path / "s").__enter__()
        with Store.opened(tmp_path / "s", writing=False) as store:
            assert store.takes() == {take.key: take}
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0
        with Store.opened(tmp_path / "s") as store:
            assert store.takes() == {take.key: take}


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    with holder(tmp_path / "s") as process:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        assert str(process.pid) in (tmp_path / "s" / "lock").read_text()
        with Store.opened(tmp_path / "s") as store:
            assert store.takes() == {}


def test_a_reader_sees_what_the_writer_adds(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "s") as writer, Store.opened(tmp_path / "s", writing=False) as reader:
        assert reader.takes() == {}
        take = added(writer, "one")
        assert reader.takes() == {take.key: take}
        writer.move_to_trash([take], NOW)
        assert reader.takes() == {}


FULL = """
import resource, sys
from pathlib import Path
from sottovoce_engine.codec import from_json
from sottovoce_engine.errors import SetupError
from sottovoce_engine.store import Store
from sottovoce_engine.take import FORMAT, Take

with Store.opened(Path(sys.argv[1])) as store:
    take = from_json(Path(sys.argv[2]).read_bytes(), Take, format_version=FORMAT, source="")
    store.media.path(take.media).write_bytes(b"x")
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
    try:
        store.add(take)
    except SetupError as error:
        print(error)
"""


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "s"), str(SAMPLE)], check=True, stdout=subprocess.PIPE, text=True
    )
    assert "no space" in done.stdout
    assert "Free some space" in done.stdout
    assert not list((tmp_path / "s" / "takes").iterdir())


# --- crashes ------------------------------------------------------------------------------------------------------

CRASHING = """
import os, sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from sottovoce_engine.codec import from_json
from sottovoce_engine.media.durable import watch_write_points
from sottovoce_engine.scene import PictureMode
from sottovoce_engine.store import Store
from sottovoce_engine.take import FORMAT, Take

root, sample = Path(sys.argv[1]), Path(sys.argv[2])
sample_take = from_json(sample.read_bytes(), Take, format_version=FORMAT, source="")

def work(folder):
    with Store.opened(folder) as store:
        for name in ("kept", "going"):
            with store.media.staged("wav") as staged:
                staged.write_bytes(name.encode() * 100)
                media = store.media.adopt(staged)
            take = replace(sample_take, job=replace(sample_take.job, key=name), media=media)
            store.add(take)
        store.add_judgement("going", "{}")
        store.move_to_trash(store.unused({"kept"}), datetime(2026, 1, 31))

points = []
watch_write_points(points.append)
work(root / "whole")
print(*points, sep="\\n")
for number, _ in enumerate(points):
    child = os.fork()
    if not child:
        passed = []
        def crash(point):
            passed.append(point)
            if len(passed) == number + 1:
                os.kill(os.getpid(), 9)
        watch_write_points(crash)
        work(root / f"{number}")
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == 9
"""

ADDING = ["media written", "media synced", "media moved", "take written", "take synced", "take moved"]
POINTS = [
    *("format written", "format synced", "format moved"),
    *ADDING,
    *ADDING,
    *("judgement written", "judgement synced", "judgement moved"),
    *("trash made", "take trashed", "media trashed"),
]


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store for every write point, left behind by a process killed at that point."""
    root = tmp_path_factory.mktemp("crashed")
    done = subprocess.run(
        [sys.executable, "-c", CRASHING, str(root), str(SAMPLE)], check=True, stdout=subprocess.PIPE, text=True
    )
    assert done.stdout.splitlines() == POINTS
    return root


@pytest.mark.parametrize("number", range(len(POINTS)), ids=lambda number: f"{number}-{POINTS[number]}")
def test_a_crash_leaves_whole_takes_or_none(crashed: Path, number: int) -> None:
    root = crashed / str(number)
    expected = [*[()] * 8, *[("kept",)] * 6, *[("going", "kept")] * 5, *[("kept",)] * 2]
    with Store.opened(root, writing=False) as store:
        assert tuple(store.takes()) == expected[number]
        assert store.problems == ()
    with Store.opened(root) as store:
        for take in store.takes().values():
            assert hashlib.sha256(store.path(take).read_bytes()).hexdigest() == store.path(take).stem
        for left in [*root.glob(".staged*"), *root.glob("*/.staged*")]:
            os.utime(left, LONG_AGO)
    with Store.opened(root) as store:
        assert not [*root.glob(".staged*"), *root.glob("*/.staged*")]
        take = added(store, "after")
        assert take.key in store.takes()
