"""From what is known of a take to what is drawn of it."""

from collections.abc import Iterator

from sottovoce_engine.answered import region_now
from sottovoce_engine.judge.damage_values import DamageKind
from sottovoce_engine.judge.heard_frames import speech_of
from sottovoce_engine.scene import Scene
from sottovoce_engine.take import take_start
from sottovoce_engine.timing import Span, samples_of
from sottovoce_ui.desk import TakeFacts
from sottovoce_ui.takes.sounds import TakeSound
from sottovoce_ui.takes.waveform import Wave

OF_THE_PICTURE = (DamageKind.BLACK, DamageKind.FROZEN, DamageKind.FRAMES)  # its places are frames
_EVERYWHERE = (DamageKind.LENGTH, DamageKind.DC, DamageKind.HUM, DamageKind.SILENCE)


def wave_of(facts: TakeFacts, sound: TakeSound | None, scene: Scene) -> Wave | None:
    """The picture of a take where its region lies now; None where nothing is known of its sound."""
    if sound is None or sound.peaks is None:
        return None
    take, region = facts.take, region_now(facts.take, scene)
    span = region.span.shifted(-take_start(take, region))
    return Wave(
        length=take.length_samples,
        peaks=sound.peaks,
        frames=sound.frames,
        region=samples_of(span, scene.rate),
        speech=speech_of(take, facts.judgement, sound.frames),
        damage=tuple(_damaged(facts)),
    )


def words_of(facts: TakeFacts) -> tuple[tuple[str, Span], ...]:
    """The words of the line and where they lie in the take's samples: as the judge knows them, else as it was made."""
    found = None if facts.judgement is None else facts.judgement.register
    words = facts.take.words if found is None or not found.words else found.words
    return tuple((word.text, word.span) for word in words)


def _damaged(facts: TakeFacts) -> Iterator[Span]:
    """The places in its sound at which something is wrong."""
    for finding in () if facts.judgement is None else facts.judgement.damage:
        if finding.kind not in (*OF_THE_PICTURE, *_EVERYWHERE):
            yield from finding.where
