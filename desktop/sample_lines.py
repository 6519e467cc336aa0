"""The lines of a sample's list forms: how many there are, what they share out, and their answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop.sample_rules import Case, Given, Rule, Source, answer, divided, rules


class ListRecipe:
    """How the lines of one list form are drawn, from the sample's data."""

    def __init__(self, form: str, facts: Mapping[str, Any]) -> None:
        self.form = form
        self._only: list[str] = facts.get("only", [])
        self._rows: list[Given] = facts.get("rows", [])
        self._count = Rule(f"_lines_{form}", facts.get("lines", {}))
        self._heads = rules(facts.get("heads", {}))
        self._divides: Mapping[str, str] = facts.get("divides", {})
        self._items = rules(facts.get("items", {}))

    def draw(self, case: Case, before: Mapping[int, Given], source: Source) -> dict[int, Given]:
        """The lines of a case, steps and its other answers included; `before` are those of the year before."""
        if self._only and case.given.get("segment") not in self._only:
            return {}
        lines = self._begun(case, before, source)
        for name, whole in self._divides.items():
            total = int(case.given.get(whole) or 0)
            lots = {str(number): 1.0 / number for number in lines}
            for number, part in divided(case.dice, total, lots).items():
                lines[int(number)].given[name] = part
        for line in lines.values():
            answer(line, self._items, source)
        return {number: line.given for number, line in lines.items()}

    def _begun(self, case: Case, before: Mapping[int, Given], source: Source) -> dict[int, Case]:
        """The lines with their heads; one that says the same as another is left out."""
        found: dict[int, Case] = {}
        seen: set[tuple[Any, ...]] = set()
        for row in self._drafts(case, source):
            number = len(found) + 1
            line = Case(case.dice, {**case.given, "line": number, **row}, before.get(number))
            answer(line, self._heads, source)
            head = tuple(line.given[rule.name] for rule in self._heads)
            if not head or head not in seen:
                seen.add(head)
                found[number] = line
        return found

    def _drafts(self, case: Case, source: Source) -> list[Given]:
        if self._rows:
            return [row for row in self._rows if row.get("district", "") == case.given.get("district", "")]
        count = case.given[self._count.name] = self._count.draw(case, source)
        return [{} for _ in range(int(count or 0))]
