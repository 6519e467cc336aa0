"""What may stand on a command line: files, texts, periods and numbers that the program can hold.

What cannot be is refused with exit code 2 before anything is done.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any

import click

from desktop import paths
from survey import texts as catalogues
from survey.errors import SurveyError, sentence
from survey.filemark import is_census
from survey.files import check_target
from survey.record import valid_period
from survey.texts import Texts

# Neither SQLite nor a system's file names hold a NUL, and half a character is no text.
_NO_TEXT = re.compile(r"[\0\ud800-\udfff]")
_LARGEST = 2**31 - 1


class _File(click.Path):
    """A file or folder that there may be; no device, pipe or name that no disk takes."""

    def __init__(self, *admit: Callable[[Path], None]) -> None:
        super().__init__(path_type=Path)
        self._admit = admit

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        try:
            # A name in another code is a name still, as long as the system knows its bytes.
            os.fsencode(value)
            path = Path(value)
            for admit in self._admit:
                admit(path)
        except UnicodeEncodeError:
            self.fail(_texts(ctx)("error.no_text", text=str(value)), param, ctx)
        except SurveyError as error:
            self.fail(sentence(error, _texts(ctx)), param, ctx)
        return path


class _Text(click.ParamType):  # type: ignore[type-arg] # only later versions of click know of what
    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if _NO_TEXT.search(str(value)):
            self.fail(_texts(ctx)("error.no_text", text=str(value)), param, ctx)
        return str(value)


class _Period(click.ParamType):  # type: ignore[type-arg] # only later versions of click know of what
    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value and not valid_period(str(value)):
            self.fail(_texts(ctx)("error.period", period=str(value)), param, ctx)
        return str(value)


_TEXT, _PERIOD, _NUMBER = _Text(), _Period(), click.IntRange(-_LARGEST, _LARGEST)
_STRICT: Mapping[click.ParamType[Any], click.ParamType[Any]] = {click.STRING: _TEXT, click.INT: _NUMBER}


def be_strict(group: click.Group) -> None:
    """From now on a group's commands take no text, period or number that the program could not hold."""
    for parameter in group.params:
        parameter.type = _STRICT.get(parameter.type, parameter.type)
    for command in group.commands.values():
        if isinstance(command, click.Group):
            be_strict(command)
        for parameter in command.params:
            kind = _PERIOD if parameter.name == "period" else _STRICT.get(parameter.type, parameter.type)
            parameter.type = kind


def _exists_or_may(path: Path) -> None:
    if "\0" in str(path):
        raise SurveyError("no_text", text=str(path))
    try:
        mode = path.stat().st_mode
    except OSError as error:
        # What is not there, or leads nowhere, is said by the command.
        if error.errno == errno.ENAMETOOLONG:
            raise SurveyError("long_name", path=path) from None
    else:
        if not (S_ISREG(mode) or S_ISDIR(mode)):
            raise SurveyError("no_plain_file", path=path)


def _has_room(path: Path) -> None:
    """A workbook or a folder may be made there, with the folders on the way to it."""
    if is_census(path):
        raise SurveyError("over_census", path=path)
    standing = next(one for one in (path, *path.absolute().parents) if os.path.lexists(one))
    if not standing.is_dir() and not (standing == path and path.suffix.lower() == ".xlsx"):
        raise SurveyError("cannot_write", path=path, detail=os.strerror(errno.ENOTDIR))


def _texts(context: click.Context | None) -> Texts:
    root = context.find_root() if context else None
    if root and isinstance(root.obj, Texts):
        return root.obj
    return catalogues.load(paths.texts(), str((root and root.params.get("lang")) or "zh"))


FILE = _File(_exists_or_may)
# What a command writes beside its work, a file, or whatever its name says: whether it can is known before.
OUT, PLACE = _File(_exists_or_may, check_target), _File(_exists_or_may, _has_room)
