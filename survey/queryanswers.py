"""Query lists that came back: recognised by their stamp, tried in a dry run, taken all or none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from survey import queries
from survey.errors import SurveyError
from survey.progress import Progress
from survey.queryfile import FilledRow, Filler, Stamp, StampRow, decode
from survey.querytaking import AnswerFile, AnswerReport, UnitAnswers, Whose
from survey.reader import Reader
from survey.standing import Standing
from survey.store import CITY, Store


def take(
    store: Store,
    paths: Sequence[Path],
    *,
    dry_run: bool = False,
    who: str = "",
    period: str = "",
    progress: Progress | None = None,
) -> AnswerReport:
    """Takes query lists that came back, all or none; a dry run leaves the file as it was.

    Raises SurveyError where one of them is none of this desk's lists, naming it: `not_a_query`, `query_newer`,
    `query_stamp`, `query_scheme`, `query_period`, `query_desk`, `query_file`, and what reading raises.
    """
    report = AnswerReport()
    with store.atomic(keep=not dry_run), Reader() as reader:
        for at, path in enumerate(paths):
            if progress:
                progress(at, len(paths), "progress.query_read")
            with reader.read(path, decode) as parts:
                stamp = next(parts)
                _admit(store, stamp, path, period or store.period)
                filled = list(parts)
            _take_file(AnswerFile(store, path, stamp.period, who, who, report), stamp, filled)
    return report


def _admit(store: Store, stamp: Stamp, path: Path, period: str) -> None:
    """Refuses a list of another scheme, period, desk or survey file."""
    desk, file = store.district or CITY, queries.file_id(store)
    own = {"scheme": store.scheme.id, "period": period, "desk": desk, "file": file}
    for name, wanted in own.items():
        found = getattr(stamp, name)
        if found != wanted:
            told = [_desk(store, one) if name == "desk" else one for one in (found, wanted)]
            raise SurveyError(f"query_{name}", path=path, found=told[0], wanted=told[1])


def _desk(store: Store, code: str) -> str:
    """A desk as it is called on its lists."""
    return store.scheme.legal.maker if code == CITY else store.scheme.districts.label(code)


def _take_file(file: AnswerFile, stamp: Stamp, parts: Sequence[FilledRow | Filler]) -> None:
    """The answers on one list, unit by unit."""
    asked = {row.key: row for row in stamp.rows}
    filled = [part for part in parts if isinstance(part, FilledRow)]
    file.by = next((part.name for part in parts if isinstance(part, Filler) and part.name), file.who)
    by_unit: dict[int, list[tuple[StampRow, FilledRow]]] = {}
    for part in filled:
        row = asked.get(part.key)
        unit = queries.find(file.store, row.query, row.mark) if row else None
        if row and unit is not None:
            by_unit.setdefault(unit, []).append((row, part))
        else:
            place = (file.path.name, part.sheet, part.remark_cell if part.remark else part.correction_cell)
            found = part.remark or part.correction
            file.reject(Whose("", "", "", place), found, "query_gone" if row else "query_row")
    answered = {asked[part.key].query for part in filled if part.key in asked}
    file.report.waiting += len({row.query for row in stamp.rows} - answered)
    standing = Standing(file.store, stamp.period)
    for unit, rows in by_unit.items():
        UnitAnswers(file, standing, unit).take(rows)
