"""Windows of several registers with the tiny model: one pass, a take for every region."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.media.movie import MovieWriter
from sottovoce_engine.media.picture import PictureReader, frame_from_rgb
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.plan import job_key
from sottovoce_engine.progress import Job, Progress
from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.ltx.gated_jobs import captions_of, sampled_jobs
from sottovoce_engine.renderers.ltx.locked_states import STAGE as WATCHING_STAGE
from sottovoce_engine.renderers.ltx.renderer import LtxRenderer
from sottovoce_engine.renderers.ltx.sampling import STAGE
from sottovoce_engine.renderers.ltx.settings import ltx_settings
from sottovoce_engine.renderers.ltx.working_memory import load_of
from sottovoce_engine.scene import PictureMode
from sottovoce_engine.shots import SHOT
from sottovoce_engine.take import Failure, Gating, LockedPicture, Outcome, RenderJob, ShotFrames, Take, Window
from sottovoce_engine.timing import Span

from .gated_windows import NORMAL, RATE, WHISPER, gating_of
from .render_jobs import SCENE_RASTER, render_job, write_settings
from .tiny_model import save_tiny_lora
from .tiny_upsampler import save_upsampler_file

PAIR = gating_of((WHISPER, Span(2, 8)), (NORMAL, Span(9, 15)))
FIRST, SECOND = Window(start=0, model_frames=17), Window(start=6, model_frames=17)


@pytest.fixture
def environment(tmp_path: Path, tiny_model: Path, tiny_lora: Path) -> dict[str, str]:
    return write_settings(tmp_path / "ltx.toml", tiny_model, tiny_lora)


@pytest.fixture
def media(tmp_path: Path) -> MediaFolder:
    return MediaFolder(tmp_path / "media")


def gated_job(
    number: int, gating: Gating = PAIR, *, seed: int = 1, picture: PictureMode = PictureMode.CUT
) -> RenderJob:
    """The job of a line: the first keeps 11 frames from the window's start on, the second 11 up to its end."""
    line = gating.lines[number]
    plain = render_job("0", line.register.name, line=line.line, picture=picture, seed=seed)
    job = replace(
        plain,
        region=replace(plain.region, id=f"0000000{number}", span=line.span, voice=line.voice.name),
        voice=line.voice,
        register=line.register,
        caption=line.caption,
        window=(FIRST, SECOND)[number],
        kept_frames=11,
        gating=gating,
    )
    return replace(job, key=job_key(job, "tiny"))


class Steps:
    """How far each stage said it had come."""

    def __init__(self) -> None:
        self.seen: list[Progress] = []

    def of(self, stage: str) -> int:
        return sum(progress.stage == stage for progress in self.seen)


def rendered(
    environment: dict[str, str], media: MediaFolder, jobs: Sequence[RenderJob], steps: Steps | None = None
) -> list[Outcome]:
    job = Job(steps.seen.append) if steps is not None else Job()
    return list(LtxRenderer(media, ltx_settings(environment)).render(jobs, job))


def takes_of(outcomes: Iterable[Outcome]) -> list[Take]:
    takes = [outcome for outcome in outcomes if isinstance(outcome, Take)]
    assert len(takes) == len(list(outcomes)), outcomes
    return takes


def sound_of(take: Take, media: MediaFolder) -> np.ndarray:
    with SoundReader(media.path(take.media)) as reader:
        return reader.read(Span(0, take.length_samples))


def frame_of(take: Take, media: MediaFolder, number: int) -> np.ndarray:
    with PictureReader(media.path(take.media), take.job.raster) as reader:
        return reader.frame(number / RATE).to_ndarray(format="rgb24")


def test_two_regions_come_from_one_pass_each_as_long_as_its_part(
    environment: dict[str, str], media: MediaFolder
) -> None:
    steps = Steps()
    first, second = takes_of(rendered(environment, media, [gated_job(0), gated_job(1)], steps))
    assert (first.job, second.job) == (gated_job(0), gated_job(1))
    assert (first.length_frames, first.length_samples) == (11, 11 * 2000)
    both = sound_of(first, media)[:, 6 * 2000 :], sound_of(second, media)[:, : 5 * 2000]
    np.testing.assert_array_equal(*both)  # frames 6 to 11 lie in both
    np.testing.assert_array_equal(frame_of(first, media, 8), frame_of(second, media, 2))
    assert np.abs(both[0]).max() > 0
    once = Steps()
    rendered(environment, media, [render_job("1", model_frames=17)], once)
    assert steps.of(STAGE) == once.of(STAGE)
    assert first.notes == ("Register gating (experimental): sampled in one window with 'who is there?'.",)


