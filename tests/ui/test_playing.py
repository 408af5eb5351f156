from fractions import Fraction

from sottovoce_engine.scene import MediaRange, PicturePiece, Raster, Scene
from sottovoce_engine.timing import Span
from sottovoce_ui.playing import Playing, scene_picture_at

OWN = PicturePiece(span=Span(0, 48), source=MediaRange(path="/footage.mov", start=Fraction(1)), clip="street")
SHOT = PicturePiece(
    span=Span(40, 96), source=MediaRange(path="/shot.mov", start=Fraction(1, 3)), clip="shot", shot_frames=80
)
SCENE = Scene(name="scene", rate=Fraction(24), length_frames=120, raster=Raster(width=64, height=36), pictures=(OWN,))


def test_a_shot_is_shown_where_the_timeline_has_no_picture_of_its_own() -> None:
    own = Playing(path="/footage.mov", span=OWN.span, start=Fraction(1))
    shot = Playing(path="/shot.mov", span=SHOT.span, start=Fraction(1, 3))
    found = [scene_picture_at(SCENE, (), (SHOT,), frame) for frame in (0, 47, 48, 95, 96)]
    assert found == [own, own, shot, shot, None]
    assert shot.milliseconds(48, SCENE.rate) == 688, "a third of a second of handle, eight frames, and half of one"
