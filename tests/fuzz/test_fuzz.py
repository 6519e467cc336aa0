"""Whatever a file or a command line holds, it is taken or refused in plain words: anything else is a defect.

`make fuzz` works SECONDS (60) on each target and prints what came of it; the suite does one second of it.
"""

from __future__ import annotations

import io
import os
import random
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from conftest import code_of

from desktop.cli import main
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

SECONDS = float(os.environ.get("SECONDS", "1"))
SEED = int(os.environ.get("SEED", "1"))
TOLD = SECONDS > 1
# Files that one reader takes in turn.
BATCH = 24

TOKENS = (
    b"\0", b"\xff\xfe", b"9" * 400, b"-1", b"1e999", b"NaN", b"=", b"<", b"]]>", b"&x;", b"../../x", b'"', b"\n", b",",
    "、（甲）".encode(), b"{", b"'", b"total(", b"if ", b" and ", b"301", b"@prev", b"lookup", b"0x", b"A1:XFD1048576",
)  # fmt: skip
VALUES = (b"[]", b"{}", b"1", b"1.5", b"true", b'""', b'"x"', b"1979-05-27", b"[[1]]", b'["a", 1]', b"{a = 1}", b"nan")


def mutated(content: bytes, dice: random.Random) -> bytes:
    """A few bytes flipped, cut, doubled, or put in."""
    found = bytearray(content)
    for _ in range(dice.choice((1, 1, 2, 5, 20))):
        at, size = dice.randrange(len(found) + 1), dice.choice((1, 2, 8, 64))
        match dice.randrange(6):
            case 0 if at < len(found):
                found[at] ^= 1 << dice.randrange(8)
            case 1:
                del found[at : at + size]
            case 2:
                found[at:at] = found[at : at + size]
            case 3:
                found[at:at] = dice.choice(TOKENS)
            case 4:
                found[at : at + size] = dice.choice(TOKENS)
            case 5 if (sign := found.find(b"=", at)) >= 0:
                # Something of another kind where a value stands.
                found[sign + 1 : max(sign + 1, found.find(b"\n", sign))] = dice.choice(VALUES)
    return bytes(found)


def mutated_book(content: bytes, dice: random.Random) -> bytes:
    """A workbook with one of its parts mutated, or as a whole; its members may be called anything."""
    if dice.random() < 0.2:
        return mutated(content, dice)
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as book, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as other:
        names = book.namelist()
        hit = dice.choice(names)
        for name in names:
            part = book.read(name)
            called = dice.choice(("../../x", "/abs", "CON", name)) if name == hit and dice.random() < 0.1 else name
            if name == hit and dice.random() < 0.05:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                other.writestr(called, mutated(part, dice) if name == hit else part)
    return made.getvalue()


def fuzzed(name: str, attempt: Callable[[random.Random], Sequence[str]], capsys: pytest.CaptureFixture[str]) -> None:
    """Attempts until the time is over; `attempt` gives what became of its inputs, and raises what is a defect."""
    outcomes = Counter[str]()
    end, number = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        number += 1
        try:
            outcomes.update(attempt(random.Random(f"{SEED} {name} {number}")))
        except Exception as error:
            raise AssertionError(f"{name}: SEED={SEED}, attempt {number}") from error
    if TOLD:
        with capsys.disabled():
            parts = ", ".join(f"{what} {count}" for what, count in outcomes.most_common(6))
            print(f"\n{name:12} {outcomes.total():7} inputs, 0 defects: {parts}", end="")


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


def _commands(group: click.Group, before: Sequence[str] = ()) -> Iterator[tuple[list[str], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, (*before, name))
        # One opens a window, the other takes a minute.
        elif name not in ("window", "demo"):
            yield [*before, name], command


def test_command_line(
    desk: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = desk.path.read_bytes()
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    commands = list(_commands(main))
    outside = sorted(path for path in tmp_path.iterdir())

    def value(dice: random.Random) -> str:
        known = ("d.census", "no.census", "dir", ".", "", "-", "2025", "20x5", "440305", "T-01", "revenue", "0", "-1",
                 "9" * 40, "=1+1", "演示", "--", "x.xlsx", "x.sealed", code_of(1), "nul", "%s{0}")  # fmt: skip
        return dice.choice(known)

    def attempt(dice: random.Random) -> Sequence[str]:
        (work / "d.census").write_bytes(content)
        (work / "dir").mkdir(exist_ok=True)
        words, command = dice.choice(commands)
        arguments = list(words)
        for parameter in command.params:
            if isinstance(parameter, click.Argument) and dice.random() < 0.95:
                arguments += ["d.census" if parameter.name == "file" and dice.random() < 0.7 else value(dice)]
            elif isinstance(parameter, click.Option) and dice.random() < 0.25:
                arguments += [parameter.opts[0], *([] if parameter.is_flag else [value(dice)])]
        result = CliRunner().invoke(main, arguments, input="")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise AssertionError(arguments) from result.exception
        return [f"exit {result.exit_code}"]

    fuzzed("arguments", attempt, capsys)
    assert sorted(path for path in tmp_path.iterdir()) == outside
