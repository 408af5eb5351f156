"""What there is to play: the spliced scene, a take and the one it is compared with, a join; and which of it lies at a frame."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from sottovoce_engine.scene import Scene
from sottovoce_engine.timing import Span
from sottovoce_ui.desk import TakeFacts
from sottovoce_ui.playing import Playing, source_at, take_playing
from sottovoce_ui.viewer_foot import Shown

PictureAt = Callable[[int], Playing | None]  # what the scene shows at one of its frames


@dataclass(slots=True, kw_only=True)
class Programme:
    """The viewer's shelf."""

    movie: Path | None = None  # the spliced scene
    take: TakeFacts | None = None  # the one looked at
    beside: TakeFacts | None = None  # the one it is compared with
    hears_beside: bool = False
    join: Playing | None = None  # a join mixed by itself: sound alone
    join_picture: PictureAt | None = None

    @property
    def heard(self) -> tuple[TakeFacts | None, TakeFacts | None]:
        """The take that is played, and the one it is compared with."""
        return (self.beside, self.take) if self.hears_beside else (self.take, self.beside)

    def show_take(self, facts: TakeFacts | None) -> None:
        """Another take is looked at; nothing is compared with it yet."""
        self.take, self.beside, self.hears_beside = facts, None, False

    def at(self, shown: Shown, scene: Scene, frame: int) -> Playing | None:
        """What is played at a frame where that is asked for; the source where it is not there."""
        if shown is Shown.SCENE and self.movie is not None:
            return Playing(path=str(self.movie), span=Span(0, scene.length_frames), start=Fraction(0))
        if shown is Shown.JOIN and self.join is not None and self.join.span.start <= frame < self.join.span.end:
            return self.join
        take = self.heard[0]
        if shown is Shown.TAKE and take is not None:
            playing = take_playing(take, scene)
            if playing.span.start <= frame < playing.span.end:
                return playing
        return source_at(scene, frame)

    def picture_beside(self, playing: Playing | None, frame: int) -> Playing | None:
        """The picture that is shown to a sound which has none of its own."""
        if playing is None or playing != self.join or self.join_picture is None:
            return None
        return self.join_picture(frame)

    def is_heard(self, shown: Shown, playing: Playing | None, scene: Scene) -> bool:
        """Whether what is asked for is played, and not the source instead."""
        match shown:
            case Shown.SCENE:
                return self.movie is not None
            case Shown.JOIN:
                return playing == self.join
            case Shown.TAKE:
                take = self.heard[0]
                return take is not None and playing == take_playing(take, scene)
        return True
