"""Whatever stands on a command line: exit 0, 1 or 2, plain words, no trace, and nothing changed where it was refused.

Every command in turn gets arguments that nobody would write, and files of every wrong kind.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import shutil
import signal
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import FrameType

import click
import pytest
from click.testing import CliRunner, Result
from conftest import ROOT, code_of
from fuzzing import fuzzed, mutated, mutated_book

from desktop.cli import main
from survey import cells, control, identity, keyring, queries, querybook, questionnairebook, receiptbook, returns
from survey import store as stores
from survey.merge import merge
from survey.scheme import Scheme
from survey.texts import Texts

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no clock interrupts a call here")

# A command on a file of four units that takes longer waits for something that never comes.
_PATIENCE = 60
_SAYING = re.compile(r"[\u4e00-\u9fff]|[A-Za-z]{3}")
_FOUND_ANEW = re.compile(r'INSERT INTO "(journal|chain|result\w*|touched|response)"')
_UNUSUAL = (
    "", " ", "-", "--", ".", "..", "/", "~", "20x5", "２０２５", "2025Q9", "9" * 400, "-1", "0", "1e999", "NaN", "=1+1",
    "%s{0}", "{path}", "a\0b", "\udcff\udc00", "\n", "\t", "甲\u202e乙", "\x1b[31m", "nul", "'; DROP TABLE unit", "^",
    "CITY", "x" * 300, "../../x", "²", "٣", "<b>", "2025-02-30", "0x10", "1_000",
)  # fmt: skip
_USUAL = (
    "2025", "2024", "440305", "440304", "T-01", "T-02", "revenue", "G1-01", "F01", "district", "segment", "design",
    "东片", "演示", "off", "301 >= 302", "1", "2", "2025-12-31", "核实过，数字无误", "revenue=收入", code_of(0),
    code_of(1), code_of(9),
)  # fmt: skip


@dataclass(frozen=True)
class Bench:
    """The files that commands are given, as they are put there before every attempt, and where they stand."""

    work: Path
    contents: dict[str, bytes]
    numbers: Iterator[int] = field(default_factory=count)

    def lay_out(self, dice: random.Random) -> None:
        for one in self.work.iterdir():
            shutil.rmtree(one) if one.is_dir() and not one.is_symlink() else one.unlink()
        for name, content in self.contents.items():
            (self.work / name).write_bytes(content)
        source = dice.choice(list(self.contents))
        change = mutated_book if self.contents[source].startswith(b"PK") else mutated
        (self.work / f"bad{Path(source).suffix}").write_bytes(change(self.contents[source], dice))
        for folder in ("dir", "dir.census", "dir.xlsx"):
            (self.work / folder).mkdir()
        os.mkfifo(self.work / "pipe.xlsx")
        (self.work / "loop.census").symlink_to("loop.census")
        (self.work / "gone.xlsx").symlink_to("nowhere.xlsx")

    def names(self) -> list[str]:
        return sorted(one.name for one in self.work.iterdir())


class _HangsError(BaseException):
    """Nobody would wait any longer."""


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    def over(_number: int, _frame: FrameType | None) -> None:
        raise _HangsError

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def bench(tmp_path: Path, small: Scheme, texts: Texts) -> Bench:
    """A district's file and a city's, and every kind of file that goes between them and the enterprises."""
    made = tmp_path / "made"
    made.mkdir()
    with closing(stores.create(made / "d.census", small, "2025", "440305")) as desk:
        for number in range(4):
            unit = cells.add_unit(desk, code_of(number), f"演示数据{number}", "2025")
            cells.write(desk, unit, "2025", "revenue", number)
            cells.write(desk, unit, "2025", "main_revenue", 5)
        queries.ask_all(desk, [1, 2], "2025")
        returns.write(desk, made / "return.xlsx", texts)
        querybook.write(desk, [1, 2], "2025", made / "query.xlsx", texts)
        questionnairebook.write(desk, 1, "2025", made / "questionnaire.xlsx", texts)
    with closing(stores.create(made / "c.census", small, "2025", None)) as town:
        merge(town, [made / "return.xlsx"])
        receiptbook.write(town, "440305", made / "receipt.xlsx", texts)
        control.sign_off(town, made / "control.json", official="演示数据")
    for name in ("d.census", "c.census"):
        # Nothing is beside them that a trial would have to compare.
        with closing(sqlite3.connect(made / name)) as closed:
            closed.execute("PRAGMA journal_mode = DELETE")
    contents = {one.name: one.read_bytes() for one in made.iterdir()}
    contents |= {
        "list.csv": f"uscc,name,district,revenue\n{code_of(5)},演示,440305,5\n".encode(),
        "secret.txt": "密码 tea at four\n".encode(), "empty.txt": b"", "empty.census": b"", "empty.xlsx": b"",
        "zeros.census": b"\0" * 8192, "half.census": contents["d.census"][: len(contents["d.census"]) // 2],
        "text.xlsx": b"not a workbook", "bytes.txt": b"\xff\xfe\0\x01\n", "table.toml": b"[[table]]\nid = 1\n",
        "book.census": contents["return.xlsx"], "file.xlsx": contents["d.census"],
    }  # fmt: skip
    work = tmp_path / "outer" / "work"
    work.mkdir(parents=True)
    return Bench(work, contents)


def commands(group: click.Group, before: Sequence[click.Command] = ()) -> Iterator[tuple[click.Command, ...]]:
    """Every command with the groups that it stands in."""
    for command in group.commands.values():
        if isinstance(command, click.Group):
            yield from commands(command, (*before, command))
        # One opens a window, the other takes a minute.
        elif command.name not in ("window", "demo"):
            yield (*before, command)


def line(path: Sequence[click.Command], bench: Bench, dice: random.Random) -> list[str]:
    """A command with arguments, some of them as they should be."""
    words: list[str] = []
    words += ["--lang", "en"] if dice.random() < 0.2 else []
    for option in ("--passphrase-file", "--person-file", "--person"):
        words += [option, value(main.params[0], bench, dice)] if dice.random() < 0.03 else []
    for command in path:
        words.append(str(command.name))
        for parameter in command.params:
            if isinstance(parameter, click.Argument):
                times = dice.choice((0, 1, 2, 3)) if parameter.nargs < 0 else int(dice.random() < 0.97)
            else:
                times = int(dice.random() < (0.9 if parameter.required else 0.25))
            for _ in range(times):
                words += [parameter.opts[0]] if isinstance(parameter, click.Option) else []
                if not getattr(parameter, "is_flag", False):
                    words += [value(parameter, bench, dice) for _ in range(max(parameter.nargs, 1))]
    return words


def value(parameter: click.Parameter, bench: Bench, dice: random.Random) -> str:
    """What may stand for an argument: right, of another kind, or of no kind at all."""
    chance = dice.random()
    if parameter.name == "file" and chance < 0.75:
        return dice.choice(("d.census", "c.census"))
    if isinstance(parameter.type, click.Path) and chance < 0.9:
        kinds = (
            *bench.names(),
            "out.xlsx",
            "out.pdf",
            "out",
            "../up.xlsx",
            "dir/out.json",
            "no/such/x.xlsx",
            "out.sealed",
        )
        return dice.choice((*kinds, "x" * 300 + ".xlsx", "d.census/x", "/dev/null", "/dev/full", "pipe.xlsx/x"))
    if isinstance(parameter.type, click.Choice) and chance < 0.8:
        # Figures on Spark take half a minute of Java.
        return dice.choice([str(one) for one in parameter.type.choices if one != "spark"])
    if parameter.name in ("scheme_name", "folder", "before", "after") and chance < 0.6:
        return dice.choice((str(ROOT / "tests" / "data" / "scheme"), "ic-cluster"))
    return dice.choice(_USUAL if dice.random() < 0.5 else _UNUSUAL)


def said_of(path: Path) -> str:
    """A digest of what a survey file was told; what checking finds anew and what the journal tells is not in it."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copy:
            told = [row for row in copy.iterdump() if not _FOUND_ANEW.match(row)]
    except sqlite3.Error:
        # It is under a passphrase by now.
        return ""
    return hashlib.sha256("\n".join(told).encode("utf-8", "replace")).hexdigest()


