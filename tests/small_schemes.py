"""Schemes of one form of numbers, for tests of checks as a set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from survey import scheme as schemes
from survey.scheme import Scheme

_FOLDER = Path(__file__).parent / "data" / "scheme"
_COLUMNS = "code,class,scope,expression,when,tolerance,missing,valid_from,message,message_en,reason"


def scheme_of(
    items: Mapping[str, str], checks: Iterable[str | Sequence[str]], lines: Mapping[str, str] | None = None
) -> Scheme:
    """A form `N` with items by name, each with its TOML keys, and checks; `lines` are the items of a list form `L`.

    A check is its expression, or class, expression, condition, tolerance, `missing` as far as given;
    they are called E1, E2 and so on.
    """
    files = {name: text for name, text in schemes.read_files(_FOLDER).items() if name.startswith("codes/")}
    files["forms/N.toml"] = _form("N", "table", items)
    if lines:
        files["forms/L.toml"] = _form("L", "list", lines)
    forms = '"N", "L"' if lines else '"N"'
    files["scheme.toml"] = (
        'id = "n"\nversion = "1"\ntitle = "数"\ntitle_en = "Numbers"\nperiod_type = "year"\n'
        f'districts = "district"\nforms = [{forms}]\n'
    )
    files["checks.csv"] = "\n".join([_COLUMNS, *(_row(at, check) for at, check in enumerate(checks, 1))]) + "\n"
    return schemes.read(files)


def _form(form: str, layout: str, items: Mapping[str, str]) -> str:
    rows = [
        f'  {{ code = "{at:03}", name = "{name}", label = "{name}", label_en = "{name}", {keys} }},'
        for at, (name, keys) in enumerate(items.items(), 101)
    ]
    head = f'id = "{form}"\ntitle = "数"\ntitle_en = "Numbers"\nlayout = "{layout}"\nitems = [\n'
    return head + "\n".join(rows) + "\n]\n"


def _row(at: int, check: str | Sequence[str]) -> str:
    given = ["A", check] if isinstance(check, str) else list(check)
    category, expression, when, tolerance, missing = (*given, "", "", "")[:5]
    return f'E{at},{category},N,"{expression}","{when}",{tolerance},{missing},,应当成立,It must hold,测试'
