"""What the names of files end in that can be worked on."""

XML_SUFFIXES = (".xml", ".mlt")  # of Final Cut Pro 7, of Shotcut
TIMELINE_SUFFIXES = (".otio", ".otioz", *XML_SUFFIXES)
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
NAMING_SUFFIXES = (*LINE_SUFFIXES, *XML_SUFFIXES)  # they are part of the working copy's name: a timeline may lie beside
