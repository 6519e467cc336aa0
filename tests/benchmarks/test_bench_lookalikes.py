"""A search for look-alikes, against reading the same columns and RapidFuzz over as many pairs.

UNITS is how many units the file holds.
"""

from __future__ import annotations

import gc
import os
import resource
from collections.abc import Callable
from time import perf_counter

import numpy as np
import pytest
from alike_units import Maker
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from survey import lookalikes
from survey import store as stores
from survey.initials import initials
from survey.scheme import Scheme
from survey.store import Store

UNITS = int(os.environ.get("UNITS", "11000"))
COLUMNS = ("uscc", "name", "district", "phone", "address", "legal_representative", "parent_uscc")


@pytest.fixture(scope="module")
def city(cluster: Scheme, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A city's file of invented enterprises of which every fifth stands twice."""
    store = stores.create(tmp_path_factory.mktemp("city") / "city.census", cluster, "2025", None)
    firms = Maker(1).labelled(int(UNITS / 1.37))
    codes: dict[str, int] = {}
    with store.atomic():
        for firm in firms:
            at = codes.setdefault(firm.uscc, len(codes) + 1)
            if at < len(codes):
                continue
            store.execute(
                "INSERT INTO unit (id, uscc, name, district, initials) VALUES (?, ?, ?, ?, ?)",
                (at, firm.uscc, firm.name.strip(), firm.district, initials(firm.name[:4])),
            )
            store.execute("INSERT INTO response (id, unit, period, status) VALUES (?, ?, '2025', 'checked')", (at, at))
            store.execute(
                f"INSERT INTO form_ic_01 (response, {', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (at, firm.uscc, firm.name, firm.district, firm.phone, firm.address, firm.person, firm.parent or None),
            )
            store.execute(
                "INSERT INTO form_ic_02 (response, revenue, total_profit) VALUES (?, ?, ?)",
                (at, int(firm.figures[0]), int(firm.figures[1])),
            )
    return store


def timed(work: Callable[[], object]) -> float:
    gc.collect()
    start = perf_counter()
    work()
    return perf_counter() - start


def bare(store: Store, count: int) -> None:
    """What cannot be avoided: the columns read, as many names compared as the search compares pairs."""
    rows = store.execute(
        f"SELECT {', '.join(COLUMNS)} FROM form_ic_01 JOIN response r ON r.id = response WHERE r.period = '2025'"
    ).fetchall()
    names = np.array([row[1] for row in rows], object)
    dice = np.random.default_rng(1)
    one, other = (names[dice.integers(0, len(names), count)] for _ in range(2))
    cpdist(one, other, scorer=OSA.distance, score_cutoff=1)


def test_searching_look_alikes_against_reading_and_rapidfuzz(city: Store) -> None:
    units = list(lookalikes.known(city, "2025"))
    found = lookalikes.search(city, "2025")
    pairs = max(len(lookalikes.shared(units)), 1)
    best = min(timed(lambda: lookalikes.search(city, "2025")) for _ in range(2))
    floor = min(timed(lambda: bare(city, pairs)) for _ in range(3))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"\n{found.units} units, {pairs} pairs share a key, {found.compared} compared, {len(found.groups)} groups")
    print(f"{best:.2f} s, floor {floor:.2f} s, ratio {best / floor:.1f}; peak memory {peak} MB")
