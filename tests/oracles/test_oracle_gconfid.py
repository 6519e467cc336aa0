"""G-Confid on the same figures: what is sensitive, what can be inferred, and how much is withheld."""

from __future__ import annotations

import random
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from disclosure_tables import Tables, invented
from oracle import ask

from indicators.disclosure import check, protect
from indicators.sensitivity import Share, holdings, primary
from survey.form import Disclosure

RULES = Disclosure(threshold=0, percent=15)
SHAPES = ((3, 3), (5, 4), (2, 3, 2), (4, 3, 2), (11, 9))


def question(tables: Tables, withheld: list[str]) -> dict[str, Any]:
    cells, relations = tables
    found = ((cell, primary(cell.contributors, RULES)) for cell in cells)
    return {
        "cells": [(cell.id, cell.value, why.protection if why else -1.0) for cell, why in found],
        "relations": [relation.terms for relation in relations],
        "withheld": withheld,
    }


def test_the_same_sums_are_sensitive_by_as_much(tmp_path: Path) -> None:
    rng = random.Random(20254)
    sums = [
        [(f"u{at}", float(round(rng.lognormvariate(6, 2)) + 1)) for at in range(rng.randint(1, 9))] for _ in range(400)
    ]
    [theirs] = ask("gconfid", {"sensitivity": [{"sums": sums, "p": 15}]}, tmp_path)["sensitivity"]
    equal = sensitive = 0
    for shares, wanted in zip(sums, theirs, strict=True):
        ours = primary(holdings(Share(*share) for share in shares), RULES, step=1e-9)
        assert (ours.protection if ours else 0.0) == pytest.approx(max(0.0, wanted), abs=1e-6)
        equal += 1
        sensitive += ours is not None
    print(f"\nsensitivity: {equal} of {len(sums)} sums of equal sensitivity, {sensitive} of them sensitive")
    assert sensitive > 100


def test_the_same_can_be_inferred_of_every_withheld_cell(tmp_path: Path) -> None:
    rng = random.Random(20255)
    cases = []
    for at in range(40):
        cells, relations = invented(rng.choice(SHAPES), rng.randint(30, 200), at, full=True)
        part = rng.choice((0.3, 0.6, 0.9))
        withheld = [cell.id for cell in cells if rng.random() < part] or [cells[0].id]
        cases.append(((cells, relations), withheld))
    answers = ask("gconfid", {"audit": [question(*case) for case in cases]}, tmp_path)["audit"]
    equal = exact = 0
    for (tables, withheld), theirs in zip(cases, answers, strict=True):
        ours = check(*tables, RULES, withheld).intervals
        assert sorted(ours) == sorted(theirs)
        for name, (least, most, verdict) in theirs.items():
            one = ours[name]
            assert (one.lower, one.upper) == pytest.approx((least, most), rel=1e-6, abs=1e-3)
            assert (one.verdict == "exact") == (verdict == 2)
            equal += 1
            exact += verdict == 2
    print(f"\naudit: {equal} of {equal} intervals equal in {len(cases)} patterns, {exact} of them exact disclosures")
    assert exact > 20


def test_g_confid_finds_nothing_to_object_to_in_our_patterns(tmp_path: Path) -> None:
    cases, ours, took = [], [], 0.0
    for at, shape in enumerate((*SHAPES, (6, 5, 3))):
        tables = invented(shape, 60 * len(shape), at, full=True)
        start = perf_counter()
        found = protect(*tables, RULES)
        took += perf_counter() - start
        withheld = [name for name, status in found.statuses.items() if status != "published"]
        assert found.publishable
        cases.append(tables)
        ours.append(withheld)
    questions = [question(*case) for case in zip(cases, ours, strict=True)]
    answers = ask("gconfid", {"audit": questions, "suppress": questions}, tmp_path)
    for audit in answers["audit"]:
        assert all(verdict == 0 for _, _, verdict in audit.values())
    print(f"\nsuppression in {took:.1f} s; withheld cells, ours and G-Confid's, and what our audit says of the latter:")
    for tables, mine, theirs in zip(cases, ours, answers["suppress"], strict=True):
        leaks = check(*tables, RULES, theirs).leaks
        print(f"{len(tables[0])} cells: {len(mine)} and {len(theirs)}, {len(leaks)} demands not met")
    assert sum(map(len, ours)) < 1.15 * sum(map(len, answers["suppress"]))
