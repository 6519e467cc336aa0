"""Damaged files: the damage is told, and what can be read is in a new file."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT, code_of

from desktop.cli import main
from desktop.rescue_words import lines, table_name
from survey import cells, journal, keyring
from survey import store as stores
from survey import texts as catalogues
from survey.backup import back_up
from survey.beside import daily, folder_of
from survey.blueprint import SCHEMA, Blueprint, Line
from survey.connection import connect
from survey.encryption import protect
from survey.errors import SurveyError
from survey.groupedcode import write_code
from survey.migrations import MIGRATIONS
from survey.nodes import Cell, Nodes
from survey.pages import image
from survey.rescue import rescue
from survey.salvage import Salvage, Table
from survey.scheme import Scheme, load, read
from survey.texts import LANGUAGES, Texts

UNITS = 400
WORD = "演示口令 2025"
PAGE = 4096
SCHEME = ROOT / "tests" / "data" / "scheme2"
DAY = date(2026, 3, 1)


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    yield
    keyring._keys.clear()
    keyring.ask_with(None)


@pytest.fixture(params=["plain", "encrypted"])
def path(tmp_path: Path, lists: Scheme, request: pytest.FixtureRequest) -> Path:
    """A file with units, answers and lines."""
    path = tmp_path / "d.census"
    with closing(stores.create(path, lists, "2025", "440305")) as store, store.atomic():
        for number in range(UNITS):
            unit = cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")
            cells.write(store, unit, "2025", "revenue", number)
            cells.write(store, unit, "2025", "product_revenue", number, line=1)
    if request.param == "encrypted":
        protect(path, WORD)
    return path


def spoil(path: Path, dice: random.Random, pages: int = 1) -> None:
    """Flips bits in some pages behind the first."""
    content = bytearray(path.read_bytes())
    for _ in range(pages):
        start = dice.randrange(1, len(content) // PAGE) * PAGE
        for _ in range(60):
            content[start + dice.randrange(PAGE)] ^= 1 << dice.randrange(8)
    path.write_bytes(content)


def held(path: Path) -> dict[str, int]:
    """Revenues by code."""
    with closing(stores.open(path)) as store:
        return dict(store.execute("SELECT u.uscc, f.revenue FROM unit u JOIN response r ON r.unit = u.id"
                                  " JOIN form_t_02 f ON f.response = r.id"))  # fmt: skip


def test_a_sound_file_is_saved_whole(path: Path) -> None:
    found = rescue(path, path.with_name("new.census"), who="保密员")
    assert (found.damaged, found.failed, found.orphans, found.breaks) == ((), 0, 0, ())
    assert held(found.target) == held(path)
    with closing(stores.open(found.target)) as store:
        assert [one.who for one in journal.entries(store, "rescued")] == ["保密员"]


def test_with_pages_spoilt_most_is_saved_and_what_is_saved_is_true(path: Path) -> None:
    whole, sound = held(path), path.read_bytes()
    dice = random.Random(5)
    saved = 0
    for number in range(12):
        path.write_bytes(sound)
        spoil(path, dice)
        target = path.with_name(f"new{number}.census")
        rescue(path, target, None, [SCHEME])
        now = held(target)
        assert all(whole.get(code) == revenue for code, revenue in now.items()) or not keyring.is_encrypted(path)
        saved += len(now)
    assert saved >= 0.9 * UNITS * 12


def test_a_copy_of_the_day_before_fills_the_gap(path: Path) -> None:
    back_up(path, DAY)
    whole, sound = held(path), path.read_bytes()
    dice = random.Random(6)
    saved = altered = 0
    for number in range(12):
        path.write_bytes(sound)
        spoil(path, dice, pages=2)
        found = rescue(path, path.with_name(f"new{number}.census"))
        now = held(found.target)
        saved += len(now.keys() & whole.keys())
        altered += sum(whole.get(code) != revenue for code, revenue in now.items())
    # A plain page has no check: a code or a number that was altered in it and still is one cannot be told.
    if keyring.is_encrypted(path):
        assert (saved, altered) == (12 * UNITS, 0)
    else:
        assert saved >= 0.99 * 12 * UNITS
        assert altered <= 0.01 * 12 * UNITS


def test_the_log_that_was_not_taken_in_is_read_too(path: Path) -> None:
    store = stores.open(path)
    with store.atomic():
        cells.write(store, 1, "2025", "revenue", 77_777)
    assert path.with_name(path.name + "-wal").stat().st_size
    found = rescue(path, path.with_name("new.census"))
    store.close()
    assert held(found.target)[code_of(0)] == 77_777


def test_a_page_that_fails_its_check_is_told_at_the_daily_copy_and_no_copy_is_trusted(path: Path) -> None:
    if not keyring.is_encrypted(path):
        pytest.skip("plain pages have no check")
    told = 0
    sound, dice = path.read_bytes(), random.Random(8)
    for _ in range(10):
        path.write_bytes(sound)
        spoil(path, dice)
        with pytest.raises(SurveyError) as caught:
            back_up(path, DAY)
        told += caught.value.code == "damaged"
        assert not list(folder_of(path).glob("*.census"))
    assert told == 10


def test_nothing_is_written_over_and_the_damaged_file_stays(path: Path) -> None:
    before = path.read_bytes()
    other = path.with_name("other.census")
    other.write_bytes(b"x")
    with pytest.raises(SurveyError, match="exists"):
        rescue(path, other)
    rescue(path, path.with_name("new.census"))
    assert path.read_bytes() == before
    assert other.read_bytes() == b"x"


def test_noise_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "noise.census"
    path.write_bytes(b"SQLite format 3\0" + random.Random(1).randbytes(9 * PAGE))
    with pytest.raises(SurveyError, match=r"nothing_rescued|damaged|not_ours"):
        rescue(path, tmp_path / "new.census")
    assert [one.name for one in tmp_path.iterdir()] == ["noise.census"]


def test_the_command_line_saves_and_tells_what_it_could_not(path: Path, tmp_path: Path) -> None:
    word = tmp_path / "word"
    word.write_text(WORD, encoding="utf-8")
    new = path.with_name("new.census")
    done = CliRunner().invoke(main, ["--passphrase-file", str(word), "rescue", str(path), str(new)])
    assert done.exit_code == 0, done.output
    assert str(new) in done.output
    spoil(path, random.Random(9), pages=3)
    again = CliRunner().invoke(main, ["--passphrase-file", str(word), "rescue", str(path), str(tmp_path / "n2.census")])
    assert again.exit_code in (0, 1), again.output


def blank(path: Path, *pages: int) -> None:
    """Nothing is left on some pages."""
    with path.open("r+b") as file:
        for page in pages:
            file.seek((page - 1) * PAGE)
            file.write(bytes(PAGE))


def on(path: Path, table: str) -> list[int]:
    """The pages of a table, the one it begins with first."""
    with closing(stores.open(path)) as store:
        [root] = store.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    salvage = Salvage(image(path, keyring.key_of(path)))
    salvage.grow(load(SCHEME), {})
    return [root, *(one for one in salvage._trees[table].nodes if one != root)]


def test_of_a_file_without_its_beginning_all_is_saved_and_no_passphrase_is_asked_for(path: Path) -> None:
    if keyring.is_encrypted(path):
        pytest.skip("the beginning of an encrypted file is its salt")
    whole = held(path)
    blank(path, 1)
    assert not keyring.is_encrypted(path)
    with pytest.raises(SurveyError, match="damaged"):
        stores.open(path)
    found = rescue(path, path.with_name("new.census"))
    assert (held(found.target), found.damaged) == (whole, ())


def test_where_the_page_that_leads_to_all_others_is_lost_no_row_is(path: Path) -> None:
    whole = held(path)
    for table in ("unit", "change", "form_t_02"):
        root, *below = on(path, table)
        assert len(below) > 1
        blank(path, root)
    found = rescue(path, path.with_name("new.census"))
    assert (held(found.target), found.damaged, found.breaks) == (whole, (), ())


def test_rows_that_are_lost_are_counted_and_named(path: Path, texts: Texts) -> None:
    _, _, second, *_ = on(path, "unit")
    blank(path, second)
    found = rescue(path, path.with_name("new.census"))
    [table] = found.damaged
    assert table.due == UNITS
    [(low, high)] = table.gaps
    assert table.read == UNITS - (high - low + 1)
    assert set(held(found.target)) == {code_of(number) for number in range(UNITS) if not low <= number + 1 <= high}
    said = "\n".join(lines(found, texts))
    assert f"{UNITS - table.read}" in said
    assert f"{low}" in said


def test_a_scheme_that_is_lost_is_taken_from_where_it_is_the_same(path: Path, tmp_path: Path, cluster: Scheme) -> None:
    whole = held(path)
    blank(path, *on(path, "scheme_file"))
    with pytest.raises(SurveyError, match="scheme_lost"):
        rescue(path, tmp_path / "none.census")
    stores.create(tmp_path / "other.census", cluster, "2025", "440305").close()
    with pytest.raises(SurveyError, match="scheme_lost"):
        rescue(path, tmp_path / "none.census", None, [tmp_path / "other.census"])
    found = rescue(path, tmp_path / "new.census", None, [SCHEME])
    assert (held(found.target), found.scheme, found.damaged) == (whole, SCHEME, ())
    again = rescue(path, tmp_path / "again.census", None, [found.target])
    assert (held(again.target), again.scheme) == (whole, found.target)
    assert not (tmp_path / "none.census").exists()


def test_what_a_file_says_of_itself_is_told_by_what_else_is_there(path: Path, texts: Texts) -> None:
    blank(path, *on(path, "desk"))
    found = rescue(path, path.with_name("new.census"))
    assert (found.told["period"], found.told["sequence"]) == ("2025", "0")
    assert "2025" in "\n".join(lines(found, texts))
    with closing(stores.open(found.target)) as store:
        assert (store.period, store.district) == ("2025", found.told["district"] or None)


def test_the_beginning_of_an_encrypted_file_is_told_by_its_copy_or_done_without_by_the_recovery_code(
    path: Path, texts: Texts
) -> None:
    if not keyring.is_encrypted(path):
        pytest.skip("plain files have no salt")
    whole, key = held(path), keyring.key_of(path)
    assert key
    back_up(path, DAY)
    blank(path, 1)
    keyring._keys.clear()
    with pytest.raises(SurveyError, match="passphrase_needed"):
        rescue(path, path.with_name("none.census"))
    keyring.unlock(path, WORD)
    found = rescue(path, path.with_name("new.census"))
    assert (held(found.target), found.damaged, found.by_code) == (whole, (), False)
    folder_of(path).rename(path.with_name("elsewhere"))
    keyring._keys.clear()
    for wrong in (WORD, write_code(bytes(32))):
        with pytest.raises(SurveyError, match="wrong_passphrase"):
            keyring.unlock(path, wrong)
    keyring.unlock(path, key.code)
    found = rescue(path, path.with_name("alone.census"))
    assert (held(found.target), found.damaged, found.by_code) == (whole, (), True)
    assert texts("rescue.by_code") in lines(found, texts)


def test_with_its_salt_alone_spoilt_a_file_opens_by_what_its_copy_tells(path: Path) -> None:
    if not keyring.is_encrypted(path):
        pytest.skip("plain files have no salt")
    back_up(path, DAY)
    whole = held(path)
    with path.open("r+b") as file:
        file.write(b"x" * 16)
    keyring._keys.clear()
    keyring.unlock(path, WORD)
    assert held(path) == whole


def planted(path: Path, *said: tuple[str, str, str]) -> None:
    """Lines in the list of tables that the program does not write: what kind, its name, its SQL."""
    with closing(connect(path, keyring.key_of(path))) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.executemany(
            "INSERT INTO sqlite_master VALUES (?, ?, ?, 0, ?)", [(kind, name, name, sql) for kind, name, sql in said]
        )
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH '{mine}' AS zz",
        "VACUUM INTO '{new}'",
        "BEGIN",
        "DROP TABLE unit",
        "CREATE TABLE zz AS SELECT 1",
        "CREATE VIRTUAL TABLE zz USING fts5(a)",
        "CREATE TABLE zz (a PRIMARY KEY, b AS (a || 1)) WITHOUT ROWID",
    ],
)
def test_nothing_that_a_file_says_is_run_and_its_foreign_tables_are_told(path: Path, texts: Texts, sql: str) -> None:
    whole, mine, new = held(path), path.with_name("mine.db"), path.with_name("planted.db")
    # What follows would be run in the file that the first line attached.
    lies = [("table", "zz", sql.format(mine=mine, new=new)), ("table", "zz2", "CREATE TABLE zz.unit (a)")]
    planted(path, *lies)
    found = rescue(path, path.with_name("new.census"))
    assert (held(found.target), found.damaged, found.foreign) == (whole, (), ("zz", "zz2"))
    assert "zz zz2" in "\n".join(lines(found, texts))
    assert not mine.exists()
    assert not new.exists()
    with closing(stores.open(found.target)) as store:
        assert store.execute("SELECT name FROM sqlite_master WHERE name LIKE 'zz%'").fetchall() == []


def test_a_copy_is_asked_for_its_tables_not_for_what_it_calls_so(path: Path) -> None:
    back_up(path, DAY)
    [copy] = daily(path)
    with closing(connect(copy, keyring.key_of(path) if keyring.is_encrypted(copy) else None)) as connection:
        for name in ("unit", "scheme_file"):
            columns = ", ".join(one[1] for one in connection.execute(f"PRAGMA table_info({name})"))
            connection.execute(f"CREATE TABLE mine AS SELECT * FROM {name}")
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute(f"DROP TABLE {name}")
            connection.execute(f"CREATE VIEW {name} AS SELECT {columns} FROM mine")
            connection.execute(f"ALTER TABLE mine RENAME TO mine_{name}")
    blank(path, on(path, "unit")[2], *on(path, "scheme_file"))
    with pytest.raises(SurveyError, match="scheme_lost"):
        rescue(path, path.with_name("none.census"))
    found = rescue(path, path.with_name("new.census"), None, [SCHEME])
    assert [(one.name, one.filled) for one in found.damaged] == [("unit", 0)]


@pytest.mark.parametrize("version", ["0.1", "1.0"])
def test_every_line_of_a_file_is_one_that_the_program_makes(tmp_path: Path, version: str) -> None:
    """What else it says is not believed: a step that leaves other words in a full file would lose its tables."""
    path = tmp_path / "old.census"
    path.write_bytes(gzip.decompress((ROOT / "tests" / "data" / "old" / f"district-{version}.census.gz").read_bytes()))
    for _ in ("as it was", "by today's steps"):
        with closing(connect(path, None)) as connection:
            own = [Line(*row) for row in connection.execute(SCHEMA)]
            scheme = read(dict(connection.execute("SELECT name, text FROM scheme_file").fetchall()))
        made = {(line.kind, line.name, line.table, line.sql) for line in own}
        plan = Blueprint(own, scheme).plan
        assert made == {(kind, name, of, sql) for kind, name, of, _, sql in plan.execute(SCHEMA)}
        stores.open(path).close()


def test_free_blocks_that_lead_back_to_themselves_end(path: Path) -> None:
    if keyring.is_encrypted(path):
        pytest.skip("an encrypted page that was altered is not read")
    start = (on(path, "unit")[-1] - 1) * PAGE
    content = bytearray(path.read_bytes())
    free = 8 + 2 * int.from_bytes(content[start + 3 : start + 5], "big")
    content[start + 1 : start + 3] = free.to_bytes(2, "big")
    content[start + free : start + free + 4] = free.to_bytes(2, "big") + bytes(2)
    path.write_bytes(content)
    found = rescue(path, path.with_name("new.census"))
    assert (found.damaged, len(held(found.target))) == ((), UNITS)


class Asked(dict[int, bytes]):
    """Pages that are not asked for without end."""

    times = 0

    def get(self, number: int, default: object = None) -> bytes | None:  # type: ignore[override] # asked for pages alone
        self.times += 1
        assert self.times < 100
        return super().get(number)


def test_an_overflow_page_that_leads_to_itself_ends_whatever_the_record_claims() -> None:
    claimed = b"\xa0\x80\x80\x80\x80\x00"  # 1 TB
    cell = claimed + b"\x01" + bytes(Nodes({}, PAGE)._local(1 << 40, by_key=False)) + (3).to_bytes(4, "big")
    at = PAGE - len(cell)
    head = b"\x0d" + bytes(2) + (1).to_bytes(2, "big") + at.to_bytes(2, "big") + b"\0" + at.to_bytes(2, "big")
    nodes = Nodes(Asked({2: head.ljust(at, b"\0") + cell, 3: (3).to_bytes(4, "big").ljust(PAGE, b"x")}), PAGE)
    node = nodes.node(2)
    assert node
    assert list(nodes.cells(node)) == [Cell(1, 0, None)]


def test_a_new_file_that_cannot_be_used_leaves_nothing_beside_it(tmp_path: Path) -> None:
    """It says that it has taken a step whose tables it does not have."""
    path = tmp_path / "old.census"
    path.write_bytes(gzip.decompress((ROOT / "tests" / "data" / "old" / "district-0.1.census.gz").read_bytes()))
    with closing(connect(path, None)) as connection:
        for step in ("m002_entry_desk", "m003_double_entry"):
            connection.execute(
                "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('census_desk', ?, '')", [step]
            )
    (tmp_path / "new-20260101-000000.census.bak").write_bytes(path.read_bytes())
    before = {one.name for one in tmp_path.iterdir()}
    with pytest.raises(SurveyError, match="nothing_rescued"):
        rescue(path, tmp_path / "new.census")
    assert {one.name for one in tmp_path.iterdir()} == before


@pytest.mark.parametrize("trunk", [False, True])
@pytest.mark.parametrize("table", ["unit", "form_t_02"])
def test_rows_that_were_deleted_do_not_come_back_untold(path: Path, texts: Texts, table: str, trunk: bool) -> None:
    """Freed pages keep their rows; with their list lost too, an index tells, and where there is none, a person."""
    with closing(connect(path, keyring.key_of(path))) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        rows = [(code_of(number), "演示数据" * 9, "440305") for number in range(UNITS, 3 * UNITS)]
        connection.executemany("INSERT INTO unit (uscc, name, district) VALUES (?, ?, ?)", rows)
        connection.execute("DELETE FROM unit WHERE id BETWEEN ? AND ?", (UNITS + 1, 3 * UNITS - 5))
        connection.execute("DELETE FROM form_t_02 WHERE response BETWEEN 200 AND 390")
        [kept] = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    root, *_ = on(path, table)
    free = image(path, keyring.key_of(path)).free
    assert free
    assert free[1] > 1
    blank(path, root, *[free[0]] * trunk)
    found = rescue(path, path.with_name("new.census"))
    with closing(stores.open(found.target)) as store:
        [there] = store.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert (there == kept) == (table == "unit" or not trunk)
    assert [one.name for one in found.damaged] == [table] * trunk
    assert (texts("rescue.doubtful") in "\n".join(lines(found, texts))) == trunk


def test_more_rows_than_their_index_counts_are_doubted() -> None:
    table = Table("unit", read=3, due=2)
    table.settle()
    assert table.doubtful
    table = Table("unit", read=2, due=2, gaps=[(3, 3)], doubtful=True)
    table.settle()
    assert table.is_whole


def test_what_is_no_text_is_a_gap_that_the_copy_fills(path: Path) -> None:
    if keyring.is_encrypted(path):
        pytest.skip("an encrypted page that was altered is not read")
    on(path, "unit")
    whole = names(path)
    back_up(path, DAY)
    content = path.read_bytes()
    assert "演示数据77".encode() in content
    path.write_bytes(content.replace("演示数据77".encode(), "演示数据77".encode()[:-3] + b"\xff77"))
    found = rescue(path, path.with_name("new.census"))
    assert "unit" in [one.name for one in found.damaged]
    assert found.filled
    assert names(found.target) == whole


def names(path: Path) -> list[str]:
    with closing(stores.open(path)) as store:
        return [row[0] for row in store.execute("SELECT name FROM unit ORDER BY id")]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_table_that_can_be_rescued_is_called_as_a_person_calls_it(path: Path, lang: str) -> None:
    texts = catalogues.load(ROOT / "assets" / "i18n", lang)
    found = rescue(path, path.with_name("new.census"))
    forms = {form.table: form for form in found.forms}
    called = {table.name: table_name(table.name, forms, texts) for table in found.tables}
    other = {name for name, said in called.items() if said == texts("rescue.other_table", name=name)}
    assert other == {MIGRATIONS.migrations_table}
    assert len(set(called.values())) == len(called)
    assert "form_t_02" not in called["form_t_02"]
    assert "T-02" in called["form_t_02"]
