"""The city's decisions in words, for the window and the command line."""

from __future__ import annotations

from survey import control
from survey.form import Ruling
from survey.store import Store
from survey.texts import Texts


def list_line(store: Store, texts: Texts) -> str:
    """Which list the city signed off last, or a district follows."""
    role = "city" if store.is_city else "district"
    if not store.desk.get("control_number"):
        return texts(f"rules.control.{role}_none")
    facts = {"number": store.desk["control_number"], "official": store.desk["control_official"]}
    return texts(f"rules.control.{role}_list", day=store.desk["control_at"][:10], **facts)


def decision_lines(store: Store, texts: Texts) -> list[str]:
    """Everything that is decided, a line a decision."""
    rulings, exemptions = tuple(control.rulings(store)), tuple(control.exemptions(store))
    return change_lines(control.Changes(rulings, (), exemptions, ()), texts)


def change_lines(changes: control.Changes, texts: Texts) -> list[str]:
    """What a list changes, a line a decision."""
    lines = []
    for key, rulings in (("new", changes.new_rulings), ("gone", changes.gone_rulings)):
        lines += [texts(f"rules.control.{key}_ruling", **_ruling(one, texts)) for one in rulings]
    for key, exemptions in (("new", changes.new_exemptions), ("gone", changes.gone_exemptions)):
        for one in exemptions:
            facts = {"check": one.check, "unit": one.uscc, "period": one.period, "reason": one.reason}
            lines.append(texts(f"rules.control.{key}_exemption", **facts))
    return lines


def _ruling(one: Ruling, texts: Texts) -> dict[str, str]:
    action = texts(f"control.action.{one.action}")
    return {"check": one.check, "action": action, "day": one.valid_from, "reason": one.reason}
