"""The checks as rows, and which of them are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from desktop.pages import class_name
from survey.checks import message
from survey.codes import fold
from survey.expression import Column, columns
from survey.form import Check
from survey.initials import initials
from survey.results import Tally
from survey.rulelist import Rule
from survey.scheme import Scheme
from survey.texts import Texts

HEADS = ("class", "code", "family", "form", "message", "origin", "passed", "failed", "open", "state")
COUNTS = (6, 7, 8)
WIDTHS = (98, 114, 92, 64, 300, 72, 62, 64, 64, 140)
MESSAGE = 4


@dataclass(frozen=True)
class Shown:
    """Which checks: '' for all; `text` in code, words, row codes, titles or pinyin initials of the items."""

    category: str = ""
    family: str = ""
    form: str = ""
    origin: str = ""
    text: str = ""

    def fits(self, rule: Rule) -> bool:
        """Whether a check is shown, the text aside."""
        facts = (rule.category, rule.check.family, rule.check.scope, rule.origin)
        wanted = (self.category, self.family, self.form, self.origin)
        return all(want in ("", fact) for want, fact in zip(wanted, facts, strict=True))


def words(check: Check, scheme: Scheme, texts: Texts) -> str:
    """Everything a check is found by."""
    items = [scheme.item(one.name) for one in _cells(check)]
    titles = [item.label for item in items]
    found = [check.code, check_message(check, scheme, texts), check.text, check.reason, *titles]
    found += [initials(title) for title in titles] + [item.key for item in items] + [item.label_en for item in items]
    return fold("\n".join(found))


def _cells(check: Check) -> Sequence[Column]:
    found = columns(check.tree)
    return [inner for one in found for inner in ((one,) if one.is_cell else one.inner)]


def check_message(check: Check, scheme: Scheme, texts: Texts) -> str:
    """What must hold; what an item implies is said with the item's title."""
    said = message(check.code, scheme, texts)
    if check.message:
        return said
    item = scheme.item_at(check.code.partition("-")[2])
    return texts("rules.implied", item=texts.pick(item.label, item.label_en), said=said)


def state(rule: Rule, texts: Texts) -> str:
    """How a check stands, where it is not simply in force."""
    if not rule.begun:
        return texts("rules.state.later", day=rule.check.valid_from)
    said = []
    if rule.ruling:
        said.append(texts(f"control.action.{rule.ruling.action}"))
    said += [
        texts("rules.state.coming", action=texts(f"control.action.{one.action}"), day=one.valid_from)
        for one in rule.coming
    ]
    return texts("rules.join").join(said)


def row(rule: Rule, scheme: Scheme, tallies: Mapping[str, Tally], texts: Texts) -> tuple[str, ...]:
    """A check under `HEADS`; a check that was never run has no counts."""
    check, tally = rule.check, tallies.get(rule.check.code)
    counts = ("", "", "")
    if tally is not None:
        counts = (f"{tally.passed:,}", f"{tally.failed:,}", f"{tally.not_evaluated:,}")
    return (
        class_name(texts, rule.category), check.code, texts(f"check.family.{check.family or 'none'}"), check.scope,
        check_message(check, scheme, texts), texts(f"rules.origin.{rule.origin}"), *counts, state(rule, texts),
    )  # fmt: skip
