"""The city file as Parquet, for engines that a single machine no longer suffices for."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from indicators.duck import DuckEngine
from survey.errors import SurveyError
from survey.files import Told
from survey.progress import Progress
from survey.scheme import Scheme
from survey.sql import literal, quote

_REGISTER = ("unit", "response")


def tables(scheme: Scheme) -> tuple[str, ...]:
    """The tables that the figures are made of."""
    return (*_REGISTER, *(form.table for form in scheme.forms))


def publish(path: Path, scheme: Scheme, folder: Path, told: Told, progress: Progress | None = None) -> int:
    """Writes a survey file's answers as Parquet, a folder a table, the answers by period; gives how many records.

    What cannot be `told` of does not stand. Raises SurveyError `exists` where the folder holds anything, or
    `cannot_write`, and Cancelled, after which nothing is left of it.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SurveyError("exists", path=folder)
    beside = folder.with_name(f".{folder.name}.part")
    stray = beside
    try:
        with closing(DuckEngine(path, scheme)) as engine:
            count = _write(engine, scheme, beside, progress)
        with told:
            if folder.exists():
                folder.rmdir()
            beside.replace(folder)
            stray = folder
    except OSError as error:
        _remove(stray)
        raise SurveyError("cannot_write", path=folder, detail=error.strerror or str(error)) from error
    except BaseException:
        _remove(stray)
        raise
    return count


def _write(engine: DuckEngine, scheme: Scheme, folder: Path, progress: Progress | None) -> int:
    names, count = tables(scheme), 0
    engine.reach(names)
    for at, name in enumerate(names):
        if progress:
            progress(at, len(names), "progress.publish")
        target = folder / name
        target.mkdir(parents=True)
        if name in _REGISTER:
            by, source = "", f"SELECT * FROM survey.{quote(name)}"
            where = target / "part.parquet"
        else:
            by, where = ", PARTITION_BY (period)", target
            source = f"SELECT f.*, r.period FROM survey.{quote(name)} f JOIN survey.response r ON r.id = f.response"
        [[written]] = engine.rows(f"COPY ({source}) TO {literal(str(where))} (FORMAT parquet{by})")
        count += int(written)
        if not any(target.rglob("*.parquet")):
            # A form that nobody has answered is still a table, with its columns.
            engine.rows(
                f"COPY (SELECT * FROM ({source}) LIMIT 0) TO {literal(str(target / 'part.parquet'))} (FORMAT parquet)"
            )
    return count


def _remove(folder: Path) -> None:
    from shutil import rmtree

    rmtree(folder, ignore_errors=True)
