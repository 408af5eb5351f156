"""What the names of files end in that can be worked on."""

TIMELINE_SUFFIXES = (".otio", ".otioz")
SCRIPT_SUFFIXES = (".fountain", ".fdx")
LINE_SUFFIXES = (
    ".srt",
    ".ass",
    ".ssa",
    ".vtt",
    ".csv",
    ".tsv",
    ".txt",
    *SCRIPT_SUFFIXES,
)  # they hold lines, and no timeline
SUFFIXES = (*TIMELINE_SUFFIXES, *LINE_SUFFIXES)
