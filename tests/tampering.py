"""Returns and receipts that somebody has changed on the way, with tools of his own, and what has to be named then."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree
from python_calamine import CalamineWorkbook

from survey import manifest as manifests
from survey import signing

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
COVER = "封面"
# Rows of a form above the answers are for people: titles, units of measure, labels. Other sheets have one head.
FIRST, BELOW_HEAD = 8, 2


@dataclass(frozen=True)
class Attempt:
    """A file that was tampered with, and what has to be said of it: one of these."""

    path: Path
    named: tuple[str, ...]


@dataclass(frozen=True)
class Sent:
    """Returns of one sender in their order, of which the last one is tampered with, and somebody's own key."""

    returns: tuple[Path, ...]
    folder: Path
    thief: signing.SigningKey

    @property
    def last(self) -> Path:
        return self.returns[-1]

    def target(self, dice: random.Random) -> Path:
        return self.folder / f"{dice.getrandbits(60):x}.xlsx"


def rewritten(path: Path, target: Path, changed: Mapping[str, bytes]) -> Path:
    """A copy of a workbook with other parts in the place of some."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for entry in source.namelist():
            copy.writestr(entry, changed.get(entry, source.read(entry)))
    return target


def sheets(path: Path) -> dict[str, str]:
    """The parts of a workbook's sheets by their names."""
    with zipfile.ZipFile(path) as book:
        names = etree.fromstring(book.read("xl/workbook.xml")).findall(".//m:sheet", NS)
    return {one.get("name"): f"xl/worksheets/sheet{at}.xml" for at, one in enumerate(names, 1)}


def tree_of(path: Path, sheet: str) -> etree._Element:
    with zipfile.ZipFile(path) as book:
        return etree.fromstring(book.read(sheets(path)[sheet]))


def with_sheet(path: Path, target: Path, sheet: str, tree: etree._Element) -> Path:
    xml = etree.tostring(tree, xml_declaration=True, encoding="UTF-8")
    return rewritten(path, target, {sheets(path)[sheet]: xml})


def cells_of(tree: etree._Element, first: int) -> list[etree._Element]:
    """The filled cells from a row on, as the elements that hold what they say."""
    found = []
    for row in tree.iterfind(".//m:row", NS):
        if int(row.get("r")) >= first:
            found += [*row.iterfind("m:c/m:v", NS), *row.iterfind("m:c/m:is/m:t", NS)]
    return [one for one in found if one.text]


def row_of(cell: etree._Element) -> str:
    return next(one.get("r") for one in cell.iterancestors() if one.tag.endswith("}row"))


def otherwise(text: str, dice: random.Random) -> str:
    """A text with one sign changed: a digit into another digit, anything else into its neighbour."""
    at = dice.randrange(len(text))
    other = str((int(text[at]) + dice.randrange(1, 10)) % 10) if text[at].isdecimal() else chr(ord(text[at]) + 1)
    return text[:at] + other + text[at + 1 :]


def tampered(path: Path, target: Path, dice: random.Random, sheet: str, first: int) -> Attempt:
    """One cell of a sheet says something else."""
    tree = tree_of(path, sheet)
    cell = dice.choice(cells_of(tree, first))
    cell.text = otherwise(cell.text, dice)
    return Attempt(with_sheet(path, target, sheet, tree), (f"{sheet} {row_of(cell)}",))


def answered(path: Path) -> list[tuple[str, int]]:
    """The sheets that hold anything but the cover and the manifest, each with its first row of it."""
    forms = {name for name in sheets(path) if name.startswith("T-")}
    found = [(name, FIRST if name in forms else BELOW_HEAD) for name in sheets(path)]
    return [one for one in found if one[0] not in (COVER, manifests.SHEET) and cells_of(tree_of(path, one[0]), one[1])]


def manifest_of(path: Path) -> manifests.Manifest:
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(manifests.SHEET).to_python()
    return manifests.read_manifest(rows, path)


def with_lines(path: Path, target: Path, lines: list[tuple[str, ...]], sheet: str = manifests.SHEET) -> Path:
    """Other lines on a hidden sheet."""
    body = "".join(
        f'<row r="{at}">' + "".join(f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in line) + "</row>"
        for at, line in enumerate(lines, 1)
    )
    xml = f'<worksheet xmlns="{NS["m"]}"><sheetData>{body}</sheetData></worksheet>'
    return rewritten(path, target, {sheets(path)[sheet]: xml.encode()})


def resealed(path: Path, target: Path, changes: Mapping[str, Any], key: signing.SigningKey | None) -> Path:
    """A return whose manifest says something else, with fitting digests, signed by another key or by none."""
    signed = signing.Signed(key.public if key else "")
    fresh = replace(manifest_of(path), signed=signed, **changes)
    return with_lines(path, target, list(manifests.lines_of(fresh, key.sign if key else None)))


# The kinds of tampering, each an attempt of its own.


def value(sent: Sent, dice: random.Random) -> Attempt:
    """A single value anywhere but on the cover and in the manifest."""
    return tampered(sent.last, sent.target(dice), dice, *dice.choice(answered(sent.last)))


def on_the_cover(sent: Sent, dice: random.Random) -> Attempt:
    """A single value on the cover, but for what people sign and the notes below."""
    kept = {str(number) for number in manifest_of(sent.last).cover}
    tree = tree_of(sent.last, COVER)
    cell = dice.choice([one for one in cells_of(tree, 1) if row_of(one) in kept])
    cell.text = otherwise(cell.text, dice)
    return Attempt(with_sheet(sent.last, sent.target(dice), COVER, tree), (f"{COVER} {row_of(cell)}",))


