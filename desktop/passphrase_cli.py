"""`passphrase`: a survey file under a passphrase, under another one, or under none."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import click

from desktop.cli_types import FILE
from survey.errors import SurveyError
from survey.texts import Texts

_VARIABLE = "CENSUS_DESK_PASSPHRASE_FILE"
PASSPHRASE_FILE = click.option(
    "--passphrase-file", type=FILE, envvar=_VARIABLE, help="Its first line opens encrypted files; '-' reads stdin."
)


def asked(given: Path | None, texts: Texts, *, prompt: bool) -> None:
    """Encrypted files are opened with what `given` says from now on, or, with `prompt`, what the terminal is told."""
    from survey import keyring

    if given:
        word = first_line(given)
        keyring.ask_with(lambda _path: word)
    elif prompt and sys.stdin.isatty():
        keyring.ask_with(lambda path: str(click.prompt(texts("cli.passphrase", path=path), hide_input=True, err=True)))
    else:
        keyring.ask_with(None)


def first_line(path: Path) -> str:
    """A passphrase kept in a file, or given on stdin; raises SurveyError `no_file`, `not_utf8`, `no_passphrase`."""
    if str(path) == "-":
        line = sys.stdin.readline()
    elif path.is_file():
        try:
            with path.open(encoding="utf-8-sig") as file:
                line = file.readline()
        except UnicodeDecodeError:
            raise SurveyError("not_utf8", path=path) from None
    else:
        raise SurveyError("no_file", path=path)
    word = line.rstrip("\r\n")
    if not word:
        raise SurveyError("no_passphrase", path=path)
    return word


@click.command()
@click.argument("file", type=FILE)
@click.option("--new-file", type=FILE, help="Its first line is the new passphrase; without it the terminal asks.")
@click.option("--remove", is_flag=True, help="The file is written unencrypted.")
@click.pass_obj
def passphrase(texts: Texts, file: Path, new_file: Path | None, remove: bool) -> None:
    """Encrypts a survey file and its backups, or changes or removes the passphrase; prints the recovery code."""
    from survey import store
    from survey.encryption import protect
    from survey.persons import permit

    word = "" if remove else first_line(new_file) if new_file else asked_twice(texts("cli.new_passphrase"))
    with closing(store.open(file)) as opened:
        permit(opened, "keep")
    left: list[Path] = []
    key = protect(file, word, left=left.append)
    for copy in left:
        click.echo(texts("cli.left_as_it_was", path=copy), err=True)
    click.echo(texts("cli.protected", path=file, code=key.code) if key else texts("cli.unprotected", path=file))


def asked_twice(what: str) -> str:
    """A secret that the terminal asks for, once more to be sure."""
    return str(click.prompt(what, hide_input=True, confirmation_prompt=True, err=True))
