"""The whole path on real enterprises: every indicator equals an independent computation.

Money is kept in whole thousand yuan, so a sum of n enterprises may differ by n × 0.5 thousand yuan.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from desktop.cli import main

PERIODS = ("2019", "2020", "2021")
FIGURES = {
    "revenue_sum": ("G1-01", 1e-8),
    "rd_intensity_ratio_of_sums_pct": ("G2-03", 1.0),
    "CR4_pct": ("C-01", 1.0),
    "HHI": ("C-02", 1.0),
    "matched_panel_growth_pct": ("G1-03", 1.0),
    "firms_in_scope": ("G1-09", 1.0),
}
COVERAGE = {
    "firms_with_revenue": "G1-01",
    "firms_with_revenue_and_rd": "G2-03",
    "matched_panel_firms": "G1-03",
}


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def thousands(yuan: str) -> str:
    return f"{float(yuan) / 1000:.3f}" if yuan else ""


def call(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """Every district imports its own enterprises and sends its return; the city merges them."""
    data = Path(__file__).parent / "data"
    folder = tmp_path_factory.mktemp("real")
    firms = read(data / "listed_firms.csv")
    heads = ["统一社会信用代码", "单位详细名称", "所在区", "主环节", "period", "IC-02.301", "研究开发费用合计",
             "employees", "rd_personnel", "利润总额（千元）"]  # fmt: skip
    returns = []
    for district in sorted({firm["district"] for firm in firms}):
        table = folder / f"{district}.csv"
        with table.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(heads)
            for firm in firms:
                if firm["district"] == district:
                    writer.writerow(
                        [firm["uscc"], firm["name"], district, firm["segment"], firm["period"],
                         thousands(firm["revenue_yuan"]), thousands(firm["rd_yuan"]), firm["employees"],
                         firm["rd_staff"], thousands(firm["profit_yuan"])]
                    )  # fmt: skip
        desk = folder / f"{district}.census"
        call("new", desk, "--scheme", "ic-cluster", "--period", "2021", "--district", district)
        call("import", desk, table)
        returns.append(folder / f"{district}.xlsx")
        # Figures are missing, so checks fail: done, and the data has problems.
        call("return", desk, returns[-1], code=1)
    target = folder / "city.census"
    call("new", target, "--scheme", "ic-cluster", "--period", "2021", "--city")
    call("merge", target, *returns)
    return target


def computed(city: Path, period: str, by: str | None) -> Mapping[tuple[str, str], dict[str, object]]:
    out = city.parent / f"{period}-{by}.json"
    call("indicators", city, "--period", period, *(("--by", by) if by else ()), "--json", out)
    return {(row["id"], row["by"] or ""): row for row in json.loads(out.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("by", [None, "district", "segment"])
@pytest.mark.parametrize("period", PERIODS)
def test_indicators_equal_an_independent_computation(city: Path, data: Path, period: str, by: str | None) -> None:
    found = computed(city, period, by)
    compared = 0
    for row in read(data / "listed_firms_expected.csv"):
        group = row["by"]
        wanted = not group if by is None else group.isalpha() if by == "segment" else group.isdigit()
        if row["period"] != period or not wanted or group == "core":
            continue
        name, expected = row["indicator"], float(row["value"])
        if name in FIGURES:
            indicator, scale = FIGURES[name]
            value = found[indicator, group]["value"]
            assert value == pytest.approx(expected * scale, rel=2e-5 if name != "firms_in_scope" else 0), (name, group)
            compared += 1
        elif name in COVERAGE:
            assert found[COVERAGE[name], group]["units_used"] == int(expected), (name, group)
            compared += 1
    assert compared > 5


@pytest.mark.parametrize(("name", "least"), [("10bn", 10_000_000), ("2bn", 2_000_000), ("1bn", 1_000_000)])
@pytest.mark.parametrize("period", PERIODS)
def test_counts_over_a_threshold_equal_an_independent_count(
    city: Path, data: Path, period: str, name: str, least: int
) -> None:
    from survey import store

    opened = store.open(city, readonly=True)
    rows = opened.execute(
        "SELECT u.district, sum(f.revenue >= ?) FROM form_ic_02 f JOIN response r ON r.id = f.response"
        " JOIN unit u ON u.id = r.unit WHERE r.period = ? GROUP BY 1",
        (least, period),
    )
    found = {district: count or 0 for district, count in rows}
    opened.close()
    expected = [row for row in read(data / "listed_firms_expected.csv")
                if row["indicator"] == f"firms_revenue_ge_{name}_yuan" and row["period"] == period]  # fmt: skip
    for row in expected:
        if row["by"].isdigit():
            assert found.get(row["by"], 0) == int(row["value"]), row
        elif not row["by"]:
            assert sum(found.values()) == int(row["value"]), row


def test_a_negative_expenditure_is_found_by_the_checks(city: Path) -> None:
    out = city.parent / "findings.json"
    call("check", city, "--json", out, code=1)
    found = json.loads(out.read_text(encoding="utf-8"))
    negative = [row for row in found if row["check"] == "MIN-IC-04.7" and row["verdict"] == "fail"]
    assert all(row["operands"]["IC-04.7"] < 0 for row in negative)
    required = {row["check"] for row in found if row["verdict"] == "fail"}
    assert "REQ-IC-02.301" in required
    assert all(row["class"] in "ABCD" and row["unit"] and row["message"] for row in found)
