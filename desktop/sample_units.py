"""The enterprises of a sample: a segment, a district, and the figures that everything else follows from."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from survey import codes
from survey.scalar import Value

Answers = dict[str, Value]
# From here on five digits do not tell units apart.
_SHORT = 100_000


@dataclass(frozen=True)
class SampleUnit:
    """One invented enterprise: its main answers of two years, the earlier first, and the error to be planted."""

    number: int
    district: str
    years: tuple[Answers, Answers]
    error: str = ""


def shared_out(segments: list[tuple[str, Any]], count: int) -> Iterator[tuple[str, Any]]:
    """The segments in their shares, the last taking what rounding leaves."""
    left = count
    for at, segment in enumerate(segments):
        take = left if at == len(segments) - 1 else min(left, round(count * segment[1]["share"]))
        left -= take
        for _ in range(take):
            yield segment


def invented(dice: random.Random, number: int, segment: tuple[str, Any], wanted: Mapping[str, Any]) -> SampleUnit:
    """An invented enterprise: who it is, and its main figures of two years."""
    name, facts = segment
    district = _pick(dice, facts["districts"])
    revenue = math.exp(math.log(facts["revenue"][0]) + facts["revenue"][1] * dice.gauss(0, 1))
    growth = max(0.55, dice.gauss(*wanted["growth"]))
    identity = _identity(dice, number, name, facts, district, wanted)
    backbone = int(name == "design" and revenue > 700_000)
    habits = _habits(dice, facts, backbone)
    years = []
    for at, turnover in enumerate((revenue / growth, revenue)):
        answers = {**identity, "backbone": backbone, **_money(dice, facts, turnover, habits)}
        answers.update(_people(dice, facts, turnover, growth if at else 1.0, habits))
        answers.update(_research(dice, facts, answers, habits))
        years.append(answers)
    recognised = int(bool(identity["high_tech"]) and all(map(_researches, years)))
    return SampleUnit(number, district, (years[0] | {"high_tech": recognised}, years[1] | {"high_tech": recognised}))


def _habits(dice: random.Random, facts: Mapping[str, Any], backbone: int) -> dict[str, float]:
    """What a unit keeps from year to year: its ratios, so that a change from last year means something."""
    mean, spread = (0.15, 0.025) if backbone else facts["research"]
    rate = dice.gauss(mean, spread)
    return {
        "staff": math.exp(dice.gauss(0, 0.35)), "wage": dice.uniform(110, 320),
        "research": max(rate, 0.118 if backbone else mean / 4) if rate > 0 else 0.0,
        "patents": dice.uniform(0.3, 1.6), "assets": dice.uniform(0.8, 2.2), "liabilities": dice.uniform(0.2, 0.65),
        "current": dice.uniform(0.4, 0.7), "fixed": dice.uniform(0.15, 0.4), "worn": dice.uniform(0.2, 0.6),
    }  # fmt: skip


def _researches(answers: Answers) -> bool:
    """Whether a unit spends and employs for R&D what is asked of a high-tech enterprise of its size."""
    spent, revenue = int(answers["rd_expenditure"] or 0), int(answers["revenue"] or 0)
    people, staff = int(answers["rd_personnel"] or 0), int(answers["employees"] or 0)
    return spent * 20 >= revenue and people * 10 >= staff


def _pick(dice: random.Random, weights: Mapping[str, float]) -> str:
    return dice.choices(list(weights), list(weights.values()))[0]


def _identity(
    dice: random.Random, number: int, segment: str, facts: Mapping[str, Any], district: str, wanted: Mapping[str, Any]
) -> Answers:
    first, second = dice.choice(wanted["names"]["first"]), dice.choice(wanted["names"]["second"])
    body = "91440300" + codes.organisation_code(f"MA9{number:05}" if number < _SHORT else f"MB{number:06}")
    founded = dice.randint(1998, 2023)
    return {
        "uscc": codes.uscc_with_check(body),
        "name": f"{wanted['label']}·{first}{second}{facts['trade']}{number + 1:04}号",
        "district": district,
        "segment": segment,
        "business_model": _pick(dice, facts["models"]),
        "industry_code": facts["industry"],
        "operating_status": "1",
        "in_chain": 1,
        "founded": f"{founded}-{dice.randint(1, 12):02}",
        "settled_year": 2025 if dice.random() < 0.04 else max(founded, 2005),
        "high_tech": int(dice.random() < 0.6),
    }


def _money(dice: random.Random, facts: Mapping[str, Any], turnover: float, habits: Mapping[str, float]) -> Answers:
    revenue = max(200, round(turnover))
    profit = round(revenue * dice.gauss(*facts["profit"]))
    assets = round(revenue * habits["assets"] * dice.uniform(0.95, 1.05))
    liabilities = round(assets * habits["liabilities"] * dice.uniform(0.95, 1.05))
    cost = round(assets * habits["fixed"])
    worn = round(cost * habits["worn"])
    current = min(round(assets * habits["current"]), assets - cost + worn)
    inventory = round(current * dice.uniform(0.1, 0.35))
    receivables = round(current * dice.uniform(0.1, 0.4))
    other_income, other_cost = round(revenue * 0.002), round(revenue * 0.001)
    invested = round(revenue * dice.uniform(0.02, 0.12))
    return {
        "revenue": revenue, "main_revenue": round(revenue * dice.uniform(0.94, 1)), "total_profit": profit,
        "operating_profit": profit - other_income + other_cost, "non_operating_income": other_income,
        "non_operating_expenses": other_cost, "operating_cost": round(revenue * dice.uniform(0.55, 0.8)),
        "total_assets": assets, "total_liabilities": liabilities, "equity": assets - liabilities,
        "current_assets": current, "inventory": inventory, "finished_goods": round(inventory * 0.45),
        "receivables": receivables, "fixed_assets_cost": cost, "accumulated_depreciation": worn,
        "depreciation": round(worn * 0.2), "export_revenue": round(revenue * facts["exports"] * dice.random()),
        "fixed_asset_investment": invested, "technical_renovation": round(invested * dice.uniform(0, 0.6)),
    }  # fmt: skip


def _people(
    dice: random.Random, facts: Mapping[str, Any], turnover: float, growth: float, habits: Mapping[str, float]
) -> Answers:
    staff = max(6, round(turnover / facts["revenue_per_head"] * habits["staff"] * dice.uniform(0.95, 1.05)))
    average = max(5, round(staff * (1 + 1 / growth) / 2 * dice.uniform(0.97, 1.01)))
    wage = habits["wage"] * dice.uniform(0.97, 1.05)
    return {
        "employees": staff, "employees_average": average, "female_employees": round(staff * dice.uniform(0.25, 0.5)),
        "dispatched_workers": round(staff * dice.uniform(0, 0.05)), "wages": round(average * wage),
        "bachelors": round(staff * dice.uniform(*facts.get("bachelors", (0.25, 0.45)))),
        "masters": round(staff * dice.uniform(*facts.get("masters", (0.03, 0.25)))),
        "doctors": round(staff * dice.uniform(0, 0.03)),
    }  # fmt: skip


def _research(dice: random.Random, facts: Mapping[str, Any], answers: Answers, habits: Mapping[str, float]) -> Answers:
    revenue, staff = int(answers["revenue"] or 0), int(answers["employees"] or 0)
    spent = round(revenue * habits["research"] * dice.uniform(0.93, 1.07))
    # Nobody does research for less than the least wage.
    people = min(staff, round(staff * facts["researchers"] * dice.uniform(0.8, 1.2)), spent // 60)
    people = max(1, people) if spent else 0
    paid = int(answers["wages"] or 0) / int(answers["employees_average"] or 1)
    labour = min(round(spent * dice.uniform(0.5, 0.7)), round(people * paid * 1.2))
    direct = round((spent - labour) * dice.uniform(0.4, 0.7))
    patents = round(staff * facts["patents"] / 100 * habits["patents"])
    applied = round(patents * dice.uniform(0.1, 0.3))
    degrees = sum(int(answers[name] or 0) for name in ("bachelors", "masters", "doctors"))
    sales = round(revenue * dice.uniform(0.1, 0.5))
    return {
        "rd_personnel": people, "rd_graduates": min(round(people * 0.86), degrees), "rd_expenditure": spent,
        "rd_labour": labour, "rd_direct_input": direct, "rd_other_costs": spent - labour - direct,
        "patent_applications": applied, "invention_applications": round(applied * 0.7), "invention_patents": patents,
        "invention_patents_used": round(patents * dice.uniform(0.4, 0.8)), "new_product_sales": sales,
        "new_product_exports": min(round(revenue * 0.03), sales, int(answers["export_revenue"] or 0)),
    }  # fmt: skip
