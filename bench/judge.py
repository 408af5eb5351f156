"""How well the judge tells registers apart on synthetic speech, and how fast it is.

Eight voices, ten lines, in quiet, pink noise, AAC and a reverberant room. No part of it is a recording of
a person, and no threshold was fitted to it; what fitting would give is a table of its own.
"""

import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.engine.judge.corpus import (
    CONDITIONS,
    HALF_BREATH,
    HALVES,
    LINES,
    REGISTERS,
    VOICES,
    Clip,
    clean_clip,
    corpus,
    degraded,
)

from sottovoce_engine.judge.calibration import MeasuredRecording, calibration_for, confusions
from sottovoce_engine.judge.damage import judged_damage
from sottovoce_engine.judge.damage_values import DamageThresholds
from sottovoce_engine.judge.effort import EFFORT_REGISTERS, NormalVoice
from sottovoce_engine.judge.level import judged_level
from sottovoce_engine.judge.normal_voices import normal_voice_from
from sottovoce_engine.judge.recordings import Recording
from sottovoce_engine.judge.register import RegisterFinding, RegisterThresholds, Verdict, judged_voicing
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.judge.voicing import Voicing, mean_v, voiced_share, voicing_from, voicing_of
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, Voice
from sottovoce_engine.take import SpokenWord
from sottovoce_engine.timing import SAMPLE_RATE, Span

