"""A survey file taken to a later version of its scheme, as that version declares it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from survey import claim, journal
from survey.beside import kept_name
from survey.binding import bind
from survey.cells import refresh_all
from survey.connection import copy_to
from survey.errors import SurveyError
from survey.expression import Call, Column, Node, columns
from survey.filelayout import form_schema
from survey.form import Form, Item, Version
from survey.formulas import Formulas
from survey.grammar import parse
from survey.keyring import key_of
from survey.persons import permit
from survey.scheme import ItemNames, Scheme
from survey.sql import literal, quote, to_sql
from survey.store import Change, Store, now
from survey.texts import Texts

_OLD = "before_"


@dataclass
class UpgradeReport:
    """What became of the answers: counts are filled cells; `copy` is the file as it was before.

    `unknown` has the codes that the new version's list does not know, by item and code.
    """

    before: str
    after: str
    copy: Path | None = None
    kept: int = 0
    added: list[str] = field(default_factory=list)
    renamed: dict[str, tuple[str, int]] = field(default_factory=dict)
    recoded: dict[str, int] = field(default_factory=dict)
    filled: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    unknown: dict[tuple[str, str], int] = field(default_factory=dict)

    def lines(self, texts: Texts, scheme: Scheme) -> list[str]:
        """The report in sentences."""
        found = [texts("upgrade.done", before=self.before, after=self.after, kept=self.kept)]
        if self.copy:
            found.append(texts("upgrade.copy", path=self.copy))
        for old, (new, count) in self.renamed.items():
            found.append(texts("upgrade.renamed", old=old, new=new, label=scheme.label(new, texts.lang), count=count))
        for key, counts in (("recoded", self.recoded), ("filled", self.filled)):
            for name, count in counts.items():
                found.append(texts(f"upgrade.{key}", name=name, label=scheme.label(name, texts.lang), count=count))
        found += [texts("upgrade.dropped", name=name, count=count) for name, count in self.dropped.items()]
        for (name, code), count in self.unknown.items():
            label = scheme.label(name, texts.lang)
            found.append(texts("upgrade.unknown", name=name, label=label, code=code, count=count))
        if self.added:
            found.append(texts("upgrade.added", count=len(self.added), items="  ".join(self.added)))
        return found


def later(store: Store, scheme: Scheme) -> bool:
    """Whether a scheme is another version of the file's own that says how to take its answers over."""
    return scheme.id == store.scheme.id and store.scheme.version in scheme.versions


def upgrade(store: Store, scheme: Scheme, *, who: str = "", dry_run: bool = False) -> UpgradeReport:
    """Takes the file to a later version in one transaction, after copying it beside itself.

    The store must be opened anew afterwards. A dry run leaves the file as it was. Raises SurveyError
    `no_upgrade` where the scheme does not say how.
    """
    permit(store, "edit")
    if not later(store, scheme):
        raise SurveyError(
            "no_upgrade", path=store.path, found=f"{store.scheme.id} {store.scheme.version}",
            wanted=f"{scheme.id} {scheme.version}",
        )  # fmt: skip
    report = UpgradeReport(store.scheme.version, scheme.version)
    if not dry_run:
        report.copy = _copied(store)
    with store.atomic(keep=not dry_run):
        _Upgrade(store, scheme, report, who).run()
        journal.record(store, "upgraded", scheme.id, version=f"{report.before} → {report.after}")
    return report


def _copied(store: Store) -> Path:
    target = kept_name(store.path, now())
    copy_to(store.database.conn, store.path, target, key_of(store.path))
    return target


# What is kept by item beside the forms' own tables.
_PLACED = ("note", "second_entry", "second_cell")


