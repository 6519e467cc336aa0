"""Receipts, and returns with explanations, that LibreOffice has saved again: nothing in them has changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import code_of
from office_conversion import convert
from own_workbook import packed, parts

from survey import cells, explanations, queries, receiptbook, receipttaking, returns
from survey import merge as merging
from survey import store as stores
from survey.errors import SurveyError
from survey.review import Review
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

B, P = "440305", "2025"
GOOD = "按合同进度确认收入，账表相符"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("receipt")


@pytest.fixture(scope="module")
def desk(folder: Path, small: Scheme) -> Iterator[Store]:
    """A district with a unit that is doubted and explained, one that is doubted, one that has not answered."""
    store = stores.create(folder / "desk.census", small, P, B)
    for number in (1, 2):
        unit = cells.add_unit(store, code_of(number), f"演示数据{number}", P)
        cells.write(store, unit, "2024", "revenue", 2000)
        for name, value in {"revenue": 9000, "main_revenue": 1000, "share": number / 3}.items():
            cells.write(store, unit, P, name, value)
    store.insert_unit(code_of(3), "演示数据3")
    for finding in list(Review(store, P).findings(not_evaluated=False)):
        if (finding.check, finding.unit) == ("F02", code_of(1)):
            explanations.explain(store, store.find_units([code_of(1)])[0], finding, GOOD, who="张")
    yield store
    store.close()


@pytest.fixture(scope="module")
def city(folder: Path, small: Scheme, desk: Store, texts: Texts) -> Iterator[Store]:
    """A city that has merged what LibreOffice made of the return."""
    store = stores.create(folder / "city.census", small, P, None)
    sent = returns.write(desk, folder / "return.xlsx", texts).path
    [report] = merging.merge(store, convert([sent], "xlsx", folder))
    assert report.error is None
    assert (report.enclosed.explained, report.enclosed.listed) == (1, 1)
    [again] = merging.merge(store, [sent])
    assert again.repeated
    yield store
    store.close()


@pytest.fixture(scope="module")
def resaved(folder: Path, city: Store, texts: Texts) -> Path:
    unit = city.find_units([code_of(2)])[0]
    cells.write(city, unit, P, "main_revenue", 1100, who="市", reason="与企业核实")
    queries.ask_all(city, queries.units_of(city), P, "市")
    queries.ask_freely(city, unit, P, "请说明主营收入的构成", "市")
    receiptbook.write(city, B, folder / "receipt.xlsx", texts, deadline="2026-03-31", who="市")
    return convert([folder / "receipt.xlsx"], "xlsx", folder)[0]


def test_a_return_that_libreoffice_saved_brings_its_explanations(city: Store) -> None:
    assert city.execute("SELECT text, who FROM explanation").fetchall() == [(GOOD, "张")]
    assert city.counts(P)["due"] == 1


def test_a_receipt_that_libreoffice_saved_is_the_same_receipt(resaved: Path, folder: Path, desk: Store) -> None:
    assert resaved.read_bytes() != (folder / "receipt.xlsx").read_bytes()
    first = receipttaking.take(desk, folder / "receipt.xlsx", dry_run=True)
    second = receipttaking.take(desk, resaved)
    assert second.receipt == first.receipt
    assert second.asked == len(second.receipt.asked) > 1
    assert receipttaking.take(desk, folder / "receipt.xlsx").repeated


def test_a_value_changed_in_what_libreoffice_saved_is_found(resaved: Path, desk: Store, folder: Path) -> None:
    found = parts(resaved)
    name = "xl/sharedStrings.xml"
    changed = found[name].replace("与企业核实".encode(), "与企业确认".encode(), 1)
    assert changed != found[name]
    with pytest.raises(SurveyError) as caught:
        receipttaking.take(desk, packed(folder / "changed.xlsx", found | {name: changed}))
    assert caught.value.code == "receipt.changed"
