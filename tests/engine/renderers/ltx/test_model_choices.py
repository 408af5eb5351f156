"""Whole renders with what a person may name as model and LoRA: the takes are those of the plain way."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job, Progress
from sottovoce_engine.renderers.ltx.renderer import LtxRenderer
from sottovoce_engine.renderers.ltx.settings import ltx_settings
from sottovoce_engine.scene import PictureMode
from sottovoce_engine.take import RenderJob, Take
from sottovoce_engine.timing import Span

from .hub_cache import lay_down
from .render_jobs import render_job, write_settings
from .single_file_making import save_single_file
from .tiny_model import save_tiny_lora


@pytest.fixture
def media(tmp_path: Path) -> MediaFolder:
    return MediaFolder(tmp_path / "media")


def made(environment: dict[str, str], media: MediaFolder, *jobs: RenderJob) -> dict[str, str]:
    """The media of each job's take, by the job's key."""
    outcomes = list(LtxRenderer(media, ltx_settings(environment)).render(jobs, Job()))
    assert all(isinstance(outcome, Take) for outcome in outcomes), outcomes
    return {outcome.job.key: outcome.media for outcome in outcomes if isinstance(outcome, Take)}


def whispered(key: str, lora: Path | str = "", strength: float = 1.0) -> RenderJob:
    job = render_job(key, picture=PictureMode.LOCK)
    return replace(job, register=replace(job.register, lora=strength, lora_file=str(lora)))


def sound_of(name: str, job: RenderJob, media: MediaFolder) -> NDArray[np.float32]:
    with SoundReader(media.path(name)) as reader:
        return reader.read(Span(0, job.length_samples))


def test_a_single_file_makes_the_takes_of_its_folder(
    tmp_path: Path, tiny_model: Path, tiny_lora: Path, media: MediaFolder
) -> None:
    file = save_single_file(tmp_path / "ltx-2.3.safetensors", tiny_model)
    by_folder = write_settings(tmp_path / "folder.toml", tiny_model, tiny_lora)
    by_file = write_settings(tmp_path / "file.toml", file, tiny_lora, text_model=str(tiny_model))
    jobs = [whispered("1"), whispered("2", strength=0.0)]
    ours, theirs = made(by_file, media, *jobs), made(by_folder, media, *jobs)
    for job in jobs:
        difference = sound_of(ours[job.key], job, media) - sound_of(theirs[job.key], job, media)
        # Weights are the same bit for bit; where they lie in memory decides how a CPU adds up.
        assert np.abs(difference).max() < 1e-4


def test_registers_with_loras_of_their_own_share_a_batch(
    tmp_path: Path, tiny_model: Path, tiny_lora: Path, media: MediaFolder
) -> None:
    other = save_tiny_lora(tmp_path / "other.safetensors", seed=99)
    environment = write_settings(tmp_path / "ltx.toml", tiny_model, tiny_lora)
    jobs = [whispered("1"), whispered("2", other), whispered("3", strength=0.5), whispered("4", strength=0.0)]
    together = made(environment, media, *jobs)
    assert len(set(together.values())) == 4
    assert together == {key: found for job in jobs for key, found in made(environment, media, job).items()}


def test_a_lora_of_the_hubs_cache_makes_the_takes_of_its_file(
    tmp_path: Path, tiny_model: Path, tiny_lora: Path, media: MediaFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    lay_down(tmp_path / "hub", "someone/soft", {"soft.safetensors": tiny_lora})
    by_file = write_settings(tmp_path / "file.toml", tiny_model, tiny_lora)
    by_id = write_settings(tmp_path / "id.toml", tiny_model, None) | {"SOTTOVOCE_LTX_OVER": 'lora = "someone/soft"'}
    assert made(by_id, media, whispered("1")) == made(by_file, media, whispered("1"))


def test_a_registers_lora_that_does_not_serve_stops_before_anything_is_loaded(
    tmp_path: Path, tiny_model: Path, tiny_lora: Path, media: MediaFolder
) -> None:
    environment = write_settings(tmp_path / "ltx.toml", tiny_model, tiny_lora)
    (cut := tmp_path / "cut.safetensors").write_bytes(tiny_lora.read_bytes()[:-5])
    told: list[Progress] = []
    for named, error, message in (
        (cut, InputError, r"cut.safetensors' is \d+,\d+ bytes long .* it was cut short"),
        ("someone/never-fetched", SetupError, r"sottovoce models fetch someone/never-fetched"),
    ):
        with pytest.raises(error, match=message):
            list(
                LtxRenderer(media, ltx_settings(environment)).render(
                    [whispered("1"), whispered("2", named)], Job(told.append)
                )
            )
    assert told == []
