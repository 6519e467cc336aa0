"""sqlite-utils, without the pandas that it loads where it finds it: a desk would wait for it at every start."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager

__all__ = ["Database", "Migrations", "SharedDatabase"]


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


class SharedDatabase(Database):
    """A database that others write to as well."""

    @contextmanager
    def atomic(self) -> Generator[SharedDatabase, None, None]:
        """All or nothing, also inside another one; whoever else writes is waited for.

        One that began by reading could not wait: what it has read would no longer be so.
        """
        if self.conn.in_transaction:
            with super().atomic():
                yield self
            return
        self.conn.execute("BEGIN IMMEDIATE")
        try:
            yield self
            self.conn.execute("COMMIT")
        except BaseException:
            self.rollback()
            raise
