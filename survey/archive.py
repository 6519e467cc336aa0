"""The parts of a zip as they really are: unpacked with limits, whatever its headers claim."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

from survey.errors import SurveyError

MEMBER_LIMIT = 20_000
PART_LIMIT = 400 << 20
UNPACKED_LIMIT = 1 << 30
RATIO_LIMIT = 250
_LOCAL = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8


def part_name(name: str) -> str:
    """A part's name as it is compared: some programs write backslashes, capitals do not count."""
    return name.replace("\\", "/").lstrip("/").lower()


class Archive:
    """A zip open for reading; use as a context manager."""

    def __init__(self, path: Path) -> None:
        """Raises SurveyError `unreadable`, `zip_bomb`, before anything is unpacked."""
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise SurveyError("unreadable", path=path, detail=str(error)) from None
        self._entries = {part_name(entry.filename): entry for entry in self._zip.infolist()}
        self._twice = Counter(part_name(entry.filename) for entry in self._zip.infolist())
        self._unpacked = 0
        claimed = sum(entry.file_size for entry in self._entries.values())
        size = max(path.stat().st_size, 1 << 20)
        if len(self._entries) > MEMBER_LIMIT or claimed > min(UNPACKED_LIMIT, RATIO_LIMIT * size):
            raise SurveyError("zip_bomb", path=path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    @property
    def names(self) -> list[str]:
        return list(self._entries)

    def read(self, name: str) -> bytes:
        """A part unpacked; b'' where there is none.

        Raises SurveyError `password`, `zip_bomb`, `unreadable`, `file.twice`.
        """
        entry = self._entries.get(name.lower())
        if entry is None:
            return b""
        if self._twice[name.lower()] > 1:
            raise SurveyError("file.twice", path=self.path, part=name)
        if entry.flag_bits & 1:
            raise SurveyError("password", path=self.path)
        if entry.file_size > PART_LIMIT:
            raise SurveyError("zip_bomb", path=self.path)
        packed = self._packed(entry)
        if entry.compress_type == _STORED:
            found = packed
        elif entry.compress_type == _DEFLATED:
            found = self._inflate(packed, entry.file_size + 1)
        else:
            raise SurveyError("unreadable", path=self.path, detail=name)
        self._unpacked += len(found)
        if self._unpacked > UNPACKED_LIMIT:
            raise SurveyError("zip_bomb", path=self.path)
        if len(found) != entry.file_size or zlib.crc32(found) != entry.CRC:
            raise SurveyError("unreadable", path=self.path, detail=name)
        return found

    def _packed(self, entry: zipfile.ZipInfo) -> bytes:
        """The bytes of a part as they lie in the file, where both its headers agree on whose they are."""
        file = self._zip.fp
        assert file is not None
        file.seek(entry.header_offset)
        head = file.read(_LOCAL.size)
        if len(head) == _LOCAL.size:
            mark, *_, named, extra = _LOCAL.unpack(head)
            own = file.read(named)
            file.seek(extra, 1)
            packed = file.read(entry.compress_size)
            encoding = "utf-8" if entry.flag_bits & 0x800 else "cp437"
            if (mark, own, len(packed)) == (b"PK\3\4", entry.orig_filename.encode(encoding), entry.compress_size):
                return packed
        raise SurveyError("unreadable", path=self.path, detail=entry.filename)

    def _inflate(self, packed: bytes, most: int) -> bytes:
        """Unpacked no further than a byte beyond what the header claims."""
        try:
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, most)
        except zlib.error as error:
            raise SurveyError("unreadable", path=self.path, detail=str(error)) from None
