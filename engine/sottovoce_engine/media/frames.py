"""Frames as values: making, mixing, and bringing any frame into the engine's own form."""

import threading
from fractions import Fraction

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter
from numpy.typing import NDArray

from sottovoce_engine.media.standard_range import HLG, PQ, in_standard_range
from sottovoce_engine.scene import Raster

PIXEL_FORMAT = "yuv422p"
_BLACK = (16, 128, 128)
# Without these flags swscale is off by up to 2 code values between colour matrices.
_EXACT = (
    Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP
)
# H.273 matrix coefficients as a decoder gives them, and what swscale calls them.
_MATRIX = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
_RGB_MATRIX = 0
_of_this_thread = threading.local()


def black_frame(raster: Raster) -> VideoFrame:
    """Video black."""
    frame = VideoFrame(raster.width, raster.height, PIXEL_FORMAT)
    for plane, value in zip(planes_of(frame), _BLACK, strict=True):
        plane[:] = value
    return _tagged(frame)


def frame_from_rgb(rgb: NDArray[np.uint8]) -> VideoFrame:
    """A frame from `[rows, columns, 3]` full-range R'G'B' with BT.709 primaries; both sizes even."""
    frame = VideoFrame.from_ndarray(np.ascontiguousarray(rgb), "rgb24")
    return reformatted(_scaler(), frame, frame.width, frame.height, PIXEL_FORMAT)


def rgb_from_frame(frame: VideoFrame, width: int, height: int) -> NDArray[np.uint8]:
    """A frame in the engine's form, scaled, as `[rows, columns, 3]` full-range R'G'B' with BT.709 primaries."""
    scaled = _scaler().reformat(
        frame,
        width=width,
        height=height,
        format="rgb24",
        src_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=_EXACT,
    )
    return np.asarray(scaled.to_ndarray(), np.uint8)


def mixed(a: VideoFrame, b: VideoFrame, weight: float) -> VideoFrame:
    """A dissolve of two frames of one size: `weight` 0 is `a`, 1 is `b`. Mixed as coded, as editors do."""
    result = VideoFrame(a.width, a.height, PIXEL_FORMAT)
    for out, one, other in zip(planes_of(result), planes_of(a), planes_of(b), strict=True):
        start = one.astype(np.float32)
        np.rint(start + (other - start) * np.float32(weight), out=start)
        out[:] = start
    return _tagged(result)


def planes_of(frame: VideoFrame) -> tuple[NDArray[np.uint8], ...]:
    """The planes of an 8-bit planar frame as writable views, each `[rows, columns]`."""
    return tuple(
        np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
        for plane in frame.planes
    )


def reformatted(scaler: VideoReformatter, frame: VideoFrame, width: int, height: int, pixels: str) -> VideoFrame:
    """Any frame in that size and pixel format, in BT.709 and limited range."""
    return _tagged(
        scaler.reformat(
            frame,
            width=width,
            height=height,
            format=pixels,
            src_colorspace=_matrix(frame),
            src_color_range=_range(frame),
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=_EXACT,
        )
    )


