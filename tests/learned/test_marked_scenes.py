import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bench.learned.bleeding import GATE_FRAME, gated_windows, spliced, whole_windows
from bench.learned.corpus import FRAME_RATE, FRAMES
from bench.learned.locked_movies import without_lora
from bench.learned.marked_scenes import APART_FRAMES, Marked, check_windows, region_span, write_scene
from bench.learned.saying import settings_for
from bench.learned.scenes import options_of

from sottovoce.project import Project, read_project
from sottovoce.reading import default_reading
from sottovoce_engine import session
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.judge.voicing import voicing_of
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.plan import PlanSettings
from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.ltx.gating import line_weights, token_seconds
from sottovoce_engine.renderers.ltx.settings import OVER_VARIABLE, ltx_settings, over_line
from sottovoce_engine.scene import Gender, PictureMode, Voice
from sottovoce_engine.timing import SAMPLE_RATE, Span
from sottovoce_engine.windows import MIN_HANDLE_FRAMES

SETTINGS = PlanSettings(renderer="ltx", handle_frames=MIN_HANDLE_FRAMES)
ANNA, BEN = Voice(name="Anna", gender=Gender.WOMAN), Voice(name="Ben", gender=Gender.MAN)


def marked(line: str, voice: Voice, register: str) -> Marked:
    return Marked(line=line, voice=voice, register=register, look=f"a {voice.gender} in a library", seed=7)


LINES = (
    marked("Nobody looked at the piano.", ANNA, "whisper"),
    marked("I lost the letters again!", BEN, "shout"),
    marked("Where are you going?", ANNA, "normal"),
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    path = write_scene("scene", LINES, register_table(), tmp_path_factory.mktemp("marked") / "scene")
    return read_project(path, default_reading())


def test_marks_say_what_was_asked(project: Project) -> None:
    regions = project.scene.regions
    assert [(one.line, one.voice, one.register, one.look) for one in regions] == [
        (one.line, one.voice.name, one.register, one.look) for one in LINES
    ]
    assert [region.span for region in regions] == [region_span(number) for number in range(3)]
    assert {voice.name: voice.gender for voice in project.scene.voices} == {"Anna": "woman", "Ben": "man"}


@pytest.mark.parametrize("picture", [PictureMode.LOCK, PictureMode.CUT])
def test_every_window_is_one_that_the_small_model_knows(project: Project, picture: PictureMode) -> None:
    check_windows()
    table, settings = register_table(), replace(SETTINGS, picture=picture)
    plan = session.planned(project.scene, table, settings, {}, {}, lambda register: register.name)
    assert [(job.window.start, job.window.model_frames) for job in plan.jobs] == [
        (number * APART_FRAMES, FRAMES) for number in range(3)
    ]
    assert all((job.locked_on is not None) == (picture is PictureMode.LOCK) for job in plan.jobs)


def test_in_the_footage_a_line_is_said_under_every_mark_and_nowhere_else(project: Project) -> None:
    (piece,) = project.scene.sounds
    assert piece.dialogue
    with SoundReader(Path(piece.source.path)) as reader:
        sound = reader.read(Span(0, 3 * APART_FRAMES * SAMPLE_RATE // 24))
    active = voicing_of(sound, thresholds_of("register", RegisterThresholds)).active
    frames = np.arange(len(active)) * float(FRAME_RATE) / 100
    inside = np.zeros_like(active)
    for number in range(3):
        span = region_span(number)
        there = (frames >= span.start) & (frames < span.end)
        assert active[there].mean() > 0.4
        inside |= there
    assert not active[~inside].any()


def test_options_say_what_the_settings_do(tmp_path: Path) -> None:
    asked = settings_for(tmp_path / "model", None, tmp_path, guidance=3.0, steps=7)
    options = options_of(asked)
    lines = [over_line(value) for word, value in itertools.pairwise(options) if word == "--ltx"]
    found = ltx_settings({OVER_VARIABLE: "\n".join(lines)})
    assert found == replace(asked, lora=found.lora)


def test_a_gated_window_is_the_small_models_and_changes_in_the_middle_of_the_line() -> None:
    settings = replace(SETTINGS, takes=2, register_gating=True, gating_edge_ms=0)
    jobs = gated_windows(LINES[:2], ("normal", "whisper"), register_table(), settings)
    assert len(jobs) == 4
    for job in jobs:
        assert job.gating is not None
        assert (job.window, job.kept_frames) == (job.gating.window, None)
        assert (job.window.start, job.window.model_frames) == (0, FRAMES)
        assert [line.register.name for line in job.gating.lines] == ["normal", "whisper"]
        first, second = line_weights(job.gating, FRAME_RATE, 51)
        after = token_seconds(51) >= GATE_FRAME / 24
        np.testing.assert_array_equal(second, after)
        np.testing.assert_array_equal(first, ~after)
    (whole, *_) = whole_windows(LINES[:1], "whisper", register_table(), SETTINGS)
    assert (whole.window, whole.region.line) == (jobs[0].window, LINES[0].line)


def test_a_splice_is_the_first_take_before_the_gate_and_the_second_after_it() -> None:
    rng = np.random.default_rng(2)
    before, after = (rng.normal(0.0, 0.1, (2, 2 * SAMPLE_RATE)).astype(np.float32) for _ in range(2))
    way = spliced(("normal", "whisper"), [(before,), (after,)])
    (sound,) = way.sounds
    gate, half = GATE_FRAME * SAMPLE_RATE // 24, SAMPLE_RATE // 25
    np.testing.assert_array_equal(sound[:, : gate - half], before[:, : gate - half])
    np.testing.assert_array_equal(sound[:, gate + half :], after[:, gate + half :])
    fading = sound[:, gate - half : gate + half]
    assert fading.std() == pytest.approx(0.1, rel=0.1)


def test_a_registers_file_without_its_lora_asks_in_the_same_words(tmp_path: Path) -> None:
    (tmp_path / "on.toml").write_text(
        '[register.murmured]\nletter = "M"\ncolour = "#5B8DEF"\norder = 3\nsuffix = "close"\nloudness_lufs = -30.0\n'
        'manner = { woman = "murmuring", man = "murmuring" }\nlora = 0.8\nlora_file = "murmured.safetensors"\n'
    )
    (tmp_path / "off.toml").write_text(without_lora((tmp_path / "on.toml").read_text()))
    on, off = (register_table(tmp_path / name).get("murmured") for name in ("on.toml", "off.toml"))
    assert (on.lora, off.lora, off.lora_file) == (0.8, 0.0, "")
    assert replace(off, lora=on.lora, lora_file=on.lora_file) == on
