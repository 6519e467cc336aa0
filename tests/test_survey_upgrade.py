"""A file taken to a later version of its scheme, and what differs between two versions."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import code_of
from desktop_desk import Desk, offscreen
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from desktop.cli import main
from survey import cells, notes
from survey import scheme as schemes
from survey import store as stores
from survey.errors import SurveyError
from survey.review import Review
from survey.scheme import Scheme
from survey.schemediff import differences
from survey.store import Store
from survey.texts import Texts
from survey.upgrade import upgrade

pytestmark = offscreen


@pytest.fixture
def later(data: Path) -> Scheme:
    return schemes.load(data / "scheme2")


@pytest.fixture
def filled(district: Store) -> int:
    """A unit with answers to the earlier version, in two years."""
    unit = cells.add_unit(district, code_of(1), "演示数据", "2025")
    for name, value in {"revenue": 1000, "total_profit": 50, "founded": "2001-05", "segment": "manufacturing"}.items():
        cells.write(district, unit, "2025", name, value)
    cells.write(district, unit, "2024", "revenue", 900)
    return unit


def test_answers_are_carried_renamed_recoded_filled_and_computed(district: Store, filled: int, later: Scheme) -> None:
    report = upgrade(district, later)
    path = district.path
    district.close()
    opened = stores.open(path)
    found = cells.read(opened, filled, "2025").values
    assert opened.scheme.version == "0.2"
    assert (found["revenue"], found["began"], found["segment"]) == (1000, "2001-05", "fab")
    assert (found["size_class"], found["profit_rate"]) == ("small", 5.0)
    assert cells.read(opened, filled, "2024").values["revenue"] == 900
    assert report.renamed == {"founded": ("began", 1)}
    assert (report.recoded, report.filled) == ({"segment": 1}, {"size_class": 1})
    assert "T-03.01" in report.added
    cells.write(opened, filled, "2025", "product_revenue", 7, line=1)
    assert cells.read(opened, filled, "2025").values["sold"] == 7
    opened.close()


def test_notes_and_second_entries_go_along_with_their_items(district: Store, filled: int, later: Scheme) -> None:
    notes.add(district, filled, "2025", "见营业执照", item="founded")
    district.executemany(
        "INSERT INTO second_entry (unit, period, item, value, who, at) VALUES (?, '2025', ?, ?, '', '')",
        [(filled, "founded", "2001-06"), (filled, "segment", "manufacturing"), (filled, "revenue", 7)],
    )
    upgrade(district, later)
    assert [one.item for one in notes.of_unit(district, filled, "2025")] == ["began"]
    kept = district.execute("SELECT item, value FROM second_entry ORDER BY item").fetchall()
    assert kept == [("began", "2001-06"), ("revenue", 7), ("segment", "fab")]


def test_the_file_as_it_was_is_kept_beside_it(district: Store, filled: int, later: Scheme) -> None:
    report = upgrade(district, later)
    assert report.copy
    before = stores.open(report.copy)
    assert before.scheme.version == "0.1"
    assert cells.read(before, filled, "2025").values["founded"] == "2001-05"
    before.close()


def test_what_the_new_version_has_no_place_for_stays_in_the_record(district: Store, filled: int, data: Path) -> None:
    files = schemes.read_files(data / "scheme2")
    files["migrations.toml"] = '["0.1"]\ndropped = ["founded"]\n'
    report = upgrade(district, schemes.read(files))
    assert report.dropped == {"founded": 1}
    assert report.unknown == {("segment", "manufacturing"): 1}
    kept = district.execute("SELECT old, new FROM change WHERE item = 'founded' ORDER BY id DESC LIMIT 1").fetchone()
    assert kept == ("2001-05", None)


def test_a_dry_run_leaves_the_file_as_it_was(district: Store, filled: int, later: Scheme) -> None:
    report = upgrade(district, later, dry_run=True)
    assert (report.copy, report.after) == (None, "0.2")
    path = district.path
    district.close()
    again = stores.open(path)
    assert again.scheme.version == "0.1"
    assert cells.read(again, filled, "2025").values["founded"] == "2001-05"
    again.close()


def test_a_scheme_that_does_not_say_how_is_refused(district: Store, small: Scheme) -> None:
    with pytest.raises(SurveyError) as caught:
        upgrade(district, small)
    assert caught.value.code == "no_upgrade"


def test_every_difference_between_two_versions_is_told(small: Scheme, later: Scheme) -> None:
    found = {(one.kind, one.what, one.place, one.part) for one in differences(small, later)}
    assert {
        ("added", "form", "T-03", ""),
        ("added", "item", "T-03 product_revenue", ""),
        ("removed", "item", "T-01 founded", ""),
        ("changed", "item", "T-01 backbone", "skip"),
        ("added", "code", "segment eda", ""),
        ("added", "check", "T03-01", ""),
        ("changed", "scheme", "test", "version"),
        ("added", "derived", "size_class 1", ""),
    } <= found
    assert differences(later, later) == []


def test_the_command_line_compares_and_updates(district: Store, filled: int, data: Path, texts: Texts) -> None:
    path = district.path
    district.close()
    run = CliRunner()
    compared = run.invoke(main, ["scheme", "diff", str(data / "scheme"), str(data / "scheme2")])
    assert compared.exit_code == 1
    assert "新增指标 T-03 product_revenue 收入" in compared.output
    done = run.invoke(main, ["scheme", "update", str(path), "--scheme", str(data / "scheme2")])
    assert done.exit_code == 0, done.output
    assert texts("upgrade.renamed", old="founded", new="began", label="成立时间", count=1) in done.output


@pytest.fixture
def old(tmp_path: Path, data: Path) -> Path:
    """A district's file as version 0.1 of the program wrote it."""
    path = tmp_path / "old.census"
    path.write_bytes(gzip.decompress((data / "old" / "district-0.1.census.gz").read_bytes()))
    return path