class _Upgrade:
    def __init__(self, store: Store, scheme: Scheme, report: UpgradeReport, who: str) -> None:
        self._store = store
        self._old = store.scheme
        self._new = scheme
        self._report = report
        self._who = who
        self._rule: Version = scheme.versions[self._old.version]
        self._was = {new: old for old, new in self._rule.renamed.items()}

    def run(self) -> None:
        store = self._store
        source = store.add_source(
            f"{self._old.id} {self._old.version} → {self._new.version}", "upgrade", self._new.digest, self._who
        )
        self._keep_dropped(source)
        self._last = store.execute("SELECT coalesce(max(id), 0) FROM response").fetchone()[0]
        lent = claim.lend(store)
        for form in self._old.forms:
            # What watches a table would follow it under its new name.
            for event in ("insert", "update", "delete"):
                store.execute(f"DROP TRIGGER IF EXISTS touch_{form.table}_{event}")
            store.execute(f"ALTER TABLE {form.table} RENAME TO {_OLD}{form.table}")
        for form in self._new.forms:
            for statement in form_schema(form):
                store.execute(statement)
            self._carry(form)
        for form in self._old.forms:
            store.execute(f"DROP TABLE {_OLD}{form.table}")
        self._follow()
        self._adopt()
        claim.take_up(store, lent)

    def _follow(self) -> None:
        """Notes and second entries go along with their items; what was compared keeps its values as they were keyed."""
        for new, old in self._was.items():
            here, line = "item = ? OR substr(item, 1, ?) = ?", (old, len(old) + 1, f"{old}[")
            self._store.execute(f"UPDATE second_cell SET form = ? WHERE {here}", (self._new.item(new).form, *line))
            for table in _PLACED:
                self._store.execute(
                    f"UPDATE {table} SET item = ? || substr(item, ?) WHERE {here}", (new, len(old) + 1, *line)
                )
        for name, codes in self._rule.recoded.items():
            self._store.executemany(
                "UPDATE second_entry SET value = ? WHERE value = ? AND item = ?",
                [(after, before, name) for before, after in codes.items()],
            )

    def _origin(self, item: Item) -> Item | None:
        """The earlier item whose answers an item takes over."""
        return self._old.items.get(self._was.get(item.name, item.name))

    def _carry(self, form: Form) -> None:
        """Fills a new form's table from the earlier ones."""
        expressions: list[str] = []
        names: list[str] = []
        read: list[Form] = []
        for item in form.items:
            origin = self._origin(item)
            if item.name in self._rule.filled:
                tree = self._filled(item)
                read += [self._old.form_of(column.name) for column in columns(tree)]
                expressions.append(to_sql(tree, self._place))
            elif origin is not None:
                read.append(self._old.form_of(origin.name))
                expressions.append(self._recoded(item, origin))
            else:
                self._report.added.append(item.key)
                continue
            names.append(item.name)
        if names:
            self._insert(form, names, expressions, list(dict.fromkeys(read)))
            self._count(form, names)

    def _insert(self, form: Form, names: Sequence[str], expressions: Sequence[str], read: Sequence[Form]) -> None:
        base = next((one for one in read if one.id == form.id), read[0] if read else form)
        joins = " ".join(
            f"LEFT JOIN {_OLD}{one.table} {one.table} ON {one.table}.response = r.id" for one in read if one != base
        )
        first = f"{_OLD}{base.table} {base.table}"
        keys = "response, line" if form.is_list else "response"
        key_of = f"{base.table}.response, {base.table}.line" if form.is_list else "r.id"
        self._store.execute(
            f"INSERT INTO {form.table} ({keys}, {', '.join(map(quote, names))}, source, source_row)"
            f" SELECT {key_of}, {', '.join(expressions)}, {base.table}.source, {base.table}.source_row"
            f" FROM response r JOIN {first} ON {base.table}.response = r.id {joins}"
        )

    def _place(self, column: Column) -> str:
        return f"{self._old.form_of(column.name).table}.{quote(column.name)}"

    def _recoded(self, item: Item, origin: Item) -> str:
        place = self._place(Column(origin.name, "", origin.kind))
        if item.sql_type != origin.sql_type:
            place = f"CAST({place} AS {item.sql_type})"
        codes = self._rule.recoded.get(item.name, {})
        cases = "".join(f" WHEN {literal(old)} THEN {literal(new)}" for old, new in codes.items())
        return f"CASE {place}{cases} ELSE {place} END" if cases else place

    def _filled(self, item: Item) -> Node:
        text = self._rule.filled[item.name]
        tree = bind(parse(text), ItemNames(self._old.forms), text, want=item.kind)
        return Call("round", (tree,)) if item.type in ("integer", "flag") else tree

    def _count(self, form: Form, names: Sequence[str]) -> None:
        sums = ", ".join(f"count({quote(name)})" for name in names)
        # What is lent to claims is nobody's answer.
        counts = self._store.execute(f"SELECT {sums} FROM {form.table} WHERE response <= {self._last}").fetchone()
        for name, count in zip(names, counts, strict=True):
            self._report.kept += count
            if name in self._was:
                self._report.renamed[self._was[name]] = (name, count)
            if name in self._rule.filled:
                self._report.filled[name] = count
            if name in self._rule.recoded:
                self._report.recoded[name] = count
            item = self._new.item(name)
            if item.type == "code":
                self._unknown_codes(form, item)

    def _unknown_codes(self, form: Form, item: Item) -> None:
        found = self._store.execute(
            f"SELECT {quote(item.name)}, count(*) FROM {form.table} WHERE {quote(item.name)} IS NOT NULL"
            f" AND response <= {self._last} GROUP BY 1"
        )
        for code, count in found.fetchall():
            if code not in self._new.lists[item.list].codes:
                self._report.unknown[item.name, str(code)] = count

    def _keep_dropped(self, source: int) -> None:
        """What the new version has no place for stays in the record of changes."""
        taken = {origin.name for item in self._new.items.values() if (origin := self._origin(item))}
        for form in self._old.forms:
            for item in form.items:
                if item.name in taken or item.computed:
                    continue
                changes = self._held(form, item)
                if changes or item.name in self._rule.dropped:
                    self._report.dropped[item.name] = len(changes)
                self._store.log(changes, who=self._who, reason=f"{self._new.version}", source=source)

    def _held(self, form: Form, item: Item) -> list[Change]:
        line = "f.line" if form.is_list else "0"
        rows = self._store.execute(
            f"SELECT r.unit, r.period, {line}, f.{quote(item.name)} FROM {form.table} f"
            f" JOIN response r ON r.id = f.response WHERE f.{quote(item.name)} IS NOT NULL"
        )
        return [Change(unit, item, period, value, None, at) for unit, period, at, value in rows]

    def _adopt(self) -> None:
        """The file carries the new version from now on."""
        store, scheme = self._store, self._new
        store.execute("DELETE FROM scheme_file")
        store.executemany("INSERT INTO scheme_file (name, text) VALUES (?, ?)", list(scheme.files.items()))
        facts: Mapping[str, str] = {"version": scheme.version, "digest": scheme.digest}
        for key, value in facts.items():
            store.set_desk(key, value)
        store.scheme = scheme
        store.formulas = Formulas(scheme)
        refresh_all(store, store.periods())
