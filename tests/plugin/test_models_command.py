"""`sottovoce models`, its three actions, with real files and a real hub on this machine."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save, save_file

from sottovoce.cli import run
from sottovoce.terminal import ExitCode
from sottovoce_engine.renderers.ltx.model_layout import LTX_2_3
from sottovoce_engine.renderers.ltx.settings import DEFAULT_LORA, DEFAULT_MODEL

from .hub_server import SHA, Hub, hub

FAR_SECONDS = 60.0  # a test that waits this long has failed
PARTS = ("transformer", "text_encoder", "connectors", "vae", "audio_vae", "vocoder")
CONFIG = {"transformer": {"num_layers": 1, "num_attention_heads": 2, "attention_head_dim": 4, "cross_attention_dim": 8,
          "audio_num_attention_heads": 2, "audio_attention_head_dim": 2, "audio_cross_attention_dim": 4,
          "in_channels": 128, "out_channels": 128, "audio_in_channels": 128, "audio_out_channels": 128,
          "caption_channels": 8, "gated_attn": True, "cross_attn_mod": True, "audio_gated_attn": True,
          "audio_cross_attn_mod": True, "use_prompt_embeddings": False}}  # fmt: skip


def weights(thousands: int) -> bytes:
    """A .safetensors file of so many thousand numbers: the client fetches the same content only once."""
    content: bytes = save({"weight": np.arange(1000 * thousands, dtype=np.float32)})
    return content


WEIGHTS = weights(8)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty hub cache."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def checkpoint_files() -> dict[str, bytes]:
    """What a hub id with a checkpoint holds, and more that is not to be fetched."""
    files = {f"{part}/config.json": json.dumps(CONFIG.get(part, {"part": part})).encode() for part in PARTS}
    files |= {f"{part}/diffusion_pytorch_model.safetensors": weights(size) for size, part in enumerate(PARTS, 1)}
    files |= {"tokenizer/tokenizer.json": b"{ }", "tokenizer/tokenizer.model": b"x" * 50}
    files |= {"scheduler/scheduler_config.json": b"{  }"}
    unwanted = (
        "transformer/diffusion_pytorch_model.bin",
        "transformer/diffusion_pytorch_model.fp16.safetensors",
        "vae/weights.ckpt",
        "vae/weights.pt",
        "vae/weights.pickle",
        "transformer/model.py",
        "README.md",
        "other/model.safetensors",
    )
    return files | dict.fromkeys(unwanted, b"never to be fetched" * 100)


def lora_tensors() -> dict[str, np.ndarray]:
    """The card's LoRA, rank 1 and all zero but for one tensor, so that it is small."""
    tensors = {}
    for module in sorted(LTX_2_3.card_modules):
        outputs, inputs = LTX_2_3.modules[module]
        tensors[f"diffusion_model.{module}.lora_A.weight"] = np.ones((1, inputs), np.float16)
        tensors[f"diffusion_model.{module}.lora_B.weight"] = np.ones((outputs, 1), np.float16)
    return tensors


@pytest.fixture
def lora(tmp_path: Path) -> Path:
    save_file(lora_tensors(), path := tmp_path / "whisper.safetensors", {"modelspec.architecture": "ltx-2.3"})
    return path


