"""Banff on the same questions: which cells are wrong, how many records pass an edit, which changes are outliers."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from oracle import ask
from small_schemes import scheme_of

from survey.checks import CheckSet, compile_checks
from survey.localisation import Localisation, Localiser
from survey.outliers import HBSettings, hb_distance, hb_standard
from survey.review import evaluate
from survey.store import Chunk

Record = dict[str, float | None]


@dataclass(frozen=True)
class Edits:
    """Linear edits as the two programs write them, and the weights of the items, if any."""

    names: tuple[str, ...]
    ours: tuple[str, ...]
    theirs: str
    weights: Mapping[str, float]

    @property
    def checks(self) -> CheckSet:
        items = dict.fromkeys(self.names, 'type = "decimal"')
        return compile_checks(scheme_of(items, self.ours), "2025")


def generated(rng: random.Random, weighted: bool) -> tuple[Edits, Record]:
    """Balances, parts, ratios and bounds among 6 to 10 items, and a record that satisfies all of them."""
    names = tuple(f"v{at}" for at in range(rng.randint(6, 10)))
    truth: Record = {name: float(rng.randint(1, 1000)) for name in names}
    total, *parts = rng.sample(names, rng.randint(3, 4))
    ours, theirs = [f"{total} = {' + '.join(parts)}"], [f"{total} = {' + '.join(parts)}"]
    truth[total] = sum(truth[part] or 0 for part in parts)
    for _ in range(rng.randint(3, 6)):
        kind, (a, b) = rng.choice(["order", "ratio", "bound", "gap"]), rng.sample(names, 2)
        x, y = truth[a] or 0, truth[b] or 0
        if kind == "order":
            small, large = (a, b) if x <= y else (b, a)
            ours.append(f"{small} <= {large}")
            theirs.append(ours[-1])
        elif kind == "ratio":
            low, high = math.floor(x / y * 8) / 16, math.ceil(x / y * 8) / 4
            ours += [f"{b} >= 1", f"{low} <= {a} / {b} <= {high}"]
            theirs += [f"{b} >= 1", f"{a} >= {low} * {b}", f"{a} <= {high} * {b}"]
        elif kind == "bound":
            ours.append(f"{a} <= {x + rng.randint(0, 500):.1f}")
            theirs.append(ours[-1])
        else:
            ours.append(f"2 * {a} - {b} >= {2 * x - y - rng.randint(0, 300):.1f}")
            theirs.append(ours[-1])
    # Banff wants a bound of every item.
    floor = [f"{name} >= {rng.choice(['0', '0', '-5000'])}" for name in names]
    weights = {name: float(rng.randint(1, 4)) for name in names} if weighted else {}
    return Edits(names, (*ours, *floor), "; ".join([*theirs, *floor]) + ";", weights), truth


def broken(rng: random.Random, truth: Record) -> Record:
    """The record with one to three errors, and now and then a blank."""
    record = dict(truth)
    for name in rng.sample(sorted(record), rng.randint(1, 3)):
        value = record[name] or 0.0
        record[name] = rng.choice([value * 1000, -value, float(rng.randint(0, 2000)), value + rng.randint(1, 50)])
    if rng.random() < 0.2:
        record[rng.choice(sorted(record))] = None
    return record


def cost(edits: Edits, cells: Sequence[str]) -> float:
    return sum(edits.weights.get(cell, 1.0) for cell in cells)


def test_the_cheapest_sets_of_cells_cost_what_banff_says(tmp_path: Path) -> None:
    rng = random.Random(20251)
    cases = [(*generated(rng, weighted=at % 2 == 1), at) for at in range(40)]
    work: list[tuple[Edits, list[Record], list[Localisation]]] = []
    for edits, truth, _ in cases:
        plan, records, ours = Localiser(edits.checks), [], []
        while len(records) < 25:
            record = broken(rng, truth)
            result = plan.localise(record, edits.weights)
            if result.failed:
                records.append(record)
                ours.append(result)
        work.append((edits, records, ours))
    question = [
        {
            "edits": edits.theirs, "records": records, "seed": 1,
            "weights": "".join(f"{name} = {weight}; " for name, weight in edits.weights.items()),
        }
        for edits, records, _ in work
    ]  # fmt: skip
    answers = ask("banff", {"localise": question}, tmp_path)["localise"]
    equal = listed = several = 0
    for (edits, records, ours), theirs in zip(work, answers, strict=True):
        for record, result, cells in zip(records, ours, theirs, strict=True):
            assert result.proven
            assert cells is not None
            named = [cell.lower() for cell in cells if record[cell.lower()] is not None]
            assert result.cost == cost(edits, named), (edits, record, result, named)
            equal += 1
            several += len(result.proposals) > 1
            listed += tuple(sorted(named)) in {one.cells for one in result.proposals}
    print(f"\nerror localisation: {equal} of {equal} records of equal least cost, {several} of them with several sets;")
    print(f"Banff's own set is among ours in {listed}")
    assert equal == listed == 1000


def test_every_edit_passes_misses_and_fails_as_many_records(tmp_path: Path) -> None:
    rng = random.Random(20252)
    question, ours = [], []
    for _ in range(12):
        edits, truth = generated(rng, weighted=False)
        records = [broken(rng, truth) for _ in range(200)]
        for record in records:
            record.update({name: None for name in record if rng.random() < 0.08})
        linear = [edit for edit in edits.ours if "/" not in edit]
        checks = compile_checks(scheme_of(dict.fromkeys(edits.names, 'type = "decimal"'), linear), "2025")
        columns = {name: np.array([np.nan if record[name] is None else record[name] for record in records], float)
                   for name in edits.names}  # fmt: skip
        chunk = Chunk(list(range(len(records))), [0] * len(records), columns)
        for edit, outcome in zip(linear, evaluate(checks.compiled, chunk), strict=True):
            question.append({"edit": edit + ";", "records": records})
            missed, failed = int(outcome.open.sum()), int(outcome.failing.sum())
            ours.append([len(records) - missed - failed, missed, failed])
    theirs = ask("banff", {"statistics": question}, tmp_path)["statistics"]
    equal = sum(a == b for a, b in zip(ours, theirs, strict=True))
    print(
        f"\nedit statistics: {equal} of {len(ours)} edits with the same counts passed, missed and failed of 200 records"
    )
    assert ours == theirs
    assert all(sum(counts[at] for counts in ours) > 0 for at in range(3))


def test_the_same_changes_are_outliers(tmp_path: Path) -> None:
    rng = random.Random(20253)
    question, ours = [], []
    for at in range(20):
        before = [rng.lognormvariate(8, 2) for _ in range(120)]
        now = [value * rng.lognormvariate(0.05, 0.3) * rng.choice([1] * 30 + [10, 0.1, 1000]) for value in before]
        exponent, limit = rng.choice([0.0, 0.3, 0.5]), rng.choice([4.0, 7.0, 20.0])
        settings = HBSettings(exponent=exponent, floor=0.05, spread=0.0)
        standard = hb_standard(np.array(now), np.array(before), settings)
        assert standard, at
        distance = hb_distance(np.array(now), np.array(before), standard, settings)
        ours.append([int(place) for place in np.flatnonzero(distance > limit)])
        question.append({"now": [{"x": value} for value in now], "before": [{"x": value} for value in before],
                         "exponent": exponent, "floor": 0.05, "limit": limit})  # fmt: skip
    theirs = ask("banff", {"outliers": question}, tmp_path)["outliers"]
    flagged = sum(map(len, ours))
    equal = sum(a == b for a, b in zip(ours, theirs, strict=True))
    print(f"\nHidiroglou-Berthelot: {equal} of {len(ours)} strata with the same outliers, {flagged} of 2400 values")
    assert ours == theirs
    assert flagged > 20
