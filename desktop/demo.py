"""The whole job on synthetic data, from eleven districts to the printed summary."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from desktop import paths, sample
from desktop.demo_second_round import SecondRound
from desktop.printing import page_set
from indicators import computation, definition, goalwords, tables, workbook
from indicators.goal import stated
from survey import explanations, questionnairebook, receiptbook, returns, store
from survey import scheme as schemes
from survey.errors import SurveyError
from survey.journal import Telling
from survey.merge import merge
from survey.review import Review
from survey.scheme import Scheme
from survey.texts import Texts

SCHEME = "ic-cluster"
_OURS = (
    "city.census", "districts", "questionnaires", "returns", "receipts", "summary.xlsx", "summary.pdf", "pages",
)  # fmt: skip
_SIDE_FILES = ("-wal", "-shm")

_ASKED = 3

Say = Callable[[str], None]


def run(folder: Path, count: int, seed: int, texts: Texts, say: Say) -> None:
    """Writes everything into `folder` and says what came out.

    Raises SurveyError `folder_used` where the folder holds anything but an earlier run.
    """
    _clear(folder)
    scheme = schemes.load(paths.scheme_folder(SCHEME))
    wanted = sample.parameters(paths.sample_parameters(SCHEME))
    sent = _districts(folder, scheme, wanted, count, seed, texts, say)
    city = store.create(folder / "city.census", scheme, wanted["period"], None)
    sample.fill_city(city, wanted, seed)
    reports = merge(city, sent)
    say(texts("cli.demo.merged", accepted=sum(one.accepted for one in reports), units=city.counts(city.period)["units"],
              conflicts=sum(len(one.conflicts) for one in reports)))  # fmt: skip
    SecondRound(city, folder, wanted, partial(_explain, reason=wanted["explanation"]), texts).run(say)
    receiptbook.write_all(city, folder / "receipts", texts)
    _check(city, texts, say)
    _publish(city, folder, texts, say)
    city.close()


def city_file(folder: Path, texts: Texts) -> Path:
    """A small run for the window's sample: the city's file in `folder`."""
    run(folder, 220, 1, texts, lambda _line: None)
    return folder / "city.census"


def _clear(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    found = {path.name for path in folder.iterdir()}
    if found - {*_OURS} - {name + end for name in _OURS for end in _SIDE_FILES}:
        raise SurveyError("folder_used", path=folder)
    for name in found:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _districts(
    folder: Path, scheme: Scheme, wanted: dict[str, Any], count: int, seed: int, texts: Texts, say: Say
) -> list[Path]:
    units = sample.generate(wanted, list(scheme.districts.codes), count, seed)
    for name in ("districts", "returns"):
        (folder / name).mkdir()
    sent: list[Path] = []
    findings = 0
    for code, entry in scheme.districts.codes.items():
        desk = store.create(folder / "districts" / f"{code}.census", scheme, str(wanted["period"]), code)
        own = [unit for unit in units if unit.district == code]
        settled = code not in wanted["unsettled"]
        sample.fill(desk, [replace(unit, error="") for unit in own] if settled else own, wanted, seed)
        if settled:
            _explain(desk, wanted["explanation"])
        if not sent:
            _ask(desk, folder / "questionnaires", texts)
        target = folder / "returns" / f"{code}-{entry.label}-{wanted['period']}.xlsx"
        findings += sum(returns.write(desk, target, texts).findings.values())
        desk.close()
        sent.append(target)
    say(texts("cli.demo.districts", districts=len(sent), units=len(units), findings=findings))
    return sent


def _ask(desk: store.Store, folder: Path, texts: Texts) -> None:
    """Some questionnaires as a district sends them out."""
    asked: list[int | None] = [unit.id for unit in desk.unit_list(desk.period)[:_ASKED]]
    questionnairebook.write_each(desk, asked, desk.period, folder, texts)


def _explain(desk: store.Store, reason: str) -> None:
    """What a district does before its return: it says why doubtful answers are right."""
    for finding in list(Review(desk, desk.period).findings(not_evaluated=False)):
        unit = desk.find_unit(finding.unit)
        if finding.category in explanations.EXPLAINABLE and unit is not None:
            explanations.explain(desk, unit, finding, reason)


def _check(city: store.Store, texts: Texts, say: Say) -> None:
    review = Review(city, city.period)
    review.run()
    tallies = review.tallies
    failed = sum(tally.failed for tally in tallies.values())
    say(texts("cli.demo.checked", checks=len(tallies), units=city.response_count(city.period), failed=failed))


def _publish(city: store.Store, folder: Path, texts: Texts, say: Say) -> None:
    catalogue = definition.load(city.scheme)
    computed = computation.Computation(city, catalogue)
    summary = tables.summary(computed, city.period, texts)
    book, printed = (Telling(city, "exported", f"summary.{one}", what="figures") for one in ("xlsx", "pdf"))
    workbook.write(summary, folder / "summary.xlsx", texts, book)
    pages = page_set(summary, city.scheme.legal, texts)
    pages.write_pdf(folder / "summary.pdf", printed)
    (folder / "pages").mkdir()
    for page in range(pages.count):
        pages.image(page).save(str(folder / "pages" / f"page-{page + 1}.png"))
    say("")
    for goal in stated(computed, city.period):
        told = goalwords.cells(goal, catalogue, texts)
        key = "target" if goal.target.value is not None else "goal"
        say(texts(f"cli.demo.{key}", **told))
    growth = next(one for one in computed.figures(city.period) if one.id == "G1-03")
    say(texts("cli.demo.growth", value=tables.Figure(growth.value, 1).text()))
    say("")
    for name in (
        "city.census",
        "districts",
        "questionnaires",
        "returns",
        "receipts",
        "summary.xlsx",
        "summary.pdf",
        "pages",
    ):
        say(texts("cli.demo.where", what=texts(f"cli.demo.what.{name.replace('.', '_')}"), path=folder / name))
