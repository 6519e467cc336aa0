"""Published figures of enterprises, by firm and year, put into a file of the scheme that is shipped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from survey import store as stores
from survey.scheme import Scheme
from survey.store import Store

PERIODS = ("2019", "2020", "2021")
MONEY = {
    "revenue_yuan": "revenue",
    "operating_cost_yuan": "operating_cost",
    "taxes_surcharges_yuan": "taxes_and_surcharges",
    "selling_exp_yuan": "selling_expenses",
    "admin_exp_yuan": "administrative_expenses",
    "rd_exp_yuan": "rd_expenditure",
    "fin_exp_yuan": "financial_expenses",
    "operating_profit_yuan": "operating_profit",
    "total_profit_yuan": "total_profit",
    "income_tax_yuan": "income_tax",
    "current_assets_yuan": "current_assets",
    "noncurrent_assets_yuan": "total_assets",
    "paid_to_staff_yuan": "wages",
}
Year = tuple[str, str]
Figures = Mapping[Year, Mapping[str, int]]


def thousands(row: Mapping[str, str]) -> dict[str, int]:
    """A firm-year as the scheme's items, in thousand yuan."""
    found = {name: round(float(row[key]) / 1000) for key, name in MONEY.items() if row[key]}
    if row["employees"]:
        found["employees"] = round(float(row["employees"]))
    if "current_assets" in found and "total_assets" in found:
        found["total_assets"] += found["current_assets"]
    return {name: value for name, value in found.items() if value}


def times(values: Mapping[str, int], factor: float) -> dict[str, int]:
    """The amounts of a firm-year as they would be in another unit of measure."""
    return {name: value if name == "employees" else round(value * factor) for name, value in values.items()}


def filled(path: Path, scheme: Scheme, figures: Figures, periods: Iterable[str] = PERIODS) -> Store:
    """A file with every firm-year of some periods."""
    store = stores.create(path, scheme, max(periods), None)
    items = [*MONEY.values(), "employees"]
    wanted = {year: values for year, values in figures.items() if year[1] in periods}
    with store.atomic():
        units = {firm: store.insert_unit(firm, firm) for firm in sorted({firm for firm, _ in wanted})}
        responses: dict[Year, int | None] = {}
        for firm, period in wanted:
            begun = "INSERT INTO response (unit, period, status) VALUES (?, ?, 'checked')"
            responses[firm, period] = store.execute(begun, (units[firm], period)).lastrowid
        for form in scheme.forms_of("unit"):
            names = [name for name in items if scheme.item(name).form == form.id]
            if names:
                store.executemany(
                    f"INSERT INTO {form.table} (response, {', '.join(names)}) VALUES (?{', ?' * len(names)})",
                    [(responses[year], *(values.get(name) for name in names)) for year, values in wanted.items()],
                )
    return store
