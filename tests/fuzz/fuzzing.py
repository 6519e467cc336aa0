"""What the trials with bad input share: bytes that go wrong, attempts until the time is over, what came of them."""

from __future__ import annotations

import io
import os
import random
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

SECONDS = float(os.environ.get("SECONDS", "1"))
SEED = int(os.environ.get("SEED", "1"))
TOLD = SECONDS > 1

TOKENS = (
    b"\0", b"\xff\xfe", b"9" * 400, b"-1", b"1e999", b"NaN", b"=", b"<", b"]]>", b"&x;", b"../../x", b'"', b"\n", b",",
    "、（甲）".encode(), b"{", b"'", b"total(", b"if ", b" and ", b"301", b"@prev", b"lookup", b"0x", b"A1:XFD1048576",
)  # fmt: skip
VALUES = (b"[]", b"{}", b"1", b"1.5", b"true", b'""', b'"x"', b"1979-05-27", b"[[1]]", b'["a", 1]', b"{a = 1}", b"nan")


def mutated(content: bytes, dice: random.Random) -> bytes:
    """A few bytes flipped, cut, doubled, or put in."""
    found = bytearray(content)
    for _ in range(dice.choice((1, 1, 2, 5, 20))):
        at, size = dice.randrange(len(found) + 1), dice.choice((1, 2, 8, 64))
        match dice.randrange(6):
            case 0 if at < len(found):
                found[at] ^= 1 << dice.randrange(8)
            case 1:
                del found[at : at + size]
            case 2:
                found[at:at] = found[at : at + size]
            case 3:
                found[at:at] = dice.choice(TOKENS)
            case 4:
                found[at : at + size] = dice.choice(TOKENS)
            case 5 if (sign := found.find(b"=", at)) >= 0:
                # Something of another kind where a value stands.
                found[sign + 1 : max(sign + 1, found.find(b"\n", sign))] = dice.choice(VALUES)
    return bytes(found)


def mutated_book(content: bytes, dice: random.Random) -> bytes:
    """A workbook with one of its parts mutated, or as a whole; its members may be called anything."""
    if dice.random() < 0.2:
        return mutated(content, dice)
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as book, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as other:
        names = book.namelist()
        hit = dice.choice(names)
        for name in names:
            part = book.read(name)
            called = dice.choice(("../../x", "/abs", "CON", name)) if name == hit and dice.random() < 0.1 else name
            if name == hit and dice.random() < 0.05:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                other.writestr(called, mutated(part, dice) if name == hit else part)
    return made.getvalue()


def fuzzed(name: str, attempt: Callable[[random.Random], Sequence[str]], capsys: pytest.CaptureFixture[str]) -> None:
    """Attempts until the time is over; `attempt` gives what became of its inputs, and raises what is a defect."""
    outcomes = Counter[str]()
    end, number = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        number += 1
        try:
            outcomes.update(attempt(random.Random(f"{SEED} {name} {number}")))
        except Exception as error:
            raise AssertionError(f"{name}: SEED={SEED}, attempt {number}") from error
    if TOLD:
        with capsys.disabled():
            parts = ", ".join(f"{what} {count}" for what, count in outcomes.most_common(6))
            print(f"\n{name:12} {outcomes.total():7} inputs, 0 defects: {parts}", end="")
