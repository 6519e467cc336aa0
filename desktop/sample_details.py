"""Everything a sample unit answers: its main figures, what the rules draw from them, and its lines."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from desktop import sample_errors
from desktop.sample_lines import ListRecipe
from desktop.sample_rules import Case, Given, Source, answer, rules
from desktop.sample_units import SampleUnit
from survey.form import Form, Item, Respondent
from survey.formulas import Answers, Formulas
from survey.scalar import Value
from survey.scheme import Scheme

_LINES_READ = "lines"


class Details:
    """Draws the answers of one sample; the same seed and unit always give the same."""

    def __init__(self, wanted: Mapping[str, Any], scheme: Scheme, seed: int) -> None:
        self.wanted = wanted
        self.scheme = scheme
        self.seed = seed
        self._source = Source(scheme.items, scheme.lists)
        self._formulas = Formulas(scheme)
        forms = wanted.get("forms", {})
        self._forms = {name: (facts.get("only", []), rules(facts["items"])) for name, facts in forms.items()}
        self._lists = {name: ListRecipe(name, facts) for name, facts in wanted.get("lists", {}).items()}
        self._park_names = _park_names(wanted)
        self._follows: Mapping[str, Any] = wanted.get("follows", {})

    def unit(self, unit: SampleUnit, period: str) -> tuple[Answers, Answers]:
        """The answers of an enterprise, the year before `period` first, with its error planted in the later one."""
        dice = random.Random(f"{self.seed} {unit.number}")
        year = int(period[:4])
        earlier = self.draw(dice, self._begun(unit, year - 1, 0), "unit", None)
        later = self.draw(dice, self._begun(unit, year, 1), "unit", earlier)
        found = self.kept(earlier, "unit"), self.kept(later, "unit")
        if unit.error:
            sample_errors.ALL[unit.error](found[1])
        return found

    def draw(self, dice: random.Random, given: Given, respondent: Respondent, before: Answers | None) -> Answers:
        """The answers of a respondent with the steps on the way; `given` is where they begin."""
        case = Case(dice, given, before.values if before else None)
        forms = self.scheme.forms_of(respondent)
        for form in (*(form.id for form in forms if not form.is_list), _LINES_READ):
            only, wanted = self._forms.get(form, ([], ()))
            if not only or given.get("segment") in only:
                answer(case, wanted, self._source)
        found = Answers(given)
        for form_id in (form.id for form in forms if form.id in self._lists):
            earlier = before.lines[form_id] if before else {}
            found.lines[form_id] = self._lists[form_id].draw(case, earlier, self._source)
            self._follow(form_id, found)
        return found

    def kept(self, drawn: Answers, respondent: Respondent) -> Answers:
        """What was drawn without the steps on the way, and without what a line has read of its unit."""
        found = Answers()
        for form in self.scheme.forms_of(respondent):
            if form.is_list:
                lines = drawn.lines.get(form.id, {})
                found.lines[form.id] = {number: self._of_form(form, line) for number, line in lines.items()}
            else:
                found.values.update(self._of_form(form, drawn.values))
        return found

    def _of_form(self, form: Form, drawn: Mapping[str, Value]) -> dict[str, Value]:
        return {item.name: _fitted(item, drawn.get(item.name)) for item in form.items if not item.computed}

    def _follow(self, form: str, found: Answers) -> None:
        """Sets what the lines of a form say of their unit."""
        for item, names in self._follows.get(form, {}).items():
            for line in found.lines[form].values():
                if name := names.get(line[item]):
                    found.values[name] = 1

    def _begun(self, unit: SampleUnit, year: int, at: int) -> Given:
        core = unit.years[at]
        derived = self._formulas.derive(Answers(dict(core)), Answers(), str(year))
        return {
            **core,
            **{f"_{name}": value for name, value in derived.items()},
            "label": self.wanted["label"],
            "number": unit.number + 1,
            "_serial": unit.number % 100_000,
            "year": year,
            "_materials": self.wanted["segments"][core["segment"]].get("materials", {}),
            "_parks": dict.fromkeys(self._park_names[unit.district], 1),
            "_park_names": self._park_names[unit.district],
            "_founded_year": int(str(core["founded"])[:4]),
            "_chain_change": "moved_in" if core["settled_year"] == year else "continuing",
        }


def _fitted(item: Item, value: Value) -> Value:
    return float(value) if item.type == "decimal" and value is not None else value


def _park_names(wanted: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The parks in which units may be, by district: their names by their numbers."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in wanted["lists"]["QZ-1"]["rows"]:
        if row["park_status"] == "operating":
            found[row["district"]][row["park_number"]] = row["park_name"]
    return found
