"""A random third of the shipped indicators in plain Python: raw rows in, figures out, no code of the program.

Which third was drawn once (111 of 333). Everything is read anew from the definitions in words, so that an error in
the language of indicators, in its SQL or in the adding up of groups shows as a difference.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from functools import partial
from math import fsum
from pathlib import Path
from typing import Any, TypeAlias

Row: TypeAlias = Mapping[str, Any]
Figure: TypeAlias = "Callable[[Answers], float | None]"
Test: TypeAlias = Callable[[Row], Any]

_UNIT_FORMS = ("ic_01", "ic_02", "ic_03", "ic_04", "ic_09", "ic_10")
_LISTS = ("ic_05", "ic_06", "ic_07", "ic_08", "ic_09l", "qz_1", "qz_2", "qz_3", "qz_4", "x_01")
SIX = ("440304", "440305", "440306", "440307", "440309", "440310")


class Answers:
    """What everybody answered for a year: `units` of the chain that operate, `desks`, and the lines of list forms."""

    def __init__(self, path: Path, year: int) -> None:
        self.year = year
        with closing(sqlite3.connect(path)) as connection:
            connection.row_factory = sqlite3.Row
            self.units = _counted(_joined(connection, year, "unit", _UNIT_FORMS))
            self.before = _counted(_joined(connection, year - 1, "unit", _UNIT_FORMS))
            self.desks = list(_joined(connection, year, "district", ("qz_5",)).values())
            self._lists = {name: _lines(connection, year, name, self.units) for name in _LISTS}

    def lines(self, form: str, test: Test | None = None) -> list[Row]:
        """The lines of a list form that pass a test; of enterprises, only of those that count."""
        return [line for line in self._lists[form] if test is None or test(line)]

    def all(self, *items: str, test: Test | None = None) -> list[Row]:
        """The units that answered all of some items, and pass a test."""
        return [
            unit
            for unit in self.units.values()
            if all(unit[item] is not None for item in items) and (test is None or test(unit))
        ]


def _joined(connection: sqlite3.Connection, year: int, kind: str, forms: Iterable[str]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for row in connection.execute(
        "SELECT r.id, u.uscc AS code FROM response r JOIN unit u ON u.id = r.unit WHERE r.period = ? AND u.kind = ?",
        (str(year), kind),
    ):
        found[row["id"]] = {"code": row["code"]}
    for form in forms:
        names = [row["name"] for row in connection.execute(f"PRAGMA table_info(form_{form})")]
        answered = {row["response"]: dict(row) for row in connection.execute(f"SELECT * FROM form_{form}")}
        for response, unit in found.items():
            unit.update(answered.get(response) or dict.fromkeys(names))
    return found


def _counted(units: dict[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return {
        response: unit
        for response, unit in units.items()
        if unit["operating_status"] in (None, "1") and unit["in_chain"] in (None, 1)
    }


def _lines(connection: sqlite3.Connection, year: int, form: str, units: Mapping[int, Row]) -> list[Row]:
    rows = connection.execute(
        f"SELECT l.*, u.kind FROM form_{form} l JOIN response r ON r.id = l.response JOIN unit u ON u.id = r.unit"
        " WHERE r.period = ? ORDER BY l.response, l.line",
        (str(year),),
    ).fetchall()
    kept = [dict(row) for row in rows if row["kind"] != "unit" or row["response"] in units]
    # No item of a unit is called as an item of a line.
    return [{**units.get(line["response"], {}), **line} for line in kept if line["kind"] != "duplicate"]


def add(rows: Iterable[Row], item: str) -> float:
    """An item added up, blanks left out."""
    return fsum(row[item] for row in rows if row[item] is not None)


def share(part: float, whole: float, scale: float = 100) -> float | None:
    return part / whole * scale if whole else None


def _sum(item: str, scale: float, data: Answers) -> float:
    return add(data.all(item), item) / scale


def _ratio(part: str, whole: str, scale: float, data: Answers) -> float | None:
    both = data.all(part, whole)
    return share(add(both, part), add(both, whole), scale)


def _line_sum(form: str, item: str, scale: float, test: Test | None, data: Answers) -> float:
    return add(data.lines(form, test), item) / scale


def _line_share(form: str, item: str, part: Test, whole: Test | None, data: Answers) -> float | None:
    return share(add(data.lines(form, part), item), add(data.lines(form, whole), item))


def _line_count(form: str, test: Test, data: Answers) -> float:
    return float(len(data.lines(form, test)))


def _desk_sum(item: str, scale: float, data: Answers) -> float:
    return add(data.desks, item) / scale


def _vacant(post: str, data: Answers) -> float | None:
    both = data.all(f"{post}_posts", f"{post}_vacancies")
    vacant = add(both, f"{post}_vacancies")
    return share(vacant, add(both, f"{post}_posts") + vacant)


def _reference(measure: str, area: str, ago: int, data: Answers) -> float | None:
    values = [
        line["reference_value"]
        for line in data.lines("x_01")
        if (line["reference_measure"], line["reference_area"], line["reference_year"], line["reference_unit"])
        == (measure, area, data.year - ago, "hundred_million_yuan")
    ]
    return fsum(values) / len(values) if values else None


def _reference_ratio(part: str, whole: str, area: str, data: Answers) -> float | None:
    above, below = _reference(part, area, 1, data), _reference(whole, area, 1, data)
    return above / below if above is not None and below else None


def _electronics_quotient(data: Answers) -> float | None:
    city, nation = (_reference_ratio("ic_revenue", "c39_revenue", area, data) for area in ("440300", "CN"))
    return city / nation if city is not None and nation else None


def _city_chain_supplies(data: Answers) -> float | None:
    return share(add(data.lines("ic_07"), "purchase_from_chain"), add(data.all("revenue"), "revenue"))


def _since_2021(data: Answers) -> float:
    return ((_sum("ic_main_revenue", 100_000, data) / 1100) ** (1 / (data.year - 2021)) - 1) * 100


def _more_than_last_year(data: Answers) -> float:
    return _sum("revenue", 100_000, data) - add(data.before.values(), "revenue") / 100_000


def _product_gap(data: Answers) -> float | None:
    both = data.all("product_revenue_sum", "ic_revenue")
    found = share(add(both, "product_revenue_sum"), add(both, "ic_revenue"), 1)
    return None if found is None else (found - 1) * 100


def _backbone_intensity(data: Answers) -> float | None:
    chosen = data.all(
        "rd_expenditure", "revenue", test=lambda unit: unit["segment"] == "design" and unit["backbone"] == 1
    )
    return share(add(chosen, "rd_expenditure"), add(chosen, "revenue"))


def _mean_of_categories(data: Answers) -> float:
    shares = []
    for category in sorted({line["purchase_category"] for line in data.lines("ic_07")} - {None}):
        lines = [line for line in data.lines("ic_07") if line["purchase_category"] == category]
        found = share(add(lines, "purchase_in_country"), add(lines, "purchase_total"))
        shares += [found] if found is not None else []
    return fsum(shares) / len(shares)


def _in_eight_inch(data: Answers) -> float:
    lines = data.lines("ic_06", lambda line: _wafers(line) and line["line_status"] not in (None, "stopped"))
    sized = [line for line in lines if None not in (line["line_capacity_designed"], line["line_wafer_size"])]
    return fsum(line["line_capacity_designed"] * line["line_wafer_size"] ** 2 / 64 for line in sized) / 10_000


def _wafers(line: Row) -> bool:
    return line["line_kind"] in ("foundry", "idm") and line["line_capacity_unit"] == "wafers"


def _running(line: Row) -> bool:
    return line["line_status"] in ("trial", "producing")


def _coarse_foundry(line: Row) -> bool:
    return line["line_kind"] == "foundry" and line["line_node"] is not None and line["line_node"] >= 28


def _utilisation(data: Answers) -> float | None:
    lines = [
        line
        for line in data.lines("ic_06", lambda line: _wafers(line) and _running(line))
        if None not in (line["line_starts"], line["line_capacity_installed"], line["line_wafer_size"])
    ]
    starts = fsum(line["line_starts"] * line["line_wafer_size"] ** 2 for line in lines)
    return share(starts, fsum(line["line_capacity_installed"] * line["line_wafer_size"] ** 2 for line in lines))


def _advanced(line: Row) -> bool:
    kinds = (None, "none", "conventional")
    return line["product_segment"] == "packaging" and line["product_packaging"] not in kinds


def _advanced_line(line: Row) -> bool:
    kinds = (None, "none", "conventional")
    return line["line_kind"] == "packaging" and line["line_packaging"] not in kinds


def _packaging_to_design(data: Answers) -> float | None:
    made = add(
        data.lines(
            "ic_06",
            lambda line: (line["line_kind"], line["line_capacity_unit"]) == ("packaging", "ten_thousand_chips"),
        ),
        "line_output",
    )
    shipped = add(
        data.lines(
            "ic_05",
            lambda line: (line["product_segment"], line["product_quantity_unit"]) == ("design", "ten_thousand_chips"),
        ),
        "product_shipments",
    )
    return share(made * 12, shipped, 1)


def _manufacturing_project(line: Row) -> bool:
    return line["project_segment"] == "manufacturing" and line["project_status"] not in (None, "stopped")


def _funds_paid_in(data: Answers) -> float | None:
    chosen = [
        line
        for line in data.lines("qz_3", _manufacturing_project)
        if None not in (line["project_funds"], line["project_investment"])
    ]
    return share(add(chosen, "project_funds"), add(chosen, "project_investment"))


def _projects_in_production(data: Answers) -> float | None:
    chosen = data.lines("qz_3", _manufacturing_project)
    return share(sum(line["project_status"] == "operating" for line in chosen), len(chosen))


def _kinds_of_service(data: Answers) -> float:
    kinds = ("eda", "trial", "training", "facilities", "simulation", "mpw", "packaging", "promotion")
    running = data.lines("qz_2", lambda line: line["platform_status"] == "operating")
    return float(sum(any(line[f"platform_{kind}"] == 1 for line in running) for kind in kinds))


_RELIEFS = ("super_deduction", "high_tech_tax_cut", "ic_income_tax_cut", "import_tax_cut")


def _relief(data: Answers) -> float:
    return fsum(add(data.units.values(), item) for item in _RELIEFS) / 100_000


def _with_relief(data: Answers) -> float | None:
    having = sum(any((unit[item] or 0) > 0 for item in _RELIEFS) for unit in data.units.values())
    return share(having, len(data.units))


def _share_of_units(item: str, test: Test, data: Answers) -> float | None:
    answered = data.all(item)
    return share(sum(test(unit) for unit in answered), len(answered))


def _to_firms_at_the_ends(data: Answers) -> float | None:
    given = add(data.desks, "district_funds_backbone") + add(data.desks, "district_funds_startups")
    return share(given, add(data.desks, "district_funds"))


def _assessment_days(data: Answers) -> float | None:
    both = [desk for desk in data.desks if None not in (desk["eia_cases"], desk["eia_average_days"])]
    return share(fsum(desk["eia_cases"] * desk["eia_average_days"] for desk in both), add(both, "eia_cases"), 1)


def _largest(count: int, data: Answers) -> float | None:
    found = sorted(
        (unit["revenue"] for unit in data.all("revenue", test=lambda unit: unit["revenue"] > 0)), reverse=True
    )
    return share(fsum(found[:count]), fsum(found))


def _herfindahl(units: Iterable[Row]) -> float:
    found = [unit["revenue"] for unit in units if (unit["revenue"] or 0) > 0]
    return fsum(value * value for value in found) / fsum(found) ** 2


def _effective_number(data: Answers) -> float:
    return 1 / _herfindahl(data.units.values())


def _by(units: Iterable[Row], item: str) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for unit in units:
        if unit[item] is not None and unit["revenue"] is not None:
            found.setdefault(unit[item], []).append(unit["revenue"])
    return {code: fsum(values) for code, values in found.items()}


def _segment_concentration(data: Answers) -> float:
    found = _by(data.units.values(), "segment").values()
    return fsum(value * value for value in found) / fsum(found) ** 2 * 10_000


def agglomeration(data: Answers, segment: str | None) -> float | None:
    """Ellison and Glaeser's index of a segment over the districts; None: of all of them."""
    own = data.all(test=lambda unit: segment in (None, unit["segment"]))
    places, everything = _by(own, "district"), _by(data.units.values(), "district")
    here, whole = fsum(places.values()), fsum(everything.values())
    crowd = 1 - fsum((value / whole) ** 2 for value in everything.values())
    plants = _herfindahl(own)
    raw = fsum((places.get(code, 0) / here - value / whole) ** 2 for code, value in everything.items())
    return (raw - crowd * plants) / (crowd * (1 - plants))


