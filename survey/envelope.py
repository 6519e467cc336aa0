"""Files that only one desk can open: X25519, HKDF-SHA256 and AES-256-GCM, under a key made for the file alone.

A sealed file is a line of text, a line of JSON, and the ciphertext; the JSON is under the seal too. Who sent the file
is told by the signature of what is inside.
"""

from __future__ import annotations

import json
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from survey.errors import SurveyError
from survey.signing import SigningKey, fingerprint

SUFFIX = ".sealed"
_MAGIC = b"census-desk-sealed 1\n"
_LONGEST_HEAD = 1_000
# Every file has a key of its own, so that the same number used once is never used twice.
_NONCE = bytes(12)


def box_of(key: SigningKey) -> X25519PrivateKey:
    """The desk's secret for what is sealed to it; it follows from the one it signs with."""
    return X25519PrivateKey.from_private_bytes(_derived(key.seed, b"", b"census-desk box"))


def public_box(key: SigningKey) -> str:
    """What others seal with for this desk, in hexadecimal digits."""
    return box_of(key).public_key().public_bytes_raw().hex()


def is_sealed(path: Path) -> bool:
    """Whether a file begins as a sealed one."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def seal(content: bytes, box: str) -> bytes:
    """A sealed file for the desk whose public box this is. Raises ValueError where it is none."""
    recipient = X25519PublicKey.from_public_bytes(bytes.fromhex(box))
    once = X25519PrivateKey.generate()
    public = once.public_key().public_bytes_raw()
    head = _MAGIC + json.dumps({"to": fingerprint(box), "once": public.hex()}).encode() + b"\n"
    cipher = AESGCM(_shared(once.exchange(recipient), public, bytes.fromhex(box)))
    return head + cipher.encrypt(_NONCE, content, head)


def unseal(path: Path, key: SigningKey) -> bytes:
    """What a sealed file holds. Raises SurveyError `sealed_other`, `sealed_broken`."""
    raw = path.read_bytes()
    end = raw.find(b"\n", len(_MAGIC), _LONGEST_HEAD) + 1
    box = box_of(key)
    own = box.public_key().public_bytes_raw()
    try:
        facts = json.loads(raw[len(_MAGIC) : end])
        to, once = str(facts["to"]), bytes.fromhex(facts["once"])
        secret = box.exchange(X25519PublicKey.from_public_bytes(once))
    except (ValueError, KeyError, TypeError):
        raise SurveyError("sealed_broken", path=path) from None
    if to != fingerprint(own.hex()):
        raise SurveyError("sealed_other", path=path)
    try:
        return AESGCM(_shared(secret, once, own)).decrypt(_NONCE, raw[end:], raw[:end])
    except InvalidTag:
        raise SurveyError("sealed_broken", path=path) from None


def _shared(secret: bytes, once: bytes, box: bytes) -> bytes:
    return _derived(secret, once + box, _MAGIC)


def _derived(secret: bytes, salt: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt or None, purpose).derive(secret)
