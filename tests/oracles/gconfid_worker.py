"""Puts questions to G-Confid (Statistics Canada): sensitivity of cells, audit of a pattern, suppression."""

import json
import sys
from pathlib import Path

import gconfid
import pandas as pd


def cells(case):
    """The cells in their order, numbered from 1; `S` is what is sensitive, `X` what is withheld."""
    withheld = set(case.get("withheld", ()))
    return pd.DataFrame([
        {
            "CellId": float(at), "TotalNoise": value, "Sensitivity": sensitivity, "Type": "C", "NetVariation": 0.0,
            "Status": "S" if sensitivity > 0 else "V", "OutStatus": "X" if name in withheld else "P",
        }
        for at, (name, value, sensitivity) in enumerate(case["cells"], 1)
    ])  # fmt: skip


def relations(case):
    number = {name: float(at) for at, (name, _, _) in enumerate(case["cells"], 1)}
    return pd.DataFrame([
        {"ConstraintId": float(at), "CellId": number[name], "Coefficient": coefficient}
        for at, terms in enumerate(case["relations"], 1)
        for name, coefficient in terms
    ])  # fmt: skip


def named(case, found):
    names = [name for name, _, _ in case["cells"]]
    return [(names[int(row["CellId"]) - 1], row) for row in found.to_pandas().to_dict("records")]


def audit(case):
    """The least and greatest value of each withheld cell, and 0 protected, 1 not enough, 2 exactly disclosed.

    Version 2.0.4 looks at no cell at all where no relation has two withheld cells, so one such relation is added.
    """
    more = {
        "cells": [*case["cells"], ("+1", 1.0, -1.0), ("+2", 1.0, -1.0), ("+", 2.0, -1.0)],
        "relations": [*case["relations"], [("+1", 1.0), ("+2", 1.0), ("+", -1.0)]],
        "withheld": [*case["withheld"], "+1", "+2"],
    }
    done = gconfid.Auditing(
        incell=cells(more), inconstraint=relations(more), lb_factor=0.0, ub_factor=2.0, capture=True
    )
    found = {
        name: [row["MinValue"], row["MaxValue"], row["ProblemIndicator"]] for name, row in named(more, done.outaudit)
    }
    return {name: found[name] for name, _, _ in case["cells"] if name in found}


def suppress(case):
    """The cells that are withheld."""
    given = cells(case).drop(columns=["OutStatus", "NetVariation"])
    done = gconfid.Suppression(
        incell=given,
        inconstraint=relations(case),
        cost_function1="Size",
        cost_function2="Information",
        capture=True,
    )
    return [name for name, row in named(case, done.outsuppress) if row["OutStatus"] == "X"]


def sensitivity(case):
    """The sensitivity of each sum of contributions by the p% rule; above 0 it is sensitive."""
    rows = [
        {"Key": who, "Amount": value, "Place": str(at)}
        for at, shares in enumerate(case["sums"], 1)
        for who, value in shares
    ]
    done = gconfid.sensitiv(
        indata=pd.DataFrame(rows), unit_id="Key", var="Amount", dimension="Place",
        hierarchy=f"0 {' '.join(str(at) for at in range(1, len(case['sums']) + 1))};", s_rule=f"pq {case['p'] / 100}",
        outcell="pandas", outconstraint="pandas", capture=True, tolerance=0.0,
    )  # fmt: skip
    found = {str(row["Place"]): row["Sensitivity"] for row in done.outcell.to_dict("records")}
    return [found[str(at)] for at in range(1, len(case["sums"]) + 1)]


def main(asked, told):
    question = json.loads(Path(asked).read_text(encoding="utf-8"))
    answer = {kind: [globals()[kind](case) for case in cases] for kind, cases in question.items()}
    Path(told).write_text(json.dumps(answer), encoding="utf-8")


main(*sys.argv[1:])
