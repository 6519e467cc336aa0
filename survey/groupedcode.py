"""Bytes as groups of letters and digits that people copy by hand and compare by eye, and recovery codes of them."""

from __future__ import annotations

import base64
import hashlib

# Crockford's alphabet has no I, L, O and U: what looks alike is read as what was meant.
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_WRITTEN = str.maketrans(_BASE32, _CROCKFORD)
_READ = str.maketrans(_CROCKFORD + "OIL", _BASE32 + "ABB")
_GROUP = 4
_CHECK = 3
_LENGTH = 56


def grouped_code(raw: bytes) -> str:
    """Groups of four characters; the bytes are a multiple of five."""
    text = base64.b32encode(raw).decode().translate(_WRITTEN)
    return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def write_code(raw: bytes) -> str:
    """A recovery code of fourteen groups: 32 bytes and three bytes of their digest."""
    return grouped_code(raw + hashlib.sha256(raw).digest()[:_CHECK])


def read_code(text: str) -> bytes | None:
    """The 32 bytes of a recovery code as somebody typed it; None where it is none, or a character is wrong."""
    bare = "".join(text.split()).replace("-", "").upper().translate(_READ)
    if len(bare) != _LENGTH or set(bare) - set(_BASE32):
        return None
    found = base64.b32decode(bare)
    raw, check = found[:-_CHECK], found[-_CHECK:]
    return raw if hashlib.sha256(raw).digest()[:_CHECK] == check else None
