"""The formats a scene can be handed over in. A new one is a module with a `Write`, and its row here."""

from collections.abc import Mapping

from sottovoce.exporting import fcp7_file, handover, lists, mlt_file, otio_files, text_files
from sottovoce.exporting.lazily import lazily
from sottovoce.exporting.survival import survival_of
from sottovoce.exporting.values import Format
from sottovoce_engine.errors import InputError, nearest

_HOSTS_DROP = (
    "DaVinci Resolve drops metadata that it does not know; Kdenlive drops metadata, effects and the names of markers"
)

_ALL = (
    Format(
        name="otio",
        suffix=".otio",
        hosts=("DaVinci Resolve", "Premiere Pro", "Kdenlive", "Hiero", "OpenRV", "GES"),
        about="the timeline itself, with everything",
        survives=survival_of("otio"),
        hosts_drop=_HOSTS_DROP,
        write=otio_files.write_otio_file,
        names_media=True,
    ),
    Format(
        name="otioz",
        suffix=".otioz",
        hosts=("DaVinci Resolve", "Hiero", "OpenRV"),
        about="the timeline and all its media, in one file",
        survives=survival_of("otioz"),
        hosts_drop=_HOSTS_DROP,
        write=otio_files.write_otioz_file,
    ),
    Format(
        name="fcp7",
        suffix=".xml",
        hosts=("Premiere Pro", "DaVinci Resolve", "Final Cut Pro 7"),
        about="Final Cut Pro 7 XML: tracks, levels, dissolves, markers",
        survives=survival_of("fcp7"),
        write=fcp7_file.write_fcp7_file,
        names_media=True,
    ),
    Format(
        name="mlt",
        suffix=".mlt",
        hosts=("Shotcut", "melt", "Kdenlive (as a clip)"),
        about="a project with all tracks, fades and gains",
        survives=survival_of("mlt"),
        write=mlt_file.write_mlt_file,
        names_media=True,
    ),
    Format(
        name="edl",
        suffix=" markers.edl",
        hosts=("DaVinci Resolve",),
        about="the markers, for a timeline that is there already",
        survives=survival_of("edl"),
        write=text_files.write_edl_file,
    ),
    *(
        Format(
            name=kind,
            suffix=f".{kind}",
            hosts=("players", "subtitle editors"),
            about=f"the lines as {called} subtitles",
            survives=survival_of(kind),
            write=text_files.subtitles_as(f".{kind}"),
        )
        for kind, called in (("srt", "SubRip"), ("vtt", "WebVTT"), ("ass", "SubStation Alpha"))
    ),
    Format(
        name="review",
        suffix=" review.mp4",
        hosts=("players", "browsers"),
        about="the scene as a movie, with timecode, register, voice and line burnt in",
        survives=survival_of("review"),
        write=lazily("review", "write_review_movie"),
    ),
    Format(
        name="handover",
        suffix=" handover",
        hosts=("Pro Tools", "Nuendo", "Reaper", "Fairlight"),
        about="every take as a timestamped broadcast wave, and a cue sheet",
        survives=survival_of("handover"),
        write=handover.write_handover,
    ),
    Format(
        name="cues",
        suffix=" cues.csv",
        hosts=("spreadsheets", "ADR and script programs"),
        about="a cue sheet: one row for each line",
        survives=survival_of("cues"),
        write=lists.write_cue_sheet,
    ),
    Format(
        name="avid",
        suffix=" markers.txt",
        hosts=("Avid Media Composer",),
        about="the regions as markers",
        survives=survival_of("avid"),
        write=lists.write_avid_markers,
    ),
)

FORMATS: Mapping[str, Format] = {each.name: each for each in _ALL}


def format_named(name: str) -> Format:
    """The format of that name.

    Raises:
        InputError: There is none.
    """
    if name not in FORMATS:
        raise InputError(f"There is no format '{name}'. {nearest(name, FORMATS)}")
    return FORMATS[name]
