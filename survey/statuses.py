"""How far a unit is: the steps of the work, and the disposals of units that cannot or will not answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from survey.errors import SurveyError
from survey.persons import permit
from survey.progress import Progress
from survey.record import DISPOSALS
from survey.responses import NEXT
from survey.store import Store

STEPS = ("due", "in_progress", "to_explain", "errors", "checked", "submitted", "returned", "accepted")
# 应报: units that have closed owe no return; those that cannot be reached or refuse still do.
NOT_DUE = ("suspended", "deregistered")
# 已报: checked by the district or further on.
REPORTED = ("checked", "submitted", "accepted")
OPEN = ("due", "in_progress", "to_explain", "errors", "returned")
# No item of a scheme can be called this.
PLACE = "@status"
_WITH_REASON = (*DISPOSALS, "returned")
_LEAST_REASON = 2
_PART = 5_000

# A unit's status and its reason, by unit.
Former: TypeAlias = Mapping[int, tuple[str, str]]


@dataclass(frozen=True)
class StatusChange:
    """A person's decision about a unit, for the record of changes."""

    unit: int
    period: str
    old: str
    new: str

    def facts(self) -> tuple[object, ...]:
        return self.unit, "", PLACE, self.period, self.old, self.new


def reasoned(status: str, reason: str) -> str:
    """The reason as it is kept; raises SurveyError `reason_missing` where a disposal or sending back says none."""
    kept = " ".join(reason.split())
    if status in _WITH_REASON and len(kept) < _LEAST_REASON:
        raise SurveyError("reason_missing", least=_LEAST_REASON)
    return kept


def decide(
    store: Store,
    units: Sequence[int],
    period: str,
    status: str,
    reason: str = "",
    *,
    who: str = "",
    progress: Progress | None = None,
) -> Former:
    """Gives units a status, all or none; gives what each had, with its reason, so that it can be restored.

    Raises SurveyError `reason_missing` as `reasoned` does, and Cancelled, after which nothing has changed.
    """
    permit(store, "decide")
    kept = reasoned(status, reason)
    return restore(store, dict.fromkeys(units, (status, kept)), period, who=who, progress=progress)


def restore(store: Store, wanted: Former, period: str, *, who: str = "", progress: Progress | None = None) -> Former:
    """Gives each unit its status and reason; gives what each had."""
    permit(store, "decide")
    former = _present(store, list(wanted), period)
    with store.atomic():
        store.executemany(
            f"INSERT INTO response (id, unit, period, status, reason) VALUES ({NEXT}, ?, ?, ?, ?)"
            " ON CONFLICT (period, unit) DO UPDATE SET status = excluded.status, reason = excluded.reason",
            [(unit, period, *settled) for unit, settled in wanted.items()],
        )
        by_reason: dict[str, list[StatusChange]] = {}
        for unit, (status, reason) in wanted.items():
            if former[unit] != (status, reason):
                by_reason.setdefault(reason, []).append(StatusChange(unit, period, former[unit][0], status))
        for reason, changes in by_reason.items():
            for start in range(0, len(changes), _PART):
                if progress:
                    progress(start, len(changes), "progress.decide")
                store.log(changes[start : start + _PART], who=who, reason=reason, source=None)
        _forget_unbegun(store, [unit for unit, (status, _) in wanted.items() if status == "due"], period)
    return former


def _forget_unbegun(store: Store, units: Sequence[int], period: str) -> None:
    """A unit that owes its return is as it was before anybody looked at it; one that has answered is in progress."""
    begun = " OR ".join(
        f"EXISTS (SELECT 1 FROM {form.table} f WHERE f.response = response.id)"
        for form in store.scheme.forms_of("unit")
    )
    for unit in units:
        store.execute(f"DELETE FROM response WHERE unit = ? AND period = ? AND NOT ({begun})", (unit, period))
        store.execute("UPDATE response SET status = 'in_progress' WHERE unit = ? AND period = ?", (unit, period))


def _present(store: Store, units: Sequence[int], period: str) -> Former:
    found = dict.fromkeys(units, ("due", ""))
    for start in range(0, len(units), 500):
        part = units[start : start + 500]
        rows = store.execute(
            f"SELECT unit, status, reason FROM response WHERE period = ? AND unit IN ({', '.join('?' * len(part))})",
            (period, *part),
        )
        found.update((unit, (status, reason)) for unit, status, reason in rows)
    return found