def run(words: Sequence[str], bench: Bench) -> Result:
    """As a program that has just been started, with nobody at the terminal."""
    identity.act_as("")
    identity.offer("", "")
    for name in ("d.census", "c.census"):
        keyring.hold(bench.work / name, None)
    with patience(_PATIENCE):
        return CliRunner().invoke(main, list(words), input="")


def test_command_line(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(bench.work)
    every = list(commands(main))
    outside = sorted(one for one in tmp_path.iterdir())

    def attempt(dice: random.Random) -> Sequence[str]:
        bench.lay_out(dice)
        words = line(every[next(bench.numbers) % len(every)], bench, dice)
        before = {name: said_of(bench.work / name) for name in ("d.census", "c.census")}
        try:
            result = run(words, bench)
        except _HangsError:
            raise AssertionError(f"hangs: {words}") from None
        if result.exception and not isinstance(result.exception, SystemExit):
            raise AssertionError(words) from result.exception
        assert result.exit_code in (0, 1, 2), words
        assert "Traceback" not in result.output, words
        if result.exit_code == 2:
            assert _SAYING.search(result.output), words
            changed = [name for name, digest in before.items() if said_of(bench.work / name) != digest]
            assert changed == [], (words, result.stderr)
        return [f"exit {result.exit_code}"]

    fuzzed("arguments", attempt, capsys)
    assert sorted(one for one in tmp_path.iterdir()) == outside
