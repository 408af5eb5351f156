"""The regions marked on a timeline as recordings: the sound under each, with its voice, register and line.

    dialogue    |---- take3.wav ------------|    |-- take7.wav ---|
    regions        [Anna, murmur] [Ben, soft]       [Anna, murmur]
    recordings  take3.wav: Anna murmur, with when she speaks · take3.wav: Ben soft, … · take7.wav: Anna murmur, …

So what a person marks in the panel, or `sottovoce suggest` does, can be trained on.
"""

from pathlib import Path

from sottovoce.project import read_project
from sottovoce.reading import Reading
from sottovoce.settings import load_settings
from sottovoce_engine.errors import InputError
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Region, Scene, SoundPiece
from sottovoce_engine.timing import SAMPLE_RATE, Span, samples_of
from sottovoce_engine.training.recordings import Cue, LabelledRecording

_BESIDE = SAMPLE_RATE // 10  # marks are set by eye


def marked_recordings(timeline: Path, registers: RegisterTable) -> tuple[LabelledRecording, ...]:
    """What is said under the regions of a timeline, a recording for each file, voice and register.

    Marks that wait for their line are among them: a recogniser may hear it.

    Raises:
        InputError: The timeline cannot be read, or nothing is marked on it over dialogue.
    """
    reading = Reading(settings=load_settings(), registers=registers)
    scene = read_project(timeline, reading).loaded.marked_scene
    found: dict[tuple[str, str, str], list[Cue]] = {}
    for region in scene.regions:
        piece = _dialogue_under(region, scene)
        if piece is not None:
            key = piece.source.path, region.voice, region.register
            found.setdefault(key, []).append(Cue(span=_in_file(region, piece, scene), text=region.line))
    if not found:
        raise InputError(
            f"No region is marked over dialogue on '{timeline}'. Mark what is said, by hand or with `sottovoce "
            "suggest`, or name a folder of recordings."
        )
    genders = {voice.name: voice.gender for voice in scene.voices}
    return tuple(
        LabelledRecording(
            path=Path(path),
            name=f"{Path(path).name} {voice} {register}",
            voice=voice,
            gender=genders[voice],
            register=register,
            cues=tuple(cues),
        )
        for (path, voice, register), cues in found.items()
    )


def _dialogue_under(region: Region, scene: Scene) -> SoundPiece | None:
    """The piece of dialogue that most of a region lies over; none that plays at another speed."""
    pieces = [piece for piece in scene.sounds if piece.dialogue and piece.source.path and not piece.approximate]
    shared = [(_shared(region.span, piece.span), piece) for piece in pieces]
    best = max(shared, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] else None


def _shared(span: Span, other: Span) -> int:
    both = span.common(other)
    return both.length if both is not None else 0


def _in_file(region: Region, piece: SoundPiece, scene: Scene) -> Span:
    """Where a region lies in its file, in samples."""
    first = samples_of(piece.span, scene.rate).start
    heard = region.span.common(piece.span) or region.span
    offset = round(piece.source.start * SAMPLE_RATE) - first
    return samples_of(heard, scene.rate).shifted(offset).grown(_BESIDE, _BESIDE)
