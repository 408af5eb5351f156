"""What is said in clips: as a person wrote it beside the recording, else as a recogniser heard it.

1.wav     |### ####|  |## ###|        1.txt     Close your eyes.
clips     |--------|  |------|                  Don't say a word.       a line for each clip, in order
"""

from collections.abc import Sequence
from dataclasses import replace

from sottovoce_engine.training.prepared import PreparedClip, PreparedRecording
from sottovoce_engine.training.recordings import LabelledRecording


def with_written_lines(
    recording: LabelledRecording, clips: Sequence[PreparedClip], left_out: Sequence[str]
) -> PreparedRecording:
    """What was cut from a recording, with the lines of its text; clips of which nobody knows what is said are left out."""
    lines = [line.strip() for line in recording.text.splitlines() if line.strip()]
    why = "nobody wrote what is said"
    if len(clips) == 1 and lines:
        clips = [replace(clips[0], written=" ".join(lines))]
    elif lines and len(lines) == len(clips):
        clips = [replace(clip, written=line) for clip, line in zip(clips, lines, strict=True)]
    elif lines:
        why = f"its text has {len(lines)} lines, and it has {len(clips)} clips: write one line for each, or an .srt"
    known = tuple(clip for clip in clips if clip.written or clip.heard)
    missing = len(clips) - len(known)
    told = (f"{missing} clips, since {why}",) if missing else ()
    return PreparedRecording(clips=known, left_out=(*left_out, *told))
