"""A receipt (回执) and how it is read back: what programs read of it, then whether anything in it was changed.

Runs in the reading process, so it knows neither the survey file nor anything slow to load.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from survey.book import Book
from survey.chains import CHAINS, Head
from survey.envelope import public_box
from survey.errors import SurveyError
from survey.sealing import fits, row_digest, text_of
from survey.signing import Signed, SigningKey, verify
from survey.toldnumber import is_number, is_whole

FORMAT, FORMAT_VERSION = "census-desk-receipt", "1"
SHEET, SEAL = "_receipt", "seal"
_BOX, _SIGNER, _SIGNATURE = "box", "signer", "signature"
# On the sheet for people: where an answer is written, and what tells of which query the row is.
ANSWER_COLUMN, KEY_COLUMN = 6, 7

Verdict = Literal["accepted", "draft", "rejected"]


@dataclass(frozen=True)
class Decided:
    """A cell about which sender and desk differed: what each says, what became of it and why; '' where it is open."""

    uscc: str
    name: str
    item: str
    offered: str
    kept: str
    state: str
    reason: str


@dataclass(frozen=True)
class Shared:
    """A unit that others return too, and who is counted; `decided` is whether a person has said so."""

    uscc: str
    name: str
    others: tuple[str, ...]
    counted: str
    decided: bool


@dataclass(frozen=True)
class Corrected:
    """A cell that the desk above has written: what was sent, what stands there now, why, who wrote it and when."""

    uscc: str
    name: str
    item: str
    before: str
    after: str
    reason: str
    who: str
    at: str


@dataclass(frozen=True)
class AskedLine:
    """A query to a unit: the cells it is about with their values, line by line, and what is asked.

    `origin` is by what the asking file knows it; `check` and `facts` are those of the finding, '' for a free question.
    """

    origin: str
    uscc: str
    name: str
    items: str
    values: str
    check: str
    facts: str
    text: str


@dataclass(frozen=True)
class Receipt:
    """What the desk `above`, a district's code or '', says to a return of `sender`; amounts are texts as shown.

    `forms` has records by form, `totals` control totals by `form.code`, both as received; `counts` what became of the
    units; `cover` what the return's cover counted. `heads` is where the chains of the desk's own file stand, `seen`
    where it last saw those of the sender's file, known by its public key.
    """

    scheme: str
    version: str
    period: str
    sender: str
    above: str
    maker: str
    made: str
    who: str
    verdict: Verdict
    reason: str
    deadline: str
    name: str
    sequence: int
    digest: str
    written: str
    received: str
    sha256: str
    units: int
    draft: bool
    counts: Mapping[str, int] = field(default_factory=dict)
    cover: Mapping[str, int] = field(default_factory=dict)
    forms: Mapping[str, int] = field(default_factory=dict)
    totals: Mapping[str, float] = field(default_factory=dict)
    decided: tuple[Decided, ...] = ()
    shared: tuple[Shared, ...] = ()
    corrected: tuple[Corrected, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    asked: tuple[AskedLine, ...] = ()
    heads: tuple[Head, ...] = ()
    sender_key: str = ""
    seen: tuple[Head, ...] = ()

    def lines(self) -> Iterator[tuple[str, str]]:
        """The receipt as its hidden sheet holds it, a key and JSON each; what is listed has a line an entry."""
        yield "format", json.dumps(FORMAT)
        yield "format_version", json.dumps(FORMAT_VERSION)
        for key, value in asdict(self).items():
            if key in _LISTS:
                yield from ((key, json.dumps(one, ensure_ascii=False)) for one in value)
            else:
                yield key, json.dumps(value, ensure_ascii=False)


_LISTS: Mapping[str, Any] = {
    "decided": Decided, "shared": Shared, "corrected": Corrected, "left_out": lambda *pair: pair, "asked": AskedLine,
    "heads": Head, "seen": Head,
}  # fmt: skip


@dataclass(frozen=True)
class Filled:
    """An answer that somebody has written on a receipt, and the row it stands in."""

    origin: str
    text: str
    row: int


def sealed(lines: Sequence[tuple[str, str]], key: SigningKey) -> list[tuple[str, str, str]]:
    """Lines with their digests, who signs them, the signature, and one more over all of them."""
    rows = [_line(*line) for line in (*lines, (_BOX, public_box(key)), (_SIGNER, key.public))]
    rows.append(_line(_SIGNATURE, key.sign(receipt_digest(rows).encode())))
    return [*rows, _line(SEAL, receipt_digest(rows))]


def _line(key: str, text: str) -> tuple[str, str, str]:
    return key, text, row_digest(SHEET, (key, text))


def _signed(rows: Sequence[Sequence[str]]) -> Signed:
    """Who signed the lines, and whether the signature fits: it is over all lines but itself and the seal below it."""
    keys = [row[0] for row in rows]
    if _SIGNATURE not in keys:
        return Signed()
    signer = next((row[1] for row in rows if row[0] == _SIGNER), "")
    if keys[-4:] != [_BOX, _SIGNER, _SIGNATURE, SEAL] or any(keys.count(one) > 1 for one in keys[-4:]):
        return Signed(signer or "?")
    text = receipt_digest([_line(*row[:2]) for row in rows[:-2]])
    return Signed(signer, genuine=verify(signer, text.encode(), rows[-2][1]), box=rows[-4][1])


def receipt_digest(rows: Sequence[Sequence[str]]) -> str:
    """SHA-256 over the digests of lines: by it a receipt is known again."""
    return hashlib.sha256("\n".join(row[2] for row in rows).encode()).hexdigest()


def shown_digest(title: str, cells: Sequence[object]) -> str:
    """The digest of a row for people, but for the answer that may be written in it."""
    return row_digest(title, [cell for at, cell in enumerate(cells) if at != ANSWER_COLUMN])


def decode(book: Book) -> Iterator[tuple[Receipt, str, Signed] | Filled]:
    """The receipt with its digest and who signed it, then the answers that somebody has written on it.

    Raises SurveyError `receipt.other`, `receipt.newer`, `receipt.changed`.
    """
    if SHEET not in book.sheets:
        raise SurveyError("receipt.other", path=book.path)
    rows = [[str(cell) for cell in (*row, "", "", "")[:3]] for row in book.rows(SHEET) if row and row[0] != ""]
    facts = {key: text for key, text, _ in rows}
    if facts.get("format") != json.dumps(FORMAT):
        raise SurveyError("receipt.other", path=book.path)
    if facts.get("format_version") != json.dumps(FORMAT_VERSION):
        raise SurveyError("receipt.newer", path=book.path)
    try:
        title = str(json.loads(facts.get("sheet", '""')))
        if title not in book.sheets:
            raise SurveyError("return_sheet", path=book.path, sheet=title)
        shown = list(enumerate(book.rows(title), 1))
        changed = [*_changed_lines(rows), *_changed_rows(rows, title, shown)]
    except ValueError:
        raise SurveyError("receipt.other", path=book.path) from None
    if changed:
        lines = "  ".join(changed[:20])
        raise SurveyError("receipt.changed", path=book.path, count=len(changed), lines=lines)
    yield read_receipt([(key, text) for key, text, _ in rows], book.path), rows[-1][1], _signed(rows)
    yield from _filled(shown)


def _changed_lines(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for number, row in enumerate(rows, 1):
        if not fits(row[2], row_digest(SHEET, row[:2])):
            yield f"{SHEET} {number}"
    if rows[-1][0] != SEAL or rows[-1][1] != receipt_digest(rows[:-1]):
        yield f"{SHEET} {SEAL}"


def _changed_rows(
    rows: Sequence[Sequence[str]], title: str, shown: Sequence[tuple[int, Sequence[Any]]]
) -> Iterator[str]:
    """The rows for people that are not as they were written, and those that are gone."""
    left = {int(key.partition(".")[2]): json.loads(text) for key, text, _ in rows if key.startswith("row.")}
    for number, cells in shown:
        wanted = left.pop(number, None) or shown_digest(title, ())
        if not fits(wanted, shown_digest(title, cells)):
            yield f"{title} {number}"
    yield from (f"{title} {number}" for number in left)


def read_receipt(lines: Sequence[tuple[str, str]], path: Path) -> Receipt:
    """The receipt that its lines tell of; raises SurveyError `receipt.other`."""
    try:
        receipt = Receipt(**_told(lines))
        _check(receipt)
    except (TypeError, ValueError):
        raise SurveyError("receipt.other", path=path) from None
    return receipt


def _told(lines: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """What lines tell of a receipt, by field; lines that nobody knows yet are left aside."""
    facts: dict[str, Any] = {}
    listed: dict[str, list[Any]] = {key: [] for key in _LISTS}
    for key, text in lines:
        if key in _LISTS:
            value = json.loads(text)
            entry = _LISTS[key](**value) if isinstance(value, dict) else _LISTS[key](*value)
            _check(entry)
            listed[key].append(entry)
        elif key in Receipt.__dataclass_fields__:
            if key in facts:
                # What is said twice has two meanings.
                raise ValueError(key)
            facts[key] = json.loads(text)
    listed["shared"] = [replace(one, others=tuple(one.others)) for one in listed["shared"]]
    for key in ("heads", "seen"):
        listed[key] = [one for one in listed[key] if one.chain in CHAINS]
    return facts | {key: tuple(entries) for key, entries in listed.items()}


def _check(one: Any) -> None:
    """Whether each field is what it is said to be: a file may say anything. Raises ValueError, TypeError."""
    for told in fields(one) if is_dataclass(one) else ():
        kind = _KINDS.get(str(told.type))
        if kind and not kind(getattr(one, told.name)):
            raise ValueError(told.name)


def _is_text(value: object) -> bool:
    """Raises ValueError for half a character, which JSON may have and no file can hold."""
    return isinstance(value, str) and value.encode().decode() == value


def _by_name(kind: Callable[[object], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and all(map(_is_text, value)) and all(map(kind, value.values()))


_KINDS: Mapping[str, Callable[[Any], bool]] = {
    "str": _is_text, "int": is_whole, "bool": lambda value: isinstance(value, bool),
    "Verdict": lambda value: value in get_args(Verdict),
    "Mapping[str, int]": _by_name(is_whole), "Mapping[str, float]": _by_name(is_number),
    "tuple[str, ...]": lambda value: all(map(_is_text, value)),
    "tuple[tuple[str, str], ...]": lambda value: all(len(pair) == 2 and all(map(_is_text, pair)) for pair in value),
}  # fmt: skip


def _filled(shown: Sequence[tuple[int, Sequence[Any]]]) -> Iterator[Filled]:
    for number, cells in shown:
        if len(cells) > KEY_COLUMN and (origin := text_of(cells[KEY_COLUMN])):
            text = text_of(cells[ANSWER_COLUMN])
            if text:
                yield Filled(origin, text, number)
