"""Named cell styles of a written workbook: what looks alike can be changed alike in Excel and WPS.

The writer has no names for its formats, so they are put into the one part that holds them (ECMA-376, 18.8); every other
part is copied as it is, charts included.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import BinaryIO

from lxml import etree

_PART = "xl/styles.xml"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def name_styles(book: BinaryIO, names: Mapping[str, int], into: Path) -> None:
    """Writes a workbook to a path with the formats of some numbers being styles of those names."""
    with zipfile.ZipFile(book) as before, zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.infolist():
            content = before.read(part)
            after.writestr(part, _named(content, names) if part.filename == _PART else content)


def _named(styles: bytes, names: Mapping[str, int]) -> bytes:
    tree = etree.fromstring(styles)
    formats, bases, named = (tree.find(_MAIN + tag) for tag in ("cellXfs", "cellStyleXfs", "cellStyles"))
    for name, number in names.items():
        base = deepcopy(formats[number])
        base.attrib.pop("xfId", None)
        formats[number].set("xfId", str(len(bases)))
        etree.SubElement(named, _MAIN + "cellStyle", name=name, xfId=str(len(bases)))
        bases.append(base)
    for element in (bases, named):
        element.set("count", str(len(element)))
    written: bytes = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
    return written
