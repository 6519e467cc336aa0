"""Returns and their merge: readable, verified to the row, each all or nothing, none silently lost."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import code_of
from python_calamine import CalamineWorkbook

from survey import cells, control, explanations, journal, returnbook, returns, statuses
from survey import manifest as manifests
from survey import store as stores
from survey.controlfile import Exemption
from survey.errors import SurveyError
from survey.intake import Intake
from survey.merge import MergeReport, merge
from survey.results import Results
from survey.review import Review
from survey.scheme import Scheme
from survey.sealing import DIGITS
from survey.signing import Signed
from survey.store import Store
from survey.taking import Rows
from survey.texts import Texts


def fill(store: Store, numbers: Sequence[int], period: str = "2025", revenue: int = 1000) -> None:
    with store.atomic():
        source = store.add_source("演示", "sample", "")
        columns = {
            "uscc": [code_of(n) for n in numbers],
            "name": [f"演示数据{n}" for n in numbers],
            "district": [store.district] * len(numbers),
            "segment": ["design"] * len(numbers),
            "backbone": [n % 2 for n in numbers],
            "revenue": [revenue + n for n in numbers],
            "main_revenue": [revenue for _ in numbers],
            "share": [round(n / 3, 6) for n in numbers],
        }
        intake = Intake(store)
        intake.begin(source)
        intake.take(Rows([(code_of(n), period) for n in numbers], list(numbers), columns, names=columns["name"]))


@pytest.fixture
def sent(district: Store, tmp_path: Path, texts: Texts) -> Path:
    """The return of a district with five units in two years."""
    fill(district, range(5))
    fill(district, range(5), "2024", 800)
    path = tmp_path / "440305.xlsx"
    returns.write(district, path, texts)
    return path


def corrected(district: Store, sent: Path, texts: Texts) -> Path:
    """The next return, in which one unit has another revenue."""
    unit = district.find_unit(code_of(3))
    assert unit is not None
    cells.write(district, unit, "2025", "revenue", 5555)
    later = sent.with_name("later.xlsx")
    returns.write(district, later, texts)
    return later


def only(city: Store, path: Path, *, dry_run: bool = False) -> MergeReport:
    [report] = merge(city, [path], dry_run=dry_run)
    return report


def counts(report: MergeReport) -> tuple[bool, int, int, int, int]:
    return report.accepted, report.new, report.changed, report.identical, len(report.conflicts)


def dump(store: Store) -> list[object]:
    """All answers in the file, whoever sent them."""
    found: list[object] = []
    for form in store.scheme.forms:
        items = ", ".join(f'f."{item.name}"' for item in form.items)
        found += store.execute(
            f"SELECT u.uscc, r.period, {items} FROM {form.table} f JOIN response r ON r.id = f.response"
            " JOIN unit u ON u.id = r.unit ORDER BY 1, 2"
        ).fetchall()
    return found


def test_a_password_that_anybody_guesses_is_refused(district: Store, tmp_path: Path, texts: Texts) -> None:
    with pytest.raises(SurveyError, match="short_passphrase"):
        returns.write(district, tmp_path / "r.xlsx", texts, password="1234567")
    assert not (tmp_path / "r.xlsx").exists()


def test_what_a_district_sends_is_what_the_city_has(district: Store, city: Store, sent: Path) -> None:
    assert counts(only(city, sent)) == (True, 5, 0, 0, 0)
    assert dump(city) == dump(district)
    assert {row.district for row in city.unit_list("2025")} == {"440305"}


def test_a_person_can_read_a_return(sent: Path) -> None:
    book = CalamineWorkbook.from_path(str(sent))
    assert book.sheet_names[:3] == ["封面", "T-01", "T-02"]
    cover = [cell for row in book.get_sheet_by_name("封面").to_python() for cell in row if cell]
    assert {"南山区", "2025"} <= set(map(str, cover))
    table = book.get_sheet_by_name("T-01").to_python(skip_empty_area=False)
    assert table[0][0].startswith("T-01")
    assert table[3][:3] == ["统一社会信用代码", "单位详细名称", "报告期"]
    assert table[7][:3] == [code_of(0), "演示数据0", "2025"]
    assert "设计" in table[7]


def test_the_manifest_gives_counts_and_totals_and_is_signed(sent: Path) -> None:
    rows = CalamineWorkbook.from_path(str(sent)).get_sheet_by_name(manifests.SHEET).to_python()
    facts = {row[0]: row[1] for row in rows}
    assert facts["format"] == "census-desk-return"
    assert (facts["district"], facts["period"], facts["sequence"], facts["rows.T-02"]) == ("440305", "2025", "1", "10")
    assert facts["total.T-02.301"] == str(sum(1000 + n for n in range(5)))
    assert (len(facts["signer"]), len(facts["signature"])) == (64, 128)


def test_merging_twice_changes_nothing(city: Store, sent: Path) -> None:
    only(city, sent)
    before = dump(city)
    again = only(city, sent)
    assert counts(again) == (True, 0, 0, 5, 0)
    assert again.repeated
    assert dump(city) == before
    assert city.execute("SELECT count(*) FROM change").fetchone()[0] == 0


def test_a_dry_run_says_the_same_and_changes_nothing(city: Store, sent: Path) -> None:
    assert counts(only(city, sent, dry_run=True)) == (True, 5, 0, 0, 0)
    assert dump(city) == []
    assert city.execute("SELECT count(*) FROM merge").fetchone()[0] == 0


def test_a_later_return_changes_only_what_changed(district: Store, city: Store, sent: Path, texts: Texts) -> None:
    only(city, sent)
    unit = district.find_unit(code_of(3))
    assert unit is not None
    cells.write(district, unit, "2025", "revenue", 5555)
    cells.write(district, unit, "2025", "share", None)
    later = sent.with_name("later.xlsx")
    assert returns.write(district, later, texts).manifest.sequence == 2
    assert counts(only(city, later)) == (True, 0, 1, 4, 0)
    changes = city.execute("SELECT item, old, new FROM change ORDER BY item").fetchall()
    assert changes == [("revenue", 1003, 5555), ("share", 1.0, None)]


def test_what_was_sent_back_is_submitted_once_it_comes_again(
    district: Store, city: Store, sent: Path, texts: Texts
) -> None:
    only(city, sent)
    back = [city.find_unit(code_of(n)) for n in (1, 2)]
    statuses.decide(city, [unit for unit in back if unit], "2025", "returned", "主营收入请核实")
    assert city.counts("2025")["returned"] == 2
    only(city, corrected(district, sent, texts))
    assert city.counts("2025") == {"units": 5, "due": 0, "submitted": 5}


def test_an_older_return_after_a_newer_one_is_noted_and_changes_nothing(
    district: Store, city: Store, sent: Path, texts: Texts
) -> None:
    only(city, corrected(district, sent, texts))
    before = dump(city)
    for _ in range(2):
        assert only(city, sent).superseded
    assert dump(city) == before
    assert city.execute("SELECT sequence, state FROM merge").fetchall() == [(2, "accepted"), (1, "superseded")]


def test_two_windows_that_send_one_after_the_other_number_their_returns_in_turn(
    district: Store, texts: Texts, tmp_path: Path, city: Store
) -> None:
    fill(district, [1, 2])
    with closing(stores.open(district.path)) as other:
        first = returns.write(district, tmp_path / "first.xlsx", texts).manifest
        fill(district, [1], revenue=77)
        second = returns.write(other, tmp_path / "second.xlsx", texts).manifest
    fill(district, [1], revenue=78)
    third = returns.write(district, tmp_path / "third.xlsx", texts).manifest
    sent = (first, second, third)
    assert [(one.sequence, one.parent) for one in sent] == [(1, ""), (2, first.digest), (3, second.digest)]
    reports = merge(city, [tmp_path / f"{name}.xlsx" for name in ("first", "second", "third")])
    assert [(one.error, one.gap) for one in reports] == [(None, False)] * 3


def test_a_return_is_not_written_where_another_window_has_sent_one_meanwhile(
    district: Store, texts: Texts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(district, [1, 2])
    real = manifests.lines_of

    def meanwhile(*arguments: Any) -> list[tuple[str, str, str]]:
        monkeypatch.setattr(manifests, "lines_of", real)
        with closing(stores.open(district.path)) as other:
            fill(other, [1], revenue=77)
            returns.write(other, tmp_path / "theirs.xlsx", texts)
        return real(*arguments)

    monkeypatch.setattr(manifests, "lines_of", meanwhile)
    target = tmp_path / "ours.xlsx"
    target.write_bytes(b"before")
    with pytest.raises(SurveyError, match="sent_meanwhile"):
        returns.write(district, target, texts)
    assert target.read_bytes() == b"before"
    assert district.execute("SELECT name FROM receipt").fetchall() == [("theirs.xlsx",)]
    assert [one.subject for one in journal.entries(district, "returned")] == ["theirs.xlsx"]
    fill(district, [1], revenue=78)
    assert returns.write(district, target, texts).manifest.sequence == 2


def test_exporting_again_without_a_change_keeps_the_sequence(district: Store, sent: Path, texts: Texts) -> None:
    again = returns.write(district, sent.with_name("again.xlsx"), texts)
    assert again.manifest.sequence == 1


def altered(path: Path, sheet: int, old: str, new: str) -> Path:
    """The workbook with one text changed in one sheet's XML, as another program would save it."""
    target = path.with_name(f"altered-{path.name}")
    name = f"xl/worksheets/sheet{sheet}.xml"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for entry in source.namelist():
            content = source.read(entry)
            if entry == name:
                text = content.decode("utf-8")
                assert re.search(old, text), text[:2000]
                content = re.sub(old, new, text, count=1).encode("utf-8")
            copy.writestr(entry, content)
    return target


