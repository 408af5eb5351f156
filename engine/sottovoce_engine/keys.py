"""What is asked and what would be made, as hashes: takes are stale by the one and known by the other."""

import hashlib
import json
from pathlib import Path
from typing import Any

from sottovoce_engine.codec import to_plain
from sottovoce_engine.registers import Register
from sottovoce_engine.scene import Voice
from sottovoce_engine.take import RenderJob

_NOT_RENDERED = ("location", "cue", "picture", "seed", "lead_frames", "tail_frames", "gain_db", "length_guessed")
_SELDOM = ("on_shot", "is_shot", "gating", "kept_frames", "context")  # what most jobs lack is no part of their keys


def content_key(caption: str, voice: Voice, register: Register) -> str:
    """The hash of what is asked, without where and how."""
    asked = [caption, voice.name, str(voice.gender), voice.sound, register.name, register.lora]
    # By name: a registers file that is moved with its LoRA makes no take stale. Its weights are in the fingerprint.
    return _hashed([*asked, Path(register.lora_file).name] if register.lora_file else asked)


def job_key(job: RenderJob, fingerprint: str) -> str:
    """The hash of the job without what only the splice uses, and without wishes that the job has answered.

    `fingerprint` stands for all else that determines the take: the renderer's, or the content of a recording.
    So a trim of the level, or writing out the mode or the seed in force, does not change a key. Nor does where the
    frames are kept that a take starts from or is made for: the key of their take, and the content of the footage, say
    what they show.
    """
    plain = to_plain(job)
    for name, kept_in in (("from_take", "media"), ("from_footage", "path"), ("locked_on", "path")):
        given = plain.pop(name)
        if given is not None:
            plain[name] = {field: value for field, value in given.items() if field != kept_in}
    for name in _SELDOM:
        if not plain[name]:
            del plain[name]
    for kept_in in ("media", "latents"):
        plain.get("on_shot", {}).pop(kept_in, None)
    if plain.get("gating", {}).get("locked_on"):
        del plain["gating"]["locked_on"]["path"]
    for held in _held_in(plain.get("context", {})):
        del held["path"]
    plain["region"] = {name: value for name, value in plain["region"].items() if name not in _NOT_RENDERED}
    return _hashed([plain, fingerprint])


def _held_in(context: dict[str, Any]) -> list[dict[str, Any]]:
    """All that a context holds, as plain values."""
    found = [*context.get("before", []), *context.get("after", []), context.get("anchor")]
    return [held for held in found if held is not None]


def _hashed(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
