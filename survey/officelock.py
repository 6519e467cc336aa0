"""Workbooks under Excel's own password (ECMA-376 agile encryption, AES-256), which Excel and WPS open by themselves.

Passwords that a person gave are held in memory until the program ends.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_passwords: list[str] = []


def remember(password: str) -> None:
    """Files under this password can be opened from now on."""
    if password and password not in _passwords:
        _passwords.append(password)


def lock(content: bytes, password: str) -> bytes:
    """A workbook that asks for the password."""
    from msoffcrypto.format.ooxml import OOXMLFile

    locked = io.BytesIO()
    OOXMLFile(io.BytesIO(content)).encrypt(password, locked)
    return locked.getvalue()


def is_locked(path: Path) -> bool:
    """Whether a file is a workbook under a password."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        if file.read(len(_OLE)) != _OLE:
            return False
        file.seek(0)
        return bool(_opened(file))


def unlock(path: Path) -> bytes | None:
    """What is in a workbook, by a password that was given before; None where none of them opens it, or it is spoilt."""
    for password in _passwords:
        with path.open("rb") as file:
            locked = _opened(file)
            content = io.BytesIO()
            # The library has an exception of its own for each way in which a file or a password is wrong.
            try:
                locked.load_key(password=password, verify_password=True)
                locked.decrypt(content, verify_integrity=True)
            except Exception:  # noqa: BLE001, S112
                continue
            return content.getvalue()
    return None


def _opened(file: Any) -> Any:
    """The library's view of a file; None where it is none of its kind."""
    import msoffcrypto

    try:
        found = msoffcrypto.OfficeFile(file)
        return found if found.is_encrypted() else None
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is no workbook under a password
        return None
