"""What the small model does on captions it was not trained on, by the judge: shares with their confidence intervals.

Lines, looks and voices are the corpus's held-out ones. Each is asked for in every register; every take is judged as the
panel judges one. Length is compared with the same line as the synthetic voice says it. Captions begin with the speaker, as
those of the LoRA's recordings do; with `--scene-words` they begin with a look, as those of the base's clips do.

    python -m bench.learned.table                          the base
    python -m bench.learned.table --lora FILE              the base with a LoRA on
"""

import re
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np
import soundfile
from bench.learned.copies import Heard, as_they_were, heard_in
from bench.learned.corpus import Clip, read_clips
from bench.learned.intervals import shown_share
from bench.learned.saying import Asked, model_options, settings_for, spoken

from sottovoce_engine.judge.register import Verdict
from sottovoce_engine.registers import Manner, Register, register_table
from sottovoce_engine.timing import SAMPLE_RATE

_ASKED = ("normal", "loud", "shout", "whisper", "soft", "")
_MANNER = re.compile(r"\((woman|man), [^)]*\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A take and what it is compared with."""

    asked: Asked
    heard: Heard
    seconds: float  # of speech
    line_seconds: float  # as the synthetic voice says the line normally


def main() -> None:
    """Prints one table."""
    parser = model_options(__doc__)
    parser.add_argument("--lora", type=Path)
    parser.add_argument("--lines", type=int, default=24)
    parser.add_argument(
        "--asked", nargs="+", choices=_ASKED, default=_ASKED, help="registers; '' is without manner words"
    )
    parser.add_argument("--scene-words", action="store_true", help="captions begin with a look")
    parser.add_argument("--keep", type=Path, help="a folder to write the takes to, to be listened to")
    chosen = parser.parse_args()
    held = [clip for clip in read_clips(chosen.corpus) if clip.part == "held" and clip.register == "normal"]
    asked = [
        _asked(clip, register, chosen.lora is not None, chosen.scene_words, seed)
        for register in chosen.asked
        for seed, clip in enumerate(held[: chosen.lines])
    ]
    lengths = {
        clip.line: heard_in(sound, clip).span_seconds
        for clip, sound in zip(held, as_they_were(held, chosen.corpus), strict=True)
    }
    with tempfile.TemporaryDirectory() as cache:
        settings = settings_for(chosen.model, chosen.lora, Path(cache), chosen.guidance, chosen.steps)
        answers = [_answer(one, sound, lengths[one.clip.line], chosen.keep) for one, sound in spoken(asked, settings)]
    print(f"LoRA {'on' if chosen.lora else 'off'}, guidance {chosen.guidance:g}, {chosen.steps} steps\n")
    print("| asked for | voiced | whisper | v | pitch, Hz (woman, man) | alpha, dB | LUFS | length against line |")
    print("|---|---|---|---|---|---|---|---|")
    for register in chosen.asked:
        print(_row(register, [answer for answer in answers if answer.asked.clip.register == register]))


def _asked(clip: Clip, register: str, lora: bool, scene_words: bool, seed: int) -> Asked:
    """The clip's caption in the words of another register; "" leaves the manner words out."""
    table = register_table()
    chosen = table.get(register) if register else table.get("quieter")
    words = chosen.manner.woman if clip.gender == "woman" else chosen.manner.man
    speaker = f"({clip.gender}, {words})" if words else f"({clip.gender})"
    caption = _MANNER.sub(speaker, clip.caption if scene_words else clip.caption[clip.caption.index("(") :])
    caption = f"{caption}, {chosen.suffix}" if chosen.suffix else caption
    strength = chosen.lora if lora else 0.0
    return Asked(
        clip=replace(clip, register=register), register=_at(chosen, strength), caption=caption, seed=1000 + seed
    )


def _at(register: Register, strength: float) -> Register:
    return replace(register, lora=strength, manner=Manner(woman=register.manner.woman, man=register.manner.man))


def _answer(asked: Asked, sound: "np.typing.NDArray[np.float32]", line_seconds: float, keep: Path | None) -> Answer:
    heard = heard_in(sound, replace(asked.clip, register=asked.register.name))
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        name = f"{asked.clip.register or 'no-manner'}-{asked.seed}.wav"
        soundfile.write(keep / name, sound.T, SAMPLE_RATE, subtype="PCM_16")
    return Answer(
        asked=asked,
        heard=heard,
        seconds=heard.span_seconds,
        line_seconds=line_seconds,
    )


def _row(register: str, answers: list[Answer]) -> str:
    verdicts = Counter(answer.heard.verdict for answer in answers)
    pitches = [
        median(found)
        if (found := [a.heard.f0_hz for a in answers if a.asked.clip.gender == who and a.heard.f0_hz])
        else 0
        for who in ("woman", "man")
    ]
    seconds = np.array([(answer.line_seconds, answer.seconds) for answer in answers])
    like = np.corrcoef(seconds.T)[0, 1] if len(answers) > 2 and seconds.std(0).min() > 0 else 0.0
    cells = (
        register or "(no manner words)",
        shown_share(verdicts[Verdict.VOICED], len(answers)),
        shown_share(verdicts[Verdict.WHISPER], len(answers)),
        f"{median(answer.heard.v for answer in answers):.2f}",
        ", ".join(f"{pitch:.0f}" for pitch in pitches),
        f"{median(answer.heard.alpha_db or 0.0 for answer in answers):+.1f}",
        f"{median(answer.heard.lufs or -70.0 for answer in answers):.1f}",
        f"{median(seconds[:, 1] / seconds[:, 0]):.2f}, r {like:.2f}",
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
