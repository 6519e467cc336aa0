"""The survey file: nothing lost, nothing foreign opened, every change kept."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import code_of

from survey import cells
from survey import store as stores
from survey.errors import SurveyError
from survey.migrations import MIGRATIONS
from survey.scheme import Scheme
from survey.store import Store


def test_a_written_cell_is_read_back_and_its_change_is_kept(district: Store) -> None:
    unit = cells.add_unit(district, code_of(1), "演示数据", "2025")
    cells.write(district, unit, "2025", "revenue", 100)
    cells.write(district, unit, "2025", "revenue", 200, who="张", reason="企业更正")
    cells.write(district, unit, "2025", "revenue", None)
    assert "revenue" not in cells.read(district, unit, "2025").values
    rows = district.execute("SELECT item, old, new, who, reason FROM change ORDER BY id").fetchall()
    assert rows == [
        ("revenue", None, 100, "", ""),
        ("revenue", 100, 200, "张", "企业更正"),
        ("revenue", 200, None, "", ""),
    ]


def test_changes_cannot_be_altered_and_are_chained(district: Store) -> None:
    unit = cells.add_unit(district, code_of(1), "演示数据", "2025")
    cells.write(district, unit, "2025", "revenue", 1)
    cells.write(district, unit, "2025", "revenue", 2)
    hashes = [row[0] for row in district.execute("SELECT hash FROM change")]
    assert len(set(hashes)) == 2
    for sql in ("UPDATE change SET new = 5", "DELETE FROM change"):
        with pytest.raises(sqlite3.IntegrityError, match="append only"):
            district.execute(sql)


def test_zero_and_blank_differ(district: Store) -> None:
    unit = cells.add_unit(district, code_of(1), "演示数据", "2025")
    cells.write(district, unit, "2025", "revenue", 0)
    assert cells.read(district, unit, "2025").values["revenue"] == 0
    assert "main_revenue" not in cells.read(district, unit, "2025").values


def test_a_code_belongs_to_one_unit(district: Store) -> None:
    first = cells.add_unit(district, code_of(1), "甲", "2025")
    cells.add_unit(district, code_of(2), "乙", "2025")
    with pytest.raises(SurveyError, match="unit_exists"):
        cells.add_unit(district, code_of(1), "丙", "2025")
    with pytest.raises(SurveyError, match="unit_exists"):
        cells.write(district, first, "2025", "uscc", code_of(2))
    assert cells.read(district, first, "2025").values["uscc"] == code_of(1)


def test_a_new_file_never_replaces_an_old_one(district: Store, small: Scheme) -> None:
    with pytest.raises(SurveyError, match="exists"):
        stores.create(district.path, small, "2025", "440305")


@pytest.mark.parametrize(("period", "code", "error"), [("25", "440305", "period"), ("2025", "999", "district")])
def test_a_file_that_cannot_be_made_leaves_nothing_behind(
    tmp_path: Path, small: Scheme, period: str, code: str, error: str
) -> None:
    with pytest.raises(SurveyError, match=error):
        stores.create(tmp_path / "new.census", small, period, code)
    assert list(tmp_path.iterdir()) == []


def test_the_scheme_travels_in_the_file(district: Store, small: Scheme) -> None:
    district.close()
    again = stores.open(district.path)
    assert again.scheme.digest == small.digest
    assert (again.period, again.district, again.is_city) == ("2025", "440305", False)
    again.close()


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"", "not_ours"), (b"no database at all, just text " * 40, "not_ours"), (None, "no_file")],
)
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes | None, error: str) -> None:
    path = tmp_path / "x.census"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SurveyError, match=error):
        stores.open(path)
    if content is not None:
        assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.census"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE mine (a)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(SurveyError, match="not_ours"):
        stores.open(path)
    assert path.read_bytes() == before


def test_a_file_of_a_newer_program_is_refused(district: Store) -> None:
    district.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, 'm999', '')", [MIGRATIONS.name]
    )
    district.close()
    with pytest.raises(SurveyError, match="file_newer"):
        stores.open(district.path)


def test_a_damaged_file_is_told_as_such(district: Store) -> None:
    district.close()
    with district.path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 20000)
    with pytest.raises(SurveyError, match=r"damaged|not_ours"):
        stores.open(district.path)


def test_a_full_disk_is_said_and_what_was_there_stays(district: Store) -> None:
    unit = cells.add_unit(district, code_of(1), "演示数据", "2025")
    cells.write(district, unit, "2025", "revenue", 7)
    pages = district.execute("PRAGMA page_count").fetchone()[0]
    district.execute(f"PRAGMA max_page_count = {pages}")

    def write_on_and_on() -> None:
        for number in range(1000):
            cells.write(district, unit, "2025", "name", "演" * 50 + str(number))

    with pytest.raises(SurveyError, match="disk_full"):
        write_on_and_on()
    district.execute("PRAGMA max_page_count = 1000000")
    assert cells.read(district, unit, "2025").values["revenue"] == 7


def test_units_stand_as_they_came_and_are_counted(district: Store) -> None:
    for number, name in enumerate(("演示甲", "演示乙", "别家")):
        cells.add_unit(district, code_of(number), name, "2025")
    assert [unit.name for unit in district.unit_list("2025")] == ["演示甲", "演示乙", "别家"]
    assert district.counts("2025") == {"units": 3, "due": 0, "in_progress": 3}
    assert district.counts("2024") == {"units": 3, "due": 3}


_WRITER = """
import sys
from pathlib import Path
from survey import cells, store
opened = store.open(Path(sys.argv[1]))
unit = opened.find_unit(sys.argv[2])
for value in range(1, 100000):
    cells.write(opened, unit, "2025", "revenue", value)
    print(value, flush=True)
"""


def test_a_killed_program_loses_at_most_the_cell_being_typed(district: Store) -> None:
    unit = cells.add_unit(district, code_of(1), "演示数据", "2025")
    district.close()
    for _ in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(district.path), code_of(1)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        said = [int(next(writer.stdout)) for _ in range(12)][-1]
        os.kill(writer.pid, signal.SIGKILL)
        said = max([said, *(int(line) for line in writer.stdout.read().split())])
        writer.stdout.close()
        writer.wait()
        again = stores.open(district.path)
        kept = cells.read(again, unit, "2025").values["revenue"]
        assert kept in (said, said + 1)
        assert again.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        again.close()
