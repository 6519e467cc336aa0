"""The public edition on paper: marks instead of figures, nothing given away, and what earlier editions have told."""

from __future__ import annotations

import json
import random
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import code_of
from python_calamine import CalamineWorkbook

from desktop.cli import main
from desktop.printing import page_set
from indicators import definition, edition, localtable, protection, tables, workbook
from indicators.computation import Computation
from indicators.edition import Edition, EditionKind
from indicators.printed import every
from indicators.table import Figure, Summary, Table
from survey import cells
from survey import scheme as schemes
from survey import store as stores
from survey.errors import SurveyError, sentence
from survey.files import UNTOLD
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

INDICATORS = """
[[indicator]]
id = "N-01"
label = "企业数"
label_en = "Units"
unit = "家"
unit_en = "units"
needs = ["revenue"]
formula = "count(revenue >= 0)"

[[indicator]]
id = "E-01"
label = "EDA 收入"
label_en = "EDA revenue"
unit = "亿元"
unit_en = "100m yuan"
digits = 2
formula = "total(revenue) / 100000"
scope = "segment = 'eda'"
"""
TABLES = """
[[table]]
id = "1"
kind = "breakdown"
by = "segment"
title = "分环节收入"
columns = ["G1-01"]
compare = ["now", "before", "growth", "share"]
order = "G1-01"
chart = "G1-01"

[[table]]
id = "2"
kind = "indicators"
title = "质量"
rows = ["G1-01", "E-01"]
compare = ["now", "due", "used", "filled", "coverage", "near", "largest"]

[[table]]
id = "3"
kind = "targets"
title = "目标"
"""
TARGETS = """
[[target]]
indicator = "E-01"
wording = "EDA 收入 4 亿元以上"
operator = ">="
value = 4.0
year = "2025"
"""
# Segment and revenue in thousand yuan of 2025 and 2024 (演示数据): 80, 40.00492 and 5.00017 in 100m yuan.
UNITS = [("design", 2_000_000, 1_000_000)] * 4 + [("fab", 1_000_123, 500_077)] * 4 + [("eda", 500_017, 400_013)]


@pytest.fixture(scope="module")
def scheme(data: Path) -> Scheme:
    files = schemes.read_files(data / "scheme2")
    files["indicators.toml"] += INDICATORS
    files["tables.toml"], files["targets.toml"] = TABLES, TARGETS
    return schemes.read(files)


@pytest.fixture
def city(tmp_path: Path, scheme: Scheme) -> Iterator[Store]:
    store = stores.create(tmp_path / "c.census", scheme, "2025", None)
    for number, (segment, revenue, before) in enumerate(UNITS):
        unit = cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")
        for period, amount in (("2025", revenue), ("2024", before)):
            facts = {"uscc": code_of(number), "district": "440305", "segment": segment, "revenue": amount}
            for name, value in facts.items():
                cells.write(store, unit, period, name, value)  # type: ignore[arg-type]
    yield store
    store.close()


def frozen(store: Store, kind: EditionKind = "public") -> Edition:
    return edition.freeze(Computation(store, definition.load(store.scheme)), kind, "0.1.0")


def printed(store: Store, one: Edition, texts: Texts) -> Summary:
    return tables.of_edition(store, definition.load(store.scheme), one, texts)


def lines(table: Table) -> list[str]:
    return ["  ".join(cell if isinstance(cell, str) else cell.text() for cell in row.cells) for row in table.rows]


def write_all(store: Store, segment: str, amount: int) -> None:
    """Another revenue for all units of a segment."""
    for number, (own, _, _) in enumerate(UNITS):
        if own == segment:
            (unit,) = store.find_units([code_of(number)])
            cells.write(store, unit, "2025", "revenue", amount)


def test_what_is_withheld_is_a_mark_and_so_is_all_that_comes_of_it(city: Store, texts: Texts) -> None:
    """EDA is one unit; without the fabs it would be the rest of the total. Neither has growth, share or place."""
    table = printed(city, frozen(city), texts).tables[0]
    assert lines(table) == [
        "合计  125.01  64.00  95.3  100.0",
        "设计  80.00  40.00  100.0  64.0",
        "制造  *  *  *  *",
        "EDA  *  *  *  *",
    ]
    assert texts("tables.note.withheld") in table.notes
    figures = [cell for row in table.rows for cell in row.cells if isinstance(cell, Figure)]
    assert [cell.trace.way for cell in figures if cell.trace] == ["growth", "share", "growth", "share"]


