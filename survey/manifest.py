"""The manifest of a return, and the digests that show whether a value was changed on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from math import isclose
from pathlib import Path
from typing import Any

from survey.celladdress import column_letters
from survey.chains import Head, read_heads
from survey.chains import lines_of as lines_of_heads
from survey.errors import SurveyError
from survey.form import Form
from survey.scalar import Value
from survey.sealing import Seal, read_seal
from survey.signing import Signed, verify
from survey.toldnumber import finite, whole

FORMAT = "census-desk-return"
# Version 1 had no digests of its lines, version 2 none of the cover and nothing beside the answers; up to version 3
# seals were over the digits that rows carry, and nothing told their order.
FORMAT_VERSION, _UNSEALED = "4", "1"
_KNOWN = (FORMAT_VERSION, "3", "2", _UNSEALED)
_SIGNER, _SIGNATURE = "signer", "signature"
SHEET, SEAL = "_manifest", "seal"
KEY_COLUMNS = ("_uscc", "_name", "_period")
LINE_COLUMN = "_line"


@dataclass(frozen=True)
class Manifest:
    """What a return says of itself; `digest` covers every value.

    `signed` says who signed these lines. `order` has the digests of the sheets as their rows stand, by form; `short`
    is how it was before version 4: seals over the digits that rows carry.

    A `draft` still has findings to settle; `control` is the number and digest of the city's control list it follows.
    `altered` are the lines of its sheet, with their numbers, that were changed after it was written. `cover` has the
    digests of the cover's rows by number, `tables` the seals of the sheets that people read, by title; `enclosed` says
    how many rows each hidden sheet has, `facts` what the cover counts, `heads` where the chains of the sender's file
    stand, at the numbers that were told before and at their ends.
    """

    scheme: str
    version: str
    scheme_digest: str
    district: str
    period: str
    sequence: int
    parent: str
    digest: str
    units: int
    created: str
    rows: Mapping[str, int]
    totals: Mapping[str, Mapping[str, float]]
    draft: bool = False
    control: str = ""
    altered: tuple[str, ...] = ()
    part: str = ""
    cover_sheet: str = ""
    cover: Mapping[int, str] = field(default_factory=dict)
    tables: Mapping[str, Seal] = field(default_factory=dict)
    enclosed: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, int] = field(default_factory=dict)
    order: Mapping[str, str] = field(default_factory=dict)
    signed: Signed = field(default_factory=Signed)
    short: bool = False
    heads: tuple[Head, ...] = ()

    @property
    def sender(self) -> str:
        """Who sends it, as the desk above calls it: a district's code, or the name of a part or of a city."""
        return self.part or self.district


class ControlTotals:
    """What the numbers of a form come to, row by row."""

    def __init__(self, form: Form) -> None:
        self._codes = [(at, item.code) for at, item in enumerate(form.items) if item.numeric]
        self._names = [item.name for item in form.items]
        self._sums: list[float] = [0] * len(form.items)

    def add(self, values: Sequence[Any]) -> None:
        """One record, its items in order."""
        for at, _ in self._codes:
            self._sums[at] += values[at] or 0

    def add_columns(self, columns: Mapping[str, Sequence[Any]], counted: Sequence[bool]) -> None:
        """Many records, of which some are counted."""
        for at, _ in self._codes:
            values = compress(columns[self._names[at]], counted)
            self._sums[at] += sum(value for value in values if value is not None)

    def by_code(self) -> dict[str, float]:
        return {code: self._sums[at] for at, code in self._codes}

    def differing(self, claimed: Mapping[str, float]) -> list[str]:
        """The codes whose total is not what is claimed, the rounding of decimals aside."""
        found = self.by_code()
        return [code for code, total in claimed.items() if not isclose(found.get(code, 0), total, abs_tol=1e-6)]


