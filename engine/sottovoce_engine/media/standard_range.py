"""Pictures of a high dynamic range as a standard one: for whoever watches them, never for what is handed back.

signal ──► light in cd/m² ──► 1 at reference white ──► BT.709 primaries ──► bright lights come down ──► signal

Sources: ITU-R BT.2100-2 tables 4 (PQ) and 5 (HLG with its OOTF at 1,000 cd/m²), BT.2408-7 (reference white at 203 cd/m²),
BT.2087-0 (primaries), Reinhard et al. 2002 equation 4 (lights), BT.1886 (signal).
"""

from functools import cache

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

PQ, HLG = 16, 18  # H.273 transfer characteristics

_WHITE, _PEAK = 203.0, 1_000.0  # cd/m²
_LUMINANCE = np.array([0.2627, 0.6780, 0.0593], np.float32)
_TO_BT709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32)
_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT


def in_standard_range(scaler: VideoReformatter, frame: VideoFrame, width: int, height: int) -> VideoFrame:
    """A PQ or HLG frame, scaled, as full-range R'G'B' with BT.709 primaries."""
    wide = scaler.reformat(
        frame,
        width=width,
        height=height,
        format="rgb48le",
        src_colorspace=Colorspace.BT2020,
        src_color_range=ColorRange.JPEG if frame.color_range == ColorRange.JPEG else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=_EXACT,
    )
    light = _light(frame.color_trc)[wide.to_ndarray()]
    if frame.color_trc == HLG:
        light *= (light @ _LUMINANCE)[..., None] ** np.float32(0.2) * np.float32(_PEAK)
    return VideoFrame.from_ndarray(np.ascontiguousarray(_shown(light)), "rgb24")


def _shown(light: NDArray[np.float32]) -> NDArray[np.uint8]:
    """`[rows, columns, 3]` cd/m² of BT.2020 as 8-bit signals of BT.709."""
    relative = np.clip((light / np.float32(_WHITE)) @ _TO_BT709.T, 0.0, None)
    lowered = relative * (1 + relative * np.float32((_WHITE / _PEAK) ** 2)) / (1 + relative)
    return np.rint(np.clip(lowered, 0.0, 1.0) ** np.float32(1 / 2.4) * 255).astype(np.uint8)


@cache
def _light(transfer: int) -> NDArray[np.float32]:
    """What each 16-bit signal means: cd/m² in PQ, scene light in HLG."""
    signals = np.linspace(0.0, 1.0, 1 << 16)
    return (_pq_light(signals) if transfer == PQ else _hlg_light(signals)).astype(np.float32)


def _pq_light(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """cd/m² of signals 0..1: the EOTF of PQ."""
    power = signal ** (32 / 2523)
    ratio = np.maximum(power - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * power)
    return 10_000 * ratio ** (16384 / 2610)


def _hlg_light(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scene light 0..1 of signals 0..1: the inverse OETF of HLG."""
    a = 0.17883277
    b, c = 1 - 4 * a, 0.5 - a * np.log(4 * a)
    return np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