def test_a_changed_value_is_found_to_the_row(city: Store, sent: Path, texts: Texts) -> None:
    report = only(city, altered(sent, 3, "<v>1003</v>", "<v>1004</v>"))
    assert report.error is not None
    assert report.error.code == "digest_rows"
    assert "T-02 11" in report.reason(texts)
    assert dump(city) == []


ROW = r'(<row r="11".*?</row>)'
NAMES = r"<t>revenue</t>(.*?)<t>main_revenue</t>"


@pytest.mark.parametrize(
    ("sheet", "old", "new", "code", "where"),
    [
        (3, ROW, "", "digest_counts", "T-02 10→9"),
        (3, "(</row></sheetData>)", r'</row><row r="18"><c r="A18" t="inlineStr"><is><t>x</t></is></c>\1',
         "digest_rows", "T-02 18"),
        (3, NAMES, r"<t>main_revenue</t>\1<t>revenue</t>", "digest_rows", "T-02 9  T-02 10"),
        (3, "<t>revenue</t>", "<t>income</t>", "return_columns", "T-02"),
        (5, "<t>5010</t>", "<t>5011</t>", "manifest_changed", "total.T-02.301"),
        (5, "<t>sequence</t>(.*?)<t>1</t>", r"<t>sequence</t>\1<t>9</t>", "manifest_changed", "8 sequence"),
        (5, '<row r="12".*?</row>', "", "manifest_changed", "seal"),
    ],
    ids=["deleted row", "added row", "swapped columns", "renamed column", "control total", "sequence",
         "manifest line"],
)  # fmt: skip
def test_whatever_is_changed_is_refused_and_the_sentence_says_where(
    city: Store, sent: Path, texts: Texts, sheet: int, old: str, new: str, code: str, where: str
) -> None:
    report = only(city, altered(sent, sheet, old, new))
    assert report.error is not None
    assert report.error.code == code
    assert where in report.reason(texts)
    assert dump(city) == []


