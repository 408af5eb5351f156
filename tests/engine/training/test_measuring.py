from dataclasses import replace

import numpy as np
import pytest
from tests.engine.training.spoken_recordings import ANNA, BEN, LINES, judge, said

from sottovoce_engine.judge.register import judged_voicing
from sottovoce_engine.judge.register_finding import RegisterFinding
from sottovoce_engine.judge.voicing import voicing_of
from sottovoce_engine.registers import Register, register_table
from sottovoce_engine.scene import Voice
from sottovoce_engine.training.measuring import measured_beside, normal_voice_in

TABLE = register_table()
THRESHOLDS = judge().register_thresholds


def _found(line: str, heard: str, claimed: Register, voice: Voice) -> RegisterFinding:
    voicing = voicing_of(np.atleast_2d(said(line, heard, voice)), THRESHOLDS)
    return judged_voicing(voicing, None, claimed, voice, None, THRESHOLDS)


@pytest.mark.parametrize("voice", [ANNA, BEN])
@pytest.mark.parametrize(
    ("heard", "claimed", "fits"),
    [
        ("whisper", "whisper", True),
        ("normal", "whisper", False),
        ("soft", "whisper", False),
        ("whisper", "soft", False),
        ("soft", "soft", True),
        ("half", "whisper", False),
        ("shout", "soft", False),
    ],
)
def test_a_clip_fits_the_register_it_is_spoken_in(voice: Voice, heard: str, claimed: str, fits: bool) -> None:
    normal = normal_voice_in(_found(line, "normal", TABLE.get("normal"), voice) for line in LINES)
    assert normal is not None
    register = TABLE.get(claimed)
    measured = measured_beside(_found(LINES[0], heard, register, voice), register, voice, normal, THRESHOLDS)
    assert measured.fits is fits
    assert fits or measured.why


def test_of_a_new_register_only_a_whisper_is_known() -> None:
    murmur = replace(TABLE.get("soft"), name="murmur", letter="M")
    measured = measured_beside(_found(LINES[0], "soft", murmur, ANNA), murmur, ANNA, None, THRESHOLDS)
    assert measured.fits is None
    assert "a register of your own" in measured.why[0]
    hush = replace(TABLE.get("whisper"), name="hush", letter="U")
    assert measured_beside(_found(LINES[0], "soft", hush, ANNA), hush, ANNA, None, THRESHOLDS).fits is False


def test_a_voice_that_is_never_heard_normally_is_compared_with_published_ones() -> None:
    soft = TABLE.get("soft")
    assert normal_voice_in([_found(LINES[0], "whisper", TABLE.get("normal"), ANNA)]) is None
    measured = measured_beside(_found(LINES[0], "soft", soft, ANNA), soft, ANNA, None, THRESHOLDS)
    assert measured.why == ("compared with published voices: this voice has no normal take yet",)
