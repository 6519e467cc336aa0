"""Where the error may be: milliseconds a record, beside the linear programs alone that it solves on the way."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from statistics import median, quantiles
from time import perf_counter

from desktop import paths, sample
from desktop.sample_details import Details
from survey import scheme as schemes
from survey.checks import compile_checks
from survey.formulas import Formulas, readable
from survey.linear import Row
from survey.localisation import Localiser
from survey.scalar import Values
from survey.solver import Programs

RECORDS = 200


class Kept(Programs):
    """Programs that remember what they were asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Sequence[Row], Mapping[str, float]]] = []

    def nearest(self, rows: Sequence[Row], start: Mapping[str, float]) -> dict[str, float] | list[int]:
        self.asked.append((rows, dict(start)))
        return super().nearest(rows, start)


def broken_records(plan: Localiser, seed: int) -> list[Values]:
    """Sample units (演示数据) with one to three amounts a thousand times too large."""
    scheme = schemes.load(paths.scheme_folder("ic-cluster"))
    wanted = sample.parameters(paths.sample_parameters("ic-cluster"))
    details, formulas, dice = Details(wanted, scheme, seed), Formulas(scheme), random.Random(seed)
    needed = compile_checks(scheme, "2025").columns("unit")
    records = []
    for unit in sample.generate(wanted, list(scheme.districts.codes), RECORDS, seed):
        earlier, later = details.unit(unit, "2025")
        formulas.compute(later, earlier)
        filled = [name for name in plan.items if later.values.get(name)]
        for name in dice.sample(filled, dice.randint(1, 3)):
            later.values[name] = later.values[name] * 1000  # type: ignore[operator]
        records.append({**readable(later, earlier, needed), "district@reg": later.values["district"]})
    return records


def test_a_record_beside_its_linear_programs_alone() -> None:
    plan = Localiser(compile_checks(schemes.load(paths.scheme_folder("ic-cluster")), "2025"))
    plan.programs = kept = Kept()
    records = broken_records(plan, 1)
    plan.localise(records[0])
    kept.asked.clear()
    took, found = [], []
    for record in records:
        start = perf_counter()
        found.append(plan.localise(record))
        took.append((perf_counter() - start) * 1000)
    alone = Programs()
    alone.nearest(*kept.asked[0])
    start = perf_counter()
    for rows, begin in kept.asked:
        alone.nearest(rows, begin)
    floor = (perf_counter() - start) * 1000 / len(records)
    mean, tail = sum(took) / len(took), quantiles(took, n=20)[-1]
    failing = sum(bool(one.failed) for one in found)
    print(
        f"\n{len(records)} records, {failing} failing, {len(plan.checks)} checks: {mean:.1f} ms a record"
        f" (median {median(took):.1f}, 95 % {tail:.1f}, most {max(took):.0f}); their"
        f" {len(kept.asked) / len(records):.1f} linear programs a record alone {floor:.1f} ms: {mean / floor:.1f} times"
    )
    assert all(one.proven for one in found)
