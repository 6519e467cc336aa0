"""What the commands share: opening a file, telling how far the work is, writing facts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop.cli_types import FILE
from survey.texts import Texts

if TYPE_CHECKING:
    from survey.persons import Action
    from survey.store import Store

# Who may do anything at all with a file.
ANYBODY: tuple[Action, ...] = ("keep", "view", "publish")
SHOWN = 20


@contextmanager
def open_store(path: Path, *leave: Action) -> Iterator[Store]:
    """A survey file, closed at the end, for whoever may do one of some things: where none are named, look at units.

    Raises SurveyError as `permit` does.
    """
    from survey import store
    from survey.persons import permit

    opened = store.open(path)
    try:
        permit(opened, *(leave or ("view",)))
        yield opened
    finally:
        opened.close()


def file_group(told: Callable[[], None]) -> click.Group:
    """A group of commands about one survey file, which is named before them: `keys FILE list`."""

    @click.group(name=told.__name__, help=told.__doc__)
    @click.argument("file", type=FILE)
    @click.pass_context
    def group(context: click.Context, file: Path) -> None:
        context.meta["file"] = file

    return group


def open_named(context: click.Context, *leave: Action) -> AbstractContextManager[Store]:
    """The file that a group was given, as `open_store` opens it."""
    return open_store(context.meta["file"], *leave)


def write_facts(store: Store, path: Path | None, content: object, what: str) -> None:
    """Facts for another program, where a file for them is named; the journal calls them `what`."""
    from survey.files import write_json
    from survey.journal import Telling

    if path is not None:
        write_json(path, content, Telling(store, "exported", path.name, what=what))


def progress_line(texts: Texts) -> Callable[[int, int, str], None] | None:
    """A line on stderr that counts, where a person is watching."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, total: int, label: str) -> None:
        end = "\n" if done >= total else ""
        click.echo(f"\r{texts(label)} {done:,}/{total:,}{end}", err=True, nl=False)

    return show


def and_more(texts: Texts, count: int) -> None:
    """Says how many lines are not shown."""
    if count > SHOWN:
        click.echo(texts("cli.more", count=count - SHOWN))
