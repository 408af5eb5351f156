"""Neighbouring regions that are sampled in one window, the register changing inside it: `--register-gating`.

timeline     |#1 whisper#|  |#2 normal#|                      |#3 whisper#|
window       |<h ######################### h>|                  alone: no gating needed
takes        |<--- of 1 ---->|
                         |<--- of 2 --->|                      they share a little of what lies between

Every region keeps a take, a key and a choice of its own; those of one window and one seed come from one pass.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from sottovoce_engine.caption import caption_for, caption_for_lines
from sottovoce_engine.locked_picture import WATCHING, clip_under, locked_start
from sottovoce_engine.planned import PlanSettings
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import PictureMode, Region, Scene
from sottovoce_engine.shots import PlannedShot, runs_of, window_in
from sottovoce_engine.starts import FootageLook
from sottovoce_engine.take import GatedLine, Gating
from sottovoce_engine.timing import Span
from sottovoce_engine.windows import MODEL_MAX_SECONDS, longest_span, window_for

GATING = ("ltx",)  # renderers that can change the register inside a window

_SHARED_SECONDS = Fraction(3, 25)  # of a neighbour's side that a take keeps: a fade between the two lies there
_MODES = frozenset({PictureMode.LOCK, PictureMode.CUT, PictureMode.SHOT})  # whose pictures start from no other take's


@dataclass(frozen=True, slots=True, kw_only=True)
class Gated:
    """What is sampled together, and what is to be said of it. Both are by region id."""

    windows: Mapping[str, Gating]
    notes: Mapping[str, str]


def gated_windows(
    scene: Scene, registers: RegisterTable, settings: PlanSettings, footage: Mapping[str, FootageLook]
) -> Gated:
    """The windows that hold more than one register.

    Args:
        scene: As planned: long regions in parts.
        registers: Theirs are among them.
        settings: Whether to gate at all, and how softly.
        footage: What is known of the timeline's pictures, by path.

    Raises:
        InputError: A register is unknown, or at the scene's rate no window holds a region.
    """
    if not settings.register_gating:
        return Gated(windows={}, notes={})
    if settings.renderer not in GATING:
        note = f"register gating does not apply: the renderer '{settings.renderer}' makes every region by itself"
        return Gated(windows={}, notes={region.id: note for region in scene.regions})
    windows: dict[str, Gating] = {}
    notes: dict[str, str] = {}
    why_before = ""
    for group, why_after in _groups(scene, registers):
        if len({region.register for region in group}) > 1:
            windows |= dict.fromkeys(
                (region.id for region in group), _gating(group, scene, registers, settings, footage)
            )
        else:
            why = why_after or why_before or "no other register lies beside it"
            notes |= {region.id: f"register gating does not apply: {why}" for region in group}
        why_before = why_after
    return Gated(windows=windows, notes=notes)


def kept_of(gating: Gating, region: Region, rate: Fraction) -> Span:
    """The scene frames of a gated window that the region's take keeps: its part, and a little of its neighbours'."""
    part, shared = gating.part_of(region.span), math.ceil(_SHARED_SECONDS * rate)
    start, end = gating.window.span.start, gating.window.span.end
    if part.starts_at is not None:
        start = max(start, region.span.start + part.starts_at - shared)
    if part.ends_at is not None:
        end = min(end, region.span.start + part.ends_at + shared)
    return Span(start, end)


def gating_over(shot: PlannedShot, gating: Gating, handle_frames: int) -> Gating:
    """The same window within the rendered picture that its regions share."""
    lines = gating.lines
    return replace(gating, window=window_in(shot, Span(lines[0].span.start, lines[-1].span.end), handle_frames))


def _groups(scene: Scene, registers: RegisterTable) -> list[tuple[tuple[Region, ...], str]]:
    """The regions in order, together as far as one window holds them, and why each group ends where it does."""
    groups: list[tuple[tuple[Region, ...], str]] = []
    group: tuple[Region, ...] = ()
    shots = {region.id: number for number, run in enumerate(runs_of(scene)) for region in run}
    for region in scene.regions:
        why = _why_apart(group, region, scene, registers) if group else ""
        if group and not why and shots.get(group[-1].id) != shots.get(region.id):
            why = f"'{group[-1].line[:40]}' and '{region.line[:40]}' lie over two shots"
        if why:
            groups.append((group, why))
        group = (region,) if why or not group else (*group, region)
    return [*groups, (group, "")] if group else groups


def _why_apart(group: Sequence[Region], region: Region, scene: Scene, registers: RegisterTable) -> str:
    """Why a region cannot be sampled in one window with the group before it; "" where it can."""
    last, rate = group[-1], scene.rate
    pair = f"'{last.line[:40]}' and '{region.line[:40]}'"
    modes = {scene.picture_mode(each) for each in (last, region)}
    named = [registers.get(each.register) for each in (*group, region)]
    length, longest = region.span.end - group[0].span.start, longest_span(rate)
    if region.sound_span.start < max(each.sound_span.end for each in group):
        return f"{pair} are heard at once"
    if length > longest:
        return (
            f"from '{group[0].line[:40]}' to the end of '{region.line[:40]}' it is {float(length / rate):.1f} s, and one "
            f"window of {MODEL_MAX_SECONDS} s holds {float(longest / rate):.1f} s beside its handles"
        )
    if len(modes) > 1 or not modes <= _MODES:
        return f"the pictures of {pair} are not both cut, both locked or both of one shot"
    if (last.location, last.look, last.seed) != (region.location, region.look, region.seed):
        return f"{pair} have different locations, looks or seeds"
    if modes == {PictureMode.LOCK} and clip_under(last.span, scene) != clip_under(region.span, scene):
        return f"{pair} lie over different pictures"
    return f"{pair} need two LoRAs" if len({register.lora_file for register in named if register.lora}) > 1 else ""


def _gating(
    group: Sequence[Region],
    scene: Scene,
    registers: RegisterTable,
    settings: PlanSettings,
    footage: Mapping[str, FootageLook],
) -> Gating:
    whole, first = Span(group[0].span.start, group[-1].span.end), group[0]
    window = window_for(whole, scene.rate, settings.handle_frames)
    spoken = [(region, scene.voice(region.voice), registers.get(region.register)) for region in group]
    locked = scene.picture_mode(first) is PictureMode.LOCK and settings.renderer in WATCHING
    start = locked_start(first, scene, window, renderer=settings.renderer, footage=footage) if locked else None
    return Gating(
        window=window,
        lines=tuple(
            GatedLine(
                span=region.span,
                voice=voice,
                register=register,
                line=region.line,
                caption=caption_for(region, voice, register),
            )
            for region, voice, register in spoken
        ),
        caption=caption_for_lines(spoken),
        locked_on=None if start is None else start.locked_on,
        edge_ms=settings.gating_edge_ms,
        leak=settings.gating_leak,
    )