def sottovoce(server: Hub | None, home: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """The command in a process of its own, whose hub is ours."""
    endpoint = server.endpoint if server is not None else "http://127.0.0.1:9"
    return subprocess.run(
        [sys.executable, "-m", "sottovoce", "models", *arguments],
        env=environment(endpoint, home) | more,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def environment(endpoint: str, home: Path) -> dict[str, str]:
    return os.environ | {
        "HF_ENDPOINT": endpoint,
        "HF_HUB_CACHE": str(home / "hub"),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "COLUMNS": "100",
    }


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    out = capsys.readouterr().out
    assert max(len(line) for line in out.splitlines()) <= 100
    return " ".join(out.split())


def test_what_is_missing_is_listed_with_size_licence_and_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models"]) is ExitCode.SETUP
    out = printed(capsys)
    assert f"missing checkpoint {DEFAULT_MODEL} about 70.5 GB to fetch" in out
    assert f"missing LoRA {DEFAULT_LORA} (registers whisper, soft, quieter) about 164.0 MB to fetch" in out
    assert "LTX-2 Community License of Lightricks" in out
    assert "Gemma Terms of Use" in out
    assert "its own, not known here" in out
    assert "Nothing is fetched unasked" in out


def test_the_preset_decides_which_checkpoint(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "--preset", "fast", "--json"]) is ExitCode.SETUP
    listed = json.loads(capsys.readouterr().out)
    assert [need["named"] for need in listed["needs"]] == ["diffusers/LTX-2.3-Distilled-Diffusers", DEFAULT_LORA]
    assert {need["standing"] for need in listed["needs"]} == {"missing"}
    run(["models", "--preset", "fast", "--ltx", "model=/x/LTX-2.3-Diffusers"])
    assert "needs distilled weights; this name does not say so" in printed(capsys)


def test_registers_and_the_second_stage_ask_for_more(
    tmp_path: Path, lora: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own := tmp_path / "registers.toml").write_text('[register.soft]\nlora_file = "whisper.safetensors"\n')
    run(["models", "--registers", str(own), "--ltx", "upscaled=true", "--json"])
    listed = {(need["role"], need["named"]): need for need in json.loads(capsys.readouterr().out)["needs"]}
    assert listed["LoRA", DEFAULT_LORA]["wanted_by"] == ["whisper", "quieter"]
    ours = listed["LoRA", str(lora)]
    assert (ours["standing"], ours["wanted_by"], ours["size_bytes"]) == ("here", ["soft"], lora.stat().st_size)
    assert ours["about"] == ["rank 1, alpha 1, 576 layers of LTX-2.3 match; made for ltx-2.3"]
    assert listed["upsampler", ""]["standing"] == "missing"
    assert "ltx-2.3-spatial-upscaler-x2-1.1.safetensors" in listed["upsampler", ""]["about"][0]


def test_random_weights_need_no_checkpoint(capsys: pytest.CaptureFixture[str]) -> None:
    run(["models", "--random-weights"])
    out = printed(capsys)
    assert "here checkpoint random_weights = true: made up on the spot" in out
    assert DEFAULT_MODEL not in out


def test_beside_a_single_file_the_text_encoder_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    run(["models", "--ltx", "model=Lightricks/LTX-2.3/ltx-2.3-22b-dev.safetensors", "--json"])
    needs = json.loads(capsys.readouterr().out)["needs"]
    assert [need["role"] for need in needs[:2]] == ["checkpoint", "text encoder"]
    assert [round(need["fetch_bytes"] / 1e9) for need in needs[:2]] == [46, 24]


def test_a_lora_that_cannot_be_used_is_told_apart_from_one_that_is_missing(
    tmp_path: Path, lora: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cut.safetensors").write_bytes(lora.read_bytes()[:-10])
    assert run(["models", "--ltx", "lora=cut.safetensors"]) is ExitCode.INPUT
    assert re.search(r"unusable LoRA .*it was cut short\. Download it again", printed(capsys))


def test_without_torch_and_the_rest_it_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "for name in ('torch', 'diffusers', 'transformers', 'safetensors', 'accelerate', 'peft', 'huggingface_hub'):\n"
        "    sys.modules[name] = None\n"
        "from sottovoce.cli import run\nsys.exit(run(sys.argv[1:]))"
    )
    for arguments, said in (
        (["models"], "torch, diffusers, transformers, safetensors, accelerate → Install them with: pip install"),
        (["models", "fetch", "--yes"], "Fetching needs the Hugging Face hub's client. Install it with: pip install"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False,
            env=environment("http://127.0.0.1:9", tmp_path),
        )  # fmt: skip
        assert done.returncode == ExitCode.SETUP
        assert said in " ".join((done.stdout + done.stderr).split())
        assert "Traceback" not in done.stderr


def test_inspecting_a_lora(lora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "inspect", str(lora)]) is ExitCode.DONE
    out = printed(capsys)
    assert "keys begin with diffusion_model. rank 1 alpha 1 scale 1 (alpha / rank)" in out
    assert "audio_attn1 192 of 192 layers, audio_attn2 192 of 192 layers, video_to_audio_attn 192 of 192 layers" in out
    assert "all its 576 layers are layers of LTX-2.3 made for ltx-2.3" in out
    assert "header modelspec.architecture = ltx-2.3" in out
    assert run(["models", "inspect", str(lora), "--json"]) is ExitCode.DONE
    plain = json.loads(capsys.readouterr().out)
    assert (plain["kind"], plain["matched"], plain["prefix"], plain["dtypes"]) == (
        "lora",
        576,
        "diffusion_model.",
        ["F16"],
    )


def test_a_header_moves_no_cursor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_file(lora_tensors(), path := tmp_path / "loud.safetensors", {"title": "\x1b[2Jgone\nnext"})
    assert run(["models", "inspect", str(path)]) is ExitCode.DONE
    assert "title = ?[2Jgone next" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (["inspect"], "Say which file to inspect", ExitCode.INPUT),
        (["inspect", "/nowhere"], "'/nowhere' is not on this machine", ExitCode.SETUP),
        (["list", "x.safetensors"], "sottovoce models inspect x.safetensors", ExitCode.INPUT),
        (["fetch", "../x"], "'../x' is no hub id. Write owner/name", ExitCode.INPUT),
    ],
)
def test_a_question_that_makes_no_sense_is_one_paragraph(
    arguments: list[str], said: str, code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["models", *arguments]) is code
    assert said in capsys.readouterr().err


