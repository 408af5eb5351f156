"""Judgements of a scene's takes: those kept in the store, and those made now, in a thread beside the rendering.

renderer   | take 1 | take 2 | take 3 |
judge               | 1 |    | 2 |    | 3 |     a choice is made once all are judged
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from sottovoce_engine.errors import InputError, RenderError
from sottovoce_engine.judge.damage_values import Severity
from sottovoce_engine.judge.effort import NormalVoice
from sottovoce_engine.judge.judgement import Judgement, judgement_as_json, judgement_from_json, unreadable
from sottovoce_engine.judge.neighbours import ProductionSound, production_beside, production_under
from sottovoce_engine.judge.relative import made_relative, normal_voice_of
from sottovoce_engine.judge.take_judge import TakeJudge
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.progress import Job
from sottovoce_engine.ranking import Standing
from sottovoce_engine.scene import PictureMode, Scene
from sottovoce_engine.store import Store
from sottovoce_engine.take import Take, take_start
from sottovoce_engine.timing import frames_in, sample_at

STAGE = "judging"

_NORMAL = "normal"
_NEAR_SECONDS = 10  # production sound further off is not compared with
_PATIENCE_SECONDS = 0.1  # how soon a cancel is seen


class JudgedTakes:
    """The judge at work on one store. Used in a `with` block, which ends the thread."""

    def __init__(self, judge: TakeJudge, store: Store, scene: Scene) -> None:
        """Judges nothing yet.

        Args:
            judge: Asked from one thread only.
            store: Where judgements are kept, if it may be written.
            scene: As planned, with the production sound around its regions.
        """
        self._judge, self._store, self._scene = judge, store, scene
        self._regions = {region.id: region for region in scene.regions}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=STAGE)
        self._begun: dict[str, Future[Judgement]] = {}
        self._done: dict[str, Judgement] = {}
        self._heard: tuple[str, ProductionSound | None, Sound | None] = ("", None, None)  # of the last region

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._thread.shutdown(cancel_futures=True)

    def begin(self, take: Take) -> None:
        """Has a take judged that has just come into the store; returns at once."""
        self._done.pop(take.key, None)
        self._begun[take.key] = self._thread.submit(self._judged, take)

    def finished(self, takes: Iterable[Take], job: Job) -> dict[str, Judgement]:
        """The judgements of `takes` by key, each relative to how its voice speaks normally in them.

        What the store holds of this judge is taken from there; what is missing, damaged or outdated is made now.

        Raises:
            JobCancelled: Cancelling was asked for; judgements made before are kept.
            InputError, SetupError: The disk does not take them.
        """
        asked = {take.key: take for take in takes}
        new = [key for key in asked if key not in self._done and key not in self._begun]
        kept = self._store.judgements(new, judgement_from_json)
        for key in new:
            judgement = kept.get(key)
            if judgement is not None and self._is_current(judgement, asked[key]):
                self._done[key] = judgement
            else:
                self.begin(asked[key])
        self._wait(job)
        return self._relative(asked)

    def _wait(self, job: Job) -> None:
        waiting, total = set(self._begun.values()), len(self._begun)
        while waiting:
            job.step(STAGE, total - len(waiting), total)
            _, waiting = wait(waiting, _PATIENCE_SECONDS)
        if total:
            job.step(STAGE, total, total)
        self._done |= {key: future.result() for key, future in self._begun.items()}
        self._begun.clear()

    def _judged(self, take: Take) -> Judgement:
        """The judgement of one take, kept; one that says so where its media cannot be read."""
        guide, beside = self._production(take)
        try:
            judgement = self._judge.judged_take(
                take, self._store.path(take), guide=guide, beside=beside, production=self._production_key(take)
            )
        except (InputError, RenderError) as error:
            return unreadable(str(error), self._judge.fingerprint)
        self._keep(take.key, judgement)
        return judgement

    def _keep(self, key: str, judgement: Judgement) -> None:
        if self._store.writing:
            self._store.add_judgement(key, judgement_as_json(judgement))

    def _is_current(self, judgement: Judgement, take: Take) -> bool:
        return judgement.judged_by == self._judge.fingerprint and judgement.production == self._production_key(take)

    # Relative to the voice's own normal takes

    def _relative(self, takes: Mapping[str, Take]) -> dict[str, Judgement]:
        normals = self._normal_voices(takes.values())
        relative, thresholds = {}, self._judge.register_thresholds
        for key, take in takes.items():
            judgement, register = self._done[key], take.job.register
            normal = normals.get(_speaker(take))
            relative[key] = made_relative(judgement, register, take.job.voice, normal, thresholds)
            if relative[key] != judgement:
                self._keep(key, relative[key])
                self._done[key] = relative[key]
        return relative

    def _normal_voices(self, takes: Iterable[Take]) -> dict[tuple[str, str], NormalVoice]:
        """How every voice speaks normally: the middle of its normal takes that pass."""
        normal: dict[tuple[str, str], list[Judgement]] = {}
        for take in takes:
            if take.job.register.name == _NORMAL and self._done[take.key].passes:
                normal.setdefault(_speaker(take), []).append(self._done[take.key])
        thresholds = self._judge.register_thresholds
        found = {speaker: normal_voice_of(judgements, thresholds) for speaker, judgements in normal.items()}
        return {speaker: voice for speaker, voice in found.items() if voice is not None}

    # The production sound around a take

    def _production(self, take: Take) -> tuple[ProductionSound | None, Sound | None]:
        """The line as it was shot, where its lips are seen, and the dialogue beside it."""
        region = self._regions.get(take.job.region.id)
        if region is None or not self._production_key(take):
            return None, None
        if self._heard[0] != region.id:
            self._heard = region.id, production_under(self._scene, region), production_beside(self._scene, region)
        _, under, beside = self._heard
        if under is None or take.job.picture is not PictureMode.LOCK:
            return None, beside
        start = sample_at(take_start(take, region), take.job.rate)
        return replace(under, span=under.span.shifted(-start)), beside

    def _production_key(self, take: Take) -> str:
        """Tells the production sound around the take from any other; "" where there is none."""
        region = self._regions.get(take.job.region.id)
        if region is None:
            return ""
        near = frames_in(_NEAR_SECONDS, self._scene.rate)
        reach = region.span.grown(near, near)
        pieces = [
            (
                piece.span.start - region.span.start,
                piece.span.length,
                piece.source.path,
                piece.source.start,
                piece.gain_db,
                _state(piece.source.path),
            )
            for piece in self._scene.sounds
            if piece.dialogue and piece.source.path and piece.span.overlaps(reach)
        ]
        if not pieces:
            return ""
        lies = (region.span.length, take_start(take, region) - region.span.start)
        return sha256(repr((pieces, lies)).encode()).hexdigest()[:16]


def standing_of(judgement: Judgement, *, strict: bool) -> Standing:
    """What of a judgement decides between takes."""
    register = judgement.register
    return Standing(
        line_fails=judgement.line.passes is False or register is None,  # a file that cannot be read says nothing
        register_fails=register is not None and (register.passes is False or (strict and register.amber)),
        other_fails=not judgement.passes,
        amber=judgement.amber,
        distance=None if register is None else register.distance,
        cer=judgement.line.cer,
        damage=sum(finding.severity is Severity.NOTICEABLE for finding in judgement.damage),
        floor_db=judgement.floor_db,
    )


def _speaker(take: Take) -> tuple[str, str]:
    """Whose voice it is: another renderer has another one."""
    return take.job.voice.name, take.job.renderer


def _state(path: str) -> tuple[int, int]:
    try:
        status = Path(path).stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
