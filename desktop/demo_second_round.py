"""The demonstration's second round: returns that come again, and what a city settles before it publishes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from survey import cells, claims, conflicts, duplicates, lookalikes, returns
from survey import store as stores
from survey.codes import organisation_code, uscc_with_check
from survey.merge import merge
from survey.record import previous_period
from survey.scalar import Value
from survey.store import Store
from survey.texts import Texts

Say = Callable[[str], None]


class SecondRound:
    """Three districts hand in again: two about figures that the city has corrected, one with a unit that moved in
    and one that is there twice.
    """

    def __init__(
        self, city: Store, folder: Path, wanted: Mapping[str, Any], explain: Callable[[Store], None], texts: Texts
    ) -> None:
        self._city = city
        self._folder = folder
        self._wanted = wanted["second_round"]
        self._explain = explain
        self._texts = texts
        self._period = city.period

    def run(self, say: Say) -> None:
        """Everything, told in a line."""
        first, second, third = (str(code) for code in self._wanted["resubmit"])
        sent = [self._again(code, partial(self._change, self._correct(code))) for code in (first, second)]
        moved, twice = self._units(second)[-1], self._units(first)[-1]
        sent.append(self._again(third, lambda desk: self._receive(desk, moved, twice, first, second)))
        reports = merge(self._city, sent, who=self._texts("table.city"))
        self._settle(moved, third)
        say(
            self._texts(
                "cli.demo.again", returns=sum(one.accepted for one in reports),
                cells=sum(one.cell_count for one in reports), conflicts=sum(len(one.conflicts) for one in reports),
                contests=sum(len(one.contests) for one in reports), duplicates=self._unite(twice),
            )
        )  # fmt: skip

    def _units(self, district: str) -> list[str]:
        rows = self._city.execute("SELECT uscc FROM unit WHERE sender = ? AND kind = 'unit' ORDER BY id", (district,))
        return [row[0] for row in rows]

    def _add(self, store: Store, uscc: str, more: int, reason: str = "") -> None:
        """Corrects the figure that the round is about."""
        (unit,) = store.find_units([uscc])
        item = str(self._wanted["item"])
        value = cells.read(store, unit, self._period).values.get(item) or 0
        cells.write(store, unit, self._period, item, int(value) + more, who=self._texts("table.city"), reason=reason)

    def _correct(self, district: str) -> str:
        uscc = self._units(district)[0]
        self._add(self._city, uscc, 2, str(self._wanted["reason"]))
        return uscc

    def _again(self, district: str, change: Callable[[Store], None]) -> Path:
        """A district's next return, after it has changed something."""
        with closing(stores.open(self._folder / "districts" / f"{district}.census")) as desk:
            change(desk)
            self._explain(desk)
            label = desk.scheme.districts.label(district, "zh")
            target = self._folder / "returns" / f"{district}-{label}-{self._period}-2.xlsx"
            return returns.write(desk, target, self._texts).path

    def _change(self, uscc: str, desk: Store) -> None:
        """The figure the city has corrected, and one that it has not."""
        self._add(desk, uscc, 5)
        for other in self._units(str(desk.district))[1:2]:
            self._add(desk, other, 1)

    def _receive(self, desk: Store, moved: str, twice: str, first: str, second: str) -> None:
        with closing(stores.open(self._folder / "districts" / f"{second}.census", readonly=True)) as other:
            self._copy(other, desk, moved, {})
        with closing(stores.open(self._folder / "districts" / f"{first}.census", readonly=True)) as other:
            (unit,) = other.find_units([twice])
            name = str(other.register(unit)["name@reg"]).replace(*self._wanted["same_mark"])
            self._copy(other, desk, twice, {"uscc": _next_code(twice, self._city), "name": name})

    def _copy(self, origin: Store, target: Store, uscc: str, instead: Mapping[str, Value]) -> None:
        """A unit of one district's file as a unit of another's."""
        (unit,) = origin.find_units([uscc])
        known = {"uscc": uscc, "name": str(origin.register(unit)["name@reg"]), **instead}
        copied = cells.add_unit(target, str(known["uscc"]), str(known["name"]), self._period)
        for period in (previous_period(self._period), self._period):
            answers = cells.read(origin, unit, period)
            found = {(name, 0): value for name, value in answers.values.items()}
            for lines in answers.lines.values():
                found |= {(name, line): value for line, row in lines.items() for name, value in row.items()}
            found |= {(name, 0): value for name, value in {**known, "district": target.district}.items()}
            items = target.scheme.items
            cells.write_all(
                target, copied, period,
                [
                    (name, line, value) for (name, line), value in found.items()
                    # A street of the other district is none here.
                    if not items[name].computed and items[name].within != "district"
                ],
            )  # fmt: skip

    def _settle(self, moved: str, third: str) -> None:
        who, wanted = self._texts("table.city"), self._wanted
        open_ = [one.id for one in conflicts.listed(self._city)]
        conflicts.settle(self._city, open_[:1], "district", who=who, reason=str(wanted["reason"]))
        conflicts.settle(self._city, open_[1:], "city", who=who, reason=str(wanted["reason"]))
        claims.settle(self._city, [moved], third, self._period, who=who, reason=str(wanted["moved_reason"]))

    def _unite(self, twice: str) -> int:
        """The unit that stands twice is found by its look and counted once, where it stood first."""
        found = [group for group in lookalikes.search(self._city, self._period).groups if twice in group.units]
        for group in found:
            reason = str(self._wanted["same_reason"])
            duplicates.settle(self._city, group.units, twice, who=self._texts("table.city"), reason=reason)
        return len(found)


def _next_code(uscc: str, city: Store) -> str:
    """Another code of the same shape that nobody has."""
    codes = (uscc_with_check(uscc[:8] + organisation_code(f"{uscc[8:12]}{number:04}")) for number in range(10_000))
    return next(code for code in codes if city.find_unit(code) is None)
