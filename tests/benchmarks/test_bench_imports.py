"""A folder of filled questionnaires against bare calamine over the same files plus the same inserts."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import perf_counter

import pytest
from conftest import code_of
from python_calamine import CalamineWorkbook
from questionnaire_writer import fill

from survey import cells, imports, questionnairebook
from survey import store as stores
from survey.questionnairefile import Sent
from survey.questionnairefilled import Filled
from survey.scheme import Scheme
from survey.sql import quote
from survey.store import Store
from survey.texts import Texts

UNITS = int(os.environ.get("QUESTIONNAIRES", "500"))
ROUNDS = 3


def desk(path: Path, cluster: Scheme) -> Store:
    """A district's register, of which nobody has answered yet."""
    path.unlink(missing_ok=True)
    store = stores.create(path, cluster, "2025", "440305")
    with store.atomic():
        for at in range(1, UNITS + 1):
            cells.add_unit(store, code_of(at), f"演示数据{at}", "2025")
    return store


@pytest.fixture
def folder(cluster: Scheme, texts: Texts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The questionnaires as they come back: everything in them was filled in by the enterprise."""

    def nothing(_self: Filled) -> Iterator[Sent]:
        return iter(())

    monkeypatch.setattr(Filled, "sent", nothing)
    store = desk(tmp_path / "full.census", cluster)
    dice = random.Random(1)
    units = [unit for (unit,) in store.execute("SELECT id FROM unit WHERE kind = 'unit'").fetchall()]
    with store.atomic():
        for unit in units:
            fill(store, unit, "2025", dice)
    questionnairebook.write_each(store, units, "2025", tmp_path / "back", texts)
    store.close()
    return tmp_path / "back"


def bare(paths: list[Path]) -> float:
    """Every sheet of every file, read by the library alone."""
    start = perf_counter()
    for path in paths:
        with closing(CalamineWorkbook.from_path(str(path))) as book:
            for sheet in book.sheet_names:
                book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return perf_counter() - start


def inserts(source: Store, empty: Store) -> float:
    """The rows that the import has brought, written once more without a thought."""
    rows = {form: source.execute(f"SELECT * FROM {form.table}").fetchall() for form in source.scheme.forms}
    start = perf_counter()
    with empty.atomic():
        for form, found in rows.items():
            empty.execute(f"DELETE FROM {form.table}")
            keys = ["response", *(["line"] if form.is_list else [])]
            names = [*keys, *(quote(item.name) for item in form.items), "source", "source_row"]
            marks = ", ".join("NULL" if name in ("source",) else "?" for name in names)
            at = names.index("source")
            empty.executemany(
                f"INSERT INTO {form.table} ({', '.join(names)}) VALUES ({marks})",
                [(*row[:at], *row[at + 1 :]) for row in found],
            )
    return perf_counter() - start


def test_a_folder_of_questionnaires_against_calamine_and_inserts(cluster: Scheme, folder: Path, tmp_path: Path) -> None:
    paths = sorted(folder.iterdir())
    size = sum(path.stat().st_size for path in paths) / len(paths) / 1024
    ours, reading, writing = [], [], []
    for _ in range(ROUNDS):
        with closing(desk(tmp_path / "desk.census", cluster)) as store:
            start = perf_counter()
            report = imports.import_files(store, paths)
            ours.append(perf_counter() - start)
            assert (report.changed, report.unread, report.collisions) == (UNITS, 0, [])
            reading.append(bare(paths))
            with closing(desk(tmp_path / "plain.census", cluster)) as empty:
                writing.append(inserts(store, empty))
    floor = min(reading) + min(writing)
    print(f"\n{UNITS} questionnaires of {size:.0f} kB: {min(ours):.2f} s, {min(ours) / UNITS * 1000:.1f} ms each")
    print(f"calamine {min(reading):.2f} s, inserts {min(writing):.2f} s, ratio {min(ours) / floor:.2f}")
    assert min(ours) < 1.5 * floor
