"""The looks of marked cells: a cell's own look with another fill, and those of the sheet of remarks."""

from __future__ import annotations

import posixpath
from copy import deepcopy
from typing import Any

from lxml import etree

from survey.markpackage import Package, insert, space_of

_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
# In the order the schema wants them; a workbook need not have them all.
_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles")
_LEAST = {
    "fonts": '<fonts xmlns="{0}" count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>',
    "fills": '<fills xmlns="{0}" count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>',
    "borders": '<borders xmlns="{0}" count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>',
    "cellXfs": '<cellXfs xmlns="{0}" count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellXfs>',
}
GRAVE, DOUBT = "FFF8B4B4", "FFFCE29A"


class Styles:
    """The styles of a workbook; looks are added behind those that are there."""

    def __init__(self, package: Package, workbook: str) -> None:
        self._package = package
        self._part = package.one(workbook, "styles") or _made(package, workbook)
        self._root = package.root(self._part)
        self._space = space_of(self._root)
        self._painted: dict[tuple[int, str], int] = {}

    def painted(self, look: int, colour: str) -> int:
        """A look with the fill of a mark, all else as it was."""
        if (look, colour) not in self._painted:
            self._painted[look, colour] = self._with_fill(look, self.add("fills", _fill(colour)))
        return self._painted[look, colour]

    def restored(self, look: int, fill: str) -> int:
        """A look that was painted with the fill it had before; another one stays as it is."""
        own = self.fill(look)
        if not own or not any(f'rgb="{colour}"' in own for colour in (GRAVE, DOUBT)):
            return look
        return self._with_fill(look, self.add("fills", fill) if fill else 0)

    def fill(self, look: int) -> str:
        """The fill of a look as it stands in the styles, '' for none."""
        fills, xfs = self._group("fills"), self._group("cellXfs")
        at = int(xfs[look].get("fillId", "0")) if 0 <= look < len(xfs) else 0
        return _bare(fills[at]) if 0 < at < len(fills) else ""

    def look(self, *, font: str = "", fill: str = "", border: str = "", alignment: str = "") -> int:
        """A look of its own, of parts as they stand in the styles; '' is the workbook's plain one."""
        ids = {
            "fontId": self.add("fonts", font) if font else 0,
            "fillId": self.add("fills", _fill(fill)) if fill else 0,
            "borderId": self.add("borders", border) if border else 0,
        }
        numbers = " ".join(f'{name}="{at}" apply{name[:-2].title()}="1"' for name, at in ids.items())
        return self.add("cellXfs", f'<xf numFmtId="0" {numbers} applyAlignment="1">{alignment}</xf>')

    def add(self, group: str, text: str) -> int:
        """The place of an entry in its group; one that is there already is not told twice."""
        return self._place(group, etree.fromstring(f'<a xmlns="{self._space}">{text}</a>')[0])

    def _place(self, group: str, one: Any) -> int:
        entries = self._group(group)
        text = _bare(one)
        for at, known in enumerate(entries):
            if _bare(known) == text:
                return at
        entries.append(one)
        entries.set("count", str(len(entries)))
        self._package.touch(self._part)
        return len(entries) - 1

    def _with_fill(self, look: int, fill: int) -> int:
        xfs = self._group("cellXfs")
        one = deepcopy(xfs[look if 0 <= look < len(xfs) else 0])
        one.set("fillId", str(fill))
        one.set("applyFill", "1")
        return self._place("cellXfs", one)

    def _group(self, name: str) -> Any:
        found = self._root.find(f"{{{self._space}}}{name}")
        if found is None or not len(found):
            if found is not None:
                self._root.remove(found)
            found = etree.fromstring(_LEAST[name].format(self._space))
            insert(self._root, found, _ORDER[: _ORDER.index(name)])
            self._package.touch(self._part)
        return found


def _fill(colour: str) -> str:
    return (
        f'<fill><patternFill patternType="solid"><fgColor rgb="{colour}"/><bgColor indexed="64"/></patternFill></fill>'
    )


def _made(package: Package, workbook: str) -> str:
    part = package.new(posixpath.dirname(workbook), "styles", ".xml")
    space = space_of(package.root(workbook))
    package.put(part, f'<styleSheet xmlns="{space}"/>'.encode())
    package.declare(part, _CONTENT)
    package.relate(workbook, "styles", part)
    return part


def _bare(element: Any) -> str:
    """An element as text, apart from where it stands; prefixes that it does not use are left out."""
    copy = deepcopy(element)
    copy.tail = None
    etree.cleanup_namespaces(copy)
    text: str = etree.tostring(copy, method="c14n", exclusive=True).decode()
    return text