def test_the_same_tables_of_a_working_edition_have_every_figure(city: Store, texts: Texts) -> None:
    table = printed(city, frozen(city, "working"), texts).tables[0]
    assert lines(table)[2:] == ["制造  40.00  20.00  100.0  32.0", "EDA  5.00  4.00  25.0  4.0"]
    live = tables.summary(Computation(city, definition.load(city.scheme)), "2025", texts)
    assert lines(live.tables[0]) == lines(table)
    assert texts("tables.note.withheld") not in table.notes


def test_of_few_units_not_even_the_coverage_is_told(city: Store, texts: Texts) -> None:
    """Who is near a limit or the largest is for nobody; of the whole it is told how many have answered."""
    table = printed(city, frozen(city), texts).tables[1]
    assert [column.head.partition("\n")[0] for column in table.columns[3:]] == [
        "2025",
        "应有",
        "已用",
        "填报率",
        "已用 / 应有",
    ]
    assert lines(table) == [
        "G1-01  营业收入  亿元  125.01  9  9  100.0  9 / 9",
        "E-01  EDA 收入  亿元  *  *  *  *  *",
    ]


def test_a_target_of_a_withheld_figure_tells_no_status(city: Store, texts: Texts) -> None:
    """That it is met would say that the only EDA firm has 4 or more."""
    table = printed(city, frozen(city), texts).tables[2]
    assert lines(table) == ["EDA 收入  “EDA 收入 4 亿元以上”  ≥ 4 亿元  *  *  *"]
    assert texts("tables.note.withheld") in table.notes
    assert lines(printed(city, frozen(city, "working"), texts).tables[2])[0].endswith("5.00 亿元  125.0  达成")


def parts_of(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name).decode("utf-8", "replace") for name in package.namelist()}


# The figures, as they are held and as they are shown, and what growth and share would give away.
SECRETS = ("40.00492", "5.00017", "20.00308", "4.00013", "25.0001", "4.0001")


def test_nowhere_in_the_workbook_stands_what_is_withheld(city: Store, texts: Texts, tmp_path: Path) -> None:
    for kind, least in (("public", 0), ("working", len(SECRETS) - 2)):
        workbook.write(printed(city, frozen(city, kind), texts), tmp_path / f"{kind}.xlsx", texts, UNTOLD)  # type: ignore[arg-type]
        whole = "\n".join(parts_of(tmp_path / f"{kind}.xlsx").values())
        found = [secret for secret in SECRETS if secret in whole]
        assert found == [] if kind == "public" else len(found) >= least
    sheet = CalamineWorkbook.from_path(str(tmp_path / "public.xlsx")).get_sheet_by_index(1).to_python()
    assert "公开版 第 1 版" in sheet[1][0]
    rows = {row[0]: row[1:5] for row in sheet}
    assert rows["EDA"] == rows["制造"] == ["*", "*", "*", "*"]
    assert rows["合计"][0] == pytest.approx(125.00509)


def test_no_formula_and_no_chart_leans_on_a_mark(city: Store, texts: Texts, tmp_path: Path) -> None:
    workbook.write(printed(city, frozen(city), texts), tmp_path / "p.xlsx", texts, UNTOLD)
    parts = parts_of(tmp_path / "p.xlsx")
    sheet = parts["xl/worksheets/sheet2.xml"]
    marked = {cell for cell, kind in re.findall(r'<c r="([A-Z]+\d+)"[^>]*t="(s)"', sheet)}
    formulas = re.findall(r"<f>([^<]*)</f>", sheet)
    assert formulas
    assert not any(cell in marked for formula in formulas for cell in re.findall(r"[A-Z]+\d+", formula))
    assert "SUM" not in "".join(formulas)
    chart = parts["xl/charts/chart1.xml"]
    design = next(
        row
        for row in range(1, 40)
        if f'<c r="B{row}"' in sheet and "<v>80</v>" in sheet.split(f'<c r="B{row}"')[1][:80]
    )
    assert re.findall(r"<c:f>[^<]*!([^<]*)</c:f>", chart) == [f"$A${design}", f"$B${design}"]


def test_a_chart_leaves_out_what_is_withheld_between_others() -> None:
    assert workbook._area("表 1", [10, 11, 13], 1) == "=('表 1'!$B$11:$B$12,'表 1'!$B$14)"
    assert workbook._area("a'b", [10], 0) == "='a''b'!$A$11"


