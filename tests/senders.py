"""Desks that send returns to a city, and what the city says of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from conftest import code_of

from survey import cells, returns
from survey import store as stores
from survey.merge import merge
from survey.mergereport import MergeReport
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

# Two districts and a new area; the period.
A, B, C = "440304", "440305", "SZDP00"
P = "2025"


class Sender:
    """A district's desk, or one of its officers', that says one thing after the other."""

    def __init__(self, folder: Path, scheme: Scheme, code: str, texts: Texts, part: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.store = stores.create(folder / f"{code}{part}.census", scheme, P, code, part=part)
        self._folder = folder
        self._texts = texts

    def says(self, revenues: Mapping[int, int], beside: Callable[[Store], None] | None = None, **more: object) -> Path:
        """The next return, after what is done `beside` it; a unit that is not named is no longer the sender's."""
        for number, revenue in revenues.items():
            unit = self.store.find_unit(code_of(number))
            if unit is None:
                unit = cells.add_unit(self.store, code_of(number), f"演示{number}", P)
            cells.write(self.store, unit, P, "revenue", revenue)
            for item, value in more.items():
                cells.write(self.store, unit, P, item, value)  # type: ignore[arg-type]
        for unit, uscc in self.store.execute("SELECT id, uscc FROM unit WHERE kind = 'unit'").fetchall():
            if uscc not in {code_of(number) for number in revenues}:
                self.store.execute("UPDATE unit SET kind = 'gone', uscc = uscc || '#' WHERE id = ?", (unit,))
        if beside:
            beside(self.store)
        number = int(self.store.desk["sequence"]) + 1
        return returns.write(self.store, self._folder / f"{self.store.path.stem}-{number}.xlsx", self._texts).path


def only(city: Store, path: Path, **options: object) -> MergeReport:
    [report] = merge(city, [path], **options)  # type: ignore[arg-type]
    assert report.error is None, report.error
    return report


def value(store: Store, number: int, item: str = "revenue") -> object:
    unit = store.find_unit(code_of(number))
    assert unit is not None
    return cells.read(store, unit, P).values.get(item)


def written(city: Store, number: int, given_value: object, item: str = "revenue") -> None:
    unit = city.find_unit(code_of(number))
    assert unit is not None
    cells.write(city, unit, P, item, given_value, who="市", reason="与企业核实")  # type: ignore[arg-type]
