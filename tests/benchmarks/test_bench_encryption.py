"""An encrypted survey file against the same file unencrypted: opening, reading, checking, entering, importing many.

ENCRYPTED_UNITS is how many units the file has.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest

from desktop import paths, sample
from survey import cells, keyring
from survey import store as stores
from survey.encryption import protect
from survey.review import Review
from survey.scheme import Scheme
from survey.store import Store

UNITS = int(os.environ.get("ENCRYPTED_UNITS", "5000"))
WORD = "a passphrase of some length"
TIMES = 5


@pytest.fixture(scope="module")
def files(cluster: Scheme, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same answers, plain and encrypted."""
    folder = tmp_path_factory.mktemp("encrypted")
    wanted = sample.parameters(paths.sample_parameters("ic-cluster"))
    store = stores.create(folder / "plain.census", cluster, "2025", None)
    sample.fill(store, sample.generate(wanted, list(cluster.districts.codes), UNITS, 3), wanted, 3)
    store.close()
    encrypted = Path(shutil.copy(store.path, folder / "encrypted.census"))
    start = perf_counter()
    protect(encrypted, WORD)
    print(f"\n{UNITS} units, {store.path.stat().st_size >> 20} MB: encrypted in {perf_counter() - start:.2f} s")
    return store.path, encrypted


def timed(work: Callable[[], object]) -> float:
    gc.collect()
    start = perf_counter()
    work()
    return perf_counter() - start


def _enter(store: Store) -> None:
    """A hundred cells, each on the disk before the next."""
    units = [row.id for row in store.unit_list("2025")[:100]]
    for unit in units:
        cells.write(store, unit, "2025", "revenue", int(perf_counter() * 1e6) % 1_000_000)


def _add(store: Store) -> None:
    with store.atomic():
        at = int(perf_counter() * 1e6)
        rows = [(f"{at}-{one}", "演示数据", "") for one in range(50_000)]
        store.executemany("INSERT INTO unit (uscc, name, district) VALUES (?, ?, ?)", rows)


WORK: dict[str, Callable[[Store], object]] = {
    "units listed": lambda store: store.unit_list("2025"),
    "all checks": lambda store: list(Review(store, "2025").findings()),
    "a form read whole": lambda store: store.execute("SELECT sum(revenue) FROM form_IC_02").fetchone(),
    "100 cells entered": _enter,
    "50,000 units added": _add,
}


def test_encrypted_against_plain(files: tuple[Path, Path]) -> None:
    plain, encrypted = files
    opened = [min(timed(lambda path=path: stores.open(path).close()) for _ in range(TIMES)) for path in files]
    print(f"opened, the key known: {opened[1] * 1e3:.1f} ms against {opened[0] * 1e3:.1f}, {opened[1] / opened[0]:.2f}")
    print(f"key from the passphrase, once a run: {timed(lambda: keyring.unlock(encrypted, WORD)) * 1e3:.0f} ms")
    both = stores.open(plain), stores.open(encrypted)
    for name, work in WORK.items():
        runs = [(timed(lambda work=work: work(both[0])), timed(lambda work=work: work(both[1]))) for _ in range(TIMES)]
        floor, ours = (min(side) for side in zip(*runs, strict=True))
        first = runs[0][1] / runs[0][0]
        print(
            f"{name:20} {ours * 1e3:8.1f} ms against {floor * 1e3:8.1f}: {ours / floor:.2f}; the first time {first:.2f}"
        )
    for store in both:
        store.close()