def test_a_pickle_and_another_models_lora_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (pickle := tmp_path / "pickle.safetensors").write_bytes(b"\x80\x04\x95" + b"x" * 100)
    assert run(["models", "inspect", str(pickle)]) is ExitCode.INPUT
    assert "is a pickle, whatever its name says" in capsys.readouterr().err
    tensors = lora_tensors()
    first = next(iter(tensors))
    tensors[first] = tensors[first][:, :-1].copy()
    save_file(tensors, other := tmp_path / "other.safetensors")
    assert run(["models", "inspect", str(other)]) is ExitCode.INPUT
    assert "was made for another model" in capsys.readouterr().err


@pytest.mark.xdist_group("hub")
def test_fetching_takes_safetensors_configs_and_the_tokenizer_and_nothing_else(tmp_path: Path) -> None:
    files = checkpoint_files()
    with hub({DEFAULT_MODEL: files, DEFAULT_LORA: {"whisper.safetensors": WEIGHTS, "README.md": b"x"}}) as server:
        done = sottovoce(server, tmp_path, "fetch", "--yes")
        assert done.returncode == ExitCode.DONE, done.stderr
        wanted = {name for name in files if b"never" not in files[name]} | {"whisper.safetensors"}
        assert server.fetched() == wanted
        snapshot = tmp_path / "hub" / "models--diffusers--LTX-2.3-Diffusers" / "snapshots" / SHA
        assert (snapshot / "transformer" / "diffusion_pytorch_model.safetensors").read_bytes() == weights(1)
        assert "Fetched" in done.stdout
        assert "fetching LTX-2.3-Diffusers: 100%" in done.stderr
        listed = sottovoce(server, tmp_path, "--json")
        standing = {need["role"]: need["standing"] for need in json.loads(listed.stdout)["needs"]}
        assert standing["checkpoint"] == "here"
        server.asked.clear()
        again = sottovoce(server, tmp_path, "fetch", DEFAULT_MODEL)
        assert again.returncode == ExitCode.DONE
        assert "there is nothing to fetch" in again.stdout
        assert server.fetched() == set()


@pytest.mark.xdist_group("hub")
def test_nothing_is_fetched_before_someone_agrees(tmp_path: Path) -> None:
    with hub({DEFAULT_LORA: {"whisper.safetensors": WEIGHTS}}) as server:
        done = sottovoce(server, tmp_path, "fetch", DEFAULT_LORA)
        assert done.returncode == ExitCode.INPUT
        assert "nobody is at the terminal to say whether to. Add --yes" in " ".join(done.stderr.split())
        assert server.fetched() == set()


