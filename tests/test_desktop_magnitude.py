"""Wrong units of measure on the command line, and undoing what was accepted at the unit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import code_of
from ordinary_units import amounts, desk_of, put, write

from desktop.cli import main
from desktop.session import Session
from survey import magnitude
from survey import store as stores
from survey.scheme import Scheme
from survey.texts import LANGUAGES, load

WRONG = 7


@pytest.fixture
def file(tmp_path: Path, lists: Scheme) -> Iterator[Path]:
    """One unit reports everything in yuan, another one amount."""
    path = tmp_path / "desk.census"
    store = desk_of(path, lists)
    write(store, WRONG, 2025, amounts(WRONG - 1, 2025, 1000))
    put(store, 9, rd_expenditure=amounts(8, 2025)["rd_expenditure"] * 1000)
    store.close()
    return path


def call(*arguments: object, code: int) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def test_proposals_are_told_before_and_after_in_words(file: Path) -> None:
    told = call("magnitude", file, code=1)
    revenue = amounts(WRONG - 1, 2025, 1000)["revenue"]
    assert f"{code_of(WRONG - 1)}　演示数据{WRONG - 1}　全部金额约大 1,000 倍，应除以 1,000　可直接采用" in told
    assert (
        f"营业收入（301）{revenue:,} → {round(revenue / 1000):,}　上年 {amounts(WRONG - 1, 2024)['revenue']:,}" in told
    )
    assert "研究开发费用合计（7）约大 1,000 倍，应除以 1,000" in told
    assert "存疑原因：只有一项金额不合" in told
    assert "共 2 条建议：可直接采用 1 条，存疑 1 条。" in told


def test_english_tells_the_same(file: Path) -> None:
    told = call("--lang", "en", "magnitude", file, code=1)
    assert "all amounts about 1,000 times too large, to be divided by 1,000  sure" in told
    assert "2 proposals: 1 sure, 1 doubtful." in told


def test_proposals_are_written_as_json(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    call("magnitude", file, "--json", out, code=1)
    rows = {row["uscc"]: row for row in json.loads(out.read_text(encoding="utf-8"))}
    row = rows[code_of(WRONG - 1)]
    assert (row["factor"], row["sure"], row["doubts"]) == (1000, True, [])
    revenue = amounts(WRONG - 1, 2025, 1000)["revenue"]
    (cell,) = [cell for cell in row["cells"] if cell["item"] == "revenue"]
    assert (cell["old"], cell["new"], cell["source"]) == (revenue, round(revenue / 1000), "last_year")
    assert rows[code_of(8)]["sure"] is False


def test_what_is_sure_is_accepted_and_what_is_not_stays(file: Path) -> None:
    assert "已采用 1 条" in call("magnitude", file, "--accept", "all-sure", "--who", "张", code=1)
    told = call("magnitude", file, code=1)
    assert "共 1 条建议：可直接采用 0 条，存疑 1 条。" in told


def test_nothing_wrong_is_said_so(tmp_path: Path, lists: Scheme) -> None:
    path = tmp_path / "clean.census"
    desk_of(path, lists).close()
    assert "没有发现" in call("magnitude", path, code=0)


def test_an_accepted_proposal_is_undone_and_redone_at_the_unit_in_one_step(file: Path) -> None:
    store = stores.open(file)
    wrong = amounts(WRONG - 1, 2025, 1000)["revenue"]
    one = next(one for one in magnitude.detect(store, "2025") if one.sure)
    magnitude.accept(store, one, "张")
    session = Session(store, lambda: "张")
    session.open(WRONG, "2025")
    session.undo.undo()
    assert session.value("revenue") == wrong
    assert session.value("product_revenue", 2) == wrong // 3
    session.undo.redo()
    assert session.value("revenue") == round(wrong / 1000)
    store.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_doubt_has_its_words(assets: Path, lang: str) -> None:
    texts = load(assets / "i18n", lang)
    source = Path(magnitude.__file__).with_name("proposal.py").read_text(encoding="utf-8")
    doubts = {"one_cell", "one_form", *re.findall(r'yield "(\w+)"', source)}
    doubts |= set(re.findall(r'yield "(\w+)" if .* else "\w+"', source)) | {"last_year_too"}
    assert len(doubts) > 6
    assert [doubt for doubt in doubts if not texts.has(f"magnitude.doubt.{doubt}")] == []
