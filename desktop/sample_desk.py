"""What the desks of a sample answer themselves: districts on parks and projects, the city on reference figures."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

from desktop.sample_details import Details
from desktop.sample_rules import Given
from survey.formulas import Answers

_SUMS = ("_units", "_revenue", "_designers", "_backbones", "_newly_listed")
_BY_PARK = ("_units_by_park", "_revenue_by_park", "_taxes_by_park")


@dataclass
class Tally:
    """The units of a district in one year, added up, and those of each of its parks."""

    year: int
    sums: Counter[str] = field(default_factory=Counter)
    by_park: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in _BY_PARK})

    def add(self, answers: Answers) -> None:
        """Counts one more unit."""
        values = answers.values
        revenue, taxes = int(values.get("revenue") or 0), int(values.get("taxes_paid") or 0)
        self.sums.update(
            _units=1,
            _revenue=revenue,
            _designers=values.get("segment") == "design",
            _backbones=int(values.get("backbone") or 0),
            _newly_listed=values.get("listed_year") == self.year,
        )
        if park := values.get("park_id"):
            for name, amount in zip(_BY_PARK, (1, revenue, taxes), strict=True):
                self.by_park[name][str(park)] += amount


def district(details: Details, code: str, tallies: tuple[Tally, Tally]) -> tuple[Answers, Answers]:
    """The answers of a district's desk in two years, the earlier first, beside its units."""
    dice = random.Random(f"{details.seed} {code}")
    earlier = details.draw(dice, _begun(details, code, tallies[0]), "district", None)
    later = details.draw(dice, _begun(details, code, tallies[1]), "district", earlier)
    return details.kept(earlier, "district"), details.kept(later, "district")


def city(details: Details, year: int) -> Answers:
    """The reference figures of the city's desk."""
    dice = random.Random(f"{details.seed} city")
    return details.kept(details.draw(dice, {"year": year}, "city", None), "city")


def _begun(details: Details, code: str, tally: Tally) -> Given:
    sums = {name: tally.sums[name] for name in _SUMS}
    return {**sums, **tally.by_park, "district": code, "year": tally.year, "label": details.wanted["label"]}
