"""A bf16 checkpoint packed to two thirds of its size, without loss.

The lower byte of a bf16 number is as good as random; the upper one, sign and exponent, hardly varies. Apart from each
other the upper bytes shrink to a third:

    model.safetensors        head | l h l h l h …
    in the archive           .head      .high  h h h … (LZMA)      .low  l l l … (LZMA)

    python -m bench.learned.packing pack .learned/model learned.zip
    python -m bench.learned.packing unpack learned.zip FOLDER
"""

import argparse
from pathlib import Path
from zipfile import ZIP_LZMA, ZipFile, ZipInfo

import numpy as np

_SUFFIX = ".safetensors"
_HEAD_BYTES = 8  # the length of a safetensors file's own head, little-endian


def main() -> None:
    """Packs or unpacks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("pack", "unpack"))
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    chosen = parser.parse_args()
    {"pack": pack, "unpack": unpack}[chosen.what](chosen.source, chosen.target)


def pack(folder: Path, archive: Path) -> None:
    """Every file below the folder into one archive, the same bytes every time."""
    with ZipFile(archive, "w", ZIP_LZMA) as packed:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name, content = path.relative_to(folder).as_posix(), path.read_bytes()
            if path.suffix != _SUFFIX:
                packed.writestr(_entry(name), content)
                continue
            head, numbers = _parts(content)
            packed.writestr(_entry(f"{name}.head"), head)
            packed.writestr(_entry(f"{name}.low"), numbers[0::2].tobytes())
            packed.writestr(_entry(f"{name}.high"), numbers[1::2].tobytes())


def unpack(archive: Path, folder: Path) -> None:
    """The files as they were."""
    with ZipFile(archive) as packed:
        names = packed.namelist()
        for name in names:
            stem, dot, kind = name.rpartition(".")
            path = folder / (stem if dot and stem.endswith(_SUFFIX) else name)
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.name == Path(name).name:
                path.write_bytes(packed.read(name))
            elif kind == "head":
                path.write_bytes(packed.read(name) + _together(packed.read(f"{stem}.low"), packed.read(f"{stem}.high")))


def _parts(content: bytes) -> tuple[bytes, "np.typing.NDArray[np.uint8]"]:
    """A safetensors file's head, and what follows it."""
    end = _HEAD_BYTES + int.from_bytes(content[:_HEAD_BYTES], "little")
    return content[:end], np.frombuffer(content[end:], np.uint8)


def _together(low: bytes, high: bytes) -> bytes:
    numbers = np.empty(len(low) + len(high), np.uint8)
    numbers[0::2], numbers[1::2] = np.frombuffer(low, np.uint8), np.frombuffer(high, np.uint8)
    return numbers.tobytes()


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name)  # dated 1980, so that equal files make equal archives
    entry.compress_type = ZIP_LZMA
    return entry


if __name__ == "__main__":
    main()
