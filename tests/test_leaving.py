"""Whatever leaves a survey file is told in its journal, together or not at all; nobody can forget a way out."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from conftest import ROOT, code_of
from senders import B, P, Sender, only

from desktop.cli import main
from survey import cells, csvfolder, journal, queries, querybook, receiptbook, sqlitecopy
from survey import store as stores
from survey.errors import SurveyError
from survey.files import filling, replacing
from survey.journal import Entry, Telling
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

# Every place where the command line writes, and how. FILE is a district's file and CITY the city's that has its return.
WAYS: dict[tuple[str, str], tuple[str, ...]] = {
    ("check", "json_path"): ("check FILE --json OUT.json",),
    ("check", "report"): ("check FILE --report OUT.xlsx",),
    ("return", "out"): ("return FILE OUT.xlsx",),
    ("magnitude", "json_path"): ("magnitude FILE --json OUT.json",),
    ("control sign", "out"): ("control CITY sign OUT.json --official 演示员",),
    ("query", "out"): ("query FILE OUT.xlsx --all", "query FILE OUT --all"),
    ("answers", "json_path"): ("answers FILE BOOK --json OUT.json",),
    ("import", "json_path"): ("import FILE LIST --json OUT.json",),
    ("imports", "json_path"): ("imports FILE --json OUT.json",),
    ("questionnaires", "out"): ("questionnaires FILE OUT --all",),
    ("export", "out"): ("export FILE OUT", "export FILE OUT.db", "export FILE OUT.xlsx"),
    ("annotate", "out"): ("annotate FILE LIST OUT.xlsx",),
    ("trace", "json_path"): ("trace FILE revenue --unit CODE --json OUT.json",),
    ("receipt", "out"): (f"receipt CITY OUT.xlsx --sender {B}",),
    ("receive", "json_path"): ("receive FILE RECEIPT --json OUT.json",),
    ("slip", "out"): ("slip FILE OUT.pdf",),
    ("merge", "json_path"): ("merge CITY RETURN --json OUT.json",),
    ("returns", "json_path"): ("returns CITY --json OUT.json",),
    ("board", "json_path"): ("board CITY --json OUT.json",),
    ("conflicts", "json_path"): ("conflicts CITY --json OUT.json",),
    ("duplicates", "csv_path"): ("duplicates CITY --csv OUT.csv",),
    ("duplicates", "json_path"): ("duplicates CITY --json OUT.json",),
    ("indicators", "json_path"): ("indicators CITY --json OUT.json",),
    ("indicators", "xlsx_path"): ("indicators CITY --xlsx OUT.xlsx",),
    ("indicators", "pdf_path"): ("indicators CITY --pdf OUT.pdf",),
    ("indicators", "brief_path"): ("indicators CITY --brief OUT.pdf",),
    ("publish", "folder"): ("publish CITY OUT",),
    ("editions", "json_path"): ("editions CITY --json OUT.json",),
    ("tables write", "out"): ("tables CITY write OUT.xlsx", "tables CITY write OUT.pdf"),
    ("journal", "csv_path"): ("journal FILE --csv OUT.csv",),
}
# What a command reads, or what is a survey file itself, in whose own journal it is told; and what tells of no unit.
READ = {
    ("return", "password_file"), ("scheme check", "folder"), ("scheme diff", "before"), ("scheme diff", "after"),
    ("control adopt", "list_"), ("answers", "books"), ("import", "data"), ("annotate", "data"), ("receive", "book"),
    ("merge", "returns"), ("merge", "rejected"), ("merge", "password_file"), ("indicators", "published"),
    ("tables add", "definition_file"), ("passphrase", "new_file"), ("persons add", "new_file"),
    ("journal", "against"), ("rescue", "scheme"), ("", "passphrase_file"),
    ("", "person_file"),
}  # fmt: skip
OWN = {("rescue", "new"), ("demo", "folder")}
OF_NO_UNIT = {("manual", "out"), ("tables export", "out")}
# Where a file may be written of which nobody is told, and why.
UNTOLD = {
    "desktop/manual_page.py": "the manual",
    "desktop/recovery_dialog.py": "a recovery code",
    "desktop/paper_batch.py": "blank forms",
    "desktop/paper_sheet.py": "a PDF is told where it takes its place",
    "desktop/session.py": "a handful of cells on the clipboard",
    "desktop/tables_cli.py": "blank tables",
    "indicators/localtable.py": "the definition of a table",
    "survey/restoration.py": "a survey file",
    "survey/connection.py": "a survey file",
    "survey/encryption.py": "a survey file",
    "survey/files.py": "where it is defined",
    "survey/rescue.py": "a survey file",
}
# By these alone bytes come onto a disk, onto paper or onto the clipboard; whoever else calls them stands here.
OUTLETS = {
    "clipboard": {
        "desktop/cell_grid.py": "told by the session",
        "desktop/chart_view.py": "told by the panel",
        "desktop/withheld_panel.py": "told",
        "desktop/file_actions.py": "where a file is",
    },
    "write_text": {"indicators/localtable.py": "", "desktop/manual_page.py": "", "survey/files.py": "",
                   "survey/control.py": "", "survey/placing.py": "what is moved where"},
    "write_bytes": {"survey/returns.py": "", "survey/unsealing.py": "for the time of reading",
                    "survey/restoration.py": ""},
    "QPdfWriter": {"desktop/paper_sheet.py": "", "indicators/page.py": ""},
    "QPrintDialog": {"desktop/preview_dialog.py": "", "desktop/print_dialog.py": "", "desktop/recovery_dialog.py": ""},
    "copyfile": {},
    "copy2": {},
}  # fmt: skip
TOLD_BY = {"replacing", "filling", "plain_book", "write_json", "pdf", "write_pdf", "paint_all"}


def commands(command: click.Command, name: str = "") -> Iterator[tuple[str, str]]:
    """Every parameter that is a path, by its command."""
    if isinstance(command, click.Group):
        for own, below in command.commands.items():
            yield from commands(below, f"{name} {own}".strip())
    for one in command.params:
        if isinstance(one.type, click.Path) and one.name and (one.name != "file" or one.param_type_name == "option"):
            yield name, one.name


def test_every_path_of_the_command_line_is_known_to_this_test() -> None:
    found = set(commands(main))
    assert found == set(WAYS) | READ | OWN | OF_NO_UNIT


@dataclass(frozen=True)
class World:
    """A district that has sent a return, the city that has taken it, and what went between them."""

    folder: Path
    district: Path
    city: Path
    names: dict[str, str]

    def run(self, line: str) -> tuple[int, str, Path, Path]:
        """What a command line came to: its exit code, what it said, the file it is about, and what it was to write."""
        words = [self.names.get(word, word) for word in line.split()]
        out = next(self.folder / word for word in words if word.partition(".")[0] == "OUT")
        words = [str(out) if word == out.name else word for word in words]
        done = CliRunner().invoke(main, words)
        return done.exit_code, done.output, self.city if "CITY" in line else self.district, out


@pytest.fixture
def world(tmp_path: Path, small: Scheme, texts: Texts) -> World:
    sender = Sender(tmp_path / "sender", small, B, texts)
    with closing(sender.store) as district:
        sent = sender.says({1: 1000, 2: 2000})
        queries.ask_freely(district, 1, P, "请核实营业收入")
        querybook.write(district, [1], P, tmp_path / "book.xlsx", texts)
    with closing(stores.create(tmp_path / "city.census", small, P, None)) as city:
        only(city, sent)
        receiptbook.write(city, B, tmp_path / "receipt.xlsx", texts)
    listed = tmp_path / "list.csv"
    listed.write_text(f"uscc,name,district,revenue\n{code_of(3)},演示数据,{B},x\n", encoding="utf-8")
    names = {
        "FILE": str(district.path), "CITY": str(city.path), "CODE": code_of(1), "RETURN": str(sent),
        "BOOK": str(tmp_path / "book.xlsx"), "RECEIPT": str(tmp_path / "receipt.xlsx"), "LIST": str(listed),
    }  # fmt: skip
    return World(tmp_path, district.path, city.path, names)


def told(path: Path) -> list[Entry]:
    with closing(stores.open(path, readonly=True)) as opened:
        assert journal.verify(opened) == []
        return journal.entries(opened)


EVERY = [line for lines in WAYS.values() for line in lines]


@pytest.mark.parametrize("line", EVERY)
def test_what_the_command_line_writes_is_told(world: World, line: str) -> None:
    code, said, path, out = world.run(line)
    assert code in (0, 1), said
    assert out.exists()
    names = {out.name, *(one.name for one in out.iterdir())} if out.is_dir() else {out.name}
    [entry] = [one for one in told(path) if one.subject in names]
    assert entry.kind in ("exported", "printed", "returned")
    assert entry.kind == "returned" or json.loads(entry.facts)["what"]


@pytest.mark.parametrize("line", EVERY)
def test_what_cannot_be_told_of_does_not_stand(world: World, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    append = journal._append

    def full(store: Store, who: str, kind: journal.Kind, subject: str, facts: dict[str, object]) -> None:
        if subject.startswith("OUT"):
            raise SurveyError("disk_full", path=store.path)
        append(store, who, kind, subject, facts)

    monkeypatch.setattr(journal, "_append", full)
    code, said, path, out = world.run(line)
    assert (code, out.exists() and bool(list(out.iterdir()))) == (2, False), said
    assert [one for one in told(path) if one.subject.startswith("OUT")] == []


@pytest.mark.parametrize("line", EVERY)
def test_what_does_not_stand_is_not_told(world: World, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows where somebody has the former file open."""
    replace = Path.replace

    def busy(self: Path, target: Path) -> Path:
        if any(part.startswith("OUT") for part in Path(target).parts):
            raise PermissionError(13, "used by another process", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", busy)
    code, said, path, out = world.run(line)
    assert code != 0, said
    assert not out.is_file()
    assert [one for one in told(path) if one.subject.startswith("OUT")] == []


def sources() -> Iterator[tuple[str, ast.Module]]:
    for part in ("survey", "indicators", "desktop"):
        for path in sorted((ROOT / part).glob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def names_in(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
    }


def test_nobody_else_writes_without_being_told() -> None:
    assert {name for name, tree in sources() if "UNTOLD" in names_in(tree)} == set(UNTOLD)
    for outlet, known in OUTLETS.items():
        assert {name for name, tree in sources() if outlet in names_in(tree)} == set(known), outlet


def test_a_file_is_opened_for_writing_only_beside_its_place() -> None:
    """Whatever is written by hand is written to a name that `replacing` or `filling` gave."""
    found = {}
    for name, tree in sources():
        modes = [
            one.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)
            and getattr(node.func, "attr", getattr(node.func, "id", "")) == "open"
            for one in node.args
            if isinstance(one, ast.Constant) and isinstance(one.value, str) and set(one.value) & set("wax")
        ]  # fmt: skip
        if modes:
            found[name] = "filling" in names_in(tree) or "replacing" in names_in(tree)
    assert found
    assert [name for name, beside in found.items() if not beside] == []


@pytest.fixture
def filled(district: Store) -> Store:
    cells.write(district, cells.add_unit(district, code_of(1), "演示数据", P), P, "revenue", 5)
    return district


def unkept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full at the very moment at which the entry would be kept for good."""
    from contextlib import contextmanager

    atomic = store.atomic

    @contextmanager
    def failing(*, keep: bool = True) -> Iterator[None]:
        with atomic(keep=keep):
            yield
            raise SurveyError("disk_full", path=store.path)

    monkeypatch.setattr(store, "atomic", failing)


WRITERS: dict[str, Callable[[Store, Path, Texts], object]] = {"folder": csvfolder.write, "copy.db": sqlitecopy.write}


@pytest.mark.parametrize("name", WRITERS)
def test_what_was_told_but_could_not_be_kept_is_taken_away_again(
    filled: Store, tmp_path: Path, texts: Texts, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with monkeypatch.context() as patched:
        unkept(filled, patched)
        with pytest.raises(SurveyError, match="disk_full"):
            WRITERS[name](filled, tmp_path / name, texts)
    assert [one for one in tmp_path.rglob("*") if one.is_file() and not one.name.startswith("district")] == []
    assert journal.entries(filled) == []


def test_what_stood_there_before_stays_where_the_new_one_cannot_be_told_of(filled: Store, tmp_path: Path) -> None:
    path, folder = tmp_path / "table.csv", tmp_path / "folder"
    folder.mkdir()
    for one in (path, folder / "table.csv"):
        one.write_text("before")
    filled.close()
    filled.path.chmod(0o444)
    opened = stores.open(filled.path, readonly=True)
    with closing(opened), pytest.MonkeyPatch.context() as patched:
        patched.setattr("os.access", lambda _path, _mode: False)
        with pytest.raises(SurveyError, match="read_only"), replacing(path, Telling(opened, "exported")) as beside:
            beside.write_text("after")
        with pytest.raises(SurveyError, match="read_only"), filling(folder, Telling(opened, "exported")) as inside:
            (inside / "table.csv").write_text("after")
    assert (path.read_text(), (folder / "table.csv").read_text()) == ("before", "before")
