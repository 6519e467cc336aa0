"""What the program remembers of a person's choices."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QSettings

ENTER_WAYS = ("down", "right")
_RECENT = 8


class Settings:
    """The remembered choices; everything else reads them through this class."""

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store or QSettings("census-desk", "census-desk")

    @property
    def theme(self) -> str:
        return str(self._store.value("theme", "system"))

    @theme.setter
    def theme(self, mode: str) -> None:
        self._store.setValue("theme", mode)

    @property
    def lang(self) -> str:
        return str(self._store.value("lang", "zh"))

    @lang.setter
    def lang(self, lang: str) -> None:
        self._store.setValue("lang", lang)

    @property
    def who(self) -> str:
        """The officer whose name stands in the record of changes; the account's where none was given."""
        return str(self._store.value("who", "")) or _account()

    @who.setter
    def who(self, name: str) -> None:
        self._store.setValue("who", name.strip())

    @property
    def enter(self) -> str:
        """Where Enter leads in a list form, one of ENTER_WAYS."""
        return str(self._store.value("enter", "down"))

    @enter.setter
    def enter(self, way: str) -> None:
        self._store.setValue("enter", way)

    @property
    def folder(self) -> Path:
        """Where the last file was opened or written."""
        return Path(str(self._store.value("folder", str(Path.home()))))

    @folder.setter
    def folder(self, folder: Path) -> None:
        self._store.setValue("folder", str(folder))

    def print_choices(self, form: str) -> dict[str, str]:
        """How a form was printed last, by the name of the choice."""
        found = self._store.value(f"print/{form}", "")
        pairs = (pair.partition("=") for pair in str(found).split(";"))
        return {name: value for name, _, value in pairs if name}

    def remember_print(self, form: str, choices: Mapping[str, str]) -> None:
        """Keeps how a form is printed; names and values are plain words."""
        self._store.setValue(f"print/{form}", ";".join(f"{name}={value}" for name, value in choices.items()))

    @property
    def recent(self) -> list[Path]:
        """The files opened last that are still there, the latest first."""
        found = self._store.value("recent", [])
        names = [found] if isinstance(found, str) else list(found) if isinstance(found, list) else []
        return [path for name in names if (path := Path(str(name))).is_file()]

    def remember(self, path: Path) -> None:
        """Puts a file first among the recent ones."""
        others = [one for one in self.recent if one != path.resolve()]
        self._store.setValue("recent", [str(one) for one in [path.resolve(), *others][:_RECENT]])
        self.folder = path.resolve().parent


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
