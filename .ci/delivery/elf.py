"""What a program or library of Linux asks of the system it is started on: `python -m delivery.elf FOLDER`."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MAGIC = b"\x7fELF"


@dataclass(frozen=True)
class Needs:
    """The libraries that a file itself asks for, and the newest glibc by whose symbols it was linked."""

    libraries: tuple[str, ...]
    glibc: tuple[int, ...]


def needs(path: Path) -> Needs:
    """As binutils tell."""
    told = subprocess.run(["objdump", "-p", str(path)], capture_output=True, text=True, check=True).stdout
    libraries = re.findall(r"^\s+NEEDED\s+(\S+)", told, re.MULTILINE)
    versions = re.findall(r"\bGLIBC_(\d+(?:\.\d+)+)", told)
    return Needs(tuple(libraries), max((tuple(map(int, one.split("."))) for one in versions), default=()))


def files(folder: Path) -> Iterator[Path]:
    """The programs and libraries below a folder, each once, in order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and _begins(path):
            yield path


def _begins(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


if __name__ == "__main__":
    # What each file asks for, the newest glibc last: that is the oldest system the folder starts on.
    for glibc, path in sorted((needs(path).glibc, path) for path in files(Path(sys.argv[1]))):
        print(".".join(map(str, glibc)).rjust(5), path)