def of_the_manifest(sent: Sent, dice: random.Random) -> Attempt:
    """A single cell of the manifest: a key, what it says, or its digest."""
    tree = tree_of(sent.last, manifests.SHEET)
    cell = dice.choice(cells_of(tree, 1))
    cell.text = otherwise(cell.text, dice)
    row = next(one for one in cell.iterancestors() if one.tag.endswith("}row"))
    key = cells_of(row.getparent().getparent(), int(row.get("r")))[0].text
    # What calls itself something else altogether is refused for that first.
    named = (f"{row.get('r')} {key}", "not_a_return", "return_newer", "wrong_", "not_from_district")
    return Attempt(with_sheet(sent.last, sent.target(dice), manifests.SHEET, tree), named)


def _moved(row: etree._Element, number: str) -> None:
    row.set("r", number)
    for cell in row:
        cell.set("r", cell.get("r").rstrip("0123456789") + number)


def _rows(tree: etree._Element, first: int) -> list[etree._Element]:
    return [row for row in tree.iterfind(".//m:row", NS) if int(row.get("r")) > first]


def reordered(sent: Sent, dice: random.Random) -> Attempt:
    """Two rows of a form have changed places: nothing in them has changed, and that is said."""
    sheet = dice.choice([name for name in sheets(sent.last) if name.startswith("T-")])
    tree = tree_of(sent.last, sheet)
    one, other = dice.sample(_rows(tree, FIRST), 2)
    first, second = one.get("r"), other.get("r")
    parent = one.getparent()
    at, there = parent.index(one), parent.index(other)
    _moved(one, second)
    _moved(other, first)
    for place, row in sorted([(at, other), (there, one)]):
        parent.remove(row)
        parent.insert(place, row)
    return Attempt(with_sheet(sent.last, sent.target(dice), sheet, tree), (sheet,))


def row_taken_out_or_put_in(sent: Sent, dice: random.Random) -> Attempt:
    """A row of any sheet is gone, or stands there twice."""
    sheet, first = dice.choice(answered(sent.last))
    tree = tree_of(sent.last, sheet)
    rows = _rows(tree, first - 1)
    row = dice.choice(rows)
    if dice.random() < 0.5:
        row.getparent().remove(row)
    else:
        copy = etree.fromstring(etree.tostring(row))
        _moved(copy, str(int(rows[-1].get("r")) + 1))
        row.getparent().append(copy)
    return Attempt(with_sheet(sent.last, sent.target(dice), sheet, tree), (sheet,))


def replayed(sent: Sent, dice: random.Random) -> Attempt:
    """An earlier return once more, under another name, as it was or as a later one with fitting digests."""
    old = dice.choice(sent.returns[:-1])
    if dice.random() < 0.5:
        return Attempt(rewritten(old, sent.target(dice), {}), ("superseded",))
    later = {"sequence": 10 + dice.randrange(90), "parent": manifest_of(sent.last).digest}
    return Attempt(resealed(old, sent.target(dice), later, None), ("signature_missing",))


def signed_by_another(sent: Sent, dice: random.Random) -> Attempt:
    """The signature of another return, of another key, of another key under the sender's name, or none."""
    target = sent.target(dice)
    public = manifest_of(sent.last).signed.signer
    match dice.randrange(4):
        case 0:
            lines = manifests.lines_of(manifest_of(sent.last))
            other = next(row[1] for row in _plain(dice.choice(sent.returns[:-1])) if row[0] == "signature")
            fresh = [(key, other if key == "signature" else said) for key, said, _ in lines]
            made = [(key, said, manifests._line_digest(key, said)) for key, said in fresh]
            return Attempt(with_lines(sent.last, target, list(made)), ("signature_broken",))
        case 1:
            return Attempt(resealed(sent.last, target, {"units": 99}, sent.thief), ("signature_other",))
        case 2:
            claiming = _Claiming(sent.thief.seed, public)
            return Attempt(resealed(sent.last, target, {"units": 99}, claiming), ("signature_broken",))
        case _:
            return Attempt(resealed(sent.last, target, {}, None), ("signature_missing",))


@dataclass(frozen=True, repr=False)
class _Claiming(signing.SigningKey):
    """A key that calls itself another."""

    claimed: str = ""

    @property
    def public(self) -> str:
        return self.claimed


def _plain(path: Path) -> list[list[Any]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(manifests.SHEET).to_python()


def _says(path: Path, sheet: str) -> list[str]:
    return list(tree_of(path, sheet).itertext())


def sheet_of_another(sent: Sent, dice: random.Random) -> Attempt:
    """A whole sheet, sound in itself, out of an earlier return of the same sender; or its whole manifest."""
    old = dice.choice(sent.returns[:-1])
    forms = [name for name in sheets(old) if name.startswith("T-") and _says(old, name) != _says(sent.last, name)]
    sheet = dice.choice([manifests.SHEET, *forms])
    with zipfile.ZipFile(old) as book:
        part = book.read(sheets(old)[sheet])
    path = rewritten(sent.last, sent.target(dice), {sheets(sent.last)[sheet]: part})
    return Attempt(path, (sheet,) if sheet != manifests.SHEET else ("T-0", COVER))


KINDS: dict[str, Callable[[Sent, random.Random], Attempt]] = {
    "a value": value, "a value on the cover": on_the_cover, "a line of the manifest": of_the_manifest,
    "rows in another order": reordered, "a row taken out or put in": row_taken_out_or_put_in,
    "an old return again": replayed, "another's signature": signed_by_another,
    "a sheet of another return": sheet_of_another,
}  # fmt: skip
