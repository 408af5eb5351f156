import os
from pathlib import Path

import pytest

from sottovoce.folders import cache_folder, log_folder, settings_folder
from sottovoce.settings import Settings, load_settings, settings_path
from sottovoce_engine.errors import InputError
from sottovoce_engine.plan import PlanSettings
from sottovoce_engine.splice.values import SpliceSettings


def write(text: str) -> Path:
    path = settings_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_hold_and_nothing_is_written(home: Path) -> None:
    assert load_settings() == Settings()
    assert list(home.iterdir()) == []


def test_the_defaults_are_the_engine_s_own() -> None:
    settings, plan, splice = Settings(), PlanSettings(), SpliceSettings()
    assert (settings.renderer, settings.takes, settings.seed) == (plan.renderer, plan.takes, plan.seed)
    assert (settings.handle_frames, settings.overlap_frames) == (plan.handle_frames, plan.overlap_frames)
    assert (settings.fade_in_ms, settings.fade_out_ms) == (splice.fade_in_ms, splice.fade_out_ms)


def test_every_setting_is_read() -> None:
    path = write(
        'format = 1\nrenderer = "scratch"\ntakes = 3\nseed = 7\nhandle_frames = 12\noverlap_frames = 9\nfade_in_ms = 40\n'
        'fade_out_ms = 120.5\nregisters_file = "own.toml"\nthresholds_file = "judge.toml"\nspeech_model = "small"\n'
        "judge = false\nstrict = true\n"
    )
    assert load_settings() == Settings(
        renderer="scratch",
        takes=3,
        seed=7,
        handle_frames=12,
        overlap_frames=9,
        fade_in_ms=40.0,
        fade_out_ms=120.5,
        registers_file=path.parent / "own.toml",
        thresholds_file=path.parent / "judge.toml",
        speech_model="small",
        judge=False,
        strict=True,
    )


def test_a_registers_file_may_lie_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/anna")
    write('registers_file = "/shared/registers.toml"')
    assert load_settings().registers_file == Path("/shared/registers.toml")
    write('registers_file = "~/registers.toml"')
    assert load_settings().registers_file == Path("/home/anna/registers.toml")


def test_a_file_that_begins_with_a_byte_order_mark_is_read() -> None:
    write("\ufefftakes = 2")
    assert load_settings().takes == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("take = 2", "'take' is no setting. Did you mean 'takes'?"),
        ("[render]\ntakes = 2", "'render' is no setting. Did you mean 'renderer'?"),
        ("takes = 'two'", "takes = 'two'; it must be a whole number."),
        ("takes = true", "takes = True; it must be a whole number."),
        ("takes = 1.5", "takes = 1.5; it must be a whole number."),
        ("renderer = 3", "renderer = 3; it must be text."),
        ("takes = 0", "0 takes were asked for. Ask for 1 to 100."),
        ("handle_frames = 2", "Handles of 2 frames"),
        ("overlap_frames = 1", "An overlap of 1 frames was asked for. A picture continues from 9 or 17."),
        ("fade_in_ms = nan", "The fade in is nan ms."),
        ("fade_out_ms = -1", "The fade out is -1 ms."),
        ('renderer = "scrach"', "'scrach' is no renderer. Did you mean 'scratch'?"),
        ("format = 2", "format = 2; this version reads format 1. Update Sottovoce."),
        ("takes = ", "this is not valid TOML"),
    ],
)
def test_what_cannot_be_is_refused_with_the_file_the_value_and_a_remedy(text: str, said: str) -> None:
    path = write(text)
    with pytest.raises(InputError) as refused:
        load_settings()
    assert f"'{path}'" in str(refused.value)
    assert said in str(refused.value)


def test_a_file_that_is_no_text_is_refused() -> None:
    write("").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        load_settings()


def test_a_file_that_was_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        load_settings(tmp_path / "none.toml")


def test_a_folder_in_the_file_s_place_is_refused() -> None:
    settings_path().mkdir(parents=True)
    with pytest.raises(InputError, match="cannot be read"):
        load_settings()


def test_one_variable_moves_all_folders(home: Path) -> None:
    folders = {settings_folder(), cache_folder(), log_folder()}
    assert len(folders) == 3
    assert all(folder.parent == home for folder in folders)


@pytest.mark.skipif(os.name != "posix", reason="other systems have other places")
def test_else_the_system_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOTTOVOCE_HOME")
    for variable in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(variable, f"/xdg/{variable}")
    for folder in (settings_folder(), cache_folder(), log_folder()):
        assert "sottovoce" in folder.parts
