"""Text as XML can hold it: names and lines may come from damaged files."""

import re

# Source: XML 1.0, production 2, Char.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """`text` with a "?" for each character that no XML file may hold."""
    return _NOT_XML.sub("?", text)
