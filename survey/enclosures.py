"""What a desk sends beside its answers, and what a desk above keeps of that, return by return."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from survey import explanations
from survey.checks import Finding
from survey.enclosure import ANSWERS, EXPLANATIONS, KINDS, REGISTER, Answered, Enclosed, Explained, Listed, cells_of
from survey.explanations import EXPLAINABLE, code_of, facts_of
from survey.record import DISPOSALS
from survey.store import Store


@dataclass(frozen=True)
class Kept:
    """A row beside the answers of a return: which return brought it, and who sent that."""

    merge: int
    sender: str
    row: Enclosed


def of_return(store: Store, findings: Iterable[Finding]) -> dict[str, list[Enclosed]]:
    """What goes with the desk's next return, by hidden sheet; explanations are those of findings that stand."""
    return {
        REGISTER: list(_register(store)),
        EXPLANATIONS: list(_explained(store, findings)),
        ANSWERS: list(_answered(store)),
    }


def _register(store: Store) -> Iterator[Listed]:
    """The units that have no answers, and those that have been set aside."""
    sent: set[int] = set()
    for form in store.scheme.forms_of("unit"):
        sent.update(
            row[0]
            for row in store.execute(
                f"SELECT DISTINCT r.unit FROM {form.table} f JOIN response r ON r.id = f.response WHERE r.period <= ?",
                (store.period,),
            )
        )
    rows = store.execute(
        "SELECT u.id, u.uscc, u.name, u.district, coalesce(r.status, ''), coalesce(r.reason, '') FROM unit u"
        " LEFT JOIN response r ON r.unit = u.id AND r.period = ? WHERE u.kind = 'unit' ORDER BY u.id",
        (store.period,),
    )
    for unit, uscc, name, district, status, reason in rows:
        aside = status in DISPOSALS
        if aside or unit not in sent:
            settled = (status, reason) if aside else ("", "")
            yield Listed(uscc, name, district, "0" if unit in sent else "1", *settled)


def _explained(store: Store, findings: Iterable[Finding]) -> Iterator[Explained]:
    known = explanations.of_period(store, store.period)
    for finding in findings:
        said = explanations.said_to(finding, known) if finding.category in EXPLAINABLE else None
        if said:
            yield Explained(finding.unit, code_of(finding), facts_of(finding), said.text, said.who, said.at)


def _answered(store: Store) -> Iterator[Answered]:
    rows = store.execute(
        "SELECT u.uscc, q.origin, q.answer, q.answered_by, q.answered_at FROM query q JOIN response r"
        " ON r.id = q.response JOIN unit u ON u.id = r.unit WHERE r.period = ? AND q.origin <> '' AND q.answer <> ''"
        " ORDER BY q.origin",
        (store.period,),
    )
    return (Answered(*row) for row in rows)


def keep(store: Store, merge: int, parts: Mapping[str, Sequence[Enclosed]], but: Collection[str]) -> None:
    """Keeps what came with a return, `but` that of some units."""
    store.executemany(
        "INSERT OR REPLACE INTO enclosure (merge, kind, uscc, key, body) VALUES (?, ?, ?, ?, ?)",
        [
            (merge, sheet, row.uscc, _key(row), json.dumps(cells_of(row), ensure_ascii=False))
            for sheet, rows in parts.items()
            for row in rows
            if row.uscc not in but
        ],
    )


def keep_from(store: Store, before: int, merge: int, codes: Iterable[str]) -> None:
    """Units that are left out of a return: what came with the return before still counts."""
    store.executemany(
        "INSERT OR REPLACE INTO enclosure SELECT ?, kind, uscc, key, body FROM enclosure WHERE merge = ? AND uscc = ?",
        [(merge, before, uscc) for uscc in codes],
    )


def kept(store: Store, merges: Collection[int], sheet: str) -> Iterator[Kept]:
    """What came with some returns, in their order."""
    rows = store.execute(
        "SELECT e.merge, m.district, e.body FROM enclosure e JOIN merge m ON m.id = e.merge WHERE e.kind = ?"
        f" AND e.merge IN ({', '.join(map(str, merges))}) ORDER BY e.merge, e.uscc, e.key",
        (sheet,),
    ).fetchall()
    return (Kept(merge, sender, KINDS[sheet](*json.loads(body))) for merge, sender, body in rows)


def _key(row: Enclosed) -> str:
    if isinstance(row, Explained):
        return row.check
    return row.origin if isinstance(row, Answered) else ""
