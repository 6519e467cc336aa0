"""Figures computed in the worker: the file opened there, and the engine that suits its size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from survey.progress import Progress

if TYPE_CHECKING:
    from indicators.computation import Computation


@contextmanager
def computing(file: Path, progress: Progress) -> Iterator[Computation]:
    """A computation over a file of its own, closed at the end."""
    from indicators import definition
    from indicators.computation import Computation
    from indicators.engines import engine_of
    from survey import store

    with closing(store.open(file)) as opened, engine_of(opened) as engine:
        yield Computation(opened, definition.load(opened.scheme), progress, engine)