GOAL = 40.0
RUNS = 3
BREATHS = (0.5, HALF_BREATH, 0.7071, 0.75, 0.8, 0.85)
MORE_VOICES = (
    Voice(name="Cleo", gender=Gender.WOMAN, sound="high, bright"),
    Voice(name="Mia", gender=Gender.WOMAN, sound="old, tired"),
    Voice(name="Finn", gender=Gender.MAN, sound="young"),
    Voice(name="Karl", gender=Gender.MAN, sound="warm, slow"),
)
ALL_VOICES = VOICES + MORE_VOICES
THRESHOLDS = thresholds_of("register", RegisterThresholds)
DAMAGE = thresholds_of("damage", DamageThresholds)
TABLE = register_table()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A clip of the corpus without its sound."""

    clip: Clip
    voicing: Voicing


def main() -> None:
    """Prints the tables."""
    heard = [_heard(clip) for clip in corpus(ALL_VOICES)]
    more = tuple(name for name in EFFORT_REGISTERS if name not in REGISTERS)
    clean = [one for one in heard if one.clip.condition == "clean" and one.clip.register in EFFORT_REGISTERS]
    efforts = clean + [_heard(clip) for clip in corpus(ALL_VOICES, registers=more, conditions=("clean",))]
    _print_verdicts(heard)
    _print_halves(heard)
    _print_breaths()
    _print_voices(heard)
    _print_efforts(efforts)
    _print_refit(heard)
    _print_speed()
    _print_long()


def _heard(clip: Clip) -> Heard:
    return Heard(clip=replace(clip, sound=clip.sound[:0]), voicing=voicing_of(clip.sound[None], THRESHOLDS))


def _judged(one: Heard, *, words: bool = True, normal: NormalVoice | None = None) -> RegisterFinding:
    asked = TABLE.get("whisper" if one.clip.register == "half" else one.clip.register)
    spoken = one.clip.words if words else None
    return judged_voicing(one.voicing, spoken, asked, one.clip.voice, normal, THRESHOLDS)


def _print_verdicts(heard: Sequence[Heard]) -> None:
    print("### Verdicts\n\n| spoken as | in | words | takes | " + " | ".join(Verdict) + " |")
    print("|---|---|---|---|" + "---|" * len(Verdict))
    for register in REGISTERS:
        for condition in CONDITIONS:
            takes = [one for one in heard if (one.clip.register, one.clip.condition) == (register, condition)]
            for words in (True, False):
                found = [_judged(one, words=words).verdict for one in takes]
                print(f"| {register} | {condition} | {'known' if words else 'not known'} {_counts(found)}")


def _print_halves(heard: Sequence[Heard]) -> None:
    print("\n### Half-whispers, by how they are made\n\n| half | in | takes | " + " | ".join(Verdict) + " |")
    print("|---|---|---|" + "---|" * len(Verdict))
    kinds = sorted({(one.clip.half, one.clip.condition) for one in heard if one.clip.half})
    for half, condition in kinds:
        takes = [one for one in heard if (one.clip.half, one.clip.condition) == (half, condition)]
        print(f"| {half} | {condition} {_counts(_judged(one).verdict for one in takes)}")


def _print_breaths() -> None:
    """How much breath over a voice it takes to be called a whisper."""
    print("\n### Breath over a soft voice, all conditions\n\n| harmonics to noise | v, middle | takes | ", end="")
    print(" | ".join(Verdict) + " |\n|---|---|---|" + "---|" * len(Verdict))
    lines = [number for number in range(len(LINES)) if HALVES[number % len(HALVES)] == "breath"]
    for breath in BREATHS:
        made = [clean_clip(voice, "half", number, LINES[number], breath) for voice in ALL_VOICES for number in lines]
        takes = [
            _heard(replace(clip, sound=degraded(condition, clip.sound))) for clip in made for condition in CONDITIONS
        ]
        found = [_judged(one) for one in takes]
        middle = float(np.median([one.v for one in found if one.v is not None]))
        ratio = 10 * np.log10((1 - breath**2) / breath**2)
        print(f"| {ratio:+.1f} dB | {middle:.2f} {_counts(one.verdict for one in found)}")


def _print_voices(heard: Sequence[Heard]) -> None:
    print(
        "\n### By voice, all conditions, words known\n\n| voice | spoken as | v, lowest to highest | takes | ", end=""
    )
    print(" | ".join(Verdict) + " |\n|---|---|---|---|" + "---|" * len(Verdict))
    for voice in ALL_VOICES:
        for register in REGISTERS:
            takes = [one for one in heard if (one.clip.voice, one.clip.register) == (voice, register)]
            values = [v for one in takes if (v := mean_v(one.voicing, one.voicing.active)) is not None]
            who = f"{voice.name}, {voice.gender}" + (f", {voice.sound}" if voice.sound else "")
            found = [_judged(one).verdict for one in takes]
            print(f"| {who} | {register} | {min(values):.2f} to {max(values):.2f} {_counts(found)}")


def _print_efforts(takes: Sequence[Heard]) -> None:
    print("\n### Effort in quiet, against the voice's own normal takes: which register is nearest\n")
    print("| spoken as | takes | " + " | ".join(EFFORT_REGISTERS) + " | median, dB |\n|---|---|" + "---|" * 7)
    normals = {
        voice.name: normal_voice_from(
            [one.voicing for one in takes if (one.clip.voice, one.clip.register) == (voice, "normal")], THRESHOLDS
        )
        for voice in ALL_VOICES
    }
    for register in EFFORT_REGISTERS:
        of_it = [one for one in takes if one.clip.register == register]
        found = [_judged(one, normal=normals[one.clip.voice.name]).effort for one in of_it]
        nearest = Counter(effort.nearest for effort in found if effort is not None)
        middle = float(np.median([effort.effort_db for effort in found if effort is not None]))
        print(f"| {register} | {len(of_it)} | " + " | ".join(str(nearest[name]) for name in EFFORT_REGISTERS), end="")
        print(f" | {middle:+.1f} |")


def _print_refit(heard: Sequence[Heard]) -> None:
    """What refitting gives: fitted on four voices, counted on the four others."""
    fitted = [_recording(one) for one in heard if one.clip.voice in VOICES]
    others = [_recording(one) for one in heard if one.clip.voice in MORE_VOICES]
    calibration = calibration_for(
        fitted, (), THRESHOLDS, TABLE.registers, source="four voices of the corpus", on=date.today()
    )
    print(
        f"\n### Refitted on four voices, counted on the four others (words not known; margin {calibration.margin:.2f})\n"
    )
    print("| threshold | shipped | refitted |\n|---|---|---|")
    for name, threshold in calibration.refitted:
        print(f"| {name} | {getattr(THRESHOLDS, name):g} | {threshold.value:g} |")
    print("\n| thresholds | spoken as | takes | " + " | ".join(Verdict) + " |\n|---|---|---|" + "---|" * len(Verdict))
    for what, thresholds in (("shipped", THRESHOLDS), ("refitted", calibration.thresholds)):
        for row in confusions(others, thresholds, TABLE.registers):
            found = [verdict for verdict, count in row.counts for _ in range(count)]
            print(f"| {what} | {row.label} {_counts(found)}")


def _recording(one: Heard) -> MeasuredRecording:
    v, share = mean_v(one.voicing, one.voicing.active), voiced_share(one.voicing, one.voicing.active)
    assert v is not None
    assert share is not None
    path = Path(one.clip.voice.name, one.clip.register, f"{one.clip.line} {one.clip.condition}")
    recording = Recording(path=path, register=one.clip.register, voice=one.clip.voice.name)
    return MeasuredRecording(recording=recording, voicing=one.voicing, v=v, voiced_share=share)


def _print_speed() -> None:
    print(
        "\n### Speed, one core\n\n| what | takes | sound, s | time, s | × real time | of the goal |\n|---|---|---|---|---|---|"
    )
    clips = list(corpus(VOICES[:3:2], conditions=("clean", "reverb")))
    short = [(np.stack((clip.sound, clip.sound)), clip.words) for clip in clips]
    long = [_joined(short[start : start + 25]) for start in range(0, len(short), 25)]
    for what, takes in (("takes as they are", short), ("the same, 25 joined in one", long)):
        voicings = [voicing_of(sound, THRESHOLDS) for sound, _ in takes]
        parts: tuple[tuple[str, Callable[[], object]], ...] = (
            ("voicing", partial(_each, _voicing, takes)),
            ("register", partial(_each, _register, takes)),
            ("damage", partial(_each, _damage, takes)),
            ("level", partial(_levels, takes, voicings)),
            ("register, damage and level", partial(_each, _all, takes)),
        )
        seconds = sum(sound.shape[1] for sound, _ in takes) / SAMPLE_RATE
        for part, work in parts:
            took = min(_seconds(work) for _ in range(RUNS))
            ratio = seconds / took
            print(f"| {part}, {what} | {len(takes)} | {seconds:.0f} | {took:.2f} | {ratio:.0f} | {ratio / GOAL:.1f} |")


def _print_long() -> None:
    """Three hours: a minute of takes, over and over."""
    minute = np.concatenate([clip.sound for clip in corpus(VOICES[:1], conditions=("clean",))][:25])
    minute = np.tile(minute, 2)[: 60 * SAMPLE_RATE]

    def read(span: Span) -> Sound:
        places = np.arange(span.start, span.end) % len(minute)
        return np.stack((minute[places],) * 2)

    length = 3 * 3600 * SAMPLE_RATE

    def work() -> None:
        voicing = voicing_from(read, length, THRESHOLDS)
        judged_voicing(voicing, None, TABLE.get("whisper"), VOICES[0], None, THRESHOLDS)

    tracemalloc.start()
    took = _seconds(work)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    print(f"\nThree hours of stereo: register in {took:.0f} s, {10_800 / took:.0f} x real time, {peak:.0f} MB at most.")


Words = tuple[SpokenWord, ...]


def _joined(takes: Sequence[tuple[Sound, Words]]) -> tuple[Sound, Words]:
    return np.concatenate([sound for sound, _ in takes], axis=1), ()


def _each(judge: Callable[[Sound, Words], object], takes: Sequence[tuple[Sound, Words]]) -> None:
    for sound, words in takes:
        judge(sound, words)


def _voicing(sound: Sound, _words: Words) -> Voicing:
    return voicing_of(sound, THRESHOLDS)


def _register(sound: Sound, words: Words) -> Voicing:
    voicing = voicing_of(sound, THRESHOLDS)
    judged_voicing(voicing, words, TABLE.get("whisper"), VOICES[0], None, THRESHOLDS)
    return voicing


def _damage(sound: Sound, _words: Words) -> object:
    return judged_damage(sound, expected_samples=None, thresholds=DAMAGE)


def _levels(takes: Sequence[tuple[Sound, Words]], voicings: Sequence[Voicing]) -> None:
    for (sound, words), voicing in zip(takes, voicings, strict=True):
        judged_level(sound, words, voicing)


def _all(sound: Sound, words: Words) -> object:
    voicing = _register(sound, words)
    return _damage(sound, words), judged_level(sound, words, voicing)


def _counts(verdicts: Iterable[Verdict]) -> str:
    counts = Counter(verdicts)
    return f"| {counts.total()} | " + " | ".join(str(counts[verdict]) for verdict in Verdict) + " |"


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    main()
