"""The units of a desk as a list to work through: found, filtered, sorted by id, and how far each group is."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from survey.form import Form, Item
from survey.record import DISPOSALS, previous_period
from survey.scheme import Scheme
from survey.sql import quote
from survey.statuses import NOT_DUE, OPEN, REPORTED
from survey.store import Store

# What may stand in a box of choices; longer lists are searched for by text.
_LONGEST_LIST = 100
_GROUPS = 3
SORTS = ("uscc", "name", "district", "status", "reason")
STATUS_GROUPS: Mapping[str, tuple[str, ...]] = {"open": OPEN, "reported": REPORTED, "disposed": DISPOSALS}


@dataclass(frozen=True)
class Wanted:
    """Which units: `search` in name, code or pinyin initials; a status or group of them; codes by item name."""

    search: str = ""
    status: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    descending: bool = False


@dataclass(frozen=True)
class CaseRow:
    """A unit as the board shows it."""

    id: int
    uscc: str
    name: str
    district: str
    status: str
    reason: str


@dataclass(frozen=True)
class Progress:
    """How far the units of one code are; `due` are those that owe a return, `code` '' those without the answer."""

    code: str
    by_status: Mapping[str, int]

    @property
    def units(self) -> int:
        return sum(self.by_status.values())

    @property
    def due(self) -> int:
        return self.units - sum(self.by_status.get(status, 0) for status in NOT_DUE)

    @property
    def reported(self) -> int:
        return sum(self.by_status.get(status, 0) for status in REPORTED)

    @property
    def rate(self) -> float | None:
        """报送率: reported of those that owe a return; None where nobody does."""
        return self.reported / self.due if self.due else None


def groups(scheme: Scheme, *, city: bool) -> list[Item]:
    """The items that units are grouped by: codes of the identity form, narrowed, required and derived ones first."""
    form = _identity(scheme)
    if form is None:
        return []
    derived = {one.item for one in scheme.derived}
    items = [
        item
        for item in form.items
        if item.type == "code" and 1 < len(scheme.lists[item.list].codes) <= _LONGEST_LIST
        and (city or item.list != scheme.districts.id)
    ]  # fmt: skip
    order = {item.name: at for at, item in enumerate(items)}
    items.sort(key=lambda item: (not (item.within or item.required or item.name in derived), order[item.name]))
    return items[:_GROUPS]


def ids(store: Store, period: str, wanted: Wanted) -> array[int]:
    """The units that are wanted, in order, by id: eight bytes a unit."""
    joins, conditions, facts = _where(store, period, wanted)
    order = "u.id"
    if wanted.sort:
        column = {"status": _STATUS, "reason": "coalesce(r.reason, '')"}.get(wanted.sort, f"u.{wanted.sort}")
        order = f"{column} {'DESC' if wanted.descending else 'ASC'}, u.id"
        if wanted.sort in ("status", "reason") and _RESPONSE not in joins:
            joins.append(_RESPONSE)
            facts.insert(0, period)
    # A million rows come as one text in a third of the time they take one by one.
    wanted_units = f"SELECT u.id FROM unit u {' '.join(joins)} WHERE {' AND '.join(conditions)} ORDER BY {order}"
    (text,) = store.execute(f"SELECT group_concat(id) FROM ({wanted_units})", facts).fetchone()
    return array("q", np.fromstring(text or "", np.int64, sep=",").tobytes())


def rows(store: Store, period: str, units: Sequence[int]) -> dict[int, CaseRow]:
    """The rows of some units, by id."""
    found = store.execute(
        f"SELECT u.id, u.uscc, u.name, u.district, {_STATUS}, coalesce(r.reason, '') FROM unit u {_RESPONSE}"
        f" WHERE u.id IN ({', '.join('?' * len(units))})",
        (period, *units),
    )
    return {row[0]: CaseRow(*row) for row in found}


def progress(store: Store, period: str, item: Item | None) -> list[Progress]:
    """How far the units are by the codes of an item in the order of its list; without an item, all as one."""
    code, joins, facts = "''", _RESPONSE, [period]
    if item is not None:
        form = store.scheme.form(item.form)
        code, joins = f"coalesce({_code(item.name)}, '')", f"{_RESPONSE} {_answers(form)}"
        facts.append(previous_period(period))
    found: dict[str, dict[str, int]] = {}
    for group, status, count in store.execute(
        f"SELECT {code}, {_STATUS}, count(*) FROM unit u {joins} WHERE u.kind = 'unit' GROUP BY 1, 2", facts
    ):
        found.setdefault(group, {})[status] = count
    order = [*store.scheme.lists[item.list].codes, *found] if item else list(found)
    return [Progress(group, found[group]) for group in dict.fromkeys(order) if group in found]


_RESPONSE = "LEFT JOIN response r ON r.unit = u.id AND r.period = ?"
_STATUS = "coalesce(r.status, 'due')"


def _answers(form: Form) -> str:
    """Joins a form's answers of the period and, for units that have not begun it, those of the year before."""
    return (
        f"LEFT JOIN {form.table} f ON f.response = r.id"
        " LEFT JOIN response p ON f.response IS NULL AND p.unit = u.id AND p.period = ?"
        f" LEFT JOIN {form.table} b ON b.response = p.id"
    )


def _code(name: str) -> str:
    return f"CASE WHEN f.response IS NULL THEN b.{quote(name)} ELSE f.{quote(name)} END"


def _identity(scheme: Scheme) -> Form | None:
    return next((form for form in scheme.forms_of("unit") if form.layout == "fields"), None)


def _where(store: Store, period: str, wanted: Wanted) -> tuple[list[str], list[str], list[object]]:
    joins: list[str] = []
    conditions = ["u.kind = 'unit'"]
    facts: list[object] = []
    if wanted.status or wanted.codes:
        joins.append(_RESPONSE)
        facts.append(period)
    if wanted.codes:
        form = _identity(store.scheme)
        assert form
        joins.append(_answers(form))
        facts.append(previous_period(period))
    if wanted.search:
        conditions.append("(instr(u.name, ?) OR instr(u.uscc, ?) OR instr(u.initials, ?))")
        facts += [wanted.search, wanted.search.upper(), wanted.search.lower()]
    if wanted.status:
        statuses = STATUS_GROUPS.get(wanted.status, (wanted.status,))
        conditions.append(f"{_STATUS} IN ({', '.join('?' * len(statuses))})")
        facts += statuses
    for name, code in wanted.codes.items():
        conditions.append(f"{_code(name)} = ?")
        facts.append(code)
    return joins, conditions, facts
