"""That a file is open here is known to other programs, whatever else this one does with it.

SQLite keeps a lock on a file while it is open; by it another program that closes the file knows that it is not the last
one, and must leave the log alone. Systems after POSIX drop that lock as soon as this program closes the file anywhere
else, be it only to have read how it begins: https://sqlite.org/howtocorrupt.html, section 2.2. A lock on the same bytes
that belongs to one opening of the file alone, as Linux has it, stays.
"""

from __future__ import annotations

import os
import struct
import sys
from contextlib import suppress
from pathlib import Path

# Where those who have a file open hold their lock: https://sqlite.org/src/file?name=src/os.h
_SHARED_FIRST, _SHARED_SIZE = 0x40000002, 510


class Guard:
    """The lock on one file, until it is let go. Where the system has none such, or the disk, there is none."""

    def __init__(self, path: Path) -> None:
        self._file: int | None = None
        if sys.platform == "linux":
            import fcntl

            whole = struct.pack("hhqqi", fcntl.F_RDLCK, os.SEEK_SET, _SHARED_FIRST, _SHARED_SIZE, 0)
            with suppress(OSError):
                self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                fcntl.fcntl(self._file, fcntl.F_OFD_SETLK, whole)

    def let_go(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __del__(self) -> None:
        self.let_go()
