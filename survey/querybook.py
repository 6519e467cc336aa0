"""The query list (查询单) as a workbook that an enterprise fills in: one a unit, or one for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from survey import journal, queries
from survey.errors import SurveyError
from survey.files import filling, replacing, safe
from survey.persons import permit
from survey.progress import Progress
from survey.queries import UnitQueries
from survey.queryfile import Stamp
from survey.querysheet import Cover, QueryBook
from survey.store import CITY, Store, now
from survey.texts import Texts


@dataclass(frozen=True)
class Written:
    """What was written: the files, and how many units are asked how many questions."""

    paths: tuple[Path, ...]
    units: int
    count: int


def cover_of(store: Store, asked: Sequence[UnitQueries], period: str, texts: Texts) -> Cover:
    """The head of a list for one unit, which it names, or for several, which it counts."""
    scheme, only = store.scheme, asked[0]
    key = "query.whom" if len(asked) == 1 else "query.whom_many"
    return Cover(
        texts(key, uscc=only.uscc, name=only.name, count=len(asked)),
        scheme.districts.label(store.district, texts.lang)
        if store.district
        else texts.pick(scheme.legal.maker, scheme.legal.maker_en),
        texts("paper.year", year=period),
        now()[:10],
    )


def write(
    store: Store, units: Sequence[int], period: str, path: Path, texts: Texts, progress: Progress | None = None
) -> Written:
    """The open queries of some units in one workbook.

    Raises SurveyError `query_none`, `cannot_write`, and Cancelled, with what was there left as it is.
    """
    permit(store, "export")
    asked = list(queries.open_queries(store, units, period, progress))
    if not asked:
        raise SurveyError("query_none")
    told = journal.Telling(store, "exported", path.name, what="queries", units=len(asked))
    with replacing(path, told) as beside:
        _write(store, asked, period, beside, texts)
    return Written((path,), len(asked), _count(asked))


def write_each(
    store: Store, units: Sequence[int], period: str, folder: Path, texts: Texts, progress: Progress | None = None
) -> Written:
    """One workbook a unit, named after it; all are there in the end, or, where it was stopped, none.

    Raises SurveyError `query_none`, `cannot_write`, and Cancelled.
    """
    permit(store, "export")
    told = journal.Telling(store, "exported", folder.name, what="queries")
    with filling(folder, told) as beside:
        count = 0
        for one in queries.open_queries(store, units, period, progress):
            count += _count([one])
            name = safe(f"{texts('query.title')}-{one.uscc}-{period}-{one.name}")
            _write(store, [one], period, beside / f"{name}.xlsx", texts)
        names = sorted(path.name for path in beside.iterdir())
        if not names:
            raise SurveyError("query_none")
        told.know(units=len(names))
    return Written(tuple(folder / name for name in names), len(names), count)


def _count(asked: Sequence[UnitQueries]) -> int:
    return sum(len(one.blocks) for one in asked)


def _write(store: Store, asked: Sequence[UnitQueries], period: str, path: Path, texts: Texts) -> None:
    book = QueryBook(path, store.scheme, texts)
    cover = cover_of(store, asked, period, texts)
    rows = book.questions(asked, cover)
    scheme, desk = store.scheme, store.district or CITY
    book.finish(Stamp(scheme.id, scheme.version, period, desk, queries.marked(store), now(), tuple(rows)))
