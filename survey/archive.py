"""The parts of a zip as they really are: unpacked with limits, whatever its headers claim."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from survey.errors import SurveyError

MEMBER_LIMIT = 20_000
PART_LIMIT = 400 << 20
UNPACKED_LIMIT = 4 << 30
RATIO_LIMIT = 250
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
# The oldest version that every reader knows, and the first day that a zip can name.
_VERSION, _DAY = 20, 0x21
_BLOCK = 16 << 20
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

    def size(self, name: str) -> int:
        """How large a part claims to be."""
        entry = self._entries.get(name.lower())
        return entry.file_size if entry else 0

    def read(self, name: str) -> bytes:
        """A part unpacked; b'' where there is none.

        Raises SurveyError `password`, `zip_bomb`, `unreadable`, `file.twice`.
        """
        if self.size(name) > PART_LIMIT:
            raise SurveyError("zip_bomb", path=self.path)
        return b"".join(self.blocks(name))

    def blocks(self, name: str) -> Iterator[bytes]:
        """A part unpacked block by block, never further than it claims; raises SurveyError as `read` does."""
        entry = self._entries.get(name.lower())
        if entry is None:
            return
        if self._twice[name.lower()] > 1:
            raise SurveyError("file.twice", path=self.path, part=name)
        if entry.flag_bits & 1:
            raise SurveyError("password", path=self.path)
        size = check = 0
        for block in self._unpacked(entry):
            size += len(block)
            check = zlib.crc32(block, check)
            if size > entry.file_size:
                break
            yield block
        if size != entry.file_size or check != entry.CRC:
            raise SurveyError("unreadable", path=self.path, detail=name)

    def _unpacked(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        packed = self._packed(entry)
        if entry.compress_type == _STORED:
            yield packed
            return
        if entry.compress_type != _DEFLATED:
            raise SurveyError("unreadable", path=self.path, detail=entry.filename)
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            while not unpacker.eof:
                block = unpacker.decompress(packed, min(_BLOCK, entry.file_size + 1))
                packed = unpacker.unconsumed_tail
                if not block:
                    return
                yield block
        except zlib.error as error:
            raise SurveyError("unreadable", path=self.path, detail=str(error)) from None

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


def stored(parts: Mapping[str, bytes]) -> bytes:
    """A zip of parts as they are."""
    content, directory = io.BytesIO(), b""
    for name, part in parts.items():
        own, at = name.encode(), content.tell()
        # Version, flags, method, time and day, check, both sizes, how long the name is and what follows it.
        facts = (_VERSION, 0, _STORED, 0, _DAY, zlib.crc32(part), len(part), len(part), len(own), 0)
        content.write(_LOCAL.pack(b"PK\3\4", *facts) + own)
        content.write(part)
        directory += _CENTRAL.pack(b"PK\1\2", _VERSION, *facts, 0, 0, 0, 0, at) + own
    start = content.tell()
    content.write(directory)
    content.write(_END.pack(b"PK\5\6", 0, 0, len(parts), len(parts), len(directory), start, 0))
    return content.getvalue()
