"""Puts validation rules to the reference-minded engine of VTL, the language of official statistics."""

import json
import sys
from pathlib import Path

import pandas as pd
from vtlengine import run


def main(asked, told):
    question = json.loads(Path(asked).read_text(encoding="utf-8"))
    names, records, rules = question["names"], question["records"], question["rules"]
    told_rules = ";\n".join(f"R{at}: {rule}" for at, rule in enumerate(rules))
    script = (
        f"define datapoint ruleset checks (variable {', '.join(names)}) is\n{told_rules}\nend datapoint ruleset;\n"
        "verdicts <- check_datapoint(given, checks all);"
    )
    components = [{"name": "id", "type": "Integer", "role": "Identifier", "nullable": False}]
    components += [{"name": name, "type": "Number", "role": "Measure", "nullable": True} for name in names]
    table = pd.DataFrame(records, columns=names, dtype=float)
    table.insert(0, "id", range(len(table)))
    done = run(
        script=script,
        data_structures={"datasets": [{"name": "given", "DataStructure": components}]},
        datapoints={"given": table},
    )
    verdicts = [[None] * len(records) for _ in rules]
    for row in done["verdicts"].data.itertuples():
        verdicts[int(row.ruleid[1:])][int(row.id)] = None if pd.isna(row.bool_var) else bool(row.bool_var)
    Path(told).write_text(json.dumps(verdicts), encoding="utf-8")


main(*sys.argv[1:])
