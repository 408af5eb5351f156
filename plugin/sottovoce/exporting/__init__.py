"""Handing a spliced scene to other programs: `formats.FORMATS` lists the formats, one module writes each."""
