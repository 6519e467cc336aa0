"""The manual: pages written by hand, one a page of the window, and pages that the open file's scheme writes itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from desktop import licences, paths
from survey.texts import Texts, visible

if TYPE_CHECKING:
    from desktop.licences import Part
    from indicators.catalogue import Indicator
    from survey.form import Check
    from survey.scheme import Scheme

PAGES = (
    "index", "tutorial", "units", "own", "import", "check", "rules", "second", "return", "board", "merge", "conflicts",
    "duplicates", "indicators", "tables", "secrecy", "faults", "cli", "formats",
)  # fmt: skip
CHECKS, CATALOGUE, LICENCES = "checks", "catalogue", "licences"
_LONGEST = 400
# What Markdown may take for a mark; none is one behind a backslash.
_MARKS = re.compile(r"[!-/:-@\[-`{-~]")
_ESCAPED = re.compile(rf"\\(?={_MARKS.pattern})")
# A line that is broken between two Chinese characters would show a space there.
_HAN = r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”‘’*]"
_BROKEN = re.compile(rf"(?<={_HAN})\n(?:  )?(?={_HAN})")


class Manual:
    """Pages by name, each as Markdown; those of checks and indicators are there where a scheme is."""

    def __init__(self, texts: Texts, scheme: Scheme | None = None) -> None:
        self._texts = texts
        self._scheme = scheme
        self._folder = paths.assets() / "manual" / texts.lang
        self._read: dict[str, str] = {}

    @property
    def pictures(self) -> Path:
        """Where the pictures lie that pages refer to."""
        return self._folder.parent

    def names(self, *, whole: bool = False) -> list[str]:
        """The pages in their order; the `whole` manual has those of each form and group of indicators too."""
        if not (whole and self._scheme):
            return [*PAGES, CHECKS, CATALOGUE, LICENCES]
        listed = *self._parts(CHECKS, self._by_form), *self._parts(CATALOGUE, self._by_group)
        return [*PAGES, *listed, LICENCES]

    def licence_texts(self) -> list[str]:
        """The pages of single licences, which are long and nobody looks for."""
        return [f"{LICENCES}/{name}" for name in self._licensed]

    def title(self, name: str) -> str:
        """The heading of a page."""
        if name in (CHECKS, CATALOGUE, LICENCES):
            return self._texts(f"manual.{name}")
        return self.said(name).partition("\n")[0].lstrip("# ")

    def said(self, name: str) -> str:
        """A page to be searched: as `text`, but what a scheme says stands in it as the scheme says it."""
        return _ESCAPED.sub("", self.text(name))

    def text(self, name: str) -> str:
        """A page as Markdown. Raises KeyError where there is none of that name."""
        if name not in self._read:
            self._read[name] = self._write(name)
        return self._read[name]

    def _write(self, name: str) -> str:
        kind, _, part = name.partition("/")
        if kind == LICENCES:
            return self._licences(part)
        if self._scheme and kind == CHECKS:
            return self._checks(part)
        if self._scheme and kind == CATALOGUE:
            return self._indicators(part)
        if kind in (CHECKS, CATALOGUE):
            return f"# {self._texts(f'manual.{kind}')}\n\n{self._texts('manual.no_scheme')}\n"
        if name not in PAGES:
            raise KeyError(name)
        return _BROKEN.sub("", (self._folder / f"{name}.md").read_text(encoding="utf-8"))

    def _parts(self, kind: str, parts: Iterable[str]) -> Iterator[str]:
        yield kind
        yield from (f"{kind}/{part}" for part in parts)

    # Checks

    @cached_property
    def _by_form(self) -> dict[str, list[Check]]:
        assert self._scheme
        found: dict[str, list[Check]] = {}
        for check in self._scheme.checks:
            found.setdefault(check.scope, []).append(check)
        return found

    def _checks(self, form_id: str) -> str:
        from desktop.rules_model import check_message
        from survey.ruletext import readback

        texts, scheme = self._texts, self._scheme
        assert scheme
        by_form = self._by_form
        titles = {one: f"{one} {texts.pick(scheme.form(one).title, scheme.form(one).title_en)}" for one in by_form}
        if not form_id:
            count = sum(map(len, by_form.values()))
            listed = [(_link(titles[one], f"{CHECKS}/{one}"), str(len(checks))) for one, checks in by_form.items()]
            return self._page(
                texts("manual.checks"), texts("manual.checks_about", count=count), "manual.form_head", listed
            )
        rows = [
            tuple(map(_word, (check.code, check.category, check_message(check, scheme, texts),
             readback(check.tree, scheme, texts, check.scope), check.reason)))
            for check in by_form[form_id]
        ]  # fmt: skip
        return self._page(_word(titles[form_id]), texts("manual.back", page=CHECKS), "manual.check_head", rows)

    # Indicators

    @cached_property
    def _by_group(self) -> dict[str, list[Indicator]]:
        from indicators import definition

        assert self._scheme
        found: dict[str, list[Indicator]] = {}
        for one in definition.load(self._scheme).indicators.values():
            found.setdefault(one.id.partition("-")[0], []).append(one)
        return found

    def _indicators(self, group: str) -> str:
        texts, by_group = self._texts, self._by_group
        if not group:
            count = sum(map(len, by_group.values()))
            listed = [
                (
                    _link(one, f"{CATALOGUE}/{one}"),
                    texts("manual.and_more", label=_word(self._label(found[0])), count=len(found)),
                )
                for one, found in by_group.items()
            ]
            about = texts("manual.catalogue_about", count=count)
            return self._page(texts("manual.catalogue"), about, "manual.group_head", listed)
        rows = [
            (_word(one.id), _word(self._label(one)), _word(texts.pick(one.unit, one.unit_en)), _code(one.text),
             _word(texts.pick(one.definition, one.definition_en)), _word(one.clause))
            for one in by_group[group]
        ]  # fmt: skip
        back = texts("manual.back", page=CATALOGUE)
        return self._page(f"{texts('manual.catalogue')} {group}", back, "manual.indicator_head", rows)

    # Licences

    @cached_property
    def _licensed(self) -> dict[str, Part]:
        return {part.name.replace(" ", "-"): part for part in licences.parts()}

    def _licences(self, name: str) -> str:
        texts = self._texts
        if not name:
            rows = [
                (_link(one.name, f"{LICENCES}/{key}"), _word(one.version), _word(one.licence))
                for key, one in self._licensed.items()
            ]
            about = texts("manual.licences_about", version=self._licensed[licences.PROGRAM].version)
            return self._page(texts("manual.licences"), about, "manual.licence_head", rows)
        part = self._licensed[name]
        about = texts("manual.licence_about", version=_word(part.version or "—"), licence=_word(part.licence))
        text = f"```\n{part.text.replace('```', '')}\n```" if part.text else texts("manual.no_licence_text")
        return f"# {_word(part.name)}\n\n{texts('manual.back', page=LICENCES)}\n\n{about}\n\n{text}\n"

    def _label(self, one: Indicator) -> str:
        return self._texts.pick(one.label, one.label_en)

    def _page(self, title: str, about: str, heads: str, rows: Sequence[Sequence[str]]) -> str:
        """A heading, a line, a table."""
        head = self._texts(heads).split("|")
        lines = [f"# {title}", "", about, "", _row(head), _row(["---"] * len(head)), *map(_row, rows)]
        return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _word(text: str) -> str:
    """What a scheme or a library says, on one line, as Markdown that shows it; what a long table derives is cut."""
    line = visible(" ".join(text.split()))
    return _MARKS.sub(r"\\\g<0>", line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…")


def _link(text: str, page: str) -> str:
    return f"[{_word(text)}]({page})"


def _code(text: str) -> str:
    """A formula; a grave accent would end it early."""
    line = " ".join(text.split()).replace("|", "\\|")
    return _word(text) if "`" in line or len(line) > _LONGEST else f"`{line}`"
