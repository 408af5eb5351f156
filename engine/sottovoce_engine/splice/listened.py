"""What was heard of takes and of production sound, kept while a scene is worked on: files change less often than cuts."""

from collections.abc import Sequence

from sottovoce_engine.progress import Job
from sottovoce_engine.splice.listening import ProductionHeard, TakeHeard, production_heard, take_heard
from sottovoce_engine.splice.mix import SourceLayer
from sottovoce_engine.splice.running import OpenSounds
from sottovoce_engine.take import Take
from sottovoce_engine.timing import Span

_Production = tuple[tuple[SourceLayer, ...], tuple[Span, ...]]


class Listened:
    """Listens, once to each. Threads may share it: at worst both listen."""

    def __init__(self) -> None:
        self._takes: dict[tuple[str, str], TakeHeard] = {}
        self._production: tuple[_Production, ProductionHeard] | None = None  # of the marks as they lay last

    def take(self, take: Take, path: str, sounds: OpenSounds) -> TakeHeard:
        """What a take holds beside its words.

        Raises:
            InputError: Its file is missing or damaged.
        """
        known = take.key, take.media
        if known not in self._takes:
            self._takes[known] = take_heard(take, path, sounds)
        return self._takes[known]

    def production(self, dialogue: Sequence[SourceLayer], regions: Sequence[Span], job: Job) -> ProductionHeard:
        """What the timeline's own dialogue holds; `regions` in scene samples.

        Raises:
            InputError: A file is missing or damaged.
            JobCancelled: Cancelling was asked for.
        """
        asked = tuple(dialogue), tuple(regions)
        if self._production is None or self._production[0] != asked:
            self._production = asked, production_heard(dialogue, regions, job)
        return self._production[1]
