"""Growth towards a target: the path, the yearly rate, and where a figure stands against the plan."""

from __future__ import annotations

from indicators.catalogue import Target


def status(target: Target, value: float | None, period: str) -> str:
    """Where a figure stands: met, on_track, behind, qualitative, or no_data.

    以上 includes the number (>=), 超过 and 突破 do not (>). On track is at or above the path of constant
    growth from the base to the target.
    """
    if target.value is None:
        return "qualitative"
    if value is None:
        return "no_data"
    if value > target.value or (target.operator == ">=" and value == target.value):
        return "met"
    planned = planned_value(target, period) if period[:4] < target.year else None
    return "on_track" if planned is not None and value >= planned else "behind"


def planned_value(target: Target, period: str) -> float | None:
    """Where constant growth from the target's base stands in a period; None without a base or outside the path."""
    if target.value is None or not target.base or not target.base_year:
        return None
    if not target.base_year <= period[:4] <= target.year:
        return None
    return path(target.base, float(target.base_year), target.value, float(target.year), float(period[:4]))


def path(base: float, base_year: float, goal: float, goal_year: float, year: float) -> float | None:
    """Where constant growth from the base to the goal stands in a year."""
    if base <= 0 or goal <= 0 or goal_year <= base_year:
        return None
    return float(base * (goal / base) ** ((year - base_year) / (goal_year - base_year)))


def cagr(value: float, base: float, years: float) -> float | None:
    """The constant yearly growth in per cent that leads from base to value."""
    if value <= 0 or base <= 0 or years <= 0:
        return None
    return float(((value / base) ** (1 / years) - 1) * 100)
