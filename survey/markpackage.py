"""The package of a workbook: its parts, and which part means which other; what is not touched stays as it is."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any

from lxml import etree

from survey.errors import SurveyError

_TYPES = "[Content_Types].xml"
_TYPES_SPACE = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELS_SPACE = "http://schemas.openxmlformats.org/package/2006/relationships"
_RELS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"
_TRANSITIONAL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Element = Any


class Package:
    """The parts of a workbook by name; those that are changed are kept until it is written."""

    def __init__(self, path: Path, content: IO[bytes] | None = None) -> None:
        self._path = path
        self._archive = zipfile.ZipFile(content or path)
        # Some writers put backslashes or other cases into names; a part is the same under either.
        self._members = {_key(one.filename): one for one in self._archive.infolist()}
        self._trees: dict[str, Element] = {}
        self._changed: dict[str, bytes] = {}
        self._touched: set[str] = set()

    def __enter__(self) -> Package:
        return self

    def __exit__(self, *_error: object) -> None:
        self._archive.close()

    def has(self, name: str) -> bool:
        return _key(name) in self._members or _key(name) in self._changed

    def data(self, name: str) -> bytes:
        """The bytes of a part; raises SurveyError `unreadable` where there is none."""
        key = _key(name)
        if key in self._changed:
            return self._changed[key]
        if key not in self._members:
            raise SurveyError("unreadable", path=self._path, detail=name)
        return self._archive.read(self._members[key])

    def put(self, name: str, data: bytes) -> None:
        """A part anew, or one that was not there."""
        self._changed[_key(name)] = data
        if _key(name) not in self._members:
            self._members[_key(name)] = zipfile.ZipInfo(name)

    def root(self, name: str) -> Element:
        """The root element of a part; one that is changed must be told by `touch`."""
        key = _key(name)
        if key not in self._trees:
            self._trees[key] = parse(self.data(name), self._path)
        return self._trees[key]

    def touch(self, name: str) -> None:
        """The part is written as its tree stands at the end."""
        self._touched.add(_key(name))

    def new(self, folder: str, stem: str, suffix: str) -> str:
        """A name for a part that no other has."""
        number, start = 1, posixpath.join(folder, stem)
        while self.has(f"{start}{number}{suffix}"):
            number += 1
        return f"{start}{number}{suffix}"

    def workbook(self) -> str:
        """The part that is the workbook; raises SurveyError `unreadable`."""
        for kind, target in self.targets("").values():
            if kind == "officeDocument":
                return target
        raise SurveyError("unreadable", path=self._path, detail="officeDocument")

    def targets(self, part: str) -> Mapping[str, tuple[str, str]]:
        """What a part means by each id: the last word of the kind, and the part."""
        rels = rels_of(part)
        if not self.has(rels):
            return {}
        found = {}
        for one in self.root(rels).iterchildren(f"{{{_RELS_SPACE}}}Relationship"):
            if one.get("TargetMode") != "External":
                target = posixpath.join(posixpath.dirname(part), one.get("Target", "").replace("\\", "/"))
                kind = one.get("Type", "").rpartition("/")[2]
                found[one.get("Id", "")] = (kind, posixpath.normpath(target).lstrip("/"))
        return found

    def one(self, part: str, kind: str) -> str:
        """The part of a kind that a part means, or ''."""
        return next((target for found, target in self.targets(part).values() if found == kind), "")

    def relate(self, part: str, kind: str, target: str) -> str:
        """Lets a part mean another one; gives the new id."""
        rels = rels_of(part)
        if not self.has(rels):
            self.put(rels, f'<Relationships xmlns="{_RELS_SPACE}"/>'.encode())
            self.declare_suffix("rels", _RELS_TYPE)
        root = self.root(rels)
        numbers = [int(found[1]) for one in root if (found := re.fullmatch(r"rId(\d{1,9})", one.get("Id", "")))]
        name = f"rId{max(numbers, default=0) + 1}"
        strict = any(one.get("Type", "").startswith(_STRICT) for one in root)
        space = _STRICT if strict else _TRANSITIONAL
        one = etree.SubElement(root, f"{{{_RELS_SPACE}}}Relationship")
        one.set("Id", name)
        one.set("Type", f"{space}/{kind}")
        one.set("Target", posixpath.relpath(target, posixpath.dirname(part) or "."))
        self.touch(rels)
        return name

    def declare(self, part: str, content: str) -> None:
        """The content type of a new part."""
        one = etree.SubElement(self.root(_TYPES), f"{{{_TYPES_SPACE}}}Override")
        one.set("PartName", f"/{part}")
        one.set("ContentType", content)
        self.touch(_TYPES)

    def declare_suffix(self, suffix: str, content: str) -> None:
        """The content type of all parts of a suffix, where it is not known yet."""
        root = self.root(_TYPES)
        known = (one.get("Extension", "").lower() for one in root.iterchildren(f"{{{_TYPES_SPACE}}}Default"))
        if suffix not in known:
            one = etree.Element(f"{{{_TYPES_SPACE}}}Default")
            one.set("Extension", suffix)
            one.set("ContentType", content)
            root.insert(0, one)
            self.touch(_TYPES)

    def content(self, part: str) -> str:
        """The content type of a part, or ''."""
        for one in self.root(_TYPES).iterchildren(f"{{{_TYPES_SPACE}}}Override"):
            if _key(one.get("PartName", "")) == _key(part):
                return str(one.get("ContentType", ""))
        return ""

    def write(self, path: Path) -> None:
        """The package with what was changed; every other part byte for byte."""
        for key in self._touched:
            self._changed[key] = serial(self._trees[key])
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for key, member in self._members.items():
                told = zipfile.ZipInfo(member.filename, member.date_time)
                told.compress_type = zipfile.ZIP_DEFLATED
                told.external_attr = member.external_attr
                changed = self._changed.get(key)
                archive.writestr(told, changed if changed is not None else self._archive.read(member))


def parse(data: bytes, path: Path) -> Element:
    """XML of somebody else's: no entities, no network, nothing huge; raises SurveyError `unreadable`."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise SurveyError("unreadable", path=path, detail=str(error)) from None
    if root.getroottree().docinfo.doctype:
        raise SurveyError("unreadable", path=path, detail="DOCTYPE")
    return root


def serial(root: Element) -> bytes:
    """A tree as a part holds it."""
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)  # type: ignore[no-any-return]


def allowed(text: str) -> str:
    """A text without the characters that XML has no place for; one that ends a line becomes such an end."""
    return _FORBIDDEN.sub("", re.sub("[\x0b\x0c\x1c-\x1e]", "\n", text))


def space_of(root: Element) -> str:
    """The name space of an element, which strict workbooks have their own of."""
    return str(etree.QName(root).namespace or "")


def relations_of(root: Element) -> str:
    """The name space of the ids by which a part means others."""
    return _STRICT if space_of(root).startswith("http://purl.oclc.org/") else _TRANSITIONAL


def rels_of(part: str) -> str:
    """The part that holds what a part means."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def insert(parent: Element, child: Element, after: Iterable[str]) -> None:
    """Puts a child where the schema wants it: behind the last of those that come before it."""
    before = set(after)
    at = 0
    for place, one in enumerate(parent, 1):
        if isinstance(one.tag, str) and etree.QName(one).localname in before:
            at = place
    parent.insert(at, child)


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