def test_a_row_that_stands_there_twice_is_refused(city: Store, sent: Path, texts: Texts) -> None:
    with zipfile.ZipFile(sent) as archive:
        [row] = re.findall('<row r="11".*?</row>', archive.read("xl/worksheets/sheet3.xml").decode())
    twice = re.sub(r'(r="[A-Z]*)11"', r'\g<1>18"', row)
    report = only(city, altered(sent, 3, "</sheetData>", f"{twice}</sheetData>"))
    assert report.error is not None
    assert report.error.code == "digest_twice"
    assert "T-02 18" in report.reason(texts)
    assert dump(city) == []


def test_control_totals_that_the_rows_do_not_come_to_are_refused(
    district: Store, city: Store, tmp_path: Path, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(district, range(3))
    true = manifests.ControlTotals.by_code
    monkeypatch.setattr(
        manifests.ControlTotals, "by_code", lambda self: {key: one + 1 for key, one in true(self).items()}
    )
    path = returns.write(district, tmp_path / "r.xlsx", texts).path
    monkeypatch.undo()
    report = only(city, path)
    assert report.error is not None
    assert report.error.code == "control_totals"
    assert "T-02.301" in report.reason(texts)
    assert dump(city) == []


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("ic-or-test", "other", "wrong_scheme"),
        ("2025", "2024", "wrong_period"),
        ("440305", "999999", "wrong_district"),
        ("0.1", "0.2", "wrong_version"),
    ],
)
def test_what_does_not_belong_is_refused_with_the_reason(
    city: Store, sent: Path, texts: Texts, key: str, value: str, code: str
) -> None:
    key = {"ic-or-test": "test"}.get(key, key)
    report = only(city, altered(sent, 5, f"<t>{re.escape(key)}</t>", f"<t>{value}</t>"))
    assert report.error is not None
    assert report.error.code == code
    assert report.reason(texts)
    assert dump(city) == []


