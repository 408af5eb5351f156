"""The whole way of pictures that continue: planned, rendered, chosen and spliced; decoded frames say what is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.media_making import decoded_frames, write_numbered_movie

from sottovoce_engine import session
from sottovoce_engine.plan import Plan, PlanSettings, RegionState
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.socket import fingerprint_of, load_renderer, renderer_entry
from sottovoce_engine.scene import Gender, MediaRange, PictureMode, PicturePiece, Raster, Region, Scene, Voice
from sottovoce_engine.splice.splicing import splice
from sottovoce_engine.splice.values import Spliced, SpliceSettings, SpliceTarget
from sottovoce_engine.store import Store
from sottovoce_engine.take import Take
from sottovoce_engine.timing import Span

pytestmark = pytest.mark.xdist_group("render")

RASTER = Raster(width=320, height=180)
REGISTERS = register_table()
Frames = list[NDArray[np.uint8]]


@dataclass
class Bench:
    """A store, a renderer and a folder for results."""

    scene: Scene
    store: Store
    folder: Path

    def plan(self, chosen: Mapping[str, str], **settings: object) -> Plan:
        wanted = PlanSettings(**settings)  # type: ignore[arg-type]
        return session.planned(
            self.scene, REGISTERS, wanted, self.store.takes(), chosen, fingerprint_of(wanted.renderer)
        )

    def rendered(self, chosen: Mapping[str, str], **settings: object) -> dict[str, str]:
        """The choices after rendering what is missing."""
        plan = self.plan(chosen, **settings)
        renderer = load_renderer(renderer_entry("scratch"), self.store.media.root)
        rendered = session.render(plan, renderer, self.store, Job())
        assert rendered.failures == ()
        return session.choices_after(plan, self.store.takes(), rendered.takes)

    def spliced(self, chosen: Mapping[str, str]) -> Spliced:
        plan = self.plan(chosen)
        placement = session.placement(plan, self.store, chosen)
        assert placement.without == ()
        target = SpliceTarget(folder=self.folder, name=f"scene {len(list(self.folder.iterdir()))}", mp4=False)
        return splice(plan.scene, placement.placed, REGISTERS, SpliceSettings(), target, Job())

    def frames_of(self, take: Take) -> Frames:
        return frames_in(self.store.path(take))


def frames_in(path: Path) -> Frames:
    return [np.asarray(frame.to_ndarray(), np.uint8) for frame in decoded_frames(path)]


def region(number: int, start: int, end: int, picture: PictureMode) -> Region:
    line = ("close your eyes", "and listen", "to me")[number]
    span = Span(start, end)
    return Region(id=f"{number:08x}", span=span, register="soft", voice="Anna", line=line, picture=picture)


def scene_with(rate: int, regions: tuple[Region, ...], **given: object) -> Scene:
    values = {"name": "night", "rate": Fraction(rate), "length_frames": 3 * rate, "raster": RASTER} | given
    return Scene(voices=(Voice(name="Anna", gender=Gender.WOMAN),), regions=regions, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(("rate", "divisor"), [(24, 1), (50, 2)])
def test_frames_before_a_cut_are_the_take_befores_and_the_next_one_is_new(
    tmp_path: Path, rate: int, divisor: int
) -> None:
    second, third, end = rate, 2 * rate - 3, 3 * rate - 8
    regions = (
        region(0, 6, second, PictureMode.CUT),
        region(1, second, third - 5, PictureMode.CONTINUE),
        region(2, third, end, PictureMode.CONTINUE),
    )
    (tmp_path / "out").mkdir()
    with Store.opened(tmp_path / "store") as store:
        bench = Bench(scene=scene_with(rate, regions), store=store, folder=tmp_path / "out")
        chosen = bench.rendered({})
        takes = [store.takes()[chosen[each.id]] for each in regions]
        assert [take.job.continues for take in takes] == ["", takes[0].key, takes[1].key]
        assert {planned.state for planned in bench.plan(chosen).regions} == {RegionState.PINNED}
        spliced = bench.spliced(chosen)
        movie = frames_in(spliced.movie)
        made = [bench.frames_of(take) for take in takes]

    starts = [take.job.window.start for take in takes]
    assert starts[1:] == [second - 17 * divisor, third - 17 * divisor]
    assert [made_of.slip_frames for made_of in spliced.regions] == [0, 0, 0]
    wrong = []
    for frame in range(6, end):
        number = 0 if frame < second else 1 if frame < third else 2  # the gap shows the take before it
        shown = made[number][frame - starts[number]]
        if not np.array_equal(movie[frame], shown):
            wrong.append(frame)
    assert wrong == []
    for cut, number in ((second, 1), (third, 2)):
        first = made[number][17 * divisor]
        np.testing.assert_array_equal(movie[cut], first)
        assert not np.array_equal(first, made[number][17 * divisor - 1]), "frames of a take differ"
        given = takes[number].job.from_take
        assert given is not None
        last = made[number - 1][given.first + 17 * divisor - 1]
        np.testing.assert_array_equal(movie[cut - 1], last)


def test_another_take_makes_what_continues_stale_and_it_is_still_heard(tmp_path: Path) -> None:
    regions = (region(0, 6, 30, PictureMode.CUT), region(1, 30, 60, PictureMode.CONTINUE))
    first, second = (each.id for each in regions)
    (tmp_path / "out").mkdir()
    with Store.opened(tmp_path / "store") as store:
        bench = Bench(scene=scene_with(24, regions), store=store, folder=tmp_path / "out")
        chosen = bench.rendered({})
        bench.rendered(chosen, takes=2, only=(first,))
        (other,) = (take for take in store.takes().values() if take.job.region.id == first and take.job.seed == 2)
        changed = {**chosen, first: other.key}
        plan = bench.plan(changed)
        assert [planned.state for planned in plan.regions] == [RegionState.PINNED, RegionState.STALE]
        spliced = bench.spliced(session.choices_after(plan, store.takes()))
        assert spliced.regions[1].placed.take.key == chosen[second]
        assert any("not shown before it: the picture jumps" in note for note in spliced.regions[1].notes)
        again = bench.rendered(changed)
        assert again[first] == other.key
        assert store.takes()[again[second]].job.continues == other.key
        assert bench.plan(again).jobs == ()
        back = {**again, first: chosen[first]}
        assert session.choices_after(bench.plan(back), store.takes())[second] == chosen[second]
        assert bench.plan(back).jobs == (), "the take that continues from it is there"


@pytest.mark.parametrize("still", [False, True])
def test_a_take_starts_from_the_picture_under_it(tmp_path: Path, still: bool) -> None:
    path = tmp_path / "street.mov"
    write_numbered_movie(
        path, source_id=3, frames=1 if still else 48, rate=Fraction(24), raster=RASTER, sine_hz=220.0, label=""
    )
    (tmp_path / "out").mkdir()
    regions = (region(0, 30, 60, PictureMode.START),)
    piece = PicturePiece(span=Span(0, 40), source=MediaRange(path=str(path), start=Fraction(0)), clip="street")
    with Store.opened(tmp_path / "store") as store:
        bench = Bench(scene=scene_with(24, regions, pictures=(piece,)), store=store, folder=tmp_path / "out")
        chosen = bench.rendered({})
        (take,) = store.takes().values()
        given = take.job.from_footage
        assert given is not None
        lead = 1 if still else 9
        assert (given.frames, given.start) == (lead, 0 if still else Fraction(21, 24))
        spliced = bench.spliced(chosen)
        movie, made = frames_in(spliced.movie), bench.frames_of(take)
        np.testing.assert_array_equal(movie[30], made[lead])
        assert spliced.regions[0].slip_frames == 0
        path.write_bytes(path.read_bytes() + b"\0")
        assert bench.plan(chosen).regions[0].state is RegionState.STALE, "the file is another one now"
        path.unlink()
        assert bench.plan(chosen).regions[0].state is RegionState.PINNED, "there is nothing better to start from"
