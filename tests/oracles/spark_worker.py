"""Puts the same definitions to Spark over a published folder: all figures, whole and by every dimension."""

import json
import sys
from pathlib import Path

from indicators import definition
from indicators.computation import Computation
from indicators.engines import engine_of
from survey import store as stores


def main(asked, told):
    question = json.loads(Path(asked).read_text(encoding="utf-8"))
    store = stores.open(Path(question["file"]), readonly=True)
    with engine_of(store, "spark", Path(question["published"])) as spark:
        computation = Computation(store, definition.load(store.scheme), engine=spark)
        values = [*computation.figures(store.period), *computation.breakdowns(store.period)]
    store.close()
    Path(told).write_text(json.dumps([vars(one) for one in values], ensure_ascii=False), encoding="utf-8")


main(*sys.argv[1:])