def test_tables_of_an_edition_do_not_follow_the_file(city: Store, texts: Texts) -> None:
    one = frozen(city)
    before = [lines(table) for table in printed(city, one, texts).tables]
    write_all(city, "design", 9_000_000)
    again = printed(city, edition.edition(city, one.id), texts)
    assert [lines(table) for table in again.tables] == before
    assert again.edition == texts("page.of.public", number=one.id, day=one.at[:10])
    assert again.origin.data_digest == one.data


def test_a_table_made_later_has_no_figures_in_an_edition(city: Store, texts: Texts) -> None:
    one = frozen(city)
    text = '[[table]]\nid = "x"\nkind = "breakdown"\nby = "district"\ntitle = "分区"\ncolumns = ["G1-01", "N-01"]\n'
    localtable.save(city, text, definition.load(city.scheme))
    table = printed(city, one, texts).tables[-1]
    assert lines(table)[0] == "合计  125.01  9"
    assert {line.split("  ", 1)[1] for line in lines(table)[1:]} == {"—  —"}
    assert texts("tables.note.lacking") in table.notes
    newer = printed(city, frozen(city), texts).tables[-1]
    assert lines(newer)[1] == "南山区  125.01  9"
    assert texts("tables.note.lacking") not in newer.notes


def test_the_page_says_which_edition_it_is(city: Store, texts: Texts) -> None:
    summary = printed(city, frozen(city), texts)
    assert "公开版" in summary.edition
    assert page_set(summary, city.scheme.legal, texts).count == 2
    live = tables.summary(Computation(city, definition.load(city.scheme)), "2025", texts)
    assert live.edition == texts("page.edition")


def test_the_command_line_writes_the_tables_of_an_edition(city: Store, tmp_path: Path) -> None:
    one = frozen(city)
    write_all(city, "design", 9_000_000)
    out = tmp_path / "out.xlsx"
    done = CliRunner().invoke(main, ["tables", str(city.path), "write", str(out), "--edition", str(one.id)])
    assert done.exit_code == 0, done.output
    rows = CalamineWorkbook.from_path(str(out)).get_sheet_by_index(1).to_python()
    assert next(row[1] for row in rows if row[0] == "设计") == 80
    missing = CliRunner().invoke(main, ["tables", str(city.path), "write", str(out), "--edition", "9"])
    both = CliRunner().invoke(main, ["tables", str(city.path), "write", str(out), "--edition", "1", "--period", "2024"])
    assert (missing.exit_code, both.exit_code) == (2, 2)
    assert "--period" in both.output


def test_what_is_withheld_is_told_with_its_reason_and_bounds(city: Store) -> None:
    """EDA is known to lie between 0 and twice itself; the fabs are the rest of 45.00509. E-01 is the same figure."""
    one = frozen(city)
    eda, fab = (one.withheld["G1-01", "segment", name] for name in ("eda", "fab"))
    assert (eda.reason.status, eda.reason.rule, eda.reason.contributors) == ("primary", "threshold", 1)
    assert (fab.reason.status, fab.protects) == ("complementary", (("E-01", "", ""),))
    assert (eda.value, fab.value) == pytest.approx((5.00017, 40.00492))
    assert (eda.lower, eda.upper) == pytest.approx((0, 10.00034))
    assert (fab.lower, fab.upper) == pytest.approx((35.00475, 45.00509))
    before = one.withheld["G1-01@prev", "segment", "eda"]
    assert before.value == pytest.approx(4.00013)


CROSSED = """
[[table]]
id = "1"
kind = "breakdown"
by = "district"
across = "segment"
title = "分区分环节"
columns = ["G1-01"]
"""


@pytest.mark.parametrize("seed", range(4))
def test_no_mark_stands_alone_in_a_row_or_column(tmp_path: Path, scheme: Scheme, texts: Texts, seed: int) -> None:
    """Alone it would be the rest of its total."""
    files = {**scheme.files, "tables.toml": CROSSED}
    store, dice = stores.create(tmp_path / "x.census", schemes.read(files), "2025", None), random.Random(seed)
    for number in range(24):
        unit = cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")
        district, segment = dice.choice(("440304", "440305", "SZDP00")), dice.choice(("design", "fab", "eda"))
        facts = {"uscc": code_of(number), "district": district, "segment": segment}
        for name, value in {**facts, "revenue": int(100_000 * dice.paretovariate(1.2))}.items():
            cells.write(store, unit, "2025", name, value)  # type: ignore[arg-type]
    rows = [row.cells[1:] for row in printed(store, frozen(store), texts).tables[0].rows]
    store.close()
    marks = [[isinstance(cell, Figure) and cell.withheld for cell in row] for row in rows]
    assert sum(map(sum, marks)) > 1
    assert 1 not in [sum(line) for line in (*marks, *zip(*marks, strict=True))]


