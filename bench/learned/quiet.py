r"""What the LoRA is trained on, as a person would bring it: 74 recordings of 8 voices, whispered and soft, and a recipe.

    python -m bench.learned.quiet
    python -m bench.learned.checkpoint
    sottovoce train .learned/quiet -o .learned/lora --recipe .learned/quiet.toml \
        --ltx model=.learned/model --ltx device=cpu --ltx dtype=float32 --ltx text_tokens=128

Everything from here on is the code that trains a LoRA of the large model.
"""

import argparse
import csv
from pathlib import Path

import soundfile
from bench.learned.corpus import FOLDER as CORPUS
from bench.learned.corpus import FRAMES, QUIET, RATE, Clip, read_clips, read_sounds

RECORDINGS, RECIPE = Path(".learned/quiet"), Path(".learned/quiet.toml")

# The card's LoRA speaks softly where no manner words ask for anything. Nothing says so to a model that never met a caption
# without them beside a quiet voice: every second soft clip is labelled by the register that has none.
_UNWORDED, _EVERY = "quieter", 2

# The card's rank is a quarter of this model's width. A model so much smaller bears a larger learning rate.
_RECIPE = f"""format = 1
name = "quiet"

[clips]
frames = {FRAMES}
raster = "32x32"

[steps]
count = 2000
batch = 4
learning_rate = 1e-3
dtype = "float32"
gradient_checkpointing = false

[validation]
every = 0
hold_out = false
"""


def main() -> None:
    """Writes the recordings, the table that labels them, and the recipe."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--recordings", type=Path, default=RECORDINGS)
    parser.add_argument("--recipe", type=Path, default=RECIPE)
    chosen = parser.parse_args()
    clips = [clip for clip in read_clips(chosen.corpus) if clip.part == "quiet" and clip.register in QUIET]
    write_recordings(clips, chosen.corpus, chosen.recordings)
    chosen.recipe.write_text(_RECIPE)
    print(f"{len(clips)} recordings of {len({clip.voice for clip in clips})} voices in {chosen.recordings}")


def write_recordings(clips: list[Clip], corpus: Path, folder: Path) -> None:
    """A WAV file for each clip, and `clips.csv` beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    labels = labels_of(clips)
    for number, (clip, label, sound) in enumerate(zip(clips, labels, read_sounds(clips, corpus), strict=True)):
        soundfile.write(folder / f"{number:03d}.wav", sound, RATE, subtype="PCM_16")
        rows.append((f"{number:03d}.wav", clip.voice, clip.gender, label, clip.line))
    with (folder / "clips.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "voice", "gender", "register", "transcript"))
        writer.writerows(rows)


def labels_of(clips: list[Clip]) -> list[str]:
    """The registers that the recordings are labelled with."""
    labels = [clip.register for clip in clips]
    soft = [place for place, label in enumerate(labels) if label == "soft"]
    for place in soft[::_EVERY]:
        labels[place] = _UNWORDED
    return labels


if __name__ == "__main__":
    main()
