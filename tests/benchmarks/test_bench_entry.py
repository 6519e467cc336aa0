"""Entry: how long a form takes to draw, and a keystroke to its findings, on the scheme that is shipped."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
from desktop_desk import Desk, offscreen
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import demo, paths, sample
from desktop.entry_page import EntryPage
from survey import scheme as schemes
from survey import store as stores

pytestmark = offscreen


@pytest.fixture
def entry(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> EntryPage:
    """A unit of the sample is open."""
    scheme = schemes.load(paths.scheme_folder(demo.SCHEME))
    wanted = sample.parameters(paths.sample_parameters(demo.SCHEME))
    store = stores.create(tmp_path / "desk.census", scheme, "2025", "440305")
    units = sample.generate(wanted, list(scheme.districts.codes), 60, 1)
    sample.fill(store, [unit for unit in units if unit.district == "440305"], wanted, 1)
    store.close()
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(tmp_path / "desk.census")
    page = desk.window.page("units")
    page.open_unit(1)  # type: ignore[attr-defined]
    return page.entry  # type: ignore[attr-defined]


def timed(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return (perf_counter() - start) * 1000


def test_the_largest_form_is_drawn(entry: EntryPage, qapp: QApplication) -> None:
    forms = entry.session.forms
    sizes = {at: len(form.rows) for at, form in enumerate(forms)}
    largest = max((at for at in sizes if forms[at].layout != "fields"), key=lambda at: sizes[at])
    tracemalloc.start()
    took = timed(lambda: (entry.show_form(largest), qapp.processEvents()))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(
        f"\n{forms[largest].id}, {sizes[largest]} rows: drawn in {took:.1f} ms traced, {held / 1e3:.0f} kB of objects"
    )
    again = timed(lambda: (entry.open(1, "2025"), qapp.processEvents()))
    print(f"the unit opened anew: {again:.1f} ms")


def test_a_keystroke_to_its_findings(entry: EntryPage) -> None:
    entry.go_to("revenue")
    session = entry.session
    checks = len(session._checks.compiled)
    whole = [timed(lambda value=value: session.commit("revenue", 100_000 + value)) for value in range(60)]
    bare = [timed(lambda value=value: _bare(session.store, value)) for value in range(60)]
    print(
        f"\na cell on disk, {checks} checks, computed items and the page: {median(whole):.2f} ms;"
        f" one committed row alone: {median(bare):.2f} ms"
    )


def _bare(store: stores.Store, value: int) -> None:
    """What cannot be avoided: one value, on disk."""
    with store.atomic():
        store.set_desk("benchmark", str(value))
