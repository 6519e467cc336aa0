"""What a file is, told by what it holds and never by its name."""

from __future__ import annotations

import re
import struct
import zipfile
from pathlib import Path
from typing import Literal

from survey.archive import Archive
from survey.errors import SurveyError
from survey.filemark import APPLICATION_ID

# What SQLite keeps at this place of a survey file.
_APPLICATION_AT = 68
Kind = Literal["xlsx", "xlsb", "ods", "xls", "text"]

_HEAD = 4096
_SIGNATURES = (
    (b"\x89PNG", "picture"), (b"\xff\xd8\xff", "picture"), (b"GIF8", "picture"), (b"II*\0", "picture"),
    (b"MM\0*", "picture"), (b"BM", "picture"), (b"RIFF", "picture"), (b"7z\xbc\xaf", "archive"), (b"Rar!", "archive"),
    (b"\x1f\x8b", "archive"), (b"BZh", "archive"), (b"\xfd7zXZ", "archive"), (b"MZ", "program"),
    (b"\x7fELF", "program"), (b"#!/", "program"), (b"{\\rtf", "word"), (b"\xcf\xfa\xed\xfe", "program"),
    (b"\x09\x00\x04\x00", "old_excel"), (b"\x09\x02\x06\x00", "old_excel"), (b"\x09\x04\x06\x00", "old_excel"),
    (b"\x09\x08\x08\x00", "old_excel"), (b"\x09\x08\x10\x00", "old_excel"),
)  # fmt: skip
# What is taken for a text only when it is none: its first letters may begin a list as well.
_BINARY_ONLY = (b"BM", b"MZ", b"RIFF")
# The first records of an old workbook, and the one that asks for a password.
_BEGINNING = re.compile(rb"\x09\x08[\x08\x10]\x00\x00[\x05\x06]\x05\x00")
_FILEPASS, _RECORDS = 0x2F, 4
_ZIP = (b"PK\3\4", b"PK\5\6", b"PK\7\10")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(
    rb"\s*(?:<!--(?:(?!-->).)*-->\s*)*<(!doctype\s+html|html|head|meta|style|table|body)\b|mime-version:", re.I | re.S
)
_SPREADSHEET_2003 = b"urn:schemas-microsoft-com:office:spreadsheet"


def check_there(path: Path) -> None:
    """Raises SurveyError `file.folder` or `no_file` where there is no file."""
    if path.is_dir():
        raise SurveyError("file.folder", path=path)
    if not path.is_file():
        raise SurveyError("no_file", path=path)


def kind_of(path: Path) -> Literal["zip", "xls", "text"]:
    """How a file is to be read; what a zip holds is told by `kind_in`.

    Raises SurveyError `no_file`, `password`, `unreadable`, and `file.<kind>` for what is no table at all.
    """
    check_there(path)
    if path.name.startswith("~$"):
        raise SurveyError("file.lock", path=path)
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip(b"\0"):
        raise SurveyError("file.empty", path=path)
    if head.startswith(_OLE):
        return _compound(path)
    if head.startswith(_ZIP):
        return "zip"
    strange = _strange(head)
    if strange:
        raise SurveyError(f"file.{strange}", path=path)
    return "zip" if zipfile.is_zipfile(path) else "text"


def _strange(head: bytes) -> str:
    """What a file is that is neither workbook nor text; '' where nothing shows it."""
    for signature, kind in _SIGNATURES:
        if head.startswith(signature) and (signature not in _BINARY_ONLY or b"\0" in head):
            return kind
    if head.startswith(b"SQLite format 3\0"):
        own = head[_APPLICATION_AT : _APPLICATION_AT + 4] == APPLICATION_ID.to_bytes(4, "big")
        return "census" if own else "database"
    if b"%PDF-" in head[:1024]:
        return "pdf"
    return _marked_up(head)


def _marked_up(head: bytes) -> str:
    """HTML and XML, which programs like to save under a workbook's name."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            head = head[2:].decode(encoding, "ignore").encode()
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _SPREADSHEET_2003 in head:
        return "xml2003"
    if _HTML.match(re.sub(rb"^<\?xml[^>]*>", b"", head)):
        return "html"
    return "xml" if head.startswith(b"<?xml") else ""


def _compound(path: Path) -> Literal["xls"]:
    """An old workbook or document; the names in its directory are in UTF-16."""
    content = path.read_bytes()

    def holds(name: str) -> bool:
        return name.encode("utf-16-le") in content

    if holds("EncryptedPackage") or _locked(content):
        raise SurveyError("password", path=path)
    if not (holds("Workbook") or holds("Book")):
        for name, kind in (("WordDocument", "word"), ("PowerPoint Document", "slides")):
            if holds(name):
                raise SurveyError(f"file.{kind}", path=path)
    return "xls"


def _locked(content: bytes) -> bool:
    """Whether the workbook inside begins with the record that asks for a password."""
    for begin in _BEGINNING.finditer(content):
        at = begin.start()
        for _ in range(_RECORDS):
            kind, size = struct.unpack_from("<2H", content.ljust(at + 4, b"\0"), at)
            if kind == _FILEPASS:
                return True
            at += 4 + size
    return False


def kind_in(archive: Archive) -> Kind:
    """What a zip holds is told by its parts; raises SurveyError `password`, `file.<kind>`."""
    names = archive.names
    mime = archive.read("mimetype") if archive.size("mimetype") < _HEAD else b""
    if b"opendocument.spreadsheet" in mime:
        if b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise SurveyError("password", path=archive.path)
        return "ods"
    if any(name.endswith("workbook.bin") for name in names):
        return "xlsb"
    for folder, kind in (("word/", "word"), ("ppt/", "slides")):
        if any(name.startswith(folder) for name in names):
            raise SurveyError(f"file.{kind}", path=archive.path)
    if any(name.startswith("xl/") for name in names) or "[content_types].xml" in names:
        return "xlsx"
    raise SurveyError("file.word" if b"opendocument.text" in mime else "file.archive", path=archive.path)
