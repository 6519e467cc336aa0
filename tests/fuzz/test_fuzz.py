"""Whatever a file holds, it is taken or refused in plain words: anything else is a defect.

`make fuzz` works SECONDS (60) on each target and prints what came of it; the suite does one second of it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from conftest import code_of
from fuzzing import fuzzed, mutated, mutated_book

from survey import cells, imports, receiptbook, returns
from survey import scheme as schemes
from survey import store as stores
from survey.enrolment import desk_key
from survey.envelope import public_box, seal
from survey.errors import SurveyError, sentence
from survey.expression import ExpressionError
from survey.files import UNTOLD
from survey.grammar import parse
from survey.merge import merge
from survey.receipttaking import take
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

# Files that one reader takes in turn.
BATCH = 24


@pytest.fixture
def desk(tmp_path: Path, small: Scheme) -> Iterator[Store]:
    """A district with a few answers."""
    with closing(stores.create(tmp_path / "district.census", small, "2025", "440305")) as store:
        for number in range(4):
            unit = cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")
            cells.write(store, unit, "2025", "revenue", number)
        yield store


@pytest.fixture
def town(tmp_path: Path, small: Scheme) -> Iterator[Store]:
    with closing(stores.create(tmp_path / "city.census", small, "2025", None)) as store:
        yield store


def said(error: SurveyError, texts: Texts) -> str:
    """The code of trouble, which has a sentence."""
    assert sentence(error, texts)
    return error.code


def test_scheme(data: Path, texts: Texts, capsys: pytest.CaptureFixture[str]) -> None:
    sources = [schemes.read_files(data / name) for name in ("scheme", "scheme2")]

    def attempt(dice: random.Random) -> Sequence[str]:
        files = dict(dice.choice(sources))
        name = dice.choice(list(files))
        files[name] = mutated(files[name].encode(), dice).decode("utf-8", "replace")
        try:
            schemes.read(files)
        except SurveyError as error:
            return [said(error, texts)]
        return ["taken"]

    fuzzed("scheme", attempt, capsys)


def test_expression(small: Scheme, lists: Scheme, texts: Texts, capsys: pytest.CaptureFixture[str]) -> None:
    sources = [check.text for scheme in (small, lists) for check in scheme.checks]

    def attempt(dice: random.Random) -> Sequence[str]:
        text = mutated(dice.choice(sources).encode(), dice).decode("utf-8", "replace")
        try:
            parse(text)
        except ExpressionError as error:
            return [error.code]
        return ["taken"]

    fuzzed("expression", attempt, capsys)


def test_workbook(desk: Store, tmp_path: Path, texts: Texts, capsys: pytest.CaptureFixture[str]) -> None:
    from survey.plainbook import plain_book

    table = tmp_path / "source.xlsx"
    with plain_book(table, UNTOLD) as book:
        sheet = book.table("表", ["uscc", "name", "district", "revenue"], [20, 20, 10, 10])
        for number in range(9):
            sheet.add([code_of(number), f"演示数据{number}", "440305", number])
    plain = "uscc,name,district,revenue\n" + "".join(f"{code_of(n)},演示{n},440305,{n}\n" for n in range(9))
    sources = {".xlsx": table.read_bytes(), ".csv": plain.encode(), ".txt": plain.replace(",", "\t").encode("gb18030")}

    def attempt(dice: random.Random) -> Sequence[str]:
        paths = []
        for number in range(BATCH):
            kind = dice.choice(list(sources))
            change = mutated_book if kind == ".xlsx" else mutated
            paths.append(tmp_path / f"in{number}{kind}")
            paths[-1].write_bytes(change(sources[kind], dice))
        report = imports.import_files(desk, paths, dry_run=True)
        assert all(one.reason(texts) for one in report.rejections)
        return [said(one.error, texts) if one.error else "taken" for one in report.files]

    fuzzed("workbook", attempt, capsys)


def test_return(desk: Store, town: Store, tmp_path: Path, texts: Texts, capsys: pytest.CaptureFixture[str]) -> None:
    source = returns.write(desk, tmp_path / "source.xlsx", texts).path.read_bytes()
    box = public_box(desk_key(town))

    def attempt(dice: random.Random) -> Sequence[str]:
        paths = []
        for number in range(BATCH):
            sealed = dice.random() < 0.2
            paths.append(tmp_path / f"in{number}{'.sealed' if sealed else '.xlsx'}")
            paths[-1].write_bytes(mutated(seal(source, box), dice) if sealed else mutated_book(source, dice))
        reports = merge(town, paths, dry_run=True)
        return [said(report.error, texts) if report.error else "taken" for report in reports]

    fuzzed("return", attempt, capsys)


def test_receipt(desk: Store, town: Store, tmp_path: Path, texts: Texts, capsys: pytest.CaptureFixture[str]) -> None:
    merge(town, [returns.write(desk, tmp_path / "return.xlsx", texts).path])
    source = receiptbook.write(town, "440305", tmp_path / "receipt.xlsx", texts).path.read_bytes()

    def attempt(dice: random.Random) -> Sequence[str]:
        path = tmp_path / "in.xlsx"
        path.write_bytes(mutated_book(source, dice))
        try:
            take(desk, path, dry_run=True)
        except SurveyError as error:
            return [said(error, texts)]
        return ["taken"]

    fuzzed("receipt", attempt, capsys)
