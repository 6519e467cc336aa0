"""A program that is killed while somebody types loses at most the cell being typed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import code_of
from desktop_desk import file_of

from survey import cells
from survey import store as stores
from survey.scheme import Scheme

KILLED = 50


@pytest.fixture
def path(tmp_path: Path, small: Scheme) -> Path:
    return file_of(tmp_path, small, {code_of(1): {"name": "甲公司", "district": "440305"}})


@pytest.fixture
def writer(path: Path) -> Iterator[subprocess.Popen[str]]:
    script = Path(__file__).parent / "entry_writer.py"
    process = subprocess.Popen(
        [sys.executable, str(script), str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    yield process
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")
def test_killed_fifty_times_while_typing_nothing_that_was_left_is_lost(
    path: Path, writer: subprocess.Popen[str]
) -> None:
    dice = random.Random(7)
    assert writer.stdin
    assert writer.stdout
    said = 0
    for _ in range(KILLED):
        writer.stdin.write(f"{said + 1}\n")
        writer.stdin.flush()
        child = int(writer.stdout.readline())
        last = int(writer.stdout.readline())
        time.sleep(dice.uniform(0, 0.06))
        os.kill(child, signal.SIGKILL)
        for line in iter(writer.stdout.readline, "gone\n"):
            last = int(line)
        said = _in_file(path, last)


def _in_file(path: Path, last: int) -> int:
    """The value the file holds, which is the last that was said or the one being written."""
    store = stores.open(path)
    try:
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        kept = cells.read(store, 1, "2025").values["revenue"]
        newest = store.execute("SELECT new FROM change ORDER BY id DESC LIMIT 1").fetchone()[0]
        assert kept == newest
        assert kept in (last, last + 1)
        return int(kept)
    finally:
        store.close()
