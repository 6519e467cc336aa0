"""Whichever page of a file is damaged, all rows of the others are saved, and what is lost is told.

`make faults` damages every page, by nothing and by noise, and prints what came of it; what the suite does is a sample.
"""

from __future__ import annotations

import os
import random
import sys
from contextlib import closing
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from conftest import code_of
from damaging import Damage
from doer import TEXTS, WORD
from states import DATA

from survey import cells, journal
from survey import scheme as schemes
from survey import store as stores
from survey.encryption import protect

FEW = 12
ALL = "TRIES" in os.environ
UNITS = 150
SCHEME = DATA / "scheme2"


def made(folder: Path, *, encrypted: bool) -> Damage:
    """A file with pages of all kinds: tables of one page and of many, freed pages, a log of what was done."""
    path = folder / "desk.census"
    with closing(stores.create(path, schemes.load(SCHEME), "2025", "440305")) as store, store.atomic():
        for number in range(UNITS):
            unit = cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")
            cells.write(store, unit, "2025", "revenue", number)
            cells.write(store, unit, "2025", "product_revenue", number, line=1)
            journal.record(store, "viewed", code_of(number))
        for number in range(2 * UNITS):
            store.execute("INSERT INTO note VALUES (NULL, 1, '2025', ?, '演示数据', '', '', '')", (str(number),))
        store.execute("DELETE FROM note WHERE id % 8 > 0 AND id < 250")
    if encrypted:
        protect(path, WORD)
    return Damage(path, TEXTS, [SCHEME])


@pytest.mark.parametrize("encrypted", [False, True])
def test_whichever_page_is_damaged_the_rows_of_the_others_are_saved(
    tmp_path: Path, encrypted: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    damage, dice = made(tmp_path, encrypted=encrypted), random.Random(None if ALL else 7)
    pages = range(1, damage.pages + 1)
    for page in pages if ALL else dice.sample(pages, FEW):
        damage.zero(page)
    for page in pages if ALL else dice.sample(pages, FEW):
        damage.noise(page, dice)
    for _ in range(len(pages) if ALL else FEW):
        damage.cut(dice.randrange(1, damage.pages * 4096))
    damage.beginning(dice)
    if ALL:
        with capsys.disabled():
            kind = "encrypted" if encrypted else "plain"
            print(f"\ndamage     {kind:10} {damage.pages} pages {dict(damage.told.outcomes)}", end="")
    assert damage.told.wrong == []