@pytest.mark.xdist_group("hub")
def test_what_was_begun_goes_on_where_it_stopped(tmp_path: Path) -> None:
    content = weights(6_000)  # the client writes 10 MB at a time
    with hub({DEFAULT_LORA: {"whisper.safetensors": content}}, stops_after=15_000_000) as server:
        done = sottovoce(server, tmp_path, "fetch", DEFAULT_LORA, "--yes")
        assert done.returncode == ExitCode.DONE, done.stderr
        ranges = [given for method, path, given in server.asked if method == "GET" and "resolve" in path]
        assert ranges[0] == ""
        assert re.fullmatch(r"bytes=[1-9]\d+-", ranges[-1])
    found = next((tmp_path / "hub").rglob("whisper.safetensors"))
    assert found.read_bytes() == content


@pytest.mark.xdist_group("hub")
@pytest.mark.parametrize(
    ("what", "files", "said", "code"),
    [
        ("some/two", {"a.safetensors": WEIGHTS, "b.safetensors": WEIGHTS}, "sottovoce models fetch some/two/a", ExitCode.INPUT),
        ("some/pickles", {"lora.bin": b"x", "lora.pt": b"x"}, "has no .safetensors file, and nothing else", ExitCode.INPUT),
        ("some/two/c.safetensors", {"a.safetensors": WEIGHTS}, "has no file 'c.safetensors'. Did you mean 'a.", ExitCode.INPUT),
        ("some/half", {"transformer/x.bin": b"x", "vae/config.json": b"{}"}, "has no safetensors that serve", ExitCode.INPUT),
        ("some/gone", None, "The hub has no 'some/gone'", ExitCode.SETUP),
    ],
)  # fmt: skip
def test_a_hub_id_that_does_not_serve_is_said_so(
    what: str, files: dict[str, bytes] | None, said: str, code: ExitCode, tmp_path: Path
) -> None:
    models = {} if files is None else {"/".join(what.split("/")[:2]): files}
    with hub(models) as server:
        done = sottovoce(server, tmp_path, "fetch", what, "--yes")
        assert said in " ".join(done.stderr.split())
        assert done.returncode == code
        assert "Traceback" not in done.stderr
        assert server.fetched() == set()


@pytest.mark.xdist_group("hub")
def test_a_hub_id_behind_terms_says_where_to_accept_them(tmp_path: Path) -> None:
    with hub({DEFAULT_LORA: {"whisper.safetensors": WEIGHTS}}, gated=True) as server:
        done = sottovoce(server, tmp_path, "fetch", DEFAULT_LORA, "--yes")
    assert done.returncode == ExitCode.SETUP
    assert f"accept its terms first. Do so at https://huggingface.co/{DEFAULT_LORA}" in " ".join(done.stderr.split())


def test_no_network_is_said_in_words(tmp_path: Path) -> None:
    done = sottovoce(None, tmp_path, "fetch", "--yes")
    assert done.returncode == ExitCode.SETUP
    said = " ".join(done.stderr.split())
    assert f"The hub cannot be reached for '{DEFAULT_MODEL}'" in said
    assert "Check the network and try again" in said
    assert "Traceback" not in said


@pytest.mark.xdist_group("hub")
def test_ctrl_c_stops_it_and_keeps_what_is_there(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sottovoce", "models", "fetch", "some/lora", "--yes"]
    with hub({"some/lora": {"a.safetensors": WEIGHTS}}) as server:
        server.waits_after = 5000
        with subprocess.Popen(
            command,
            env=environment(server.endpoint, tmp_path),
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            assert server.waits.wait(FAR_SECONDS)
            process.send_signal(signal.SIGINT)
            _, error = process.communicate()
    assert process.returncode == ExitCode.CANCELLED
    assert "Cancelled" in error
    assert "Traceback" not in error
