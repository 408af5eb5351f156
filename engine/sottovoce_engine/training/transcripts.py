"""What is said in clips: as a person wrote it beside the recording, else as a recogniser heard it.

    1.wav     |### ####|  |## ###|        1.txt     Close your eyes.
    clips     |--------|  |------|                  Don't say a word.       a line for each clip, in order

A text that is not divided so is laid over the recording, where it is English, and each clip gets the words that lie in
it. A text that does not fit is not guessed at.
"""

from collections.abc import Sequence
from dataclasses import replace

from sottovoce_engine.judge.alignment import shared_aligner
from sottovoce_engine.judge.line_language import language_of
from sottovoce_engine.judge.written_words import ENGLISH
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.timing import SAMPLE_RATE, Span
from sottovoce_engine.training.prepared import PreparedClip, PreparedRecording
from sottovoce_engine.training.recordings import LabelledRecording

_LONGEST_SECONDS = 120  # of a recording that a text is laid over
_BESIDE = SAMPLE_RATE // 5  # aligned times are that uncertain


def with_written_lines(
    recording: LabelledRecording, clips: Sequence[PreparedClip], left_out: Sequence[str], fit: float
) -> PreparedRecording:
    """What was cut from a recording, with its text; clips of which nobody knows what is said are left out.

    Args:
        recording: Whose text is taken.
        clips: All of it that can be trained on.
        left_out: What cannot, and why.
        fit: The lowest score of a text that fits, as the judge of lines has it.
    """
    lines = [line.strip() for line in recording.text.splitlines() if line.strip()]
    why = "nobody wrote what is said"
    if len(clips) == 1 and not left_out and lines:
        lines = [" ".join(lines)]
    if lines and clips:
        written = lines if len(lines) == len(clips) else _laid_over(recording, clips, " ".join(lines), fit)
        clips = [replace(clip, written=line) for clip, line in zip(clips, written or [""] * len(clips), strict=True)]
        why = (
            f"its {len(lines)} lines of text are not one for each of {len(clips)} clips, and cannot be laid over the sound: write "
            "a line for each clip, or an .srt"
        )
    known = tuple(clip for clip in clips if clip.written or clip.heard)
    missing = len(clips) - len(known)
    told = (f"{missing} of {len(clips)} clips, since {why}",) if missing else ()
    return PreparedRecording(clips=known, left_out=(*left_out, *told))


def _laid_over(recording: LabelledRecording, clips: Sequence[PreparedClip], text: str, fit: float) -> list[str] | None:
    """The words of a text that lie in each clip; None where it does not fit, or leaves a clip without words."""
    if language_of(text) != ENGLISH:
        return None
    with SoundReader(recording.path) as reader:
        if reader.length_samples > _LONGEST_SECONDS * SAMPLE_RATE:
            return None
        alignment = shared_aligner().aligned(reader.read(Span(0, reader.length_samples)), text)
    if alignment is None or alignment.score < fit:
        return None
    found: list[list[str]] = [[] for _ in clips]
    for word in (aligned.word for aligned in alignment.words):
        middle = (word.span.start + word.span.end) // 2
        nearest = min(range(len(clips)), key=lambda index: _distance(middle, clips[index].span))
        if _distance(middle, clips[nearest].span) <= _BESIDE:  # else it is said where no clip could be made
            found[nearest].append(word.text)
    return [" ".join(words) for words in found] if all(found) else None


def _distance(sample: int, span: Span) -> int:
    return max(span.start - sample, sample - span.end, 0)