def test_one_of_them_alone_comes_out_as_with_the_other(environment: dict[str, str], media: MediaFolder) -> None:
    """So a person may render one again, or one after the other, and both still lie in one pass."""
    together = takes_of(rendered(environment, media, [gated_job(0), gated_job(1)]))
    (alone,) = takes_of(rendered(environment, media, [gated_job(1)]))
    np.testing.assert_allclose(sound_of(alone, media), sound_of(together[1], media), atol=1e-4)


def test_the_register_is_gated_and_not_that_of_the_window(environment: dict[str, str], media: MediaFolder) -> None:
    """Whisper then normal, whisper throughout, normal throughout: three sounds."""
    names = register_table()
    sounds = []
    for first, second in (("whisper", "normal"), ("whisper", "whisper"), ("normal", "normal")):
        lines = tuple(
            replace(line, register=names.get(name)) for line, name in zip(PAIR.lines, (first, second), strict=True)
        )
        (take,) = takes_of(rendered(environment, media, [gated_job(0, replace(PAIR, lines=lines))]))
        sounds.append(sound_of(take, media))
    apart = [float(np.abs(one - other).max()) for one, other in itertools.pairwise(sounds)]
    assert min(apart) > 1e-3


def test_words_of_the_other_line_are_looked_for_nowhere_but_in_its_own_span(
    environment: dict[str, str], media: MediaFolder
) -> None:
    for take in takes_of(rendered(environment, media, [gated_job(0), gated_job(1)])):
        assert [word.text for word in take.words] == take.job.region.line.split()
        assert take.job.region_samples.contains(take.speech)


@pytest.mark.parametrize("more", [{"passes": "apart"}, {"takes_at_once": 2}])
def test_gated_windows_stand_beside_plain_ones(
    more: dict[str, object], tmp_path: Path, tiny_model: Path, tiny_lora: Path, media: MediaFolder
) -> None:
    environment = write_settings(tmp_path / "ltx.toml", tiny_model, tiny_lora, **more)
    plain = render_job("9", model_frames=17)
    jobs = [gated_job(0), plain, gated_job(0, seed=2), gated_job(1)]
    takes = {take.key: take for take in takes_of(rendered(environment, media, jobs))}
    assert set(takes) == {job.key for job in jobs}
    (alone,) = takes_of(rendered(environment, media, [plain]))
    np.testing.assert_allclose(sound_of(takes["9"], media), sound_of(alone, media), atol=1e-4)
    apart = sound_of(takes[jobs[0].key], media) - sound_of(takes[jobs[2].key], media)
    assert np.abs(apart).max() > 1e-3


def test_sound_alone_over_a_picture_of_its_own(environment: dict[str, str], media: MediaFolder) -> None:
    jobs = [gated_job(number, picture=PictureMode.LOCK) for number in (0, 1)]
    takes = takes_of(rendered(environment, media, jobs))
    assert [take.has_picture for take in takes] == [False, False]
    np.testing.assert_array_equal(sound_of(takes[0], media)[:, 12_000:], sound_of(takes[1], media)[:, :10_000])


@pytest.fixture
def footage(tmp_path: Path) -> Path:
    """A square that wanders."""
    path = tmp_path / "footage.mov"
    with MovieWriter(path, raster=SCENE_RASTER, rate=RATE, sound=False) as movie:
        for number in range(24):
            rgb = np.full((SCENE_RASTER.height, SCENE_RASTER.width, 3), 40, np.uint8)
            rgb[40:120, 10 * number : 10 * number + 80] = 200
            movie.write_frame(frame_from_rgb(rgb))
    return path


@pytest.mark.parametrize(("lock", "watching"), [("fast", 1), ("exact", 0)])
def test_sound_over_footage_is_made_for_the_whole_window_of_it(
    lock: str, watching: int, footage: Path, tmp_path: Path, tiny_model: Path, tiny_lora: Path, media: MediaFolder
) -> None:
    """Two seeds go over one picture side by side, each in one pass for both regions."""
    environment = write_settings(tmp_path / "ltx.toml", tiny_model, tiny_lora, lock=lock)
    shown = LockedPicture(path=str(footage), start=Fraction(2, 24), before=2, after=15, content="c")
    over = replace(PAIR, locked_on=shown)
    jobs = [
        replace(gated_job(number, over, seed=seed, picture=PictureMode.LOCK), locked_on=shown)
        for seed in (1, 2)
        for number in (0, 1)
    ]
    steps = Steps()
    sounds = {take.key: sound_of(take, media) for take in takes_of(rendered(environment, media, jobs, steps))}
    first, second, other, _ = (sounds[job.key] for job in jobs)
    np.testing.assert_array_equal(first[:, 12_000:], second[:, :10_000])
    assert np.abs(first - other).max() > 1e-3
    assert (steps.of(WATCHING_STAGE) > 0) == watching
    unseen = [replace(job, gating=PAIR, locked_on=None) for job in jobs[:1]]
    (own_picture,) = takes_of(rendered(environment, media, unseen))
    assert np.abs(sound_of(own_picture, media) - first).max() > 1e-3


