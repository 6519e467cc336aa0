"""The command line: what it does, what it refuses, and with which exit code."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT, code_of

from desktop.cli import main
from survey import cells, claims, conflicts, duplicates
from survey import store as stores


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    path = tmp_path / "d.census"
    assert run("new", path, "--scheme", "ic-cluster", "--period", "2025", "--district", "440305").exit_code == 0
    return path


def table(folder: Path, *rows: str) -> Path:
    path = folder / "list.csv"
    path.write_text("\n".join(["uscc,name,district,segment,revenue,main_revenue,employees", *rows]), encoding="utf-8")
    return path


def test_a_file_is_made_once(desk: Path) -> None:
    again = run("new", desk, "--scheme", "ic-cluster", "--period", "2025", "--city")
    assert again.exit_code == 2
    assert "已经存在" in again.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--period", "2025", "--district", "999999"), "没有代码为"),
        (("--period", "25", "--city"), "四位年份"),
        (("--period", "2025"), "--district"),
    ],
)
def test_what_cannot_be_made_is_refused(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    result = run("new", tmp_path / "x.census", "--scheme", "ic-cluster", *arguments)
    assert result.exit_code == 2
    assert words in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [("check",), ("indicators",), ("return", "o.xlsx"), ("import", "l.csv")])
def test_a_file_that_is_not_there_is_refused(tmp_path: Path, command: tuple[str, ...]) -> None:
    result = run(command[0], tmp_path / "no.census", *command[1:])
    assert result.exit_code == 2
    assert "找不到文件" in result.output


def test_english_is_spoken_on_request(tmp_path: Path) -> None:
    result = run("--lang", "en", "check", tmp_path / "no.census")
    assert "There is no file" in result.output


def test_import_tells_counts_and_every_rejected_cell(desk: Path, tmp_path: Path) -> None:
    path = table(tmp_path, f"{code_of(1)},演示,南山,设计,100,90,5", "9.14E+17,坏,南山,设计,1,1,1")
    dry = run("import", desk, path, "--dry-run", "--json", tmp_path / "dry.json")
    assert dry.exit_code == 1
    found = json.loads((tmp_path / "dry.json").read_text(encoding="utf-8"))
    assert [found[name] for name in ("new", "changed", "identical", "rejected")] == [1, 0, 0, 1]
    [cell] = found["rejected_cells"]
    assert set(cell) == {"file", "sheet", "cell", "found", "reason"}
    assert (cell["cell"], cell["found"]) == ("A3", "9.14E+17")
    assert run("import", desk, path).exit_code == 1
    clean = table(tmp_path, f"{code_of(1)},演示,南山,设计,100,90,5")
    again = run("import", desk, clean, "--json", tmp_path / "again.json")
    assert again.exit_code == 0
    assert json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))["identical"] == 1


def test_import_takes_headings_as_told_and_remembers_them(desk: Path, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"企业编号,企业名称\n{code_of(1)},演示\n", encoding="utf-8-sig")
    assert run("import", desk, path).exit_code == 2
    assert run("import", desk, path, "--map", "企业编号=uscc", "--map", "企业名称=name").exit_code == 0
    again = run("import", desk, path)
    assert again.exit_code == 0
    assert "以前指明的对应列" in again.output


@pytest.mark.parametrize("told", ["企业编号", "=uscc", "企业编号=", "企业编号=nothing"])
def test_a_heading_told_in_a_wrong_way_is_refused(desk: Path, tmp_path: Path, told: str) -> None:
    result = run("import", desk, table(tmp_path, f"{code_of(1)},演示,南山,设计,1,1,1"), "--map", told)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_repairs_are_taken_on_request_and_told(desk: Path, tmp_path: Path) -> None:
    run("import", desk, table(tmp_path, f"{code_of(1)},演示,南山,设计,100,90,5"))
    spoilt = table(tmp_path, f"{code_of(1)[:-1]},演示,南山,设计,200,90,5")
    assert run("import", desk, spoilt, "--json", tmp_path / "a.json").exit_code == 1
    [row] = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["damage"]
    assert (row["kind"], row["cell"], row["row_taken"]) == ("short", "A2", False)
    assert [one["code"] for one in row["proposals"]] == [code_of(1)]
    taken = run("import", desk, spoilt, "--accept-repairs", "--json", tmp_path / "b.json")
    assert taken.exit_code == 0
    found = json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))
    assert (found["changed"], found["accepted_repairs"][0]["code"]) == (1, code_of(1))
    assert "已采用代码修复" in taken.output


def test_another_unit_of_measure_is_converted_on_request(desk: Path, tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    path.write_text(f"单位：万元\n统一社会信用代码,营业收入\n{code_of(1)},7\n", encoding="utf-8")
    refused = run("import", desk, path, "--json", tmp_path / "a.json")
    assert refused.exit_code == 1
    assert "万元" in refused.output
    [one] = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["other_units"]
    assert (one["column"], one["unit"], one["wanted"], one["factor"]) == ("B", "万元", "千元", 10)
    assert run("import", desk, path, "--accept-units").exit_code == 0


def test_check_tells_findings_with_operands_and_verdict(desk: Path, tmp_path: Path) -> None:
    run("import", desk, table(tmp_path, f"{code_of(1)},演示,南山,设计,100,190,5"))
    result = run("check", desk, "--json", tmp_path / "c.json")
    assert result.exit_code == 1
    rows = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    [found] = [row for row in rows if row["check"] == "IC02-01"]
    assert found == {
        "check": "IC02-01", "class": "A", "unit": code_of(1), "period": "2025", "form": "IC-02",
        "items": ["IC-02.301", "IC-02.302"], "operands": {"IC-02.301": 100, "IC-02.302": 190},
        "message": "营业收入应不小于主营业务收入：营业收入(301) 100 千元，主营业务收入(302) 190 千元，差 90 千元",
        "verdict": "fail",
    }  # fmt: skip
    assert {row["verdict"] for row in rows} == {"fail", "not evaluated"}


def test_the_path_from_desk_to_city_speaks_json(desk: Path, tmp_path: Path) -> None:
    run("import", desk, table(tmp_path, f"{code_of(1)},演示,南山,设计,20000000,19000000,500"))
    assert run("return", desk, tmp_path / "r.xlsx").exit_code in (0, 1)
    city = tmp_path / "c.census"
    run("new", city, "--scheme", "ic-cluster", "--period", "2025", "--city")
    assert run("merge", city, tmp_path / "r.xlsx", "--json", tmp_path / "m.json").exit_code == 0
    [merged] = json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))
    assert {name: merged[name] for name in ("file", "district", "period", "accepted", "new", "conflicts")} == {
        "file": "r.xlsx", "district": "440305", "period": "2025", "accepted": True, "new": 1, "conflicts": 0,
    }  # fmt: skip
    out = [tmp_path / name for name in ("i.json", "i.xlsx", "i.pdf", "brief.pdf")]
    kinds = zip(("--json", "--xlsx", "--pdf", "--brief"), out, strict=True)
    assert run("indicators", city, "--by", "district", *(part for kind in kinds for part in kind)).exit_code == 0
    rows = {(row["id"], row["by"]): row for row in json.loads(out[0].read_text(encoding="utf-8"))}
    assert rows["G1-05", None]["value"] == 1
    assert (rows["G1-05", None]["target"], rows["G1-05", None]["status"]) == (3, "behind")
    assert rows["G1-01", "440305"]["value"] == 200
    assert all(path.stat().st_size > 1000 for path in out)


def test_a_figure_is_traced_to_its_units_their_answers_the_file_and_every_change(desk: Path, tmp_path: Path) -> None:
    run("import", desk, table(tmp_path, f"{code_of(1)},演示,南山,设计,20000000,19000000,500"))
    with contextlib.closing(stores.open(desk)) as store:
        cells.write(store, store.find_units([code_of(1)])[0], "2025", "revenue", 21_000_000, who="甲", reason="核实")
    listed = run("trace", desk, "G1-05")
    assert (listed.exit_code, code_of(1) in listed.output, "21,000,000" in listed.output) == (0, True, True)
    nobody = run("trace", desk, "G1-05", "--by", "district", "--group", "440303")
    assert "背后的 0 家单位" in nobody.output
    told = run("trace", desk, "G1-05", "--unit", code_of(1), "--json", tmp_path / "t.json").output
    assert "营业收入  21,000,000  千元" in told
    assert "20,000,000 → 21,000,000  核实" in told
    trails = {one["item"]: one for one in json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))}
    assert trails["revenue"]["origin"] is None
    assert (trails["segment"]["origin"]["source"], trails["segment"]["origin"]["row"]) == ("list.csv", 2)
    assert run("trace", desk, "IC-02.301", "--unit", code_of(1)).output.startswith("2025  IC-02  301")
    refused = {("G9-99",): "G9-99", ("IC-02.301",): "--unit", ("G1-05", "--by", "district"): "--group"}
    for arguments, named in refused.items():
        result = run("trace", desk, *arguments)
        assert (result.exit_code, named in result.output) == (2, True)


def test_all_refused_is_two_and_some_refused_is_one(desk: Path, tmp_path: Path) -> None:
    run("import", desk, table(tmp_path, f"{code_of(1)},演示,南山,设计,1,1,5"))
    run("return", desk, tmp_path / "r.xlsx")
    city = tmp_path / "c.census"
    run("new", city, "--scheme", "ic-cluster", "--period", "2025", "--city")
    assert run("merge", city, tmp_path / "list.csv").exit_code == 2
    assert run("merge", city, tmp_path / "list.csv", tmp_path / "r.xlsx").exit_code == 1


def test_an_unknown_breakdown_names_the_known_ones(desk: Path) -> None:
    result = run("indicators", desk, "--by", "colour")
    assert result.exit_code == 2
    assert "district segment" in result.output


def test_scheme_check_counts_what_is_wrong(tmp_path: Path, assets: Path) -> None:
    import shutil

    folder = tmp_path / "s"
    shutil.copytree(assets / "schemes" / "ic-cluster", folder)
    assert run("scheme", "check", folder).exit_code == 0
    checks = folder / "checks.csv"
    checks.write_text(checks.read_text(encoding="utf-8").replace("301 >= 302", "301 >= 30x"), encoding="utf-8")
    result = run("scheme", "check", folder)
    assert result.exit_code == 1
    assert "checks.csv:" in result.output
    assert run("scheme", "check", tmp_path).exit_code == 2


def test_scheme_check_tells_faults_of_the_checks_as_a_set_from_hints(tmp_path: Path, data: Path) -> None:
    import shutil

    folder = tmp_path / "s"
    shutil.copytree(data / "scheme", folder)
    checks = folder / "checks.csv"
    before = run("--lang", "en", "scheme", "check", folder)
    assert "Hint" not in before.output
    text = checks.read_text(encoding="utf-8")
    checks.write_text(text + "F06,A,T-02,301 >= 302 - 1,,,,,弱,weaker,weaker\n", encoding="utf-8")
    hinted = run("--lang", "en", "scheme", "check", folder)
    assert "Hint: The check “F06” follows from F01" in hinted.output
    assert hinted.exit_code == before.exit_code
    checks.write_text(text + "F06,A,T-02,301 < 302,,,,,反,against,against\n", encoding="utf-8")
    wrong = run("--lang", "en", "scheme", "check", folder)
    assert "The check “F01” contradicts F06" in wrong.output
    assert wrong.exit_code == 1


def demonstrated(folder: Path, units: int) -> None:
    """Runs the demo and looks at what it leaves."""
    result = run("demo", folder, "--units", units)
    assert result.exit_code == 0, result.output
    assert len(list((folder / "returns").glob("*.xlsx"))) == 14
    assert "并入 3 份" in result.output
    assert "冲突 2 处、重复上报 1 家、疑似重复 1 组，均已处理" in result.output
    assert "现值" in result.output
    with contextlib.closing(stores.open(folder / "city.census")) as city:
        assert conflicts.listed(city) == []
        assert [one.state for one in conflicts.listed(city, settled=True)] == ["city", "district"]
        [moved] = claims.listed(city, "2025")
        assert (moved.decided, moved.counted) == (True, "440306")
        assert len(duplicates.decided(city)) == 1
        assert city.counts("2025")["units"] == units
    assert len(list((folder / "receipts").glob("*.xlsx"))) == 11


def test_the_demo_does_the_whole_job_for_any_number_of_units_over_an_earlier_run_but_nothing_else(
    tmp_path: Path,
) -> None:
    demonstrated(tmp_path / "demo", 11)
    demonstrated(tmp_path / "demo", 60)
    (tmp_path / "demo" / "mine.txt").write_text("mine")
    refused = run("demo", tmp_path / "demo", "--units", 60)
    assert refused.exit_code == 2
    assert (tmp_path / "demo" / "mine.txt").read_text() == "mine"


def test_the_command_line_imports_no_qt() -> None:
    script = (
        "import sys; from click.testing import CliRunner; from desktop.cli import main;"
        "CliRunner().invoke(main, ['scheme', 'check', 'tests/data/scheme']);"
        "print([name for name in sys.modules if name.startswith('PySide6')])"
    )
    found = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_command_waits_for_no_library_that_it_does_not_use() -> None:
    script = "import sys, desktop.cli; print({'numpy', 'pandas', 'survey.store'} & sys.modules.keys())"
    found = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


def test_indicators_know_no_widgets() -> None:
    for source in (ROOT / "indicators").glob("*.py"):
        assert "QtWidgets" not in source.read_text(encoding="utf-8"), source


def test_a_survey_file_is_opened_without_pandas_and_pandas_is_there_for_whoever_wants_it() -> None:
    script = "import sys, survey.merge; print('pandas' in sys.modules); import pandas; print(pandas.__name__)"
    found = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "pandas"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["check", "FILE", "--period", "design"], "2025"),
        (["check", "FILE", "--json", "."], "."),
        (["check", "FILE", "--report", "no/such.xlsx"], "no/such.xlsx"),
        (["import", "FILE", "/dev/zero"], "/dev/zero"),
        (["control", "FILE", "adopt", "x" * 300], "xxx"),
        (["control", "FILE", "lift", "a\0b", "2025-01-01"], "a"),
        (["keys", "FILE", "withdraw", "\udcff"], "\ufffd"),
        (["imports", "FILE", "--undo", "9" * 40], "9"),
        (["passphrase", "FILE", "--new-file", "bytes"], "UTF-8"),
        (["query", "FILE", "bytes", "--all"], "bytes"),
        (["publish", "FILE", "bytes/x"], "bytes/x"),
        (["backups", "bytes/x"], ""),
    ],
)
def test_what_no_command_can_hold_is_refused_before_anything_is_done(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    before = desk.read_bytes()
    result = run(*(desk if one == "FILE" else one for one in arguments))
    assert (result.exit_code, told in result.output) == (0 if arguments[0] == "backups" else 2, True)
    assert desk.read_bytes() == before
