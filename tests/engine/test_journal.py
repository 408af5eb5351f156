import os
import resource
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.editing.joins import with_join
from sottovoce_engine.editing.spans import Edge, moved, removed, trimmed
from sottovoce_engine.editing.wording import with_details
from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.join_wishes import JoinKey, JoinWish, Side
from sottovoce_engine.journal import NAME, Journal, put_aside, recovered

from .editing.drafts import draft, region

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
START = draft(region(1, 24, 48), region(2, 72, 96))


def journal_in(folder: Path) -> Journal:
    return Journal(folder / NAME, START, source_digest="ab", now=NOW)


def edited(journal: Journal) -> list[Draft]:
    drafts = [moved(START, {"00000001"}, 5)]
    drafts.append(with_details(drafts[-1], {"00000002"}, line="geh nicht — 行かないで"))
    drafts.append(removed(drafts[-1], {"00000001"}))
    drafts.append(with_join(drafts[-1], JoinWish(key=JoinKey("00000002", Side.IN), fade_ms=200.0)))
    for number, each in enumerate(drafts):
        journal.note(each, f"step {number}")
    return drafts


def test_what_was_noted_is_found_again(tmp_path: Path) -> None:
    drafts = edited(journal_in(tmp_path))
    found = recovered(tmp_path / NAME)
    assert found is not None
    assert found.draft(START.scene) == drafts[-1]
    assert [change.label for change in found.changes] == ["step 0", "step 1", "step 2", "step 3"]
    assert found.start.draft(START.scene) == START
    assert found.whole


def test_a_journal_of_the_first_format_is_read(tmp_path: Path) -> None:
    found = recovered(Path(__file__).with_name("data") / "journal-format-1.jsonl")
    assert found is not None
    assert found.start.draft(START.scene) == START
    assert found.draft(START.scene) == edited(journal_in(tmp_path))[2]


def test_nothing_is_recovered_where_nothing_changed_or_all_was_saved(tmp_path: Path) -> None:
    assert recovered(tmp_path / NAME) is None
    journal = journal_in(tmp_path)
    journal.note(START, "nothing")
    assert recovered(tmp_path / NAME) is None
    edited(journal)
    journal.close(keep=True)
    assert recovered(tmp_path / NAME) is not None
    journal_in(tmp_path).close(keep=False)
    assert not list(tmp_path.iterdir())


def test_an_unfinished_line_and_all_after_a_damaged_one_are_left_out(tmp_path: Path) -> None:
    drafts = edited(journal_in(tmp_path))
    path = tmp_path / NAME
    lines = path.read_bytes().splitlines(keepends=True)[:4]
    path.write_bytes(b"".join(lines[:-1]) + lines[-1][:-20])
    found = recovered(path)
    assert found is not None
    assert found.whole
    assert found.draft(START.scene) == drafts[1]
    path.write_bytes(lines[0] + lines[1] + b"{damaged}\n" + lines[3])
    found = recovered(path)
    assert found is not None
    assert not found.whole
    assert found.draft(START.scene) == drafts[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"not a journal\n", "not valid JSON"),
        (b'{"format": 99, "kind": "JournalStart", "value": {}}\n', "format 99"),
    ],
)
def test_what_is_no_journal_of_ours_is_told(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(InputError, match=message):
        recovered(tmp_path / NAME)


def test_a_journal_nobody_wants_is_put_aside_and_stays(tmp_path: Path) -> None:
    edited(journal_in(tmp_path))
    aside = put_aside(tmp_path / NAME, NOW)
    assert aside.name == "journal-2026-11-22T21-00-00.jsonl"
    assert recovered(tmp_path / NAME) is None
    assert recovered(aside) is not None


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="gone"):
        Journal(tmp_path / "gone" / NAME, START, source_digest="", now=NOW)


EDITING = """
import sys
from pathlib import Path
from sottovoce_engine.journal import Journal, NAME
from tests.engine.test_journal import NOW, START, trimmed, Edge
journal = Journal(Path(sys.argv[1]) / NAME, START, source_digest="", now=NOW)
draft = START
while True:
    for frame in range(50, 72):
        draft = trimmed(draft, "00000001", Edge.END, frame)
        journal.note(draft, str(frame))
        print(frame, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="no such signal there")
def test_a_process_that_is_killed_loses_no_change(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", EDITING, str(tmp_path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = [child.stdout.readline().strip() for _ in range(40)]
        os.kill(child.pid, signal.SIGKILL)
        said += child.stdout.read().split()
    found = recovered(tmp_path / NAME)
    assert found is not None
    labels = [change.label for change in found.changes]
    assert labels[: len(said)] == said
    assert len(labels) - len(said) <= 1, "at most the change that was noted and not yet told"
    last = found.draft(START.scene).scene.region("00000001").span.end
    assert str(last) == labels[-1]
    assert trimmed(START, "00000001", Edge.END, last).regions == found.draft(START.scene).regions


def test_a_full_disk_leaves_no_half_line_before_what_is_written_once_there_is_room(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    first, second = moved(START, {"00000001"}, 5), moved(START, {"00000001"}, 6)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / NAME).stat().st_size + 20, before[1]))
    try:
        with pytest.raises((InputError, SetupError), match=NAME):
            journal.note(first, "no room")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    journal.note(second, "room again")
    found = recovered(tmp_path / NAME)
    assert found is not None
    assert found.whole
    assert found.draft(START.scene) == second