def test_sound_over_a_rendered_shot_is_made_for_its_part_of_it(environment: dict[str, str], media: MediaFolder) -> None:
    """The shot begins a latent before the window; the two regions are one pass over it, the plain one another."""
    shot = replace(render_job("shot", "loud", model_frames=33), register=SHOT, is_shot=True)
    shot = replace(shot, window=Window(start=-8, model_frames=33))
    jobs = [
        replace(job, on_shot=ShotFrames(shot="shot", first=job.window.start + 8))
        for job in (gated_job(number, picture=PictureMode.LOCK) for number in (0, 1))
    ]
    takes = {take.key: take for take in takes_of(rendered(environment, media, [shot, *jobs]))}
    first, second = (sound_of(takes[job.key], media) for job in jobs)
    np.testing.assert_array_equal(first[:, 12_000:], second[:, :10_000])
    moved = [replace(job, on_shot=ShotFrames(shot="shot", first=job.window.start + 16)) for job in jobs[:1]]
    elsewhere = {take.key: take for take in takes_of(rendered(environment, media, [shot, *moved]))}
    assert np.abs(sound_of(elsewhere[jobs[0].key], media) - first).max() > 1e-4


def test_both_stages_of_an_upscaled_picture_are_gated(
    tmp_path: Path, tiny_model: Path, tiny_lora: Path, media: MediaFolder
) -> None:
    save_upsampler_file(tmp_path / "upsampler.safetensors")
    environment = write_settings(
        tmp_path / "ltx.toml",
        tiny_model,
        tiny_lora,
        upscaled=True,
        upsampler=str(tmp_path / "upsampler.safetensors"),
        upscaled_sound="second",
        raster="128x64",
    )
    first, second = takes_of(rendered(environment, media, [gated_job(0), gated_job(1)]))
    np.testing.assert_array_equal(sound_of(first, media)[:, 12_000:], sound_of(second, media)[:, :10_000])
    np.testing.assert_array_equal(frame_of(first, media, 8), frame_of(second, media, 2))


def test_a_lora_that_cannot_be_gated_is_refused_before_anything_is_sampled(
    tmp_path: Path, tiny_model: Path, media: MediaFolder
) -> None:
    lora = save_tiny_lora(tmp_path / "other.safetensors", targets=r".*\.(audio_attn1|attn1)\.(to_q|to_v)")
    environment = write_settings(tmp_path / "ltx.toml", tiny_model, lora)
    with pytest.raises(InputError, match="cannot be gated in time"):
        rendered(environment, media, [gated_job(0)])
    takes_of(rendered(environment, media, [render_job("1")]))


def test_a_normal_line_needs_the_lora_of_the_whisper_beside_it(
    tmp_path: Path, tiny_model: Path, media: MediaFolder
) -> None:
    environment = write_settings(tmp_path / "ltx.toml", tiny_model, None)
    with pytest.raises(SetupError, match="The register 'whisper' needs the whisper & soft-spoken LoRA"):
        rendered(environment, media, [gated_job(1)])


def test_a_gated_lora_takes_no_room_in_the_bank(environment: dict[str, str]) -> None:
    settings, (window,) = ltx_settings(environment), sampled_jobs([gated_job(0), gated_job(1)]).jobs
    assert load_of([window], settings).states == 0
    assert load_of([window, render_job("1")], settings).states == 1


def test_one_job_stands_for_all_takes_of_a_window() -> None:
    jobs = [gated_job(0), render_job("9"), gated_job(1), gated_job(1, seed=2)]
    found = sampled_jobs(jobs)
    window, plain, again = found.jobs
    assert (window.window, window.key, window.seed) == (PAIR.window, jobs[0].key, 1)
    assert (window.register.name, window.caption, window.region.span) == ("whisper", PAIR.caption, Span(2, 8))
    assert plain is jobs[1]
    assert (again.key, again.seed) == (jobs[3].key, 2)
    assert found.takes == {jobs[0].key: (jobs[0], jobs[2]), "9": (jobs[1],), jobs[3].key: (jobs[3],)}
    assert captions_of(window) == (PAIR.caption, *(line.caption for line in PAIR.lines))
    assert captions_of(plain) == (plain.caption,)


def test_a_window_that_fails_fails_all_its_takes_and_a_take_itself_alone() -> None:
    jobs = [gated_job(0), gated_job(1), render_job("9")]
    found = sampled_jobs(jobs)
    reason = "no room"
    assert [failure.job for failure in found.failures(Failure(job=found.jobs[0], reason=reason))] == jobs[:2]
    for job in jobs:
        assert list(found.failures(Failure(job=job, reason=reason))) == [Failure(job=job, reason=reason)]
