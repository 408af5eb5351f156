"""How the person wants a timeline read: settings, with the command line's options over them."""

import argparse
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from sottovoce.settings import Settings, load_settings
from sottovoce_engine.errors import InputError, nearest
from sottovoce_engine.planned import PlanSettings
from sottovoce_engine.registers import RegisterTable, register_table
from sottovoce_engine.scene import Gender, Voice
from sottovoce_engine.splice.values import SpliceSettings
from sottovoce_engine.timing import rate_in

if TYPE_CHECKING:
    from sottovoce_engine.judge.judging import Judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything that decides how a timeline is understood."""

    settings: Settings
    registers: RegisterTable
    voices: tuple[Voice, ...] = ()
    dialogue_tracks: tuple[str, ...] = ()
    drop_frame: bool | None = None
    timeline: str = ""  # which one, where a file holds several
    picture: str = ""  # a picture mode, or "auto", for regions that do not say theirs; "" as they were rendered last
    rate: Fraction | None = None  # of files that hold lines only; None: 24
    encoding: str = ""  # of text files; "": found out


def default_reading() -> Reading:
    """The settings as they are, nothing asked for besides."""
    settings = load_settings()
    return Reading(settings=settings, registers=register_table(settings.registers_file))


def reading_of(arguments: argparse.Namespace) -> Reading:
    """The settings with the options of the command line over them.

    Raises:
        InputError: A voice or a registers file cannot be understood.
    """
    settings = load_settings()
    return Reading(
        settings=settings,
        registers=register_table(arguments.registers or settings.registers_file),
        voices=tuple(_voice(text) for text in arguments.voice),
        dialogue_tracks=tuple(arguments.dialogue_track),
        drop_frame=arguments.drop_frame,
        timeline=arguments.timeline_name,
        picture=getattr(arguments, "picture", None) or "",
        rate=None if arguments.rate is None else rate_in(arguments.rate),
        encoding=arguments.encoding,
    )


def plan_settings_from(settings: Settings) -> PlanSettings:
    """What is to be rendered where nothing else is asked for."""
    return PlanSettings(
        renderer=settings.renderer,
        takes=settings.takes,
        seed=settings.seed,
        handle_frames=settings.handle_frames,
        overlap_frames=settings.overlap_frames,
        context_seconds=settings.context_seconds,
    )


def plan_settings_of(arguments: argparse.Namespace, settings: Settings) -> PlanSettings:
    """What is to be rendered, as asked for on the command line, else as in the settings.

    Raises:
        InputError: A number is out of range.
    """
    asked = {
        "renderer": arguments.renderer,
        "takes": arguments.takes,
        "seed": arguments.seed,
        "handle_frames": arguments.handles,
        "overlap_frames": arguments.overlap,
        "register_gating": arguments.register_gating or None,
        "gating_edge_ms": arguments.gating_edge,
        "gating_leak": arguments.gating_leak,
        "shot_seed": arguments.shot_seed,
        "context_seconds": arguments.context,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    return replace(plan_settings_from(settings), only=tuple(arguments.only), again=arguments.again, **given)


def splice_settings_from(settings: Settings) -> SpliceSettings:
    """How joins are made where nothing else is asked for."""
    return SpliceSettings(fade_in_ms=settings.fade_in_ms, fade_out_ms=settings.fade_out_ms)


def splice_settings_of(arguments: argparse.Namespace, settings: Settings) -> SpliceSettings:
    """How joins are made, as asked for on the command line, else as in the settings.

    Raises:
        InputError: A number is out of range.
    """
    asked = {"fade_in_ms": arguments.fade_in_ms, "fade_out_ms": arguments.fade_out_ms}
    given = {name: value for name, value in asked.items() if value is not None}
    return replace(
        splice_settings_from(settings),
        dissolves=tuple(arguments.dissolve),
        offline_media=arguments.offline_media,
        **given,
    )


def judge_from(settings: Settings, language: str | None = None) -> "Judge | None":
    """The judge of takes; None where the settings want none. `language` is that of the lines, None as they look.

    It is never strict itself: what is kept of takes holds for the strict and for the lenient.

    Raises:
        InputError: The thresholds file cannot be used.
        SetupError: The Whisper model cannot be used.
    """
    if not settings.judge:
        return None
    from sottovoce_engine.judge.judging import Judge
    from sottovoce_engine.judge.recognition import Recogniser

    judge = Judge(thresholds_file=settings.thresholds_file, language=language)
    if settings.speech_model:  # after the thresholds: a mistyped file is found before half a minute of loading
        judge.recogniser = Recogniser(settings.speech_model)
    return judge


def judge_settings_of(arguments: argparse.Namespace, settings: Settings) -> Settings:
    """`settings` with what the command line says of the judge over them."""
    return replace(
        settings,
        judge=settings.judge and not arguments.no_judge,
        strict=settings.strict or arguments.strict,
        thresholds_file=arguments.thresholds or settings.thresholds_file,
        speech_model=arguments.speech_model or settings.speech_model,
    )


def _voice(text: str) -> Voice:
    """A voice written as NAME=GENDER or NAME=GENDER:SOUND."""
    name, equals, described = text.partition("=")
    gender, _, sound = described.partition(":")
    if not (name.strip() and equals):
        raise InputError(
            f"The voice '{text}' cannot be read. Write NAME=GENDER, such as 'Ben=man' or 'Ben=man:low, tired'."
        )
    known = [str(gender) for gender in Gender]
    if gender.strip().lower() not in known:
        raise InputError(f"The voice '{text}' has the gender '{gender.strip()}'. {nearest(gender.strip(), known)}")
    return Voice(name=name.strip(), gender=Gender(gender.strip().lower()), sound=sound.strip())
