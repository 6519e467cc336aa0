"""A questionnaire that came back, taken into the survey file: what the enterprise answered since it was sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from survey.adaptation import Adaptation
from survey.errors import SurveyError
from survey.importreport import FileReport, ImportReport, Rejection, Spot, collided, written
from survey.intake import Intake
from survey.questionnairefile import NO_LINE, Answer, Stamp
from survey.record import ValueProblem, read_value
from survey.scalar import Value
from survey.scheme import REGISTER_ITEMS
from survey.store import CITY, Store, place_text
from survey.taking import CLEARED, Cleared, Key, Rows


@dataclass
class _Sheet:
    """What a questionnaire says, typed: the answers and where they stand, what it held when it was sent."""

    answers: dict[Spot, Value] = field(default_factory=dict)
    places: dict[Spot, tuple[str, str]] = field(default_factory=dict)
    unread: set[Spot] = field(default_factory=set)
    blanks: Mapping[Spot, tuple[str, str]] = field(default_factory=dict)
    sent: dict[Spot, Value] = field(default_factory=dict)

    def left(self, spot: Spot) -> bool:
        """Whether the enterprise has emptied a cell; what is not there at all it has not emptied."""
        return self.sent.get(spot) is not None and spot in self.blanks

    @property
    def missing(self) -> int:
        """How many cells that were sent with an answer are not there any more: rows or whole sheets were taken out."""
        return sum(
            value is not None and spot not in self.answers and spot not in self.unread and spot not in self.blanks
            for spot, value in self.sent.items()
        )

    def offered(self, spot: Spot, blanks: bool) -> Value | Cleared:
        """What the enterprise wants a cell to hold; None where it left it as it was sent."""
        found, sent = self.answers.get(spot), self.sent.get(spot)
        if found is None:
            return CLEARED if blanks and self.left(spot) else None
        return None if found == sent else found


class QuestionnaireTaking:
    """What the questionnaires of an import share."""

    def __init__(self, store: Store, report: ImportReport, *, blanks: bool) -> None:
        self._store = store
        self._report = report
        self._blanks = blanks
        self._scheme = store.scheme
        self._lists = {form.id for form in store.scheme.forms if form.is_list}
        self._adaptations: dict[str, Adaptation] = {}
        self._units: dict[str, str] = dict(store.execute("SELECT uscc, name FROM unit WHERE kind = 'unit'"))

    def take(self, file: FileReport, intake: Intake, stamp: Stamp, answers: Sequence[Answer]) -> str:
        """Takes a questionnaire; gives the places of its cells as `source.places` keeps them.

        Raises SurveyError where it is of another scheme, period, desk or unit, or holds nothing.
        """
        self._admit(file, stamp)
        sheet = self._typed(file, stamp, answers)
        sheet.blanks = file.blanks if stamp.version == self._scheme.version else {}
        uscc = self._unit(file, stamp, sheet)
        spots = {
            spot: value
            for spot in dict.fromkeys((*sheet.answers, *(sheet.sent if self._blanks else ())))
            if (value := sheet.offered(spot, self._blanks)) is not None
        }
        file.places = {**file.blanks, **sheet.places}
        if all(one.item in REGISTER_ITEMS for one in answers):
            raise SurveyError("questionnaire_empty", path=file.path)
        file.emptied = 0 if self._blanks else sum(sheet.left(spot) for spot in sheet.sent)
        file.missing = sheet.missing
        # Whoever answers without having been asked, or of whom nobody knows what was sent, overwrites nothing unseen.
        doubtful = not stamp.whole or (not stamp.unit and uscc in self._units)
        for rows in self._rows((uscc, self._store.period), spots, sheet):
            intake.take(replace(rows, doubtful=doubtful))
        self._note(file, intake, sheet)
        return _places(sheet.places)

    def _admit(self, file: FileReport, stamp: Stamp) -> None:
        """Refuses what belongs to another scheme, period or desk, or to a version that nobody can read here."""
        scheme, store = self._scheme, self._store
        desk = store.district or CITY
        own = {"scheme": (stamp.scheme, scheme.id), "period": (stamp.period, store.period), "desk": (stamp.desk, desk)}
        for name, (found, wanted) in own.items():
            if found != wanted and not (name == "desk" and store.is_city):
                told = [self._desk(one) if name == "desk" else one for one in (found, wanted)]
                raise SurveyError(f"questionnaire_{name}", path=file.path, found=told[0], wanted=told[1])
        if stamp.version != scheme.version and stamp.version not in scheme.versions:
            raise SurveyError("questionnaire_version", path=file.path, found=stamp.version, wanted=scheme.version)

    def _desk(self, code: str) -> str:
        return self._scheme.legal.maker if code == CITY else self._scheme.districts.label(code)

    def _unit(self, file: FileReport, stamp: Stamp, sheet: _Sheet) -> str:
        """The code of the unit that answers; a questionnaire that was sent to nobody in particular says whose it is."""
        answered = str(sheet.answers.get(("uscc", 0)) or "")
        name = str(sheet.answers.get(("name", 0)) or stamp.name)
        unit = self._corrected(stamp.unit) if stamp.unit and stamp.unit not in self._units else stamp.unit
        file.unit = (unit or answered, name)
        if unit != stamp.unit and answered in ("", stamp.unit):
            # The old code is no answer any more.
            sheet.answers.pop(("uscc", 0), None)
            sheet.sent.pop(("uscc", 0), None)
        elif stamp.unit and answered not in ("", unit):
            raise SurveyError(
                "questionnaire_other_unit", path=file.path, found=answered, wanted=stamp.unit, name=stamp.name
            )
        known = self._store.find_unit(unit or answered)
        if known is not None and self._store.is_withdrawn(known):
            raise SurveyError("questionnaire_withdrawn", path=file.path, uscc=unit or answered)
        if stamp.unit and unit not in self._units:
            raise SurveyError("questionnaire_unit", path=file.path, uscc=stamp.unit, name=stamp.name)
        if not stamp.unit and not answered and ("uscc", 0) in sheet.unread:
            found = next(one.found for one in reversed(self._report.rejections) if one.file == file.name)
            raise SurveyError("questionnaire_code", path=file.path, found=found)
        if not stamp.unit and not answered:
            raise SurveyError("questionnaire_no_unit", path=file.path)
        return unit or answered

    def _corrected(self, uscc: str) -> str:
        """The code that a unit has now whose code was corrected after its questionnaire was sent; else the code."""
        found = self._store.execute(
            "SELECT u.uscc FROM change c JOIN unit u ON u.id = c.unit"
            " WHERE c.item = 'uscc' AND c.old = ? AND u.kind = 'unit' ORDER BY c.id DESC LIMIT 1",
            (uscc,),
        ).fetchone()
        return str(found[0]) if found else uscc

    def _typed(self, file: FileReport, stamp: Stamp, answers: Sequence[Answer]) -> _Sheet:
        """The answers as the items of the file's own scheme have them; what cannot be one is told."""
        sheet = _Sheet(sent={(one.item, one.line): one.value for one in stamp.sent})
        adaptation = None
        if stamp.version != self._scheme.version:
            adaptation = self._adaptations.setdefault(stamp.version, Adaptation(self._scheme, stamp.version))
            sheet.sent = adaptation.values(sheet.sent)
            answers, dropped = adaptation.answers(answers)
            for one in dropped:
                self._reject(file, one, "questionnaire_dropped", {"version": self._scheme.version})
        for one in answers:
            self._read(file, one, sheet)
        if adaptation:
            adaptation.fill(sheet.answers)
        return sheet

    def _read(self, file: FileReport, one: Answer, sheet: _Sheet) -> None:
        item = self._scheme.items.get(one.item)
        if item is None or (item.form in self._lists) != bool(one.line):
            self._reject(file, one, "questionnaire_cell", {})
            return
        if item.computed:
            return
        if one.line == NO_LINE:
            self._reject(file, one, "questionnaire_no_line", {"label": item.label})
            return
        spot = (one.item, one.line)
        try:
            value = read_value(item, one.raw, self._scheme.lists)
        except ValueProblem as problem:
            sheet.unread.add(spot)
            self._reject(file, one, problem.code, problem.facts)
            return
        if value is not None and sheet.answers.setdefault(spot, value) != value:
            self._reject(file, one, "questionnaire_cell_twice", {"cell": "!".join(sheet.places[spot])})
            return
        sheet.places.setdefault(spot, (one.sheet, one.cell))

    def _reject(self, file: FileReport, one: Answer, code: str, facts: Mapping[str, object]) -> None:
        self._report.reject(Rejection(file.name, one.sheet, one.cell, str(one.raw), code, facts))
        file.rejected += 1

    def _rows(self, key: Key, spots: Mapping[Spot, Value | Cleared], sheet: _Sheet) -> Iterable[Rows]:
        """What is offered, as rows: one for the forms answered once, one a line of each list form."""
        plain = {item: [value] for (item, line), value in spots.items() if not line}
        sent = {item: [sheet.sent.get((item, 0))] for item in plain} if sheet.sent else {}
        names = plain.get("name", ())
        district = [self._store.district or str(plain.get("district", [""])[0] or "")]
        yield Rows([key], [0], plain, district, [one for one in names if not isinstance(one, Cleared)], sent=sent)
        by_form: dict[str, dict[int, dict[str, Value | Cleared]]] = {}
        for (item, line), value in spots.items():
            if line:
                by_form.setdefault(self._scheme.item(item).form, {}).setdefault(line, {})[item] = value
        for lines in by_form.values():
            columns = dict.fromkeys(item for cells in lines.values() for item in cells)
            yield Rows(
                [key] * len(lines), [0] * len(lines),
                {item: [cells.get(item) for cells in lines.values()] for item in columns}, district * len(lines),
                lines=list(lines),
                sent={item: [sheet.sent.get((item, line)) for line in lines] for item in columns} if sheet.sent else {},
            )  # fmt: skip

    def _note(self, file: FileReport, intake: Intake, sheet: _Sheet) -> None:
        """What the questionnaire changed, or would have changed, with the cells it stands in."""
        outcome, name, nowhere = intake.outcome, file.name, ("", "")
        for one in outcome.written:
            spot = (one.change.item.name, one.change.line)
            self._report.note([written(one, name, *file.places.get(spot, nowhere))])
        for other in outcome.collisions:
            self._report.note([collided(other, name, *sheet.places.get((other.item, other.line), nowhere))])
        file.collisions += len(outcome.collisions)


def _places(places: Mapping[Spot, tuple[str, str]]) -> str:
    """Where the answers of a questionnaire stand: cells by sheet and place, as JSON."""
    by_sheet: dict[str, dict[str, str]] = {}
    for (item, line), (sheet, cell) in places.items():
        by_sheet.setdefault(sheet, {})[place_text(item, line)] = cell
    return json.dumps(by_sheet, ensure_ascii=False, separators=(",", ":"))
