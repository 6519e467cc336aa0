"""Whether a survey file is open in another window, of this computer or another."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QLockFile, QSysInfo

from survey.errors import SurveyError


class Presence:
    """Marks a file as open by a hidden file beside it; the mark of a program that was killed counts for nothing.

    `elsewhere` is the SurveyError `opened_elsewhere` where somebody else was first.
    """

    def __init__(self, path: Path) -> None:
        self._lock = QLockFile(str(path.with_name(f".{path.name}.lock")))
        # It is not for its age that a mark is stale: a desk may be open for days.
        self._lock.setStaleLockTime(0)
        self.elsewhere: SurveyError | None = None
        if not self._lock.tryLock(0) and self._lock.error() == QLockFile.LockError.LockFailedError:
            self.elsewhere = self._who(path)

    def _who(self, path: Path) -> SurveyError | None:
        pid, host, _ = self._lock.getLockInfo()
        if (pid, host) == (os.getpid(), QSysInfo.machineHostName()):
            # This very program holds it while its window is made anew.
            return None
        return SurveyError("opened_elsewhere", path=path, where=f"{host} {pid}")

    def leave(self) -> None:
        self._lock.unlock()
