"""Merges returns into a city's file and says when it begins: `python merge_runner.py CITY RETURN...`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from survey import store as stores
from survey.merge import merge

if __name__ == "__main__":
    opened = stores.open(Path(sys.argv[1]))
    print("begun", flush=True)
    merge(opened, [Path(name) for name in sys.argv[2:]])
    opened.close()
