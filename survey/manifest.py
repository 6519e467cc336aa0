"""The manifest of a return, and the digests that show whether a value was changed on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from survey.errors import SurveyError
from survey.form import Form
from survey.scalar import Value

FORMAT = "census-desk-return"
FORMAT_VERSION = "1"
SHEET = "_manifest"
KEY_COLUMNS = ("_uscc", "_name", "_period")
LINE_COLUMN = "_line"
DIGEST_COLUMN = "_digest"


@dataclass(frozen=True)
class Manifest:
    """What a return says of itself; `digest` covers every value, `signature` is kept free.

    A `draft` still has findings to settle; `control` is the number and digest of the city's control list it follows.
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


class RowDigests:
    """Digests over the typed values of one form's rows: alike before and after Excel or WPS saved them.

    The names of the columns are part of every digest, so columns cannot change places unseen.
    """

    def __init__(self, form: Form) -> None:
        self._base = hashlib.sha256("\x1f".join([form.id, *(item.name for item in form.items)]).encode())
        # A spreadsheet keeps fifteen digits of a decimal; the digest must not ask for more.
        first = 3 if form.is_list else 2
        self._decimals = [at + first for at, item in enumerate(form.items) if item.type == "decimal"]

    def digest(self, uscc: str, period: str, values: Iterable[Value]) -> str:
        """Twelve hexadecimal digits over one row; on a list form the first value is the line."""
        row: list[object] = [uscc, period, *values]
        for at in self._decimals:
            if row[at] is not None:
                row[at] = f"{row[at]:.15g}"
        digest = self._base.copy()
        digest.update("\x1f".join(map(str, row)).encode())
        return digest.hexdigest()[:12]


def key_columns(form: Form) -> tuple[str, ...]:
    """The columns that say whose row it is."""
    return (*KEY_COLUMNS, LINE_COLUMN) if form.is_list else KEY_COLUMNS


def total_digest(rows: Iterable[str]) -> str:
    """The digest of a return: SHA-256 over its row digests, sorted."""
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()


def plain(value: object) -> str:
    """A number or text of the manifest as text: whole floats without their point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def lines_of(manifest: Manifest) -> list[tuple[str, str]]:
    """The manifest as its sheet holds it: key and value, both text."""
    lines = [
        ("format", FORMAT),
        ("format_version", FORMAT_VERSION),
        ("scheme", manifest.scheme),
        ("version", manifest.version),
        ("scheme_digest", manifest.scheme_digest),
        ("district", manifest.district),
        ("period", manifest.period),
        ("sequence", str(manifest.sequence)),
        ("parent", manifest.parent),
        ("units", str(manifest.units)),
        ("created", manifest.created),
        ("draft", "1" if manifest.draft else "0"),
        ("control", manifest.control),
        ("digest", manifest.digest),
        ("signer", ""),
        ("signature", ""),
    ]
    for form_id, count in manifest.rows.items():
        lines.append((f"rows.{form_id}", str(count)))
        lines += [(f"total.{form_id}.{code}", plain(total)) for code, total in manifest.totals[form_id].items()]
    return lines


def read_manifest(rows: Iterable[Sequence[Any]], path: Path) -> Manifest:
    """The manifest of a return; raises SurveyError `not_a_return` or `return_newer`."""
    facts = {str(row[0]): plain(row[1]) for row in rows if len(row) > 1}
    if facts.get("format") != FORMAT:
        raise SurveyError("not_a_return", path=path)
    if facts.get("format_version") != FORMAT_VERSION:
        raise SurveyError("return_newer", path=path)
    counts = {key[len("rows.") :]: int(value) for key, value in facts.items() if key.startswith("rows.")}
    totals: dict[str, dict[str, float]] = {form_id: {} for form_id in counts}
    for key, value in facts.items():
        if key.startswith("total."):
            form_id, _, code = key[len("total.") :].partition(".")
            totals.setdefault(form_id, {})[code] = float(value)
    try:
        return Manifest(
            scheme=facts["scheme"],
            version=facts["version"],
            scheme_digest=facts["scheme_digest"],
            district=facts["district"],
            period=facts["period"],
            sequence=int(facts["sequence"]),
            parent=facts["parent"],
            digest=facts["digest"],
            units=int(facts["units"]),
            created=facts["created"],
            rows=counts,
            totals=totals,
            draft=facts.get("draft") == "1",
            control=facts.get("control", ""),
        )
    except (KeyError, ValueError):
        raise SurveyError("not_a_return", path=path) from None