# Several public editions


def segments_withheld(one: Edition) -> set[str]:
    return {by for name, dimensions, by in one.withheld if (name, dimensions) == ("G1-01", "segment")}


def test_a_later_edition_does_not_undo_an_earlier_one(city: Store) -> None:
    """By itself it would withhold the designers, the smaller ones by then; who has both would have the rest."""
    assert segments_withheld(frozen(city)) == {"eda", "fab"}
    write_all(city, "fab", 3_000_123)
    computation = Computation(city, definition.load(city.scheme))
    alone = protection.protect(computation, "2025", every(city, computation.catalogue))
    assert alone.withheld.keys() >= {("G1-01", "segment", "design"), ("G1-01", "segment", "eda")}
    assert ("G1-01", "segment", "fab") not in alone.withheld
    later = frozen(city)
    assert segments_withheld(later) == {"eda", "fab"}
    assert later.figures["G1-01", "segment", "design"] == 80


def test_what_was_withheld_once_is_not_given_away_when_it_is_safe_itself(city: Store) -> None:
    """Four EDA firms now: by itself everything might be told, and 125.01 - 80.00 - 40.00 is what the only one had."""
    frozen(city)
    for number in range(20, 23):
        unit = cells.add_unit(city, code_of(number), f"演示数据{number}", "2025")
        facts = {"uscc": code_of(number), "district": "440305", "segment": "eda", "revenue": 1_000_000}
        for name, value in facts.items():
            cells.write(city, unit, "2025", name, value)  # type: ignore[arg-type]
    computation = Computation(city, definition.load(city.scheme))
    pairs = every(city, computation.catalogue)
    alone = protection.protect(computation, "2025", pairs)
    assert not any(name == "G1-01" for name, _, _ in alone.withheld)
    later = frozen(city)
    assert segments_withheld(later) == {"eda", "fab"}
    assert later.figures["G1-01", "segment", "design"] == 80


def test_what_changed_between_two_public_editions_is_told(city: Store) -> None:
    first = frozen(city)
    write_all(city, "fab", 3_000_123)
    told = CliRunner().invoke(main, ["editions", str(city.path), "--freeze", "public"])
    assert told.exit_code == 0, told.output
    assert "G1-01    营业收入  125.01 → 205.01" in told.output
    assert "制造" not in told.output
    found = edition.changed(first, edition.edition(city, first.id + 1))
    assert [(one.id, one.dimensions, one.before, one.now) for one in found] == [
        ("G1-01", "", pytest.approx(125.00509), pytest.approx(205.00509))
    ]


def test_that_a_single_unit_came_late_is_said(city: Store, texts: Texts) -> None:
    """The difference of the two sums is its revenue; of several it is the sum of theirs."""
    late = [("design", 300_000), *[("design", 700_000)] * 3]
    frozen(city)
    for number, (segment, revenue) in enumerate(late, len(UNITS)):
        unit = cells.add_unit(city, code_of(number), f"演示数据{number}", "2025")
        facts = {"uscc": code_of(number), "district": "440305", "segment": segment, "revenue": revenue}
        for name, value in facts.items():
            cells.write(city, unit, "2025", name, value)  # type: ignore[arg-type]
        if number == len(UNITS):
            told = CliRunner().invoke(main, ["editions", str(city.path), "--freeze", "public"])
            assert texts("edition.late", number=1, count=1) in told.output
    told = CliRunner().invoke(main, ["editions", str(city.path), "--freeze", "public"])
    assert "G1-01" in told.output
    assert texts("edition.late", number=2, count=3)[:8] not in told.output


