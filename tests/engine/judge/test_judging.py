"""The judge as a whole: real sounds in, one judgement out."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.engine.judge.corpus import LINES, VOICES, clean_clip
from tests.engine.judge.spoken_lines import speech, whisper

from sottovoce_engine.errors import InputError
from sottovoce_engine.judge.damage_values import DamageKind
from sottovoce_engine.judge.effort import OWN
from sottovoce_engine.judge.judgement import headline, judgement_as_json, judgement_from_json, unreadable
from sottovoce_engine.judge.judging import Judge
from sottovoce_engine.judge.line_finding import LineVerdict
from sottovoce_engine.judge.outcome import outcome_in
from sottovoce_engine.judge.register_finding import Verdict
from sottovoce_engine.judge.relative import made_relative, normal_voice_of
from sottovoce_engine.media.wav import WavWriter
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, Voice

TABLE = register_table()
ANNA, BEN = Voice(name="Anna", gender=Gender.WOMAN), Voice(name="Ben", gender=Gender.MAN)
LINE = "Did you hear that?"
JUDGE = Judge()


def wav(path: Path, mono: NDArray[np.float32]) -> Path:
    with WavWriter(path) as file:
        file.write(np.stack([mono, mono]).astype(np.float32))
    return path


@pytest.mark.parametrize("gender", ["woman", "man"])
@pytest.mark.parametrize("register", TABLE.names)
def test_scratch_speech_passes_in_every_register(tmp_path: Path, register: str, gender: str) -> None:
    path = wav(tmp_path / "take.wav", speech(LINE, register, gender).sound)
    judgement = JUDGE.judged_file(
        path, register=TABLE.get(register), voice=ANNA if gender == "woman" else BEN, line=LINE
    )
    assert judgement.passes, judgement.why
    assert not judgement.amber
    assert headline(judgement) == "passes"
    assert judgement_from_json(judgement_as_json(judgement), "") == judgement
    assert outcome_in(judgement_as_json(judgement), "").words(strict=True) == "passes"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"value": {}}', '{"value": {"passes": true, "amber": true, "register": 7}}']
)
def test_a_damaged_judgement_has_no_outcome(text: str) -> None:
    with pytest.raises(InputError, match=r"take\.json is a damaged judgement"):
        outcome_in(text, "take.json")


def test_a_spoken_line_is_no_whisper_and_says_so_first(tmp_path: Path) -> None:
    path = wav(tmp_path / "take.wav", speech(LINE, "normal").sound)
    judgement = JUDGE.judged_file(path, register=TABLE.get("whisper"), voice=ANNA, line=LINE)
    assert not judgement.passes
    assert judgement.why[0].startswith("spoken with voice")
    assert headline(judgement).startswith("fails: spoken with voice")


def test_a_half_whisper_is_amber_and_passes_unless_the_judge_is_strict(tmp_path: Path) -> None:
    clip = clean_clip(VOICES[0], "half", 0, LINES[0])  # every other word has its voice
    path = wav(tmp_path / "take.wav", clip.sound)
    whisper_asked = TABLE.get("whisper")
    lenient, strict = (
        Judge(strict=strict).judged_file(path, register=whisper_asked, voice=ANNA, line=LINES[0])
        for strict in (False, True)
    )
    assert lenient.register is not None
    assert lenient.register.verdict is Verdict.MIXED
    assert (lenient.passes, lenient.amber, strict.passes) == (True, True, False)
    assert lenient.passing(strict=False)
    assert not lenient.passing(strict=True)
    assert headline(lenient) == "amber: half-whispered"
    assert headline(lenient, strict=True) == "fails: half-whispered"
    assert headline(strict).startswith("fails: half-whispered: with voice in ")
    kept = outcome_in(judgement_as_json(lenient), "")
    assert (kept.words(strict=False), kept.words(strict=True)) == ("amber: half-whispered", "fails: half-whispered")
    assert lenient.judged_by == strict.judged_by, "what is kept holds for both"


def test_a_wrong_line_fails_by_recognition_before_all_else(tmp_path: Path) -> None:
    judge = Judge(recogniser=whisper())
    path = wav(tmp_path / "take.wav", speech("Close your eyes.", "normal").sound)
    wrong = judge.judged_file(path, register=TABLE.get("whisper"), voice=ANNA, line="Leave the money on the table.")
    assert wrong.line.verdict is LineVerdict.NOT_SAID
    assert wrong.why[: len(wrong.line.why)] == wrong.line.why
    assert headline(wrong).startswith("fails: missing: ")
    right = judge.judged_file(path, register=TABLE.get("normal"), voice=ANNA, line="Close your eyes.")
    assert right.passes
    assert right.line.passes
    assert judge.fingerprint != JUDGE.fingerprint


def test_damage_fails_a_take_that_is_right_otherwise(tmp_path: Path) -> None:
    sound = speech(LINE, "normal").sound.copy()
    loudest = int(np.abs(sound).argmax())
    sound[loudest - 2_000 : loudest + 2_000] = 0.0
    judgement = JUDGE.judged_file(wav(tmp_path / "take.wav", sound), register=TABLE.get("normal"), voice=ANNA, line="")
    assert judgement.damage[0].kind is DamageKind.DROPOUT
    assert not judgement.passes
    assert judgement.why[0] == judgement.damage[0].why[0]
    assert judgement_from_json(judgement_as_json(judgement), "") == judgement


def test_without_a_register_and_a_line_a_sound_is_only_measured(tmp_path: Path) -> None:
    path = wav(tmp_path / "take.wav", speech(LINE, "whisper").sound)
    judgement = JUDGE.judged_file(path, register=None, voice=ANNA, line="")
    assert judgement.register is not None
    assert (judgement.register.verdict, judgement.register.passes, judgement.register.asked) == ("whisper", None, "")
    assert judgement.line.verdict is LineVerdict.NOT_CHECKED
    assert judgement.passes
    silent = JUDGE.judged_file(
        wav(tmp_path / "s.wav", np.zeros(96_000, np.float32)), register=None, voice=ANNA, line=""
    )
    assert not silent.passes


def test_relative_to_its_own_normal_voice_nothing_is_measured_again(tmp_path: Path) -> None:
    register = TABLE.get("loud")
    normal, loud = (
        JUDGE.judged_file(
            wav(tmp_path / f"{name}.wav", speech(LINE, name, "man").sound),
            register=TABLE.get(name),
            voice=BEN,
            line=LINE,
        )
        for name in ("normal", "loud")
    )
    voice = normal_voice_of([normal], JUDGE.register_thresholds)
    assert voice is not None
    relative = made_relative(loud, register, BEN, voice, JUDGE.register_thresholds)
    measured = JUDGE.judged_file(tmp_path / "loud.wav", register=register, voice=BEN, line=LINE, normal=voice)
    assert relative == measured
    assert relative.register is not None
    assert relative.register.effort is not None
    assert relative.register.effort.reference == OWN
    assert relative != loud
    assert normal_voice_of([], JUDGE.register_thresholds) is None


def test_thresholds_of_a_person_s_own_make_another_judge(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[register]\nwhisper_below = { value = 0.55, source = "mine" }\n')
    assert Judge(thresholds_file=own).fingerprint != JUDGE.fingerprint
    assert Judge(language="en").fingerprint != JUDGE.fingerprint
    assert Judge().fingerprint == JUDGE.fingerprint


def test_what_cannot_be_read_fails_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    path.write_bytes(b"no sound")
    with pytest.raises(InputError):
        JUDGE.judged_file(path, register=None, voice=ANNA, line="")
    judgement = unreadable("it is gone", JUDGE.fingerprint)
    assert (judgement.passes, headline(judgement)) == (False, "fails: it is gone")
    assert judgement.strictly() == judgement
    assert headline(None) == "not judged"
    assert replace(judgement, why=()).why == ()
