"""The city's window over a million units: how long each page takes to come, and how long the window ever stands still.

CITY_UNITS is how many units the file has, CITY_FILE where it is kept from run to run.
"""

from __future__ import annotations

import os
from pathlib import Path
from time import perf_counter

import pytest
from desktop_desk import Desk
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from survey import store as stores
from survey.scheme import Scheme
from survey.store import Store

UNITS = int(os.environ.get("CITY_UNITS", "1000000"))
FILE = os.environ.get("CITY_FILE", "")
CONFLICTS = 400


@pytest.fixture(scope="module")
def city(cluster: Scheme, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city's file with the returns of all districts, a tenth of the units failing a check."""
    path = Path(FILE) if FILE else tmp_path_factory.mktemp("city") / "city.census"
    if not path.exists():
        store = stores.create(path, cluster, "2025", None)
        with store.atomic():
            _fill(store, list(cluster.districts.codes))
        store.close()
    return path


def _fill(store: Store, districts: list[str]) -> None:
    def at_home(at: int) -> str:
        return districts[at % len(districts)]

    def code(at: int) -> str:
        return f"9144030{at:011}"

    numbers = range(1, UNITS + 1)
    store.executemany(
        "INSERT INTO unit (id, uscc, name, district, sender, initials) VALUES (?, ?, ?, ?, ?, ?)",
        ((at, code(at), f"演示数据{at}号", at_home(at), at_home(at), f"yssj{at}h") for at in numbers),
    )
    store.executemany(
        "INSERT INTO response (id, unit, period, status) VALUES (?, ?, '2025', 'submitted')",
        ((at, at) for at in numbers),
    )
    sources = {}
    for district in districts:
        sources[district] = source = store.add_source(f"{district}.xlsx", "return", district, "")
        merge = store.execute(
            "INSERT INTO merge (source, district, period, sequence, digest, parent, at, new, changed, identical,"
            " conflicts, draft, units) VALUES (?, ?, '2025', 1, ?, '', '2026-03-01T09:00:00', ?, 0, 0, 0, 0, ?)",
            (source, district, district, UNITS // len(districts), UNITS // len(districts)),
        ).lastrowid
        store.executemany(
            f"INSERT INTO merge_member VALUES ({merge}, ?)",
            ((code(at),) for at in numbers if at_home(at) == district),
        )
        store.executemany(
            f"INSERT INTO merge_form VALUES ({merge}, ?, ?)",
            [(form, UNITS // len(districts)) for form in ("IC-01", "IC-02")],
        )
    store.executemany(
        "INSERT INTO form_IC_01 (response, source, source_row, segment) VALUES (?, ?, ?, ?)",
        ((at, sources[at_home(at)], at + 7, ("design", "manufacturing", "packaging")[at % 3]) for at in numbers),
    )
    store.executemany(
        "INSERT INTO form_IC_02 (response, source, source_row, revenue, main_revenue) VALUES (?, ?, ?, ?, ?)",
        ((at, sources[at_home(at)], at + 7, at * 37 % 100_000, at * 37 % 100_000 + (at % 10 == 0)) for at in numbers),
    )
    store.executemany(
        "INSERT INTO conflict (merge, uscc, period, kind, item, district, kept, offered)"
        " VALUES (1, ?, '2025', 'value', 'revenue', '440303', 1, 2)",
        [(code(at),) for at in range(1, CONFLICTS + 1)],
    )


class Heart:
    """Beats every few milliseconds as long as the window answers; the longest gap is how long it stood still."""

    def __init__(self) -> None:
        self._timer = QTimer()
        self._timer.timeout.connect(self._beat)
        self._timer.start(5)
        self.rest()

    def rest(self) -> None:
        self.longest, self._last = 0.0, perf_counter()

    def _beat(self) -> None:
        now = perf_counter()
        self.longest, self._last = max(self.longest, now - self._last), now


def test_every_page_answers(city: Path, qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    desk = Desk(qtbot, qapp, tmp_path)
    heart = Heart()

    def timed(what: str, work: object) -> None:
        qtbot.wait(50)
        heart.rest()
        start = perf_counter()
        work()  # type: ignore[operator]
        qtbot.waitUntil(lambda: not desk.window.busy, timeout=600_000)
        qtbot.wait(20)
        print(
            f"{what:14} there after {perf_counter() - start:6.2f} s, stood still at most {heart.longest * 1000:6.0f} ms"
        )

    print(f"\n{UNITS:,} units, {city.stat().st_size >> 20} MB")
    timed("open", lambda: desk.window.open_file(city))
    for again in ("", " again"):
        for name in desk.window.sidebar.shown:
            timed(name + again, lambda name=name: desk.window.go(name))
