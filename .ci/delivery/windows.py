"""What Windows shows of the program: in its properties, in the task manager, before it is allowed to run."""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PyInstaller.utils.win32.versioninfo import VSVersionInfo

# Simplified Chinese first, then English (United States), both in Unicode.
_LANGUAGES = (
    (0x0804, "普查台", "企业普查：离线录入、审核、上报、汇总与指标计算"),
    (0x0409, "Census Desk", "Offline enterprise census"),
)
_UNICODE = 1200


def resource(file: str, release: str | None = None) -> VSVersionInfo:
    """The version resource of a program called `file`, of this release where no other is named."""
    from PyInstaller.utils.win32 import versioninfo as win

    release = release or version("census-desk")
    numbers = _numbers(release)
    tables = [
        win.StringTable(f"{language:04x}{_UNICODE:04x}", [
            win.StringStruct(name, text) for name, text in {
                "CompanyName": "Census Desk contributors",
                "FileDescription": what,
                "FileVersion": release,
                "InternalName": "census-desk",
                "LegalCopyright": "Census Desk contributors, MIT",
                "OriginalFilename": file,
                "ProductName": product,
                "ProductVersion": release,
            }.items()
        ])
        for language, product, what in _LANGUAGES
    ]  # fmt: skip
    spoken = win.VarStruct("Translation", [one for language, *_ in _LANGUAGES for one in (language, _UNICODE)])
    fixed = win.FixedFileInfo(filevers=numbers, prodvers=numbers, mask=0x3F, OS=0x40004, fileType=0x1)
    return win.VSVersionInfo(ffi=fixed, kids=[win.StringFileInfo(tables), win.VarFileInfo([spoken])])


def _numbers(release: str) -> tuple[int, int, int, int]:
    """Windows compares four numbers; what stands behind them (rc1, dev3) it only shows."""
    found = re.match(r"\d+(?:\.\d+)*", release)
    assert found, release
    first, second, third, fourth, *_ = *map(int, found[0].split(".")), 0, 0, 0, 0
    return first, second, third, fourth