def _per_mu(data: Answers) -> float | None:
    both = [line for line in data.lines("qz_1") if None not in (line["park_revenue"], line["park_land"])]
    return share(add(both, "park_revenue") / 10, add(both, "park_land") * 15, 1)


def _stayed(data: Answers) -> float | None:
    before = {unit["code"] for unit in data.before.values()}
    named = {unit["code"] for unit in data.before.values() if unit["segment"] is not None}
    return share(sum(unit["code"] in named for unit in data.units.values()), len(before))


def _inventions_per_money(data: Answers) -> float | None:
    both = data.all("inventions_granted", "rd_expenditure")
    return share(add(both, "inventions_granted"), add(both, "rd_expenditure") / 100_000, 1)


def _is(item: str, *codes: Any) -> Test:
    return lambda row: row[item] in codes


FIGURES: Mapping[str, Figure] = {
    "G1-01.2": partial(_line_sum, "ic_05", "product_revenue", 100_000, None),
    "G1-01.4": _product_gap,
    "G1-01.8": _city_chain_supplies,
    "G1-02.2": _since_2021,
    "G1-03.4": _more_than_last_year,
    "G1-08.4": partial(_line_share, "ic_05", "product_revenue", _is("product_segment", "manufacturing"), None),
    "G1-08.6": partial(
        _line_share, "ic_05", "product_revenue", _is("product_segment", "equipment", "components", "materials"), None
    ),
    "G1-10.2": partial(_ratio, "total_profit", "revenue", 100),
    "G1-11": partial(_sum, "value_added", 100_000),
    "G2-01": _backbone_intensity,
    "G2-04": partial(_ratio, "rd_personnel", "employees", 100),
    "G2-04.2": partial(_ratio, "rd_expenditure", "rd_personnel", 0.1),
    "G2-07": partial(_ratio, "invention_patents_used", "invention_patents", 100),
    "G2-07.3": partial(_ratio, "pct_applications", "patent_applications", 100),
    "G2-08": partial(_sum, "layout_designs", 1),
    "G2-08.3": partial(_sum, "pct_applications", 1),
    "G2-08.4": partial(_sum, "layout_designs_new", 1),
    "G2-09": lambda data: share(
        add(data.lines("ic_07", _is("purchase_category", "eda")), "purchase_in_country"),
        add(data.lines("ic_07", _is("purchase_category", "eda")), "purchase_total"),
    ),
    "G2-12.2": partial(_line_count, "qz_2", _is("platform_status", "planned", "building")),
    "G3-01": lambda data: share(
        add(data.lines("ic_07"), "purchase_in_country"), add(data.lines("ic_07"), "purchase_total")
    ),
    "G3-01.2": _mean_of_categories,
    "G3-05.4": _in_eight_inch,
    "G3-07": partial(
        _line_sum, "ic_05", "product_revenue", 100_000,
        lambda line: line["product_segment"] in ("equipment", "components", "materials") or _advanced(line),
    ),
    "G4-01": partial(
        _line_count, "qz_1",
        lambda line: line["park_specialised"] == 1 and line["park_status"] in ("planned", "building", "operating"),
    ),
    "G4-02.2": partial(_line_sum, "qz_1", "park_chain_units", 1, _is("park_specialised", 1)),
    "G4-02.4": lambda data: share(
        add(data.all("revenue", "park_id"), "revenue"), add(data.all("revenue"), "revenue")
    ),
    "T1-01": partial(_sum, "key_projects", 1),
    "T1-01.9": partial(_sum, "key_projects_components", 1),
    "T1-02.2": partial(
        _line_sum, "ic_05", "product_revenue", 100_000,
        lambda line: line["product_chip_class"] not in (None, "not_high"),
    ),
    "T2-01.2": partial(
        _line_count, "ic_06",
        lambda line: (line["line_wafer_size"], line["line_material"], line["line_status"]) == (12, "si", "producing")
        and line["line_kind"] in ("foundry", "idm"),
    ),
    "T2-03": partial(
        _line_sum, "qz_3", "project_year", 100_000,
        lambda line: line["project_model"] in ("idm", "foundry")
        and line["project_nature"] in ("new", "extension", "rd_centre"),
    ),
    "T2-04": partial(
        _line_sum, "ic_06", "line_capacity_installed", 1,
        lambda line: _advanced_line(line) and _running(line) and line["line_capacity_unit"] == "ten_thousand_chips",
    ),
    "T2-04.3": partial(_line_share, "ic_05", "product_revenue", _advanced, _is("product_segment", "packaging")),
    "T3-01": partial(_reference, "city_fund_size", "440300", 0),
    "T3-01.3": partial(_reference, "city_fund_invested", "440300", 0),
    "T3-02": lambda data: float(sum(unit["listed_board"] != "none" for unit in data.all("listed_board"))),
    "T3-02.2": lambda data: float(
        sum(unit["listed_board"] != "none" and unit["listed_year"] == data.year for unit in data.all("listed_board"))
    ),
    "T3-03.2": partial(_line_sum, "qz_3", "project_state", 100_000, None),
    "T4-01.4": partial(_ratio, "design_posts", "employees", 100),
    "T4-02.2": partial(_sum, "recognised_talents_new", 1),
    "T4-02.3": partial(_sum, "teams_introduced", 1),
    "T4-03.4": partial(_line_sum, "qz_4", "institute_graduates", 1, None),
    "T4-04.2": partial(_ratio, "left_employees", "employees_average", 100),
    "T4-04.3": partial(_vacant, "design"),
    "T4-04.4": partial(_vacant, "process"),
    "T5-01.3": partial(_desk_sum, "land_granted_plots", 1),
    "T5-01.4": partial(_desk_sum, "land_granted", 1),
    "P1-01.2": partial(_line_sum, "ic_05", "product_revenue", 100_000, _is("product_segment", "eda")),
    "P1-02": partial(_desk_sum, "eda_supported_units", 1),
    "P1-02.2": partial(_desk_sum, "eda_subsidies", 10),
    "P1-02.4": partial(_line_sum, "qz_4", "institute_eda_courses", 1, None),
    "P2-01": partial(
        _line_sum, "ic_05", "product_revenue", 100_000,
        _is("product_class", "polyimide", "epoxy", "photomask", "electronic_gas"),
    ),
    "P2-01.3": partial(_line_sum, "ic_05", "product_revenue", 100_000, _is("product_class", "photomask")),
    "P2-03": lambda data: fsum(
        add(data.all("mass_applications"), item) for item in ("mass_materials", "mass_equipment", "mass_components")
    ),
    "P2-03.3": partial(_sum, "mass_equipment", 1),
    "P2-03.4": partial(_sum, "mass_components", 1),
    "P3-01.3": partial(
        _line_sum, "ic_05", "product_revenue", 100_000,
        _is("product_chip_class", "rf_front_end", "baseband", "optoelectronic"),
    ),
    "P3-01.4": partial(
        _line_sum, "ic_05", "product_revenue", 100_000, _is("product_chip_class", "ultra_low_power", "nb_iot")
    ),
    "P3-01.6": partial(
        _line_sum, "ic_05", "product_shipments", 1,
        lambda line: line["product_chip_class"] in ("cpu", "gpu", "dsp", "fpga")
        and line["product_quantity_unit"] == "ten_thousand_chips",
    ),
    "P3-02": partial(_line_count, "ic_08", lambda line: line["tapeout_kind"] is not None),
    "P3-02.6": lambda data: share(
        len(data.lines("ic_08", _is("tapeout_place", "local"))),
        len(data.lines("ic_08", lambda line: line["tapeout_place"] is not None)),
    ),
    "P3-02.7": lambda data: share(
        len(data.lines("ic_08", _is("tapeout_first_success", 1))),
        len(data.lines("ic_08", lambda line: line["tapeout_first_success"] is not None)),
    ),
    "P4-01": partial(
        _line_count, "ic_06", lambda line: _coarse_foundry(line) and line["line_status"] not in (None, "stopped")
    ),
    "P4-01.3": partial(
        _line_sum, "ic_06", "line_capacity_installed", 10_000,
        lambda line: _coarse_foundry(line) and _running(line) and line["line_capacity_unit"] == "wafers",
    ),
    "P4-03": partial(_line_count, "qz_3", _manufacturing_project),
    "P4-03.2": partial(_line_sum, "qz_3", "project_investment", 100_000, _manufacturing_project),
    "P4-03.4": _funds_paid_in,
    "P4-03.5": _projects_in_production,
    "P4-04": partial(_sum, "technical_renovation", 100_000),
    "P5-01": _packaging_to_design,
    "P5-02.4": partial(
        _line_sum, "ic_05", "product_revenue", 100_000,
        lambda line: line["product_class"] == "wafer_test_service" or line["product_packaging"] == "wafer_test",
    ),
    "P6-01": partial(_line_sum, "ic_05", "product_revenue", 100_000, _is("product_material", "sic", "gan")),
    "P6-02.2": partial(_sum, "standards_international", 1),
    "P6-02.3": partial(_sum, "standards_national", 1),
    "P6-02.4": partial(_sum, "standards_industry", 1),
    "P6-02.7": partial(_sum, "standards_107", 1),
    "P6-03": partial(_sum, "first_uses", 1),
    "P6-03.4": partial(_sum, "first_uses_devices", 1),
    "P7-01.7": _kinds_of_service,
    "P8-01.4": partial(_sum, "joint_trainees", 1),
    "P8-01.5": partial(_line_sum, "qz_4", "institute_joint", 1, None),
    "P9-01": partial(
        _line_count, "qz_1",
        lambda line: line["park_demonstration"] == 1 and line["park_status"] not in (None, "suspended"),
    ),
    "S-03": lambda data: share(
        add(data.all("revenue", "district", test=_is("district", *SIX)), "revenue"),
        add(data.all("revenue", "district"), "revenue"),
    ),
    "A2-01.2": _relief,
    "A2-01.7": partial(_share_of_units, "fiscal_funds", lambda unit: unit["fiscal_funds"] > 0),
    "A2-01.8": _with_relief,
    "A2-01.10": _to_firms_at_the_ends,
    "A2-01.11": partial(_reference, "city_special_funds", "440300", 0),
    "A3-01.2": _assessment_days,
    "A3-01.5": partial(_share_of_units, "central_treatment", _is("central_treatment", 1)),
    "A4-01.4": partial(_line_sum, "ic_09l", "financing_amount", 100_000, _is("financing_kind", "equity")),
    "A4-01.7": partial(_desk_sum, "guaranteed_units", 1),
    "C-01": partial(_largest, 4),
    "C-01.1": partial(_largest, 1),
    "C-02.2": _effective_number,
    "C-04.3": _electronics_quotient,
    "C-05": lambda data: agglomeration(data, None),
    "C-06.2": _segment_concentration,
    "C-07": partial(_ratio, "revenue", "employees_average", 0.1),
    "C-07.2": partial(_ratio, "value_added", "employees_average", 0.1),
    "C-08": partial(_ratio, "total_profit", "employees_average", 0.1),
    "C-09": partial(_ratio, "fixed_asset_investment", "revenue", 100),
    "C-10.3": _per_mu,
    "C-12.2": lambda data: share(
        add(data.lines("ic_06"), "line_equipment_domestic"), add(data.lines("ic_06"), "line_equipment")
    ),
    "C-13": lambda data: share(
        add(data.lines("ic_07"), "purchase_local"), add(data.lines("ic_07"), "purchase_total")
    ),
    "C-15": lambda data: float(sum(unit["chain_change"] == "founded" for unit in data.all("chain_change"))),
    "C-15.2": lambda data: float(
        sum(unit["chain_change"] in ("moved_in", "entered") for unit in data.all("chain_change"))
    ),
    "C-15.5": _stayed,
    "C-16.2": _inventions_per_money,
    "C-18": _utilisation,
    "C-20.4": partial(_reference_ratio, "ic_manufacturing_revenue", "ic_design_revenue", "CN"),
}  # fmt: skip
