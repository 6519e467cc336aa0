"""Does one step after another, each in a child of its own, for whoever kills the child: `python doer.py`.

Each line read is `STEP FOLDER`; the child's number is printed, `begun` once it works, `done` when it has, and `gone`
once it is gone.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from conftest import code_of

from desktop import demo  # noqa: F401 - loaded before the first child, so that none waits for it
from indicators import workbook  # noqa: F401
from survey import cells, csvfolder, imports, keyring, receiptbook, rescue, restoration, returns, sqlitecopy
from survey import store as stores
from survey.beside import copies_of
from survey.encryption import protect
from survey.merge import merge
from survey.review import Review
from survey.reviewbook import write as write_review
from survey.store import Store
from survey.texts import load

WORD = "演示口令 2025"
OTHER = "另一个口令 2025"
TEXTS = load(Path(__file__).parents[2] / "assets" / "i18n", "zh")
BLOCK = 400


def entry(store: Store, _folder: Path) -> None:
    """A block pasted into a list form, every cell with its change."""
    unit = store.find_unit(code_of(1))
    assert unit
    cells.write_all(store, unit, "2025", [("product_revenue", line, line) for line in range(1, BLOCK + 1)])


def importing(store: Store, folder: Path) -> None:
    imports.import_files(store, [folder / "list.xlsx"])


def merging(store: Store, folder: Path) -> None:
    [report] = merge(store, [folder / "return.xlsx"])
    assert report.error is None


def returning(store: Store, folder: Path) -> None:
    returns.write(store, folder / "out.xlsx", TEXTS)


def csv_export(store: Store, folder: Path) -> None:
    csvfolder.write(store, folder / "csv", TEXTS)


def sqlite_export(store: Store, folder: Path) -> None:
    sqlitecopy.write(store, folder / "out.sqlite", TEXTS)


def receipting(store: Store, folder: Path) -> None:
    """Anew, over those that are there."""
    receiptbook.write_all(store, folder / "receipts", TEXTS)


def reviewing(store: Store, folder: Path) -> None:
    review = Review(store, store.period)
    findings = list(review.findings())
    write_review(store, review, findings, folder / "review.xlsx", TEXTS)


def _opened(work: Callable[[Store, Path], None]) -> Callable[[Path], None]:
    def run(folder: Path) -> None:
        with closing(stores.open(folder / "desk.census")) as store:
            say("begun")
            work(store, folder)

    return run


def migration(folder: Path) -> None:
    say("begun")
    stores.open(folder / "desk.census").close()


def passphrase(folder: Path) -> None:
    say("begun")
    protect(folder / "desk.census", OTHER)


def restoring(folder: Path) -> None:
    say("begun")
    [copy] = copies_of(folder / "desk.census")
    restoration.restore(folder / "desk.census", copy)


def rescuing(folder: Path) -> None:
    say("begun")
    rescue.rescue(folder / "desk.census", folder / "rescued.census")


STEPS: dict[str, Callable[[Path], None]] = {
    "entry": _opened(entry), "import": _opened(importing), "merge": _opened(merging), "return": _opened(returning),
    "csv": _opened(csv_export), "sqlite": _opened(sqlite_export), "workbook": _opened(reviewing),
    "receipts": _opened(receipting), "migration": migration, "passphrase": passphrase, "restore": restoring,
    "rescue": rescuing,
}  # fmt: skip


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def _child(step: str, folder: Path) -> None:
    os.setpgid(0, 0)
    try:
        STEPS[step](folder)
        say("done")
    except BaseException:  # noqa: BLE001 - a child never returns to the loop of its parent
        traceback.print_exc()
    finally:
        os._exit(0)


def main() -> None:
    for line in sys.stdin:
        step, _, folder = line.rstrip("\n").partition(" ")
        for path in Path(folder).rglob("*.census"):
            # Keys are derived once here; every child inherits them.
            for word in (WORD, OTHER):
                if keyring.is_encrypted(path) and path.resolve() not in keyring._keys:
                    keyring._keys[path.resolve()] = _derived(path, word)
        child = os.fork()
        if child == 0:
            _child(step, Path(folder))
        say(str(child))
        os.waitpid(child, 0)
        say("gone")


_known: dict[tuple[bytes, str], keyring.Key] = {}


def _derived(path: Path, word: str) -> keyring.Key:
    salt = keyring._salt(path)
    if (salt, word) not in _known:
        _known[salt, word] = keyring.derive(word, salt)
    return _known[salt, word]


if __name__ == "__main__":
    main()
