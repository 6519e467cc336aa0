"""Recovery codes: 32 bytes as groups of letters and digits that a person can copy by hand, with a check."""

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


def write_code(raw: bytes) -> str:
    """Fourteen groups of four characters: 32 bytes and three bytes of their digest."""
    text = base64.b32encode(raw + hashlib.sha256(raw).digest()[:_CHECK]).decode().translate(_WRITTEN)
    return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def read_code(text: str) -> bytes | None:
    """The bytes of a code as somebody typed it; None where it is none, or a character is wrong."""
    bare = "".join(text.split()).replace("-", "").upper().translate(_READ)
    if len(bare) != _LENGTH or set(bare) - set(_BASE32):
        return None
    found = base64.b32decode(bare)
    raw, check = found[:-_CHECK], found[-_CHECK:]
    return raw if hashlib.sha256(raw).digest()[:_CHECK] == check else None