def test_what_is_public_of_the_year_before_stays_so(city: Store) -> None:
    """The public edition of 2024 withheld EDA and the fabs; the year before in that of 2025 must do so, too."""
    city.execute("UPDATE edition SET period = '2024'")
    one = frozen(city)
    figures = [[name, by, of, value] for (name, by, of), value in one.figures.items() if name == "G1-01@prev"]
    kept = [["G1-01", *rest] for _, *rest in figures]
    city.execute("UPDATE edition SET period = '2024', figures = ?", (json.dumps(kept),))
    known = edition.already(city, "2025")
    assert known == {("G1-01@prev", "", ""): pytest.approx(64.00321), ("G1-01@prev", "segment", "design"): 40}
    assert edition.already(city, "2026") == {}


def published(store: Store, **segments: float) -> None:
    """A public edition as other rules would have made it."""
    body = [["G1-01", "", "", 125.00509], *(["G1-01", "segment", by, value] for by, value in segments.items())]
    keys = {tuple(row[:3]) for row in body}
    hidden = frozen(store).withheld.items()
    kept = [
        [*key, *one.row()] for key, one in hidden if key not in keys and (key[0] != "E-01" or "eda" not in segments)
    ]
    store.execute("UPDATE edition SET figures = ?, withheld = ?", (json.dumps(body), json.dumps(kept)))


def test_an_edition_is_refused_where_a_sensitive_figure_is_public(city: Store, texts: Texts) -> None:
    published(city, eda=5.00017)
    with pytest.raises(SurveyError) as caught:
        frozen(city)
    assert caught.value.code == "disclosure_published"
    assert "G1-01 营业收入 [EDA]" in sentence(caught.value, texts)


def test_an_edition_is_refused_where_what_is_public_gives_a_figure_away(city: Store, texts: Texts) -> None:
    published(city, design=80.0, fab=40.00492)
    with pytest.raises(SurveyError) as caught:
        frozen(city)
    assert caught.value.code == "disclosure_pinned"
    assert "E-01 EDA 收入" in sentence(caught.value, texts)
    assert len(edition.listed(city)) == 1


def test_a_revision_that_earlier_figures_give_away_is_refused(city: Store) -> None:
    """EDA was 5.00 and public, the fabs are 125.01 - 80.00 - 5.00; whoever has the new total has the new EDA."""
    published(city, eda=5.00017, design=80.0)
    write_all(city, "eda", 600_000)
    with pytest.raises(SurveyError, match="disclosure_pinned"):
        frozen(city)


def test_a_revised_figure_that_has_become_sensitive_is_withheld(city: Store) -> None:
    """That the only EDA firm had 5.00 cannot be taken back; that it has 6.00 now is not told."""
    published(city, eda=5.00017)
    write_all(city, "eda", 600_000)
    assert "eda" in segments_withheld(frozen(city))


# Reading


def test_one_edition_is_read_without_the_others(city: Store) -> None:
    first = frozen(city)
    second = frozen(city, "working")
    city.execute("UPDATE edition SET figures = 'broken' WHERE id = ?", (second.id,))
    assert edition.edition(city, first.id) == first
    with pytest.raises(SurveyError, match="no_edition"):
        edition.edition(city, 9)


def test_an_edition_of_an_earlier_version_has_its_figures(city: Store, texts: Texts) -> None:
    """Such a one had values alone, and none of what tables print beside."""
    body = json.dumps([["G1-01", "", "", 125.0], ["N-01", "", "", 9.0]])
    city.execute(
        "INSERT INTO edition (kind, period, at, who, note, data, scheme, program, figures)"
        " VALUES ('working', '2025', '2026-01-01T00:00:00', '', '', 'x', 'y', '0.1.0', ?)",
        (body,),
    )
    one = edition.last(city, "2025")
    assert one is not None
    assert one.figures == {("G1-01", "", ""): 125.0, ("N-01", "", ""): 9.0}
    table = printed(city, one, texts).tables[0]
    assert lines(table)[0] == "合计  125.00  —  —  100.0"
    assert texts("tables.note.lacking") in table.notes
    found = edition.verify(Computation(city, definition.load(city.scheme)), one, "0.1.0")
    assert [(name.id, name.before, name.now) for name in found.revised] == [("G1-01", 125.0, pytest.approx(125.00509))]


def test_a_public_edition_is_computed_again_without_what_it_withholds(city: Store) -> None:
    one = frozen(city)
    computation = Computation(city, definition.load(city.scheme))
    assert edition.verify(computation, one, "0.1.0").reproduced
    write_all(city, "fab", 3_000_123)
    found = edition.verify(Computation(city, definition.load(city.scheme)), one, "0.1.0")
    assert [(name.id, name.by) for name in found.revised] == [("G1-01", "")]
