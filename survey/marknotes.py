"""Comments on marked cells: ours stand alone, or after what an enterprise's people have written."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any
from unicodedata import east_asian_width

from lxml import etree

from survey.markcells import Place, cell_at, place_of
from survey.markpackage import Package, insert, relations_of, space_of

_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_SPACES = {"v": "urn:schemas-microsoft-com:vml", "o": "urn:schemas-microsoft-com:office:office"}
_SPACES["x"] = "urn:schemas-microsoft-com:office:excel"
# What stands in a sheet before the drawing of its comments.
_BEFORE = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection",
    "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells",
    "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup",
    "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags",
    "drawing",
)  # fmt: skip
_TYPE = "_x0000_t202"
_SHAPE_TYPE = (
    f'<v:shapetype id="{_TYPE}" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_WIDE, _LETTERS, _LAST = 4, 34, 16_383


class Notes:
    """The comments of one sheet. `stamp` begins whatever is ours, by which it is found again."""

    def __init__(self, package: Package, sheet: str, stamp: str) -> None:
        self._package = package
        self._sheet = sheet
        self._stamp = stamp
        self._part = package.one(sheet, "comments")
        # Beside the sheets, wherever they are.
        self._folder = posixpath.dirname(posixpath.dirname(sheet))

    def write(self, notes: Mapping[Place, str], earlier: Mapping[Place, str]) -> None:
        """Says this in place of what an earlier copy said; what others wrote stays."""
        if not self._part and not notes:
            return
        self._part = self._part or self._made()
        root = self._package.root(self._part)
        listed = self._list(root)
        said = ((one, earlier.get(place_of(one.get("ref", "")) or (0, 0), "")) for one in list(listed))
        gone = {place for one, ours in said if (place := self._cleared(one, ours))}
        known = {place_of(one.get("ref", "")): one for one in listed}
        shapes = {}
        for place, text in notes.items():
            if place in known:
                self._append(known[place], text)
                continue
            shapes[place] = text
            self._add(listed, place, text, self._author(root))
        self._package.touch(self._part)
        self._draw(gone - set(shapes), {place: text for place, text in shapes.items() if place not in gone})

    def _made(self) -> str:
        part = self._package.new(self._folder, "comments", ".xml")
        space = space_of(self._package.root(self._sheet))
        self._package.put(part, f'<comments xmlns="{space}"><authors/><commentList/></comments>'.encode())
        self._package.declare(part, _CONTENT)
        self._package.relate(self._sheet, "comments", part)
        return part

    def _list(self, root: Any) -> Any:
        name = f"{{{space_of(root)}}}commentList"
        found = root.find(name)
        return found if found is not None else etree.SubElement(root, name)

    def _author(self, root: Any) -> int:
        space = space_of(root)
        authors = root.find(f"{{{space}}}authors")
        if authors is None:
            authors = etree.Element(f"{{{space}}}authors")
            root.insert(0, authors)
        names = [one.text or "" for one in authors]
        if self._stamp not in names:
            etree.SubElement(authors, f"{{{space}}}author").text = self._stamp
            names.append(self._stamp)
        return names.index(self._stamp)

    def _cleared(self, comment: Any, ours: str) -> Place | None:
        """Takes what we said out of a comment, and the comment where nothing else is in it; its place if it went.

        A spreadsheet may have cut the words into other runs; words that somebody changed are somebody's now.
        """
        space = space_of(comment)
        pieces = list(comment.iter(f"{{{space}}}t"))
        whole = "".join(piece.text or "" for piece in pieces)
        start = whole.find(self._words(ours)) if ours else -1
        if start < 0:
            return None
        end = start + len(self._words(ours))
        start -= whole[:start].endswith("\n")
        if not (whole[:start] + whole[end:]).strip():
            comment.getparent().remove(comment)
            return place_of(comment.get("ref", ""))
        at = 0
        for piece in pieces:
            text = piece.text or ""
            piece.text = text[: max(start - at, 0)] + text[max(end - at, 0) :]
            at += len(text)
        return None

    def _append(self, comment: Any, text: str) -> None:
        space = space_of(comment)
        holder = comment.find(f"{{{space}}}text")
        if holder is None:
            holder = etree.SubElement(comment, f"{{{space}}}text")
        plain = holder.find(f"{{{space}}}t")
        if plain is not None:
            run = etree.Element(f"{{{space}}}r")
            holder.replace(plain, run)
            run.append(plain)
        insert(holder, self._run(space, f"\n{self._words(text)}"), ("t", "r"))

    def _add(self, listed: Any, place: Place, text: str, author: int) -> None:
        space = space_of(listed)
        comment = etree.SubElement(listed, f"{{{space}}}comment")
        comment.set("ref", cell_at(place))
        comment.set("authorId", str(author))
        etree.SubElement(comment, f"{{{space}}}text").append(self._run(space, self._words(text)))

    def _words(self, text: str) -> str:
        return f"{self._stamp}\n{text}"

    def _run(self, space: str, text: str) -> Any:
        run = etree.Element(f"{{{space}}}r")
        look = etree.SubElement(run, f"{{{space}}}rPr")
        etree.SubElement(look, f"{{{space}}}sz").set("val", "9")
        words = etree.SubElement(run, f"{{{space}}}t")
        words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        words.text = text
        return run

    def _draw(self, gone: set[Place], added: Mapping[Place, str]) -> None:
        """The boxes of the comments; a drawing is text here, for not every one is well-formed."""
        part = self._drawing(make=bool(added))
        if not part or not (gone or added):
            return
        drawing = self._package.data(part).decode("utf-8", "surrogateescape")
        drawing = re.sub(r"<v:shape\b(?!type).*?</v:shape>", lambda found: _kept(found[0], gone), drawing, flags=re.S)
        end = drawing.rfind("</xml>")
        if end >= 0:
            drawing = drawing[:end] + _boxes(drawing, added) + drawing[end:]
            self._package.put(part, drawing.encode("utf-8", "surrogateescape"))

    def _drawing(self, *, make: bool) -> str:
        root = self._package.root(self._sheet)
        space = space_of(root)
        found = root.find(f"{{{space}}}legacyDrawing")
        relations = relations_of(root)
        if found is not None:
            return self._package.targets(self._sheet).get(found.get(f"{{{relations}}}id", ""), ("", ""))[1]
        if not make:
            return ""
        folder = posixpath.join(self._folder, "drawings")
        part = self._package.new(folder, "vmlDrawing", ".vml")
        # Blocks of a thousand numbers: no two drawings of a workbook may share one.
        block = 1 + sum(self._package.has(f"{folder}/vmlDrawing{at}.vml") for at in range(1, 1000))
        spaces = " ".join(f'xmlns:{prefix}="{space}"' for prefix, space in _SPACES.items())
        layout = f'<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{block}"/></o:shapelayout>'
        self._package.put(part, f"<xml {spaces}>{layout}{_SHAPE_TYPE}</xml>".encode())
        self._package.declare_suffix("vml", _VML)
        name = self._package.relate(self._sheet, "vmlDrawing", part)
        one = etree.Element(f"{{{space}}}legacyDrawing", nsmap={"r": relations})
        one.set(f"{{{relations}}}id", name)
        insert(root, one, _BEFORE)
        self._package.touch(self._sheet)
        return part


def _kept(shape: str, gone: set[Place]) -> str:
    """A box as it is, or '' where its comment went."""
    row, column = (re.search(rf"<x:{name}>\s*(\d+)\s*</x:{name}>", shape) for name in ("Row", "Column"))
    if 'ObjectType="Note"' not in shape or not row or not column:
        return shape
    return "" if (int(row[1]) + 1, int(column[1]) + 1) in gone else shape


def _boxes(drawing: str, added: Mapping[Place, str]) -> str:
    block = re.search(r"<o:idmap\b[^>]*\bdata=\"(\d+)", drawing)
    used = [int(one) for one in re.findall(r"_x0000_s(\d+)", drawing)]
    number = max(used, default=(int(block[1]) if block else 1) * 1024)
    shapes = [] if f'"{_TYPE}"' in drawing else [_spaced(_SHAPE_TYPE, drawing)]
    for at, (place, text) in enumerate(added.items(), number + 1):
        shapes.append(_spaced(_box(at, place, text), drawing))
    return "".join(shapes)


def _spaced(shape: str, drawing: str) -> str:
    """A shape that says itself what its prefixes mean, where the drawing does not."""
    missing = [f' xmlns:{prefix}="{space}"' for prefix, space in _SPACES.items() if f"xmlns:{prefix}=" not in drawing]
    head, rest = shape.split(" ", 1)
    return f"{head}{''.join(missing)} {rest}"


def _box(number: int, place: Place, text: str) -> str:
    row, column = place[0] - 1, place[1] - 1
    lines = 2 + sum(1 + _width(line) // _LETTERS for line in text.splitlines())
    top = max(row - 1, 0)
    left = min(column + 1, _LAST - _WIDE)
    anchor = f"{left}, 15, {top}, 10, {left + _WIDE}, 31, {top + min(max(lines, 4), 16)}, 9"
    return (
        f'<v:shape id="_x0000_s{number}" type="#{_TYPE}" style="position:absolute;width:240pt;height:80pt;'
        f'z-index:{number % 1000 + 1};visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
        '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
        '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
        '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row>"
        f"<x:Column>{column}</x:Column></x:ClientData></v:shape>"
    )


def _width(line: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in line)
