"""sqlite-utils, without the pandas that it loads where it finds it: a desk would wait for it at every start."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Database", "Migrations"]


@contextmanager
def _absent(library: str) -> Iterator[None]:
    """Whoever asks for the library meanwhile is told that there is none; one that is loaded stays."""
    if library in sys.modules:
        yield
        return
    sys.modules[library] = None  # type: ignore[assignment] # Python's own way to say that an import fails
    try:
        yield
    finally:
        del sys.modules[library]


with _absent("pandas"):
    from sqlite_utils import Database, Migrations