_SINCE = {"1": ("enclosed.", "fact.", "table.", "cover", "order."), "3": ("order.",)}


def of_version(version: str, store: Store, path: Path, texts: Texts, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A return as an earlier version of the program wrote it: seals over what rows carry, and lines fewer."""
    total, seal, lines = returns.total_digest, returnbook.seal_of, manifests.lines_of
    later = _SINCE.get(version, _SINCE["1"])

    def lines_then(manifest: manifests.Manifest, _sign: object) -> list[tuple[str, str, str]]:
        if version != "3":
            manifest = replace(manifest, cover_sheet="", cover={}, tables={}, enclosed={}, facts={})
        said = [
            (key, value)
            for key, value, _ in lines(replace(manifest, signed=Signed()))[:-1]
            if not key.startswith(later)
        ]
        if version != "1":
            said.append((manifests.SEAL, manifests._seal(key for key, _ in said)))
        return [(key, value, "" if version == "1" else manifests._line_digest(key, value)) for key, value in said]

    monkeypatch.setattr(returns, "RowDigests", lambda form: manifests.RowDigests(form, short=True))
    monkeypatch.setattr(returns, "total_digest", lambda rows: total(row[:DIGITS] for row in rows))
    monkeypatch.setattr(returnbook, "seal_of", lambda rows: seal(row[:DIGITS] for row in rows))
    monkeypatch.setattr(manifests, "lines_of", lines_then)
    monkeypatch.setattr(manifests, "FORMAT_VERSION", version)
    written = returns.write(store, path, texts).path
    monkeypatch.undo()
    return written


@pytest.mark.parametrize("version", ["1", "2", "3"])
def test_a_return_of_an_earlier_version_is_taken(
    district: Store, city: Store, tmp_path: Path, texts: Texts, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    fill(district, range(3))
    path = of_version(version, district, tmp_path / "r.xlsx", texts, monkeypatch)
    if version != "3":
        # Nothing told of the cover then.
        path = altered(path, 1, "<t>封面</t>|<v>3</v>", "<v>4</v>")
    assert counts(only(city, path)) == (True, 3, 0, 0, 0)


def test_a_changed_value_of_an_earlier_version_is_still_found(
    district: Store, city: Store, tmp_path: Path, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(district, range(3))
    path = of_version("3", district, tmp_path / "r.xlsx", texts, monkeypatch)
    report = only(city, altered(path, 3, "<v>1001</v>", "<v>1002</v>"))
    assert report.error is not None
    assert report.error.code == "digest_rows"


def test_a_workbook_that_is_no_return_is_refused(city: Store, data: Path, tmp_path: Path) -> None:
    reports = merge(city, [data / "hostile" / "test_fil__write.et", tmp_path / "nothing.xlsx"])
    assert [report.error.code if report.error else "" for report in reports] == ["not_a_return", "no_file"]


def test_one_refused_return_does_not_stop_the_others(city: Store, sent: Path, data: Path) -> None:
    early = altered(sent, 5, "<t>2025</t>", "<t>2024</t>")
    reports = merge(city, [data / "hostile" / "msoffcry__example_password.xlsx", early, sent])
    assert [report.accepted for report in reports] == [False, False, True]
    assert len(city.unit_list("2025")) == 5


def test_the_same_unit_from_two_districts_is_reported_and_not_overwritten(
    city: Store, sent: Path, small: Scheme, tmp_path: Path, texts: Texts
) -> None:
    only(city, sent)
    other = stores.create(tmp_path / "b.census", small, "2025", "SZDP00")
    fill(other, [4, 7], revenue=9000)
    returns.write(other, tmp_path / "b.xlsx", texts)
    other.close()
    before = [row for row in dump(city) if isinstance(row, tuple) and row[0] == code_of(4)]
    report = only(city, tmp_path / "b.xlsx")
    assert counts(report) == (True, 1, 0, 0, 0)
    [contest] = report.contests
    assert (contest.uscc, contest.senders, contest.counted) == (code_of(4), ("440305", "SZDP00"), "440305")
    assert [row for row in dump(city) if isinstance(row, tuple) and row[0] == code_of(4)] == before


def test_a_cell_the_city_changed_is_held_and_both_values_are_kept(
    district: Store, city: Store, sent: Path, texts: Texts
) -> None:
    only(city, sent)
    unit = city.find_unit(code_of(2))
    assert unit is not None
    cells.write(city, unit, "2025", "revenue", 7777, who="市", reason="与企业核实")
    here = district.find_unit(code_of(2))
    assert here is not None
    cells.write(district, here, "2025", "revenue", 8888)
    later = sent.with_name("later.xlsx")
    returns.write(district, later, texts)
    report = only(city, later)
    [conflict] = report.conflicts
    assert (conflict.item, conflict.base, conflict.kept, conflict.offered) == ("revenue", 1002, 7777, 8888)
    assert cells.read(city, unit, "2025").values["revenue"] == 7777


def test_only_the_city_merges_and_only_districts_return(
    district: Store, city: Store, sent: Path, texts: Texts, tmp_path: Path
) -> None:
    [report] = merge(district, [sent])
    assert report.error is not None
    assert report.error.code == "not_from_officer"
    with pytest.raises(SurveyError, match="city_has_no_return"):
        returns.write(city, tmp_path / "x.xlsx", texts)


def test_an_empty_desk_has_nothing_to_return(district: Store, tmp_path: Path, texts: Texts) -> None:
    with pytest.raises(SurveyError, match="nothing_to_return"):
        returns.write(district, tmp_path / "x.xlsx", texts)
    assert not (tmp_path / "x.xlsx").exists()


def test_a_return_that_cannot_be_written_leaves_the_old_one(district: Store, sent: Path, texts: Texts) -> None:
    folder = sent.parent / "gone"
    folder.mkdir()
    target = folder / "r.xlsx"
    shutil.copy(sent, target)
    before = target.read_bytes()
    shutil.rmtree(folder)
    with pytest.raises(SurveyError, match="cannot_write"):
        returns.write(district, target, texts)
    assert before
    assert not list(sent.parent.glob("**/.*xlsx"))


def test_findings_go_with_the_return(district: Store, tmp_path: Path, texts: Texts) -> None:
    fill(district, [1])
    unit = district.find_unit(code_of(1))
    assert unit is not None
    cells.write(district, unit, "2025", "main_revenue", 99999)
    summary = returns.write(district, tmp_path / "r.xlsx", texts)
    assert summary.open_facts == {"blocking": 1, "units": 1, "unexplained": 0}
    rows = CalamineWorkbook.from_path(str(tmp_path / "r.xlsx")).get_sheet_by_name("审核情况").to_python()
    [line] = [row for row in rows if "F01" in row]
    assert "差 98,998 千元" in line[4]


def doubtful(district: Store) -> int:
    """A unit whose revenue grew too much, class C."""
    fill(district, [1])
    fill(district, [1], "2024", 5000)
    unit = district.find_unit(code_of(1))
    assert unit is not None
    cells.write(district, unit, "2025", "revenue", 90_000)
    return unit


def test_what_is_not_settled_makes_a_draft_and_no_final_return(district: Store, tmp_path: Path, texts: Texts) -> None:
    unit = doubtful(district)
    cells.write(district, unit, "2025", "main_revenue", 99_999)
    with pytest.raises(SurveyError) as caught:
        returns.write(district, tmp_path / "r.xlsx", texts, final=True)
    assert caught.value.code == "return_blocked"
    assert caught.value.facts == {"blocking": 1, "units": 1, "unexplained": 1}
    assert not (tmp_path / "r.xlsx").exists()
    assert district.desk["sequence"] == "0"
    summary = returns.write(district, tmp_path / "r.xlsx", texts)
    assert summary.manifest.draft
    cover = CalamineWorkbook.from_path(str(summary.path)).get_sheet_by_name("封面").to_python()
    assert cover[0][0].startswith("【草稿】")
    assert district.counts("2025") == {"units": 1, "due": 0, "errors": 1}


def test_once_explained_and_exempted_it_is_final(district: Store, tmp_path: Path, texts: Texts) -> None:
    unit = doubtful(district)
    cells.write(district, unit, "2025", "main_revenue", 99_999)
    for finding in list(Review(district, "2025").findings(not_evaluated=False)):
        if finding.category == "C":
            explanations.explain(district, unit, finding, "按合同进度确认收入，账表相符")
    control._put_exemptions(district, [Exemption(code_of(1), "F01", "2025", "王", "集团内结算口径不同", "2026-01-02")])
    summary = returns.write(district, tmp_path / "r.xlsx", texts, final=True)
    assert not summary.manifest.draft
    book = CalamineWorkbook.from_path(str(summary.path))
    said = {row[3]: row[5] for row in book.get_sheet_by_name("审核情况").to_python()}
    assert said["F01"] == "市级豁免（王，2026-01-02）：集团内结算口径不同"
    assert said["F02"] == "按合同进度确认收入，账表相符"
    (exempted,) = [row for row in book.get_sheet_by_name("审核控制与豁免").to_python() if row[1] == "F01"]
    assert exempted[:4] == [code_of(1), "F01", "豁免", "2026-01-02"]
    assert district.counts("2025") == {"units": 1, "due": 0, "submitted": 1}


def cover_of(path: Path) -> list[list[object]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name("封面").to_python(skip_empty_area=False)


def test_the_cover_tells_how_far_the_units_are_and_why_some_will_not_answer(
    district: Store, tmp_path: Path, texts: Texts
) -> None:
    fill(district, range(3))
    gone, silent = (cells.add_unit(district, code_of(n), f"演示数据{n}", "2025") for n in (8, 9))
    statuses.decide(district, [gone], "2025", "deregistered", "年初已经注销")
    statuses.decide(district, [silent], "2025", "unreachable", "电话无人接听")
    path = returns.write(district, tmp_path / "r.xlsx", texts).path
    rows = [[cell for cell in row if cell != ""] for row in cover_of(path)]
    assert [5, 4, 3, "75.0%"] in rows
    assert ["已审", 3, "注销", 1] in rows
    assert ["演示数据9", code_of(9), "无法联系", "电话无人接听"] in rows
    listed = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("处置情况").to_python()
    assert [row[1] for row in listed[1:]] == sorted([code_of(8), code_of(9)])


def test_the_cover_tells_the_scheme_the_place_in_the_chain_and_the_totals_by_form(
    district: Store, sent: Path, texts: Texts
) -> None:
    later = corrected(district, sent, texts)
    manifest = manifests.read_manifest(
        CalamineWorkbook.from_path(str(later)).get_sheet_by_name(manifests.SHEET).to_python(), later
    )
    assert not manifest.altered
    told = [cell for row in cover_of(later) for cell in row]
    assert {district.scheme.digest[:16], manifest.digest[:16], manifest.parent[:16], "2", "正式上报"} <= set(told)
    [total] = [row for row in cover_of(later) if str(row[0]).startswith("301 ")]
    assert total == ["301 营业收入", float(manifest.totals["T-02"]["301"]), "千元", "T-02 财务与人员"]


def test_the_cover_counts_findings_by_class_and_how_they_were_settled(
    district: Store, tmp_path: Path, texts: Texts
) -> None:
    unit = doubtful(district)
    cells.write(district, unit, "2025", "main_revenue", 99_999)
    (finding,) = [one for one in Review(district, "2025").findings(not_evaluated=False) if one.category == "C"]
    explanations.explain(district, unit, finding, "按合同进度确认收入，账表相符", who="张")
    path = returns.write(district, tmp_path / "r.xlsx", texts).path
    rows = [[cell for cell in row if cell != ""] for row in cover_of(path)]
    assert ["核实性", 1, "已说明 1，已豁免 0", 0] in rows
    assert [row[3] for row in rows if row and row[0] == "强制性"] == [1]
    assert ["草　稿"] in rows
    told = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("审核情况").to_python()
    [line] = [row for row in told if "F02" in row]
    assert line[5:7] == ["按合同进度确认收入，账表相符", "张"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", str(line[7]))


def test_every_sheet_of_a_draft_says_so_on_paper(district: Store, tmp_path: Path, texts: Texts) -> None:
    unit = doubtful(district)
    cells.write(district, unit, "2025", "main_revenue", 99_999)
    path = returns.write(district, tmp_path / "r.xlsx", texts).path
    with zipfile.ZipFile(path) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name]
    printed = [sheet for sheet in sheets if "<t>census-desk-return</t>" not in sheet]
    assert len(printed) == len(sheets) - 1 > 2
    assert all("草稿】</oddHeader>" in sheet for sheet in printed)


def test_a_draft_is_merged_but_counts_as_not_submitted(
    district: Store, city: Store, tmp_path: Path, texts: Texts
) -> None:
    unit = doubtful(district)
    draft = returns.write(district, tmp_path / "draft.xlsx", texts).path
    (report,) = merge(city, [draft])
    assert report.draft
    assert report.new == 1
    assert city.counts("2025") == {"units": 1, "due": 0, "in_progress": 1}
    assert city.execute("SELECT draft FROM merge").fetchall() == [(1,)]
    (finding,) = [one for one in Review(district, "2025").findings() if one.check == "F02"]
    explanations.explain(district, unit, finding, "按合同进度确认收入，账表相符")
    (report,) = merge(city, [returns.write(district, tmp_path / "final.xlsx", texts, final=True).path])
    assert not report.draft
    assert city.counts("2025") == {"units": 1, "due": 0, "submitted": 1}


def test_what_holds_a_final_return_back_is_kept_for_the_check_page(
    district: Store, tmp_path: Path, texts: Texts
) -> None:
    doubtful(district)
    with pytest.raises(SurveyError, match="return_blocked"):
        returns.write(district, tmp_path / "r.xlsx", texts, final=True)
    assert len(Results(district, "2025").failures(["F02"])) == 1
    assert district.counts("2025") == {"units": 1, "due": 0, "to_explain": 1}
