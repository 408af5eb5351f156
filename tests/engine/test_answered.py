from dataclasses import replace
from pathlib import Path

from tests.engine.editing.drafts import draft, region
from tests.otio_adapters.spliced_scenes import spliced_region

from sottovoce_engine.answered import region_now
from sottovoce_engine.scene import Region, Scene
from sottovoce_engine.take import Take
from sottovoce_engine.timing import Span
from sottovoce_engine.windows import parts_in

LINE = " ".join(["I told you that I would come back to you.", "I said it twice, and then I came here."] * 4)
LONG = replace(region(1, 24, 552), line=LINE)
SCENE = replace(draft(LONG).scene, length_frames=2000)


def take_of(answered: Region) -> Take:
    return spliced_region(answered, SCENE, Path("/takes"), picture=False).placed.take


def moved(scene: Scene, by: int) -> Scene:
    return scene.with_regions(tuple(replace(each, span=each.span.shifted(by)) for each in scene.regions))


def test_a_part_goes_with_its_region() -> None:
    first, second = parts_in(LONG, SCENE, 17)
    for part in (first, second):
        take = take_of(part)
        assert region_now(take, SCENE) == part
        assert region_now(take, moved(SCENE, 100)).span == part.span.shifted(100)


def test_a_region_that_is_one_whole_again_or_gone_leaves_its_parts_as_they_were_rendered() -> None:
    _, second = parts_in(LONG, SCENE, 17)
    take = take_of(second)
    short = SCENE.with_regions((replace(LONG, span=Span(24, 200)),))
    silent = SCENE.with_regions((replace(LONG, line="No"),))
    for scene in (short, silent, SCENE.with_regions(())):
        assert region_now(take, scene) == second


def test_a_region_is_the_one_of_its_id_even_where_it_is_named_like_a_part() -> None:
    odd = replace(region(2, 600, 700), id=f"{LONG.id}-2")
    scene = SCENE.with_regions((LONG, odd))
    assert region_now(take_of(odd), scene) == odd
    assert region_now(take_of(LONG), scene) == LONG
