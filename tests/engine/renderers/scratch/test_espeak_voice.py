import numpy as np
import pytest
from tests.programs import need_program

from sottovoce_engine.errors import InputError, RenderError, SetupError
from sottovoce_engine.renderers.scratch.espeak_voice import PROGRAM
from sottovoce_engine.renderers.scratch.speech import speech_for

from .measuring import autocorrelation_voicing, median_f0
from .scratch_jobs import never_stops, scratch_job

needs_espeak = pytest.mark.usefixtures("espeak")


@pytest.fixture
def espeak() -> None:
    need_program(PROGRAM, f"apt-get install {PROGRAM}")


@needs_espeak
@pytest.mark.parametrize("line", ["Привет, мир, послушай", "שלום עולם", "你好，世界", "नमस्ते दुनिया", "😀🎉"])
def test_other_scripts_are_said_in_their_language_and_register(line: str) -> None:
    spoken = speech_for(scratch_job(line, seconds=2.5), never_stops)
    assert spoken.voice == PROGRAM
    assert spoken.words_estimated
    assert [word.text for word in spoken.words] == line.split()
    whispered = speech_for(scratch_job(line, "whisper", seconds=2.5), never_stops)
    voice, breath = (
        autocorrelation_voicing(speech.sound[speech.words[0].span.start : speech.words[-1].span.end].astype(np.float64))
        for speech in (spoken, whispered)
    )
    assert breath < 0.55 < 0.7 < voice


@needs_espeak
def test_a_woman_and_a_man_are_told_apart() -> None:
    woman, man = (
        median_f0(speech_for(scratch_job("Привет, мир", gender=gender), never_stops).sound.astype(np.float64))
        for gender in ("woman", "man")
    )
    assert woman > 1.35 * man


@needs_espeak
def test_a_line_of_punctuation_alone_is_refused() -> None:
    with pytest.raises(RenderError, match=r"finds nothing to say in '\.\.\.'"):
        speech_for(scratch_job("..."), never_stops)


def test_without_the_program_the_reason_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SetupError, match=r"speaks English only and cannot say 'Привет'.*apt install espeak-ng"):
        speech_for(scratch_job("Привет"), never_stops)
    with pytest.raises(InputError, match="holds nothing that can be said"):
        speech_for(scratch_job("— !"), never_stops)
