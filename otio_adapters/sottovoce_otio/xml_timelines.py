"""Timelines in XML: Final Cut Pro 7's, which Premiere Pro and DaVinci Resolve export, and MLT's, which Shotcut saves.

FCP7 XML is read by otio-fcp-adapter, once it is known to be safe. Whether clips are enabled, which that adapter drops, is
put back.
"""

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import opentimelineio as otio
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sottovoce_engine.errors import InputError
from sottovoce_otio.mlt_reading import mlt_timeline
from sottovoce_otio.plain import object_from, plain_object

_OTHERS = {
    "fcpxml": "Final Cut Pro X's own XML",
    "kdenlivedoc": "an old Kdenlive project",
    "ges": "a GES project",
}


def xml_timeline(content: bytes, path: Path) -> Any:
    """The timeline, or the collection of them, in a file of FCP7 XML or an MLT project.

    Raises:
        InputError: It is no such file, is damaged, or holds what could harm a reader.
    """
    root = _root(content, path)
    if root.tag == "mlt":
        return object_from(mlt_timeline(root, path))
    if root.tag == "xmeml":
        return _fcp7_timeline(content, path)
    what = _OTHERS.get(root.tag, f"XML of the kind '{root.tag[:40]}'")
    raise InputError(
        f"'{path}' is {what}, which is not read here. Export the timeline as .otio, or as Final Cut Pro 7 XML."
    )


def _root(content: bytes, path: Path) -> Element:
    try:
        root: Element = fromstring(content)
    except DefusedXmlException as error:
        raise InputError(
            f"'{path}' defines entities of its own, as harmful files do, and is not read. Export it again from its program."
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise InputError(f"'{path}' is no whole XML: {error}. Export it again.") from error
    return root


def _fcp7_timeline(content: bytes, path: Path) -> Any:
    try:
        found = otio.adapters.read_from_string(content.decode("utf-8-sig"), adapter_name="fcp_xml")
    except Exception as error:  # the adapter raises whatever its parser trips over
        raise InputError(
            f"otio-fcp-adapter cannot read '{path}': {type(error).__name__} {error}. Export the timeline as .otio."
        ) from error
    plain = plain_object(found)
    _disable(plain)
    return object_from(plain)


def _disable(value: Any) -> None:
    """Disables the clips and tracks whose XML says so."""
    if isinstance(value, list):
        for each in value:
            _disable(each)
    elif isinstance(value, dict):
        noted = (value.get("metadata") or {}).get("fcp_xml")
        if isinstance(noted, dict) and "enabled" in value and str(noted.get("enabled")).upper() == "FALSE":
            value["enabled"] = False
        for key in ("children", "tracks"):
            _disable(value.get(key))
