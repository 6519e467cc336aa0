"""Wrong units of measure and signs: found in a whole file or at one unit, put right in one step."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

from survey import cells
from survey.errors import SurveyError
from survey.formulas import readable
from survey.history import MAGNITUDE
from survey.progress import Progress
from survey.proposal import Judge, Proposal
from survey.record import previous_period
from survey.store import Chunk, Store
from survey.suspicion import Plan, Suspicion, single, suspicions
from survey.usual import Usual

# So many records are measured at once: each takes the room of two years' amounts several times over.
_AT_ONCE = 8_192


def usual_of(store: Store, period: str, progress: Progress | None = None) -> Usual:
    """What is usual in a period, by stratum: one pass over the file."""
    plan = Plan(store.scheme)
    tally, total, done = plan.tally(), store.response_count(period), 0
    for chunk in store.chunks(plan.now, period):
        plan.count(tally, chunk.columns)
        done += len(chunk.responses)
        if progress:
            progress(done, max(total, done), "progress.usual")
    return tally.usual()


def detect(store: Store, period: str, progress: Progress | None = None) -> list[Proposal]:
    """Every proposal of a period, unit by unit: one pass to learn what is usual, one to look.

    A scheme without amounts of money gives none.
    """
    plan = Plan(store.scheme)
    if not plan.items:
        return []
    found: list[Proposal] = []
    usual, judge = usual_of(store, period, progress), Judge(store, period, plan)
    total, done = store.response_count(period), 0
    for chunk in store.chunks(plan.columns, period):
        suspected: dict[int, list[Suspicion]] = {}
        for one in _suspected(plan, chunk, usual):
            suspected.setdefault(chunk.responses[one.row], []).append(one)
        units = store.units_of(list(suspected))
        for response, of_unit in suspected.items():
            unit = units[response]
            found += judge.proposals(unit.id, of_unit, unit.uscc, unit.name, usual)
        done += len(chunk.responses)
        if progress:
            progress(done, max(total, done), "progress.magnitude")
    return sorted(found, key=lambda one: (one.uscc, not one.sure))


def _suspected(plan: Plan, chunk: Chunk, usual: Usual) -> Iterator[Suspicion]:
    for start in range(0, len(chunk.responses), _AT_ONCE):
        part = {key: values[start : start + _AT_ONCE] for key, values in chunk.columns.items()}
        for one in suspicions(plan, part, usual):
            yield replace(one, row=one.row + start)


def detect_unit(store: Store, unit: int, period: str, usual: Usual) -> list[Proposal]:
    """The proposals of one unit; `usual` comes from `usual_of`."""
    plan = Plan(store.scheme)
    if not plan.items:
        return []
    now, before = cells.read(store, unit, period), cells.read(store, unit, previous_period(period))
    columns = single(readable(now, before, plan.columns), plan.columns)
    uscc, name = store.execute("SELECT uscc, name FROM unit WHERE id = ?", (unit,)).fetchone()
    suspected = list(suspicions(plan, columns, usual))
    return list(Judge(store, period, plan).proposals(unit, suspected, uscc, name, usual))


def accept(store: Store, proposal: Proposal, who: str, source: int | None = None) -> None:
    """Writes the proposed values as one step of the record of changes, which can be undone at once.

    With a `source` they are the word of that file, converted as it came in, and not a person's.

    Raises SurveyError `magnitude_changed` where one of the cells is no longer what the proposal saw.
    """
    with store.atomic():
        now = cells.read(store, proposal.unit, proposal.period)
        for cell in proposal.cells:
            item = store.scheme.item(cell.item)
            if now.get(cell.item, cell.line, item.form) != cell.old:
                raise SurveyError(
                    "magnitude_changed", name=proposal.name, label=item.label, label_en=item.label_en, line=cell.line
                )
        written = [(cell.item, cell.line, cell.new) for cell in proposal.cells]
        reason = f"{MAGNITUDE}:{factor_text(proposal.factor)}:{uuid.uuid4().hex[:8]}"
        cells.write_all(store, proposal.unit, proposal.period, written, who=who, reason=reason, source=source)


def factor_text(factor: float) -> str:
    """A factor as it is written: 1000, 1/1000, -1."""
    return f"{factor:.0f}" if abs(factor) >= 1 else f"1/{1 / factor:.0f}"
