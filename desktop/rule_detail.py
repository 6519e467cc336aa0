"""One check in full: how it reads, how it is written, what it allows, why it exists, what the city has ruled."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from PySide6.QtWidgets import QTextBrowser

from desktop.pages import Desk, class_name
from desktop.rules_model import check_message
from survey.expression import write
from survey.form import Check, Ruling
from survey.rulelist import Rule
from survey.ruletext import counts_zero, readback

_LONGEST = 900


class RuleDetail(QTextBrowser):
    """Read only; everything can be selected and copied."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.setObjectName("ruleDetail")
        self.setAccessibleName(desk.texts("rules.detail"))
        self.setOpenLinks(False)

    def show_rule(self, rule: Rule | None) -> None:
        """The chosen check; nothing where none is."""
        if rule is None:
            self.clear()
            return
        colour = self._desk.colours.muted
        rows = "".join(
            f'<tr><td style="color:{colour};padding:2px 16px 2px 0;white-space:nowrap">{escape(label)}</td>'
            f'<td style="padding:2px 0">{escape(text)}</td></tr>'
            for label, text in self._facts(rule)
            if text
        )
        self.setHtml(f"<b>{escape(self._title(rule))}</b><table>{rows}</table>")

    def _title(self, rule: Rule) -> str:
        check, texts, scheme = rule.check, self._desk.texts, self._desk.store.scheme
        form = scheme.form(check.scope)
        return texts(
            "rules.full_title", code=check.code, message=check_message(check, scheme, texts), form=form.id,
            title=texts.pick(form.title, form.title_en), category=rule.category, name=class_name(texts, rule.category),
        )  # fmt: skip

    def _facts(self, rule: Rule) -> Iterator[tuple[str, str]]:
        check, texts, scheme = rule.check, self._desk.texts, self._desk.store.scheme
        yield texts("rules.field.reading"), _short(readback(check.tree, scheme, texts, check.scope))
        for one in (*((rule.ruling,) if rule.ruling else ()), *rule.coming):
            yield texts("rules.field.ruling"), ruling_line(one, self._desk)
        yield texts("rules.field.canonical"), _short(write(check.tree))
        yield texts("rules.field.reason"), check.reason
        yield texts("rules.field.terms"), self._terms(check)
        yield texts("rules.field.other"), check.message_en if texts.lang == "zh" else check.message

    def _terms(self, check: Check) -> str:
        """What a check allows: the tolerance, what a blank means, from when it holds."""
        texts, blank = self._desk.texts, "zero" if counts_zero(check.tree) else "unknown"
        return texts("rules.join").join(
            texts("rules.term", name=texts(f"rules.field.{name}"), text=text)
            for name, text in (
                ("tolerance", f"{check.tolerance:g}"),
                ("missing", texts(f"rules.missing_rule.{blank}")),
                ("valid_from", check.valid_from),
            )
            if text
        )


def _short(text: str) -> str:
    """What is derived by a table of a hundred lines is not read as one sentence."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def ruling_line(ruling: Ruling, desk: Desk) -> str:
    """What the city has ruled, from when, by whom and why."""
    action = desk.texts(f"control.action.{ruling.action}")
    facts = {"day": ruling.valid_from, "official": ruling.official, "reason": ruling.reason, "at": ruling.at}
    return desk.texts("rules.ruling", action=action, **facts)