def test_a_file_of_the_first_version_opens_under_the_scheme_of_today(old: Path, cluster: Scheme) -> None:
    opened = stores.open(old)
    assert opened.scheme.version == "0.1"
    assert list(old.parent.glob("old-*.bak")), "a copy is kept before the file's own tables change"
    assert opened.execute("SELECT initials FROM unit LIMIT 1").fetchone()[0].startswith("yssj")
    before = {unit.id: cells.read(opened, unit.id, "2025").values for unit in opened.unit_list("2025")}
    report = upgrade(opened, cluster)
    assert (report.after, report.dropped, report.unknown) == (cluster.version, {}, {})
    opened.close()
    again = stores.open(old)
    for unit, answers in before.items():
        now = cells.read(again, unit, "2025").values
        assert answers.items() <= now.items()
        margin = 100 * float(answers["total_profit"] or 0) / float(answers["revenue"] or 0)
        assert now["profit_margin"] == pytest.approx(margin, abs=0.006)
    assert sum(tally.passed for tally in Review(again, "2025").tally().values()) > 400
    again.close()


def test_the_window_offers_the_later_version_and_reports(
    old: Path, qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    desk = Desk(qtbot, qapp, tmp_path)
    told: list[str] = []

    def answer() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            QTimer.singleShot(20, answer)
            return
        told.append(box.text())
        if len(told) == 1:
            QTimer.singleShot(0, answer)
            box.defaultButton().click()
        else:
            box.accept()

    QTimer.singleShot(0, answer)
    desk.open(old)
    assert "0.1" in told[0]
    assert "1.0" in told[1]
    assert desk.window.desk is not None
    assert desk.window.desk.store.scheme.version == "1.0"
    assert len(list(tmp_path.glob("old-*.census.bak"))) == 2, "before the tables changed, and before the scheme did"
