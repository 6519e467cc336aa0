"""Explanations: why an answer that a check doubts is right, in the officer's own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from survey.binding import PEER_FUNCTIONS
from survey.checks import Finding
from survey.errors import SurveyError
from survey.persons import permit
from survey.scalar import Value
from survey.store import Store, now

# NBS platforms ask for six characters; these say nothing however long they are.
LEAST = 6
_EMPTY_WORDS = ("情况属实", "数据属实", "经核实无误", "已核实", "核实无误", "属实", "无误", "正确", "无", "没有问题")
EXPLAINABLE = ("B", "C")


@dataclass(frozen=True)
class Explanation:
    """Why a finding is accepted; `fits` is whether the answers are still those that were explained."""

    text: str
    who: str
    at: str
    fits: bool = True


def code_of(finding: Finding) -> str:
    """The finding's check, with its line on list forms: `T03-01[2]`."""
    return f"{finding.check}[{finding.line}]" if finding.line else finding.check


def facts_of(finding: Finding) -> str:
    """The answers a finding is about, as text. How the unit stands among others is no answer of its own."""
    own = ((key, value) for key, value in finding.operands.items() if key.partition("(")[0] not in PEER_FUNCTIONS)
    return "; ".join(f"{key}={_plain(value)}" for key, value in sorted(own))


def _plain(value: Value) -> Value:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def check_text(text: str) -> str:
    """The explanation as it is kept; raises SurveyError `explanation_short` or `explanation_empty`."""
    kept = " ".join(text.split())
    plain = "".join(letter for letter in kept if letter.isalnum())
    if len(plain) < LEAST:
        raise SurveyError("explanation_short", least=LEAST, found=len(plain))
    rest = plain
    for words in _EMPTY_WORDS:
        rest = rest.replace(words, "")
    if len(set(plain)) < 4 or len(rest) < LEAST - 2:
        raise SurveyError("explanation_empty", text=kept)
    return kept


def explain(store: Store, unit: int, finding: Finding, text: str, *, who: str = "") -> None:
    """Records why a finding is accepted. Raises SurveyError where the text says nothing, or for class A."""
    permit(store, "decide")
    if finding.category not in EXPLAINABLE:
        raise SurveyError("not_explainable", check=finding.check)
    kept = check_text(text)
    with store.atomic():
        store.execute(
            "INSERT INTO explanation (response, check_code, text, who, at, facts)"
            " SELECT id, ?, ?, ?, ?, ? FROM response WHERE unit = ? AND period = ?"
            " ON CONFLICT (response, check_code, sent) DO UPDATE SET text = excluded.text, who = excluded.who,"
            " at = excluded.at, facts = excluded.facts",
            (code_of(finding), kept, who, now(), facts_of(finding), unit, finding.period),
        )


def withdraw(store: Store, unit: int, finding: Finding) -> None:
    """Takes an explanation back, the desk's own first."""
    permit(store, "decide")
    key = "check_code = ? AND response = (SELECT id FROM response WHERE unit = ? AND period = ?)"
    given = (code_of(finding), unit, finding.period)
    with store.atomic():
        store.execute(
            f"DELETE FROM explanation WHERE {key} AND sent = (SELECT min(sent) FROM explanation WHERE {key})",
            (*given, *given),
        )


def of_unit(store: Store, unit: int, period: str) -> dict[str, list[tuple[Explanation, str]]]:
    """A unit's explanations of a period by `code_of`, with the answers that were explained; the desk's own first."""
    rows = store.execute(
        "SELECT e.check_code, e.text, e.who, e.at, e.facts FROM explanation e JOIN response r ON r.id = e.response"
        " WHERE r.unit = ? AND r.period = ? ORDER BY e.sent",
        (unit, period),
    )
    found: dict[str, list[tuple[Explanation, str]]] = {}
    for code, text, who, at, facts in rows:
        found.setdefault(code, []).append((Explanation(text, who, at), facts))
    return found


def answer_to(finding: Finding, known: Mapping[str, Sequence[tuple[Explanation, str]]]) -> Explanation | None:
    """The explanation of a finding; `fits` is False where the answers have changed since all that was said."""
    found = known.get(code_of(finding))
    if not found:
        return None
    facts = facts_of(finding)
    said = next((one for one, about in found if about == facts), None)
    return said or replace(found[0][0], fits=False)


def of_period(store: Store, period: str) -> dict[tuple[str, str], Explanation]:
    """The explanations of a period by the unit's code and `code_of`, each with the answers it was given for.

    Of two about the same answers the desk's own is told.
    """
    rows = store.execute(
        "SELECT u.uscc, e.check_code, e.facts, e.text, e.who, e.at FROM explanation e"
        " JOIN response r ON r.id = e.response JOIN unit u ON u.id = r.unit WHERE r.period = ?"
        " ORDER BY e.sent DESC",
        (period,),
    )
    return {(uscc, f"{code} {facts}"): Explanation(*said) for uscc, code, facts, *said in rows}


def said_to(finding: Finding, known: Mapping[tuple[str, str], Explanation]) -> Explanation | None:
    """What was said to a finding of `of_period`."""
    return known.get((finding.unit, f"{code_of(finding)} {facts_of(finding)}"))


def uses(store: Store, period: str, text: str) -> int:
    """How many units give the same explanation in a period."""
    row = store.execute(
        "SELECT count(DISTINCT e.response) FROM explanation e JOIN response r ON r.id = e.response"
        " WHERE r.period = ? AND e.text = ?",
        (period, " ".join(text.split())),
    ).fetchone()
    return int(row[0])


def explained(store: Store, period: str) -> dict[str, dict[int, tuple[str, ...]]]:
    """All explanations of a period: by `code_of`, the answers that were explained by response."""
    found: dict[str, dict[int, tuple[str, ...]]] = {}
    rows = store.execute(
        "SELECT e.check_code, e.response, e.facts FROM explanation e CROSS JOIN response r ON r.id = e.response"
        " WHERE r.period = ?",
        (period,),
    )
    for code, response, facts in rows:
        of_check = found.setdefault(code, {})
        of_check[response] = (*of_check.get(response, ()), facts)
    return found