class RowDigests:
    """Digests over the typed values of one form's rows: alike before and after Excel or WPS saved them.

    The names of the columns are part of every digest, so columns cannot change places unseen; so is the unit's name,
    but for those of returns that are `short`.
    """

    def __init__(self, form: Form, *, short: bool = False) -> None:
        self._short = short
        self._base = hashlib.sha256("\x1f".join([form.id, *(item.name for item in form.items)]).encode())
        # A spreadsheet keeps fifteen digits of a decimal; the digest must not ask for more.
        first = (3 if form.is_list else 2) + (not short)
        self._decimals = [at + first for at, item in enumerate(form.items) if item.type == "decimal"]

    def digest(self, uscc: str, name: str, period: str, values: Iterable[Value]) -> str:
        """SHA-256 over one row; on a list form the first value is the line."""
        row: list[object] = [uscc, period, *([] if self._short else [name]), *values]
        for at in self._decimals:
            if row[at] is not None:
                row[at] = f"{row[at]:.15g}"
        return self._over("\x1f".join(map(str, row)))

    def digests(
        self, keys: Sequence[tuple[str, str]], names: Sequence[str], columns: Sequence[Sequence[Value]]
    ) -> list[str]:
        """The digests of many rows, whose values come column by column."""
        codes, periods = zip(*keys, strict=True)
        sides: list[Sequence[str]] = [codes, periods, *([] if self._short else [names])]
        sides += [self._texts(at, column) for at, column in enumerate(columns, len(sides))]
        return list(map(self._over, map("\x1f".join, zip(*sides, strict=True))))

    def _texts(self, at: int, column: Sequence[Value]) -> Sequence[str]:
        if column.count(None) == len(column):
            return ["None"] * len(column)
        if at in self._decimals:
            return ["None" if value is None else f"{value:.15g}" for value in column]
        return list(map(str, column))

    def _over(self, text: str) -> str:
        digest = self._base.copy()
        digest.update(text.encode())
        return digest.hexdigest()


def key_columns(form: Form) -> tuple[str, ...]:
    """The columns that say whose row it is."""
    return (*KEY_COLUMNS, LINE_COLUMN) if form.is_list else KEY_COLUMNS


def cell_of(form: Form, item: str, row: int) -> str:
    """Where an item of a row of a form stands in a return, as a spreadsheet calls it: `IC-02!AB17`."""
    at = next(at for at, one in enumerate(form.items) if one.name == item)
    return f"{form.id}!{column_letters(len(key_columns(form)) + at)}{row}"


def order_digest(rows: Iterable[str]) -> str:
    """The digest of a sheet as its rows stand; sorting changes it, and nothing else."""
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def total_digest(rows: Iterable[str]) -> str:
    """The digest of a return: SHA-256 over its row digests, sorted."""
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()


def plain(value: object) -> str:
    """A number or text of the manifest as text: whole floats without their point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def lines_of(manifest: Manifest, sign: Callable[[bytes], str] | None = None) -> list[tuple[str, str, str]]:
    """The manifest as its sheet holds it: key, value, digest, all text; the last line is the digest of those above.

    `sign` gives the signature of the desk that signs it, in hexadecimal digits.
    """
    lines = [
        ("format", FORMAT),
        ("format_version", FORMAT_VERSION),
        ("scheme", manifest.scheme),
        ("version", manifest.version),
        ("scheme_digest", manifest.scheme_digest),
        ("district", manifest.district),
        *([("part", manifest.part)] if manifest.part else []),
        ("period", manifest.period),
        ("sequence", str(manifest.sequence)),
        ("parent", manifest.parent),
        ("units", str(manifest.units)),
        ("created", manifest.created),
        ("draft", "1" if manifest.draft else "0"),
        ("control", manifest.control),
        ("digest", manifest.digest),
        *((f"head.{key}", digest) for key, digest in lines_of_heads(manifest.heads)),
        (_SIGNER, manifest.signed.signer),
        (_SIGNATURE, ""),
    ]
    for form_id, count in manifest.rows.items():
        lines.append((f"rows.{form_id}", str(count)))
        lines += [(f"total.{form_id}.{code}", plain(total)) for code, total in manifest.totals[form_id].items()]
    lines += [(f"enclosed.{sheet}", str(count)) for sheet, count in manifest.enclosed.items()]
    lines += [(f"fact.{key}", str(count)) for key, count in manifest.facts.items()]
    lines += [(f"order.{form_id}", digest) for form_id, digest in manifest.order.items()]
    lines += [(f"table.{title}", seal.text()) for title, seal in manifest.tables.items()]
    lines.append(("cover_sheet", manifest.cover_sheet))
    lines += [(f"cover.{number}", digest) for number, digest in manifest.cover.items()]
    lines.append((SEAL, _seal(key for key, _ in lines)))
    if sign:
        signature = sign(_signed_text(lines))
        lines = [(key, signature if key == _SIGNATURE else value) for key, value in lines]
    return [(key, value, _line_digest(key, value)) for key, value in lines]


def _signed_text(lines: Iterable[tuple[str, str]]) -> bytes:
    """What the signature is over: every line in its order, but for what the signature's own line says."""
    return "\n".join(f"{key}\x1f{'' if key == _SIGNATURE else value}" for key, value in lines).encode()


