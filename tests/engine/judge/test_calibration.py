import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sottovoce_engine.errors import InputError
from sottovoce_engine.judge.calibration import Calibration, calibration_for, measured_recordings
from sottovoce_engine.judge.calibration_file import calibration_text, write_calibration
from sottovoce_engine.judge.recordings import Recording, labelled_recordings
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.thresholds import threshold_tables, thresholds_of
from sottovoce_engine.progress import Job, JobCancelled, Progress
from sottovoce_engine.registers import register_table
from sottovoce_engine.timing import SAMPLE_RATE

from .signals import Mono, voiced, whispered

SHIPPED = thresholds_of("register", RegisterThresholds)
TABLE = register_table()
DAY = date(2026, 11, 22)


def write(path: Path, sound: Mono) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, SAMPLE_RATE, "PCM_24")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two voices; one folder of voices inside registers, one of registers inside voices."""
    folder = tmp_path_factory.mktemp("recordings")
    for seed in range(5):
        write(folder / "whisper" / "Ben" / f"{seed}.wav", whispered(0.8, seed=seed))
        write(folder / "Anna" / "Whisper" / f"{seed}.wav", whispered(0.8, seed=20 + seed))
        write(folder / "normal" / "Ben" / f"{seed}.wav", voiced(0.8, 110 + seed, seed=seed))
        write(folder / "Anna" / "shout" / f"{seed}.wav", voiced(0.8, 300 + seed, seed=seed))
        write(folder / "Anna" / "normal" / f"{seed}.wav", voiced(0.8, 200 + seed, seed=seed))
    write(folder / "half" / "a.wav", np.concatenate([whispered(0.6, 0.05), voiced(0.5, level=0.05)]))
    write(folder / "unsorted" / "b.wav", voiced(0.5))
    (folder / "whisper" / "notes.txt").write_text("takes of Monday")
    (folder / "whisper" / "broken.wav").write_bytes(b"RIFF")
    write(folder / "normal" / "silent.wav", np.zeros(SAMPLE_RATE, np.float32))
    return folder


@pytest.fixture(scope="module")
def calibration(folder: Path) -> Calibration:
    measured, skipped = measured_recordings(labelled_recordings(folder, TABLE.names), SHIPPED, Job())
    return calibration_for(measured, skipped, SHIPPED, TABLE.registers, source=str(folder), on=DAY)


def test_a_folders_names_are_the_labels(folder: Path) -> None:
    found = labelled_recordings(folder, TABLE.names)
    assert len(found) == 28
    assert {(one.register, one.voice) for one in found if one.path.stem == "3"} == {
        ("whisper", "Ben"),
        ("whisper", "Anna"),
        ("normal", "Ben"),
        ("normal", "Anna"),
        ("shout", "Anna"),
    }
    assert [one.voice for one in found if one.register == "half"] == [""]
    assert list(found) == sorted(found, key=lambda one: one.path)


def test_a_csv_labels_files_wherever_they_lie(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", voiced(0.5))
    table = tmp_path / "recordings.csv"
    table.write_text("\ufefffile,register,voice\na.wav,Soft,Anna\n\na.wav,half,\n", encoding="utf-8")
    assert labelled_recordings(table, TABLE.names) == (
        Recording(path=tmp_path / "a.wav", register="soft", voice="Anna"),
        Recording(path=tmp_path / "a.wav", register="half", voice=""),
    )
    table.write_text("file,register\na.wav,whisper\n")
    assert labelled_recordings(table, TABLE.names)[0].voice == ""


WRONG = {
    "": r"begins with \[\]\. Its first line must be: file,register,voice",
    "path,label\n": "Its first line must be",
    "file,register\na.wav,wisper\n": r"Line 2 of .* has the register 'wisper'\. Did you mean 'whisper'",
    "file,register\na.wav\n": "Line 2 of .* has 1 cells where 2 are due",
    "file,register\nb.wav,whisper\n": "Line 2 of .* names .*b.wav', which is no file",
}


@pytest.mark.parametrize(("text", "message"), WRONG.items(), ids=[message[:25] for message in WRONG.values()])
def test_a_wrong_csv_says_what_to_mend(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()
    table = tmp_path / "recordings.csv"
    table.write_text(text)
    with pytest.raises(InputError, match=message):
        labelled_recordings(table, TABLE.names)


def test_a_folder_without_labels_says_how_to_sort_them(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", voiced(0.5))
    with pytest.raises(InputError, match=r"Put sound files into folders named as their register, such as .*whisper"):
        labelled_recordings(tmp_path, TABLE.names)
    with pytest.raises(InputError, match="cannot be read"):
        labelled_recordings(tmp_path / "missing", TABLE.names)


def test_the_bars_stand_between_the_recordings(calibration: Calibration) -> None:
    new = calibration.thresholds
    assert calibration.margin > 0.2
    assert new.whisper_v < new.second_opinion_above <= new.whisper_below < new.voiced_above
    assert new.whisper_share_below < new.voiced_share_above
    assert new.voiced_above - new.whisper_below == pytest.approx(calibration.margin / 3, abs=0.002)
    assert 8 < new.shout_effort_db < 40
    assert new.silence_db == SHIPPED.silence_db
    changed = dict(calibration.refitted)
    assert changed["whisper_below"].source == changed["voiced_above"].source
    assert changed["voiced_above"].source.startswith("refitted from 26 recordings of ")
    assert changed["voiced_above"].source.endswith(" on 2026-11-22")


def test_what_says_nothing_is_left_out_and_named(calibration: Calibration) -> None:
    assert len(calibration.skipped) == 2
    assert any("broken.wav" in reason for reason in calibration.skipped)
    assert any("silent.wav: Nobody speaks: it is silent" in reason for reason in calibration.skipped)


def test_the_tables_count_every_recording_once(calibration: Calibration) -> None:
    for table in (calibration.before, calibration.after):
        assert sum(count for row in table for _, count in row.counts) == 26
        assert [row.label for row in table] == ["half", "whisper", "normal", "shout"]
    text = calibration_text(calibration)
    lines = text.splitlines()
    assert lines[1].split() == ["label", "whisper", "mixed", "voiced", "uncertain", "silent"]
    assert lines[3].split() == ["whisper", "10", "0", "0", "0", "0"]
    assert "of v apart" in text
    assert "left out: " in text


def test_overlapping_labels_leave_what_overlaps_uncertain(folder: Path) -> None:
    recordings = labelled_recordings(folder, TABLE.names)
    swapped = tuple(
        Recording(
            path=one.path,
            register="normal" if one.path.stem == "4" and one.register == "whisper" else one.register,
            voice=one.voice,
        )
        for one in recordings
    )
    measured, skipped = measured_recordings(swapped, SHIPPED, Job())
    found = calibration_for(measured, skipped, SHIPPED, TABLE.registers, source="x", on=DAY)
    assert found.margin < 0
    assert found.thresholds.whisper_below < found.thresholds.voiced_above
    assert "overlapping" in calibration_text(found)


def test_too_few_recordings_are_refused(folder: Path) -> None:
    few = [one for one in labelled_recordings(folder, TABLE.names) if one.voice == "Ben" or one.path.stem == "broken"]
    measured, skipped = measured_recordings(few, SHIPPED, Job())
    with pytest.raises(InputError, match=r"5 whispered and 5 voiced recordings can be measured; at least 8 .*broken"):
        calibration_for(measured, skipped, SHIPPED, TABLE.registers, source="x", on=DAY)


def test_measuring_reports_and_can_be_stopped(folder: Path) -> None:
    recordings = labelled_recordings(folder, TABLE.names)[:5]
    seen: list[Progress] = []
    job = Job(seen.append)
    measured_recordings(recordings, SHIPPED, job)
    assert [(one.done, one.total) for one in seen] == [(number, 5) for number in range(5)]
    job.cancel()
    with pytest.raises(JobCancelled):
        measured_recordings(recordings, SHIPPED, job)


def test_the_file_is_laid_over_the_shipped_thresholds(calibration: Calibration, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    write_calibration(calibration, file)
    assert thresholds_of("register", RegisterThresholds, file) == calibration.thresholds
    assert threshold_tables(file)["register"]["voiced_above"].source.startswith("refitted from 26")
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_is_never_written_over_without_a_word(calibration: Calibration, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    other = next(table for table in threshold_tables() if table != "register")
    name = next(iter(threshold_tables()[other]))
    own = f'[{other}]\n{name} = {{ value = 7.5, source = "my \\"own\\"" }}\n[register]\nrange_db = {{ value = 20, source = "mine" }}\n'
    file.write_text(own)
    with pytest.raises(InputError, match=r"mine.toml' is there already\. Give another name"):
        write_calibration(calibration, file)
    assert file.read_text() == own
    write_calibration(calibration, file, over=True)
    tables = threshold_tables(file)
    assert (tables[other][name].value, tables[other][name].source) == (7.5, 'my "own"')
    assert tables["register"]["range_db"].value == 20.0
    assert tables["register"]["voiced_above"].value == calibration.thresholds.voiced_above
    assert tomllib.loads(file.read_text())["format"] == 1


def test_a_file_that_cannot_be_written_says_so(calibration: Calibration, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be written: .* Choose a folder"):
        write_calibration(calibration, tmp_path / "missing" / "mine.toml")
