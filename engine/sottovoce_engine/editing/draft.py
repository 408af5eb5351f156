"""What an editor changes: regions, voices, what is chosen and said of takes, and joins. All else is the timeline's own."""

from dataclasses import dataclass, replace

from sottovoce_engine.choices import Choice
from sottovoce_engine.join_wishes import JoinWish
from sottovoce_engine.scene import Region, Scene, Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One state of the editor's work. Takes are facts beside it; a deleted one is only marked as such."""

    scene: Scene
    choices: tuple[Choice, ...] = ()
    deleted: frozenset[str] = frozenset()  # keys of takes that are not shown any more; cleaning moves them away
    joins: tuple[JoinWish, ...] = ()  # by key; a join that is not named is made as any other

    @property
    def regions(self) -> tuple[Region, ...]:
        return self.scene.regions

    def with_regions(self, regions: tuple[Region, ...]) -> "Draft":
        return replace(self, scene=self.scene.with_regions(regions))

    def with_voices(self, voices: tuple[Voice, ...]) -> "Draft":
        return replace(self, scene=replace(self.scene, voices=voices))
