"""Puts questions to Banff (Statistics Canada): error localisation, edit statistics, outliers."""

import json
import sys
from pathlib import Path

import banff
import pandas as pd


def frame(records):
    table = pd.DataFrame(records, dtype=float)
    table.insert(0, "ident", [f"R{at:06}" for at in range(len(table))])
    return table


def rows(table):
    return table.to_pandas().to_dict("records")


def localise(case):
    """The fields to impute of each record by position; None where Banff gave up."""
    weights = {"weights": case["weights"]} if case["weights"] else {}
    done = banff.errorloc(
        indata=frame(case["records"]), unit_id="ident", edits=case["edits"], accept_negative=True, seed=case["seed"],
        cardinality=100, time_per_obs=60, capture=True, **weights,
    )  # fmt: skip
    found = [[] for _ in case["records"]]
    for row in rows(done.outstatus):
        found[int(row["ident"][1:])].append(row["FIELDID"])
    for row in rows(done.outreject):
        found[int(row["ident"][1:])] = None
    return found


def statistics(case):
    """How many records pass, miss and fail an edit."""
    done = banff.editstats(indata=frame(case["records"]), edits=case["edit"], accept_negative=True, capture=True)
    [row] = rows(done.outedit_status)
    return [int(row[key]) for key in ("OBS_PASSED", "OBS_MISSED", "OBS_FAILED")]


def outliers(case):
    """The positions of the values that Hidiroglou and Berthelot's method would have imputed."""
    now, before = frame(case["now"]), frame(case["before"])
    done = banff.outlier(
        indata=now, indata_hist=before, unit_id="ident", var="x", with_var="x", method="HISTORIC", side="BOTH",
        exponent=case["exponent"], mdm=case["floor"], mii=case["limit"], min_obs=10, capture=True,
    )  # fmt: skip
    return sorted(int(row["ident"][1:]) for row in rows(done.outstatus))


def main(asked, told):
    question = json.loads(Path(asked).read_text(encoding="utf-8"))
    answer = {kind: [globals()[kind](case) for case in cases] for kind, cases in question.items()}
    Path(told).write_text(json.dumps(answer), encoding="utf-8")


main(*sys.argv[1:])
