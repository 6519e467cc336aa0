"""Synthetic survey data, labelled 演示数据: plausible units by segment, two years, some errors planted."""

from __future__ import annotations

import random
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from desktop import sample_desk, sample_errors
from desktop.sample_desk import Tally
from desktop.sample_details import Details
from desktop.sample_units import SampleUnit, invented, shared_out
from survey import formulas
from survey.errors import SurveyError
from survey.form import Respondent
from survey.intake import Intake
from survey.record import previous_period
from survey.store import CITY, Store
from survey.taking import Rows

PORTION = 1000


def parameters(path: Path) -> dict[str, Any]:
    """A sample's data: a file, and those in the folder of its name; raises SurveyError where it is missing."""
    if not path.is_file():
        raise SurveyError("sample", path=path)
    wanted: dict[str, Any] = {}
    for part in (path, *sorted(path.with_suffix("").glob("*.toml"))):
        for name, facts in tomllib.loads(part.read_text(encoding="utf-8")).items():
            wanted[name] = wanted.get(name, {}) | facts if isinstance(facts, dict) else facts
    return wanted


def generate(wanted: Mapping[str, Any], districts: Sequence[str], count: int, seed: int) -> list[SampleUnit]:
    """Invented units, always the same for the same seed, some in every district, some with an error."""
    dice = random.Random(seed)
    segments = list(wanted["segments"].items())
    units = []
    for number, segment in enumerate(shared_out(segments, count)):
        units.append(invented(dice, number, segment, wanted))
    _settle(units, districts)
    for at in dice.sample(range(count), round(count * wanted["errors"])):
        units[at] = replace(units[at], error=dice.choice(sample_errors.MAIN).__name__)
    dice = random.Random(f"{seed} further errors")
    for at in dice.sample(range(count), round(count * wanted["further_errors"])):
        error = dice.choice(sample_errors.FURTHER).__name__
        units[at] = replace(units[at], error=units[at].error or error)
    return units


def _settle(units: list[SampleUnit], districts: Sequence[str]) -> None:
    """Moves a unit from the fullest district into each one that chance left empty."""
    counts = Counter(unit.district for unit in units)
    for code in districts:
        if counts[code]:
            continue
        fullest = counts.most_common(1)[0][0]
        at = max(number for number, unit in enumerate(units) if unit.district == fullest)
        for answers in units[at].years:
            answers["district"] = code
        units[at] = replace(units[at], district=code)
        counts.update({code: 1, fullest: -1})


def fill(store: Store, units: Sequence[SampleUnit], wanted: Mapping[str, Any], seed: int) -> None:
    """The units of a desk and the desk's own forms, two years, into its file as one source."""
    details = Details(wanted, store.scheme, seed)
    years = previous_period(store.period), store.period
    tallies = Tally(int(years[0][:4])), Tally(int(years[1][:4]))
    with store.atomic():
        intake = Intake(store)
        intake.begin(store.add_source(str(wanted["label"]), "sample", ""))
        for start in range(0, len(units), PORTION):
            drawn = [details.unit(one, store.period) for one in units[start : start + PORTION]]
            for at in (0, 1):
                answers = {str(pair[at].values["uscc"]): pair[at] for pair in drawn}
                for one in answers.values():
                    tallies[at].add(one)
                _take(intake, store, answers, years[at], "unit")
        if store.district:
            for period, one in zip(years, sample_desk.district(details, store.district, tallies), strict=True):
                _take(intake, store, {store.district: one}, period, "district")
        intake.finish()


def fill_city(store: Store, wanted: Mapping[str, Any], seed: int) -> None:
    """The city's own forms into its file."""
    answers = sample_desk.city(Details(wanted, store.scheme, seed), int(store.period[:4]))
    with store.atomic():
        store.desk_unit()
        intake = Intake(store)
        intake.begin(store.add_source(str(wanted["label"]), "sample", ""))
        _take(intake, store, {CITY: answers}, store.period, "city")
        intake.finish()


def _take(intake: Intake, store: Store, answers: Mapping[str, formulas.Answers], period: str, kind: Respondent) -> None:
    for batch in _batches(store, answers, period, kind):
        intake.take(batch)


def _batches(store: Store, answers: Mapping[str, formulas.Answers], period: str, kind: Respondent) -> Iterator[Rows]:
    """The answers of some respondents, form by form; a form without any is not begun."""
    forms = store.scheme.forms_of(kind)
    label = store.scheme.districts.label(store.district) if store.district else store.scheme.title
    names = {uscc: one.values.get("name") or label for uscc, one in answers.items()}
    for form in forms:
        columns = [item.name for item in form.items if not item.computed]
        if form.is_list:
            found = [(uscc, at, line) for uscc, one in answers.items() for at, line in one.lines[form.id].items()]
        else:
            found = [(uscc, 0, one.values) for uscc, one in answers.items() if _any(one.values, columns)]
        yield _batch(found, columns, names, period, kind)


def _any(values: Mapping[str, Any], names: Sequence[str]) -> bool:
    return any(values[name] is not None for name in names)


def _batch(
    rows: Sequence[tuple[str, int, Mapping[str, Any]]],
    columns: Sequence[str],
    names: Mapping[str, Any],
    period: str,
    kind: Respondent,
) -> Rows:
    return Rows(
        keys=[(uscc, period) for uscc, _, _ in rows],
        rows=list(range(1, len(rows) + 1)),
        columns={name: [values[name] for _, _, values in rows] for name in columns},
        names=[names[uscc] for uscc, _, _ in rows],
        lines=[line for _, line, _ in rows if line],
        kind=kind,
    )
