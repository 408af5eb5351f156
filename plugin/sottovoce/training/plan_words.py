"""What would be trained, as a person reads it before it starts."""

from collections import Counter
from collections.abc import Iterator, Sequence

from sottovoce.tables import table
from sottovoce.terminal import printable
from sottovoce.training.preparation import Preparation
from sottovoce_engine.timing import SAMPLE_RATE
from sottovoce_engine.training.captioning import taught_registers
from sottovoce_engine.training.recipe import Recipe
from sottovoce_engine.training.values import Clip, Dataset, MachinePlan, Origin

_MOST_LEFT_OUT = 12
_WHOLE = 1_000  # cells of a line: the terminal breaks it, and no reason is shortened
_GIB = 1 << 30
_SECONDS_UP_TO = 100  # shown as such


def preparation_shown(preparation: Preparation) -> Iterator[str]:
    """What was made of the recordings, and what does not measure as it is labelled."""
    clips = preparation.clips
    recordings = f"{preparation.recordings} recordings" if preparation.recordings != 1 else "One recording"
    made = "make" if preparation.recordings != 1 else "makes"
    yield f"{recordings} in '{preparation.source}' {made} {len(clips)} clips with {_length(clips)} of speech."
    yield ""
    yield _voices(clips)
    yield ""
    yield from _row("lines", _origins(clips))
    if without := sum(not clip.has_picture for clip in clips):
        yield from _row("picture", f"{without} clips have none of their own: theirs is plain grey")
    yield from _row("teaches", ", ".join(preparation.taught))
    for reason in preparation.left_out[:_MOST_LEFT_OUT]:
        yield from _row("left out", printable(reason))
    if (more := len(preparation.left_out) - _MOST_LEFT_OUT) > 0:
        yield from _row("left out", f"{more} more; --json lists all")
    yield from _mismatches_shown(preparation)


def training_shown(dataset: Dataset, note: str, recipe: Recipe, machine: MachinePlan | None) -> Iterator[str]:
    """How it would be trained, and what that needs of the machine; None: it was not looked at."""
    held_out, learnt = len(dataset.held_out), len(dataset.train)
    voices = ", ".join(dict.fromkeys(clip.voice for clip in dataset.held_out))
    yield from _row(
        "learnt", f"{learnt} clips" + (f"; held out to measure with: {held_out} of {voices}" if held_out else "")
    )
    if note:
        yield from _row("", note)
    for lack in _lacks(dataset):
        yield from _row("", lack)
    steps = recipe.steps
    times = steps.count * steps.batch / max(1, learnt)
    yield from _row(
        "training",
        f"{steps.count:,} steps of {steps.batch} {'clip' if steps.batch == 1 else 'clips'}: each is seen about "
        f"{times:.0f} times; rank {recipe.lora.rank}, learning rate {steps.learning_rate:g}",
    )
    if machine is not None:
        yield from _machine_shown(machine, steps.count)


def mismatch_words(clip: Clip) -> str:
    """Why a clip does not measure as what it is labelled."""
    return "; ".join(clip.measured.why) or clip.measured.verdict


def _lacks(dataset: Dataset) -> Iterator[str]:
    """Registers that are taught by women only, or by men only, where both speak."""
    kinds = {(clip.register, clip.gender) for clip in dataset.train}
    genders = {clip.gender for clip in dataset.clips}
    for register in taught_registers([register for register, _ in kinds]):
        for gender in sorted(genders):
            if (register, gender) not in kinds:
                yield f"nothing is learnt of how a {gender} speaks in '{register}': no clip shows it"


def _machine_shown(machine: MachinePlan, steps: int) -> Iterator[str]:
    needed, free = machine.needed_bytes / _GIB, machine.free_bytes / _GIB
    verdict = "fits" if machine.fits else "DOES NOT FIT"
    yield from _row("machine", f"{machine.device}: {verdict}; needs {needed:.1f} GiB, {free:.1f} GiB are free")
    if machine.seconds_a_step is not None:
        yield from _row(
            "time", f"about {_duration(machine.seconds_a_step * steps)}, {machine.seconds_a_step:.2f} s a step"
        )
    for note in machine.notes:
        yield from _row("", note)


def _mismatches_shown(preparation: Preparation) -> Iterator[str]:
    found = preparation.mismatches
    unknown = sum(clip.measured.fits is None for clip in preparation.clips)
    if unknown:
        yield from _row("unchecked", f"{unknown} clips, of registers of which nobody knows how they should measure")
    if not found:
        if unknown < len(preparation.clips):
            yield from _row("measured", f"{'all others measure' if unknown else 'every clip measures'} as labelled")
        return
    yield ""
    yield f"{len(found)} of {len(preparation.clips)} clips do not measure as they are labelled:"
    rows = [
        (printable(clip.name), clip.register, _measured_as(clip), printable(mismatch_words(clip))) for clip in found
    ]
    yield table(("clip", "labelled", "measured", "why"), rows, width=_WHOLE)


def _measured_as(clip: Clip) -> str:
    measured = clip.measured
    return f"{measured.verdict}, {measured.nearest}" if measured.nearest else measured.verdict


def _voices(clips: Sequence[Clip]) -> str:
    """Voices by registers: how many clips there are of each."""
    registers = list(dict.fromkeys(sorted(clip.register for clip in clips)))
    counts = Counter((clip.voice, clip.register) for clip in clips)
    voices = {clip.voice: str(clip.gender) for clip in clips}
    rows = [
        (printable(voice), gender, *(str(counts[voice, register] or "-") for register in registers))
        for voice, gender in sorted(voices.items())
    ]
    return table(("voice", "", *registers), rows)


def _origins(clips: Sequence[Clip]) -> str:
    heard = sum(clip.origin is Origin.HEARD for clip in clips)
    parts = [f"{len(clips) - heard} written beside the recordings"] if heard < len(clips) else []
    return "; ".join([*parts, *([f"{heard} heard by the Whisper model"] if heard else [])])


def _length(clips: Sequence[Clip]) -> str:
    seconds = sum(clip.speech.length for clip in clips) / SAMPLE_RATE
    return f"{seconds:.0f} seconds" if seconds < _SECONDS_UP_TO else f"{seconds / 60:.1f} minutes"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{max(1, minutes)} min"


def _row(name: str, value: str) -> Iterator[str]:
    yield f"{name:<10}{value}"