def _signed(lines: Sequence[Sequence[str]], facts: Mapping[str, str]) -> Signed:
    signer = facts.get(_SIGNER, "")
    text = _signed_text((key, value) for key, value, _ in lines)
    return Signed(signer, genuine=verify(signer, text, facts.get(_SIGNATURE, "")))


def _seal(keys: Iterable[str]) -> str:
    """Shows whether a line was taken out or put in; what a line says has a digest of its own."""
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()


def _line_digest(key: str, value: str) -> str:
    return hashlib.sha256(f"{key}\x1f{value}".encode()).hexdigest()[:12]


def _altered(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines that are not as they were written, each with its number."""
    for number, (key, value, digest) in enumerate(rows, 1):
        if digest != _line_digest(key, value):
            yield f"{number} {key}"
    keys = [row[0] for row in rows]
    if keys[-1] != SEAL or rows[-1][1] != _seal(keys[:-1]):
        yield f"{len(rows)} {SEAL}"


def read_manifest(rows: Iterable[Sequence[Any]], path: Path) -> Manifest:
    """The manifest of a return; raises SurveyError `not_a_return` or `return_newer`."""
    lines = [[plain(cell) for cell in (*row, "", "")[:3]] for row in rows if len(row) > 1 and row[0]]
    facts = {key: value for key, value, _ in lines}
    if facts.get("format") != FORMAT:
        raise SurveyError("not_a_return", path=path)
    if facts.get("format_version") not in _KNOWN:
        raise SurveyError("return_newer", path=path)
    try:
        counts = {key[len("rows.") :]: whole(value) for key, value in facts.items() if key.startswith("rows.")}
        totals: dict[str, dict[str, float]] = {form_id: {} for form_id in counts}
        for key, value in facts.items():
            if key.startswith("total."):
                form_id, _, code = key[len("total.") :].partition(".")
                totals.setdefault(form_id, {})[code] = finite(value)
        return Manifest(
            scheme=facts["scheme"],
            version=facts["version"],
            scheme_digest=facts["scheme_digest"],
            district=facts["district"],
            period=facts["period"],
            sequence=whole(facts["sequence"], 1),
            parent=facts["parent"],
            digest=facts["digest"],
            units=whole(facts["units"]),
            created=facts["created"],
            rows=counts,
            totals=totals,
            draft=facts.get("draft") == "1",
            control=facts.get("control", ""),
            part=facts.get("part", ""),
            order=_below(facts, "order"),
            signed=_signed(lines, facts),
            short=facts["format_version"] < FORMAT_VERSION,
            altered=() if facts["format_version"] == _UNSEALED else tuple(_altered(lines)),
            cover_sheet=facts.get("cover_sheet", ""),
            cover={int(number): digest for number, digest in _below(facts, "cover").items()},
            tables={title: read_seal(seal) for title, seal in _below(facts, "table").items()},
            enclosed={sheet: whole(count) for sheet, count in _below(facts, "enclosed").items()},
            facts={key: whole(count) for key, count in _below(facts, "fact").items()},
            heads=read_heads(_below(facts, "head")),
        )
    except (KeyError, ValueError):
        raise SurveyError("not_a_return", path=path) from None


def _below(facts: Mapping[str, str], prefix: str) -> dict[str, str]:
    """The lines whose key begins so, by the rest of it."""
    return {key[len(prefix) + 1 :]: value for key, value in facts.items() if key.startswith(f"{prefix}.")}
