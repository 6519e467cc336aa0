"""Killed at a random moment, every step leaves what was before it or what comes after it.

`make faults` kills TRIES times in all and prints what came of it; what the suite does is a sample of that.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from doer import STEPS
from killing import Doer, Kills
from states import pristine

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")

# A plain old file is migrated, and encrypted ones are new: no version wrote one that needs it.
CASES = [(step, encrypted) for step in STEPS for encrypted in (False, True) if not (step == "migration" and encrypted)]
FEW = 42
TRIES = int(os.environ.get("TRIES", FEW))


@pytest.fixture(scope="module")
def doer() -> Iterator[Doer]:
    one = Doer()
    yield one
    one.close()


@pytest.mark.parametrize(("step", "encrypted"), CASES)
def test_killed_in_the_midst_a_step_leaves_before_or_after(
    doer: Doer, tmp_path: Path, step: str, encrypted: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    kills = Kills(doer, step, pristine(tmp_path, step, encrypted=encrypted), tmp_path / "work", random.Random(step))
    wrong = [one for _ in range(-(-TRIES // len(CASES))) for one in kills.kill()]
    count = kills.count
    with capsys.disabled():
        if TRIES > FEW:
            kind = "encrypted" if encrypted else "plain"
            print(
                f"\n{step:12} {kind:10} tries {count.tries:5}  midway {count.midway:5}  left as before"
                f" {count.before:5}  lost {count.lost}",
                end="",
            )
    assert wrong == []
