"""What goes into the folder that needs no Python, and what stays out of it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from fnmatch import fnmatch
from importlib.metadata import files
from pathlib import Path

from delivery import elf
from desktop import licences

Entry = tuple[str, str, str]
"""A file of the bundle as PyInstaller lists it: where it goes, where it lies, its kind."""

_EXTENSION = "duckdb-extension-sqlite-scanner"

# What the program never uses, and what libraries would drag in.
UNUSED = [
    "tkinter", "pytest", "hypothesis", "IPython", "matplotlib", "scipy", "pyarrow", "sqlalchemy", "openpyxl",
    "pyxform", "xlrd", "PIL", "setuptools", "pip", "wheel", "rich", "pygments", "markdown_it", "pyspark", "ssl", "_ssl",
    "readline", "curses",
    "delivery", "PyInstaller", "pefile",
    "pandas.tests", "pandas.plotting._matplotlib", "numpy.f2py", "numpy.testing", "numpy._core._simd",
    "numpy._core._multiarray_tests", "numpy._core.tests",
    "lxml.objectify", "lxml.html.diff", "lxml.html._difflib", "lxml.sax", "lxml.builder", "lxml.isoschematron",
    "rapidfuzz.fuzz_cpp", "rapidfuzz.fuzz_cpp_avx2", "rapidfuzz.fuzz_cpp_sse2",
    "duckdb.experimental", "adbc_driver_duckdb",
    "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtQuickWidgets", "PySide6.QtNetwork", "PySide6.QtOpenGL",
    "PySide6.QtOpenGLWidgets", "PySide6.QtSql", "PySide6.QtTest", "PySide6.QtDesigner", "PySide6.QtHelp",
    "PySide6.QtUiTools", "PySide6.QtConcurrent", "PySide6.QtXml",
]  # fmt: skip

# Qt's spare parts: QML, drivers nobody asks for, other platforms' plugins.
_SPARE = (
    "Qt6Qml", "Qt6Quick", "Qt6Network", "Qt6OpenGL", "Qt6Sql", "Qt6Test", "Qt6VirtualKeyboard", "Qt6Pdf",
    "Qt6WaylandEglClient", "Qt6EglFS", "Qt6EglFsKms", "plugins/egldeviceintegrations", "plugins/networkinformation",
    "plugins/platformthemes/libqgtk3", "plugins/tls", "plugins/xcbglintegrations", "plugins/platforms/libqwayland-egl",
    "plugins/wayland-graphics-integration-client",
    "plugins/sqldrivers", "plugins/generic", "plugins/qmltooling", "plugins/platforms/libqeglfs",
    "plugins/platforms/libqlinuxfb", "plugins/platforms/libqvnc", "plugins/platforms/libqvkkhrdisplay",
    "plugins/platforms/libqminimalegl", "plugins/imageformats/libqtiff", "plugins/imageformats/libqwebp",
    "plugins/imageformats/libqgif", "plugins/imageformats/libqicns", "plugins/imageformats/libqtga",
    "plugins/imageformats/libqwbmp", "plugins/imageformats/libqpdf", "plugins/virtualkeyboard", "/qml/",
)  # fmt: skip

# Better the system's own: it knows its fonts, printers, screens and input methods. The Debian package depends on them.
_SYSTEM = (
    "libglib-2.0.", "libgthread-2.0.", "libgobject-2.0.", "libgio-2.0.", "libgmodule-2.0.", "libfontconfig.",
    "libfreetype.", "libdbus-1.", "libX11.", "libX11-xcb.", "libxcb.", "libcups.", "libexpat.",
)  # fmt: skip

# These come with symbols for debuggers. Others must stay as they are: DuckDB's extension is signed, and libraries that
# auditwheel has put in order may not load any more afterwards.
_WITH_SYMBOLS = ("libpython", "lib-dynload/", "sqlcipher3/_sqlite3", "bindings/_rust", "python_calamine/")


def kept(entries: Iterable[Entry]) -> list[Entry]:
    """The files without Qt's spare parts and the translations of other languages."""
    return [entry for entry in entries if _is_kept(entry[0].replace("\\", "/"))]


def _is_kept(name: str) -> bool:
    if "/translations/" in name:
        return name.endswith("qtbase_zh_CN.qm")
    return not any(part in name for part in _SPARE)


def needed(entries: Iterable[Entry]) -> list[Entry]:
    """Of the build machine's own libraries only those that something kept asks for, and the system does not bring.

    PyInstaller has also collected what the spare parts ask for.
    """
    own, found = {}, []
    for entry in entries:
        if _is_own(entry):
            own[entry[0]] = entry
        else:
            found.append(entry)
    # What is found asks for more in its turn.
    for entry in found:
        found.extend(own.pop(name) for name in _asked_by(entry) if name in own and not name.startswith(_SYSTEM))
    _refuse_unlicensed(name for name, _, kind in found if kind == "BINARY" and "/" not in name)
    return found


def _refuse_unlicensed(names: Iterable[str]) -> None:
    """Every library that no Python package brings is named, with its licence, in assets/licences/parts.csv."""
    patterns = [pattern for row in licences.rows() for pattern in (row["files"] or "").split()]
    unnamed = [name for name in names if name.startswith("lib") and not any(fnmatch(name, one) for one in patterns)]
    if unnamed:
        raise SystemExit(f"assets/licences/parts.csv names no licence of {', '.join(unnamed)}")


def _is_own(entry: Entry) -> bool:
    name, source, kind = entry
    return kind == "BINARY" and source.startswith(("/lib", "/usr/lib")) and "/" not in name and "libpython" not in name


def _asked_by(entry: Entry) -> tuple[str, ...]:
    return () if entry[2] == "SYMLINK" else elf.needs(Path(entry[1])).libraries


def stripped(entries: Iterable[Entry], folder: Path) -> list[Entry]:
    """The files, those with symbols for debuggers replaced by copies in `folder` that have none."""
    return [_stripped(entry, folder) if _has_symbols(entry) else entry for entry in entries]


def _has_symbols(entry: Entry) -> bool:
    name, _, kind = entry
    return kind != "SYMLINK" and any(part in name for part in _WITH_SYMBOLS)


def _stripped(entry: Entry, folder: Path) -> Entry:
    name, source, kind = entry
    copy = folder / name
    copy.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["strip", "--strip-unneeded", "-o", str(copy), source], check=True)
    return name, str(copy), kind


def data(root: Path) -> list[tuple[str, str]]:
    """Files beside the code, each with the folder it goes to: assets, tables of libraries, DuckDB's extension,
    and what every library says of itself and its licence."""
    from PyInstaller.utils.hooks import collect_data_files, copy_metadata

    extension = next(one for one in files(_EXTENSION) or () if one.suffix == ".duckdb_extension")
    return [
        (str(root / "assets"), "desktop/assets"),
        *collect_data_files("opencc", includes=["dictionary/TSCharacters.txt"]),
        (str(extension.locate()), str(extension.parent)),
        *(pair for name in licences.distributions() if name not in UNUSED for pair in copy_metadata(name)),
    ]