def upper_field(frame: VideoFrame) -> VideoFrame:
    """Every second line of an interlaced frame: what it shows at its own time, and half as high."""
    field = VideoFrame(frame.width, -(-frame.height // 2), frame.format.name)
    for out, plane in zip(field.planes, frame.planes, strict=True):
        lines = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: plane.height : 2]
        kept = np.frombuffer(memoryview(out), np.uint8).reshape(-1, out.line_size)
        width, height = min(plane.line_size, out.line_size), min(len(lines), len(kept))
        kept[:height, :width] = lines[:height, :width]
    field.colorspace, field.color_range = frame.colorspace, frame.color_range
    field.color_primaries, field.color_trc = frame.color_primaries, frame.color_trc
    return field


class Conformer:
    """Brings frames of one kind to a raster; it keeps the tables that this takes from one frame to the next."""

    def __init__(self, raster: Raster, *, watched: bool = False) -> None:
        """Keeps fields woven and lights as they are coded; `watched`, as a viewer sees them: one field, standard range."""
        self._raster, self._watched = raster, watched
        self._scaler, self._turner, self._seer = VideoReformatter(), VideoReformatter(), VideoReformatter()

    def conformed(self, frame: VideoFrame, pixel_aspect: Fraction | None = None) -> VideoFrame:
        """The frame in the engine's form: upright, whole, with black where its shape differs.

        A frame that has this form already is given back itself.
        """
        width, height, pixel_aspect = self._raster.width, self._raster.height, pixel_aspect or Fraction(1)
        turns = round(frame.rotation / 90) % 4
        if not turns and (frame.width, frame.height) == (width, height) and pixel_aspect == 1 and self._is_ours(frame):
            return frame
        shape = Fraction(frame.width) * pixel_aspect / frame.height
        inner_width, inner_height = _fitted(1 / shape if turns % 2 else shape, width, height)
        across = (inner_height, inner_width) if turns % 2 else (inner_width, inner_height)
        if self._watched:
            frame = self._seen(frame, *across)
        if turns:
            frame = self._turned(reformatted(self._scaler, frame, *across, "yuv444p"), turns)
        else:
            frame = reformatted(self._scaler, frame, inner_width, inner_height, PIXEL_FORMAT)
        return frame if (inner_width, inner_height) == (width, height) else _on_black(frame, self._raster)

    def _is_ours(self, frame: VideoFrame) -> bool:
        form = frame.format.name, frame.colorspace, frame.color_range
        as_it_is = not self._watched or not (frame.interlaced_frame or frame.color_trc in (PQ, HLG))
        return form == (PIXEL_FORMAT, 1, ColorRange.MPEG) and as_it_is

    def _seen(self, frame: VideoFrame, width: int, height: int) -> VideoFrame:
        """One field of an interlaced frame; a high dynamic range at that size as a standard one."""
        if frame.interlaced_frame:
            frame = upper_field(frame)
        return in_standard_range(self._seer, frame, width, height) if frame.color_trc in (PQ, HLG) else frame

    def _turned(self, frame: VideoFrame, quarter_turns: int) -> VideoFrame:
        """A yuv444p frame, turned counter-clockwise."""
        planes = [np.rot90(plane, quarter_turns) for plane in planes_of(frame)]
        turned = VideoFrame(planes[0].shape[1], planes[0].shape[0], "yuv444p")
        for out, plane in zip(planes_of(turned), planes, strict=True):
            out[:] = plane
        return reformatted(self._turner, _tagged(turned), turned.width, turned.height, PIXEL_FORMAT)


def _fitted(shape: Fraction, width: int, height: int) -> tuple[int, int]:
    """The largest even size of that width / height inside the raster; within 2 pixels of it, the raster itself."""
    inner_width = min(width, 2 * round(height * shape / 2))
    inner_height = min(height, 2 * round(width / shape / 2))
    return (
        width if width - inner_width <= 2 else max(2, inner_width),
        height if height - inner_height <= 2 else max(2, inner_height),
    )


def _on_black(frame: VideoFrame, raster: Raster) -> VideoFrame:
    result = black_frame(raster)
    left, top = (raster.width - frame.width) // 4 * 2, (raster.height - frame.height) // 2
    for index, (out, plane) in enumerate(zip(planes_of(result), planes_of(frame), strict=True)):
        column = left if index == 0 else left // 2
        out[top : top + plane.shape[0], column : column + plane.shape[1]] = plane
    return result


def _matrix(frame: VideoFrame) -> Colorspace:
    """The colour matrix the frame says, or the one that players assume when it says none."""
    if frame.colorspace == _RGB_MATRIX:
        return Colorspace.ITU709
    assumed = Colorspace.ITU601 if frame.width < 1280 and frame.height <= 576 else Colorspace.ITU709
    return _MATRIX.get(frame.colorspace, assumed)


def _range(frame: VideoFrame) -> ColorRange:
    name = frame.format.name
    full = frame.color_range == ColorRange.JPEG or name.startswith(("yuvj", "rgb", "bgr", "gbr", "gray", "pal"))
    return ColorRange.JPEG if full else ColorRange.MPEG


def _tagged(frame: VideoFrame) -> VideoFrame:
    frame.colorspace, frame.color_range = 1, ColorRange.MPEG
    frame.color_primaries, frame.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    return frame


def _scaler() -> VideoReformatter:
    """This thread's own: it keeps the tables of the last size, which take as long to make as a frame to scale."""
    kept: VideoReformatter | None = getattr(_of_this_thread, "scaler", None)
    if kept is None:
        kept = _of_this_thread.scaler = VideoReformatter()
    return kept
