"""Signatures of desks: Ed25519 (RFC 8032) over what a return or a receipt says, and how people compare keys."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from survey.groupedcode import grouped_code

_PUBLIC, _PRINT = 32, 20


@dataclass(frozen=True)
class SigningKey:
    """A desk's secret of 32 bytes; `public` is what others know it by, in hexadecimal digits."""

    seed: bytes

    def __repr__(self) -> str:
        return "SigningKey()"

    @property
    def public(self) -> str:
        return self._private.public_key().public_bytes_raw().hex()

    def sign(self, text: bytes) -> str:
        """The signature in hexadecimal digits."""
        return self._private.sign(text).hex()

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True)
class Signed:
    """Who signed something, '' where nobody did, whether the signature fits, and what one seals with for that desk."""

    signer: str = ""
    genuine: bool = False
    box: str = ""


def new_key() -> SigningKey:
    """A secret that nobody else has."""
    return SigningKey(Ed25519PrivateKey.generate().private_bytes_raw())


def verify(public: str, text: bytes, signature: str) -> bool:
    """Whether a signature is that of a key over a text; both in hexadecimal digits, whatever else they may be."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), text)
    except (ValueError, InvalidSignature):
        return False
    return True


def fingerprint(public: str) -> str:
    """What two people compare: 160 bits of the key's SHA-256 in eight groups of four; '' where it is no key."""
    try:
        raw = bytes.fromhex(public)
    except ValueError:
        return ""
    return "" if len(raw) != _PUBLIC else grouped_code(hashlib.sha256(raw).digest()[:_PRINT])


def same_fingerprint(typed: str, public: str) -> bool:
    """Whether somebody typed the fingerprint of a key, however he grouped it."""
    bare = "".join(typed.split()).replace("-", "").upper().translate(str.maketrans("OIL", "011"))
    return bool(bare) and bare == fingerprint(public).replace("-", "")
