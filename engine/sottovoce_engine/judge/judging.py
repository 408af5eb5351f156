"""The judge: one reading of a sound, every measurement on it, one judgement.

file ──► sound ──► voicing ──┬──────────► level
            │                ├─► register ◄── words ◄─┐
            ├────────────────┼─► line ────────────────┤   recognised or aligned, where the take's own are a guess
            ├─► damage ◄─────┘                        ▼
            └─► perspective                        timing
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from sottovoce_engine.judge.alignment import shared_aligner
from sottovoce_engine.judge.damage import judged_damage_of
from sottovoce_engine.judge.damage_values import DamageFinding, DamageThresholds
from sottovoce_engine.judge.effort import NormalVoice
from sottovoce_engine.judge.judgement import Judgement, judgement_of
from sottovoce_engine.judge.level import judged_level_from, speech_span
from sottovoce_engine.judge.level_finding import LevelFinding
from sottovoce_engine.judge.line import LineThresholds, judged_line
from sottovoce_engine.judge.line_finding import LineFinding, LineVerdict
from sottovoce_engine.judge.line_language import language_of
from sottovoce_engine.judge.neighbours import ProductionSound
from sottovoce_engine.judge.own_sound import OwnSound, heard_of
from sottovoce_engine.judge.perspective import PerspectiveFinding, PerspectiveThresholds, judged_perspective
from sottovoce_engine.judge.picture_damage import judged_picture, should_move
from sottovoce_engine.judge.recognition import Recogniser
from sottovoce_engine.judge.register import judged_voicing
from sottovoce_engine.judge.register_finding import RegisterFinding
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.take_judge import fingerprint_of
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.judge.timing import TimingFinding, TimingThresholds, judged_timing
from sottovoce_engine.judge.voicing import Read, Voicing, voicing_from
from sottovoce_engine.judge.written_words import ENGLISH
from sottovoce_engine.media.probe import probe
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.registers import Register, plain_register
from sottovoce_engine.scene import Voice
from sottovoce_engine.take import NO_PICTURE, SpokenWord, Take
from sottovoce_engine.timing import SAMPLE_RATE, Span

__all__ = ["Judge", "Judgement"]

_MOST_HELD = 600 * SAMPLE_RATE  # longer sound is read once for each measurement
_QUIETEST = 1e-9  # of the speech's power: -90 dB
_LIKE_PRODUCTION = "normal"  # the register production dialogue is taken to be spoken in
_UNASKED = plain_register("unasked", letter="U")


class Judge:
    """Thresholds and what listens, made once and used for every take; from one thread at a time.

    Attributes:
        fingerprint: Of the thresholds and the engines. A judgement by another one is made anew.
    """

    def __init__(
        self,
        *,
        thresholds_file: Path | None = None,
        recogniser: Recogniser | None = None,
        language: str | None = None,
        strict: bool = False,
    ) -> None:
        """Reads the thresholds; loads nothing.

        Args:
            thresholds_file: A user's thresholds, laid over the shipped ones.
            recogniser: What hears words; without it, English lines are laid over the sound.
            language: Of the lines, as Whisper names it; None: as each line's letters and words say.
            strict: Mixed and uncertain takes do not pass.

        Raises:
            InputError: The thresholds file cannot be used.
        """
        self.recogniser, self.language, self.strict = recogniser, language, strict
        self.register_thresholds = thresholds_of("register", RegisterThresholds, thresholds_file)
        self.line_thresholds = thresholds_of("line", LineThresholds, thresholds_file)
        self._damage = thresholds_of("damage", DamageThresholds, thresholds_file)
        self._timing = thresholds_of("timing", TimingThresholds, thresholds_file)
        self._perspective = thresholds_of("perspective", PerspectiveThresholds, thresholds_file)
        self._thresholds_file = thresholds_file

    @cached_property
    def fingerprint(self) -> str:
        heard_by = None if self.recogniser is None else self.recogniser.name
        return fingerprint_of(self._thresholds_file, heard_by, self.language)

    def judged_file(
        self, path: Path, *, register: Register | None, voice: Voice, line: str, normal: NormalVoice | None = None
    ) -> Judgement:
        """Any sound or movie file, by itself.

        Args:
            path: The file.
            register: What it should be spoken in; None: any will do, it is only measured.
            voice: Who should speak.
            line: What should be said; "" where any words will do.
            normal: How that voice speaks normally.

        Raises:
            InputError: The file cannot be read, or holds no sound.
            RenderError: The recogniser failed on it.
        """
        with SoundReader(path) as reader:
            measured = self._measured(_Asked(register=register, voice=voice, line=line, normal=normal), reader)
        damage = (*measured.damage, *self._seen(path, expected_frames=None, moving=False))
        return self._together(measured, damage)

    def judged_take(
        self,
        take: Take,
        path: Path,
        *,
        normal: NormalVoice | None = None,
        guide: ProductionSound | None = None,
        beside: Sound | None = None,
        production: str = "",
    ) -> Judgement:
        """As `TakeJudge`."""
        job = take.job
        own = () if take.words_estimated else take.words
        asked = _Asked(register=job.register, voice=job.voice, line=job.region.line, normal=normal, own_words=own)
        with SoundReader(path) as whole:
            reader = heard_of(whole, job)
            measured = self._measured(asked, reader, expected_samples=take.length_samples)
            perspective = None
            if beside is not None:
                alike = job.register.name == _LIKE_PRODUCTION
                sound = reader.read(Span(0, reader.length_samples))
                perspective = judged_perspective(sound, beside, same_effort=alike, thresholds=self._perspective)
        damage = measured.damage
        if take.has_picture and NO_PICTURE not in take.notes:
            damage += self._seen(path, expected_frames=take.length_frames, moving=should_move(take))
        timing = judged_timing(
            measured.words or take.words,
            job.region_samples,
            take.length_samples,
            guide=self._words_of(guide, job.region.line),
            rate=job.rate,
            thresholds=self._timing,
            estimated=not measured.words,
        )
        return self._together(measured, damage, timing, perspective, production)

    def _measured(
        self, asked: "_Asked", reader: SoundReader | OwnSound, expected_samples: int | None = None
    ) -> "_Measured":
        """What is found out about the sound of a file, whatever it is for."""
        length, read = reader.length_samples, _read_once(reader)
        register = asked.register or _UNASKED
        line = self._spoken(read, length, register, asked.line)
        words = asked.own_words or line.words
        voicing = voicing_from(read, length, self.register_thresholds)
        found = judged_voicing(voicing, words, register, asked.voice, asked.normal, self.register_thresholds)
        if asked.register is None:
            found = _unasked(found)
        damage = judged_damage_of(
            read,
            length,
            expected_samples=expected_samples,
            thresholds=self._damage,
            speech=speech_span(voicing, words) if words else None,
        )
        level = judged_level_from(read, length, words, voicing)
        floor = _floor_db(voicing)
        return _Measured(line=line, words=words, register=found, damage=damage, level=level, floor_db=floor)

    def _spoken(self, read: Read, length: int, register: Register, line: str) -> LineFinding:
        if not line.strip():
            why = ("No line was given: the words are not checked.",)
            return LineFinding(verdict=LineVerdict.NOT_CHECKED, passes=None, why=why, by="")
        whole = Span(0, length)
        # Of sound too long to be listened to, only its length is looked at.
        long = length > self.line_thresholds.longest_seconds * SAMPLE_RATE
        sound = np.broadcast_to(np.float32(0.0), (2, length)) if long else read(whole)
        return judged_line(
            sound,
            line,
            register,
            language=self.language,
            recogniser=self.recogniser or shared_aligner(),
            thresholds=self.line_thresholds,
        )

    def _words_of(self, guide: ProductionSound | None, line: str) -> tuple[SpokenWord, ...] | None:
        """The words of the production sound, in samples from the take's first; None where none are found."""
        if guide is None:
            return None
        language = self.language or language_of(line)
        if self.recogniser is not None and self.recogniser.understands(language):
            heard = self.recogniser.heard(guide.sound, language, lambda: None).words
            words = tuple(SpokenWord(text=word.text, span=word.span) for word in heard)
        elif self.recogniser is None and language == ENGLISH:
            alignment = shared_aligner().aligned(guide.sound, line)
            fits = alignment is not None and alignment.score >= self.line_thresholds.fit
            words = tuple(aligned.word for aligned in alignment.words) if alignment is not None and fits else ()
        else:
            words = ()
        return tuple(replace(word, span=word.span.shifted(guide.span.start)) for word in words) or None

    def _seen(self, path: Path, *, expected_frames: int | None, moving: bool) -> tuple[DamageFinding, ...]:
        """Damage to the picture; nothing where there is no picture."""
        if probe(path).picture is None:
            return ()
        return judged_picture(path, expected_frames=expected_frames, moving=moving, thresholds=self._damage)

    def _together(
        self,
        measured: "_Measured",
        damage: tuple[DamageFinding, ...],
        timing: TimingFinding | None = None,
        perspective: PerspectiveFinding | None = None,
        production: str = "",
    ) -> Judgement:
        judgement = judgement_of(
            register=measured.register,
            line=measured.line,
            damage=tuple(sorted(damage, key=lambda finding: finding.passes)),
            timing=timing,
            perspective=perspective,
            level=measured.level,
            judged_by=self.fingerprint,
            floor_db=measured.floor_db,
            production=production,
        )
        return judgement.strictly() if self.strict else judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a sound is measured for."""

    register: Register | None
    voice: Voice
    line: str
    normal: NormalVoice | None
    own_words: tuple[SpokenWord, ...] = ()  # where whoever made it knows where they lie


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """What was found out about a sound."""

    line: LineFinding
    words: tuple[SpokenWord, ...]  # empty where nobody knows where they lie
    register: RegisterFinding
    damage: tuple[DamageFinding, ...]
    level: LevelFinding
    floor_db: float | None


def _floor_db(voicing: Voicing) -> float | None:
    """What lies between the words, under the speech."""
    spoken, between = voicing.speech_power[voicing.active], voicing.speech_power[~voicing.active]
    if not len(spoken) or not len(between) or not spoken.max():
        return None
    # A floor of digital silence is as good as one that nobody hears.
    share = max(float(np.median(between)) / float(spoken.mean(dtype=np.float64)), _QUIETEST)
    return 10.0 * math.log10(share)


def _read_once(reader: SoundReader | OwnSound) -> Read:
    """Sound of up to ten minutes is read once and held; longer sound is read again for each measurement."""
    if reader.length_samples > _MOST_HELD:
        return reader.read
    sound = reader.read(Span(0, reader.length_samples))
    return lambda span: sound[:, span.start : span.end]


def _unasked(found: RegisterFinding) -> RegisterFinding:
    """The finding of a sound that may be spoken in any register."""
    if found.passes is False:
        return replace(found, asked="")
    why = (f"no register was asked for: measured as {found.verdict}, not checked",)
    return replace(found, asked="", passes=None, amber=False, why=why)
