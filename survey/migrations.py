"""The survey file's own tables, step by step. A step never knows today's record classes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from survey.database import Database, Migrations
from survey.initials import initials

MIGRATIONS = Migrations("census_desk")


@MIGRATIONS()
def m001_survey_file(database: Database) -> None:
    """The tables of version 0.1."""
    for statement in _statements(
        """
        CREATE TABLE desk (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
        CREATE TABLE scheme_file (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;
        CREATE TABLE source (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, sha256 TEXT NOT NULL,
            who TEXT NOT NULL, at TEXT NOT NULL
        ) STRICT;
        CREATE TABLE unit (
            id INTEGER PRIMARY KEY, uscc TEXT NOT NULL UNIQUE, name TEXT NOT NULL, district TEXT NOT NULL
        ) STRICT;
        CREATE TABLE response (
            id INTEGER PRIMARY KEY, unit INTEGER NOT NULL REFERENCES unit(id), period TEXT NOT NULL,
            status TEXT NOT NULL, UNIQUE (period, unit)
        ) STRICT;
        CREATE TABLE explanation (
            response INTEGER NOT NULL REFERENCES response(id), check_code TEXT NOT NULL, text TEXT NOT NULL,
            who TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (response, check_code)
        ) STRICT;
        CREATE TABLE change (
            id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, unit INTEGER NOT NULL REFERENCES unit(id),
            form TEXT NOT NULL, item TEXT NOT NULL, period TEXT NOT NULL, old ANY, new ANY, reason TEXT NOT NULL,
            source INTEGER REFERENCES source(id), hash TEXT NOT NULL
        ) STRICT;
        CREATE INDEX change_unit ON change (unit, period, item);
        CREATE TRIGGER change_kept BEFORE UPDATE ON change BEGIN SELECT raise(ABORT, 'append only'); END;
        CREATE TRIGGER change_stays BEFORE DELETE ON change BEGIN SELECT raise(ABORT, 'append only'); END;
        CREATE TABLE merge (
            id INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES source(id), district TEXT NOT NULL,
            period TEXT NOT NULL, sequence INTEGER NOT NULL, digest TEXT NOT NULL, parent TEXT NOT NULL,
            at TEXT NOT NULL, new INTEGER NOT NULL, changed INTEGER NOT NULL, identical INTEGER NOT NULL,
            conflicts INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE conflict (
            id INTEGER PRIMARY KEY, merge INTEGER NOT NULL REFERENCES merge(id), uscc TEXT NOT NULL,
            period TEXT NOT NULL, kind TEXT NOT NULL, item TEXT NOT NULL, district TEXT NOT NULL, kept ANY, offered ANY
        ) STRICT;
        CREATE TABLE receipt (
            id INTEGER PRIMARY KEY, direction TEXT NOT NULL, period TEXT NOT NULL, sequence INTEGER NOT NULL,
            digest TEXT NOT NULL, at TEXT NOT NULL
        ) STRICT;
        """
    ):
        database.execute(statement)


@MIGRATIONS()
def m002_entry_desk(database: Database) -> None:
    """The tables of version 1.0: kinds of respondents, reasons, notes, links, second entries, column mappings."""
    for statement in _statements(
        """
        ALTER TABLE unit ADD COLUMN kind TEXT NOT NULL DEFAULT 'unit';
        ALTER TABLE unit ADD COLUMN initials TEXT NOT NULL DEFAULT '';
        ALTER TABLE response ADD COLUMN reason TEXT NOT NULL DEFAULT '';
        ALTER TABLE explanation ADD COLUMN facts TEXT NOT NULL DEFAULT '';
        CREATE INDEX response_status ON response (period, status);
        CREATE TABLE note (
            id INTEGER PRIMARY KEY, unit INTEGER NOT NULL REFERENCES unit(id), period TEXT NOT NULL,
            item TEXT NOT NULL, text TEXT NOT NULL, attachment TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL
        ) STRICT;
        CREATE INDEX note_unit ON note (unit, period);
        CREATE TABLE unit_link (
            unit INTEGER NOT NULL REFERENCES unit(id), kind TEXT NOT NULL, other TEXT NOT NULL,
            who TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (unit, kind, other)
        ) STRICT;
        CREATE TABLE second_entry (
            unit INTEGER NOT NULL REFERENCES unit(id), period TEXT NOT NULL, item TEXT NOT NULL, value ANY,
            who TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (unit, period, item)
        ) STRICT;
        CREATE TABLE mapping (header TEXT PRIMARY KEY, columns TEXT NOT NULL, at TEXT NOT NULL) STRICT;
        """
    ):
        database.execute(statement)
    named = [(initials(name), unit) for unit, name in database.execute("SELECT id, name FROM unit").fetchall()]
    database.conn.executemany("UPDATE unit SET initials = ? WHERE id = ?", named)


@MIGRATIONS()
def m003_double_entry(database: Database) -> None:
    """The units that are keyed a second time, and every cell of theirs that was compared."""
    for statement in _statements(
        """
        CREATE TABLE second_unit (
            unit INTEGER NOT NULL REFERENCES unit(id), period TEXT NOT NULL, drawn TEXT NOT NULL,
            who TEXT NOT NULL DEFAULT '', same_keyer INTEGER NOT NULL DEFAULT 0, finished TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (unit, period)
        ) STRICT;
        CREATE TABLE second_cell (
            unit INTEGER NOT NULL REFERENCES unit(id), period TEXT NOT NULL, form TEXT NOT NULL, item TEXT NOT NULL,
            first ANY, second ANY, first_who TEXT NOT NULL, second_who TEXT NOT NULL, outcome TEXT NOT NULL,
            value ANY, reason TEXT NOT NULL DEFAULT '', who TEXT NOT NULL DEFAULT '', at TEXT NOT NULL,
            PRIMARY KEY (unit, period, item)
        ) STRICT;
        """
    ):
        database.execute(statement)


@MIGRATIONS()
def m004_checking(database: Database) -> None:
    """What checking found and what has changed since, the desk's own checks, the city's control list, queries."""
    for statement in _statements(
        """
        CREATE TABLE touched (response INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
        CREATE INDEX touched_at ON touched (at);
        CREATE TABLE result (
            period TEXT PRIMARY KEY, rules TEXT NOT NULL, seen INTEGER NOT NULL, at TEXT NOT NULL,
            standards TEXT NOT NULL
        ) STRICT;
        CREATE TABLE result_part (
            period TEXT NOT NULL, base TEXT NOT NULL, part INTEGER NOT NULL, rows INTEGER NOT NULL,
            responses BLOB NOT NULL, lines BLOB NOT NULL, PRIMARY KEY (period, base, part)
        ) STRICT;
        CREATE TABLE result_check (
            period TEXT NOT NULL, base TEXT NOT NULL, part INTEGER NOT NULL, check_code TEXT NOT NULL,
            failed INTEGER NOT NULL, unknown INTEGER NOT NULL, settled INTEGER NOT NULL,
            failing BLOB, open BLOB, answered BLOB,
            PRIMARY KEY (period, base, part, check_code)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE local_check (
            code TEXT PRIMARY KEY, facts TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL
        ) STRICT;
        CREATE TABLE ruling (
            check_code TEXT NOT NULL, action TEXT NOT NULL, valid_from TEXT NOT NULL, official TEXT NOT NULL,
            reason TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (check_code, valid_from)
        ) STRICT;
        CREATE TABLE exemption (
            uscc TEXT NOT NULL, check_code TEXT NOT NULL, period TEXT NOT NULL, official TEXT NOT NULL,
            reason TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (uscc, check_code, period)
        ) STRICT;
        CREATE TABLE query (
            id INTEGER PRIMARY KEY, response INTEGER NOT NULL REFERENCES response(id) ON DELETE CASCADE,
            check_code TEXT NOT NULL,
            facts TEXT NOT NULL, question TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL,
            answer TEXT NOT NULL DEFAULT '', answered_by TEXT NOT NULL DEFAULT '', answered_at TEXT NOT NULL DEFAULT '',
            source INTEGER REFERENCES source(id)
        ) STRICT;
        CREATE INDEX query_response ON query (response);
        ALTER TABLE merge ADD COLUMN draft INTEGER NOT NULL DEFAULT 0;
        """
    ):
        database.execute(statement)
    forms = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
    watched = ["explanation", *(name for name in forms if name.startswith("form_"))]
    for statement in (*_WATCHES, *(one for table in watched for one in watches(table))):
        database.execute(statement)


@MIGRATIONS()
def m005_imports(database: Database) -> None:
    """Imports as a whole, with what has to be put back to undo one; the cells of a file that answers stand in."""
    for statement in _statements(
        """
        CREATE TABLE batch (
            id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, period TEXT NOT NULL,
            files INTEGER NOT NULL, new INTEGER NOT NULL, changed INTEGER NOT NULL, identical INTEGER NOT NULL,
            rejected INTEGER NOT NULL, collisions INTEGER NOT NULL,
            first_unit INTEGER NOT NULL, last_unit INTEGER NOT NULL,
            first_response INTEGER NOT NULL, last_response INTEGER NOT NULL, last_change INTEGER NOT NULL,
            undone TEXT NOT NULL DEFAULT '', undone_by TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE TABLE batch_row (
            batch INTEGER NOT NULL REFERENCES batch(id), form TEXT NOT NULL, response INTEGER NOT NULL,
            line INTEGER NOT NULL, inserted INTEGER NOT NULL, source INTEGER, source_row INTEGER,
            PRIMARY KEY (batch, form, response, line)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE batch_status (
            batch INTEGER NOT NULL REFERENCES batch(id), response INTEGER NOT NULL, status TEXT NOT NULL,
            reason TEXT NOT NULL, PRIMARY KEY (batch, response)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE batch_name (
            batch INTEGER NOT NULL REFERENCES batch(id), unit INTEGER NOT NULL, name TEXT NOT NULL,
            PRIMARY KEY (batch, unit)
        ) STRICT, WITHOUT ROWID;
        ALTER TABLE source ADD COLUMN batch INTEGER REFERENCES batch(id);
        ALTER TABLE source ADD COLUMN places TEXT NOT NULL DEFAULT '';
        """
    ):
        database.execute(statement)


@MIGRATIONS()
def m006_city_desk(database: Database) -> None:
    """Returns and what became of each, who claims a unit, look-alikes, receipts."""
    for statement in _statements(
        """
        ALTER TABLE unit ADD COLUMN sender TEXT NOT NULL DEFAULT '';
        CREATE INDEX unit_sender ON unit (sender, kind);
        ALTER TABLE source ADD COLUMN path TEXT NOT NULL DEFAULT '';
        ALTER TABLE merge ADD COLUMN state TEXT NOT NULL DEFAULT 'accepted';
        ALTER TABLE merge ADD COLUMN reason TEXT NOT NULL DEFAULT '';
        ALTER TABLE merge ADD COLUMN who TEXT NOT NULL DEFAULT '';
        ALTER TABLE merge ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE merge ADD COLUMN left_out INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE merge ADD COLUMN units INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE merge ADD COLUMN created TEXT NOT NULL DEFAULT '';
        ALTER TABLE merge ADD COLUMN batch INTEGER REFERENCES batch(id);
        CREATE TABLE batch_response (
            batch INTEGER NOT NULL REFERENCES batch(id), response INTEGER NOT NULL, PRIMARY KEY (batch, response)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE merge_unit (
            merge INTEGER NOT NULL REFERENCES merge(id), unit INTEGER NOT NULL, kind TEXT NOT NULL,
            sender TEXT NOT NULL, district TEXT NOT NULL, PRIMARY KEY (merge, unit)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE merge_form (
            merge INTEGER NOT NULL REFERENCES merge(id), form TEXT NOT NULL, records INTEGER NOT NULL,
            PRIMARY KEY (merge, form)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE merge_member (
            merge INTEGER NOT NULL REFERENCES merge(id), uscc TEXT NOT NULL, PRIMARY KEY (merge, uscc)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE merge_left_out (
            merge INTEGER NOT NULL REFERENCES merge(id), uscc TEXT NOT NULL, PRIMARY KEY (merge, uscc)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE claim (
            merge INTEGER NOT NULL REFERENCES merge(id), uscc TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,
            PRIMARY KEY (merge, uscc)
        ) STRICT;
        CREATE INDEX claim_uscc ON claim (uscc);
        CREATE TABLE counted (
            uscc TEXT PRIMARY KEY, sender TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL, reason TEXT NOT NULL
        ) STRICT;
        ALTER TABLE conflict ADD COLUMN source_row INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE conflict ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE conflict ADD COLUMN state TEXT NOT NULL DEFAULT 'open';
        ALTER TABLE conflict ADD COLUMN replaced_by INTEGER;
        ALTER TABLE conflict ADD COLUMN value ANY;
        ALTER TABLE conflict ADD COLUMN who TEXT NOT NULL DEFAULT '';
        ALTER TABLE conflict ADD COLUMN at TEXT NOT NULL DEFAULT '';
        ALTER TABLE conflict ADD COLUMN reason TEXT NOT NULL DEFAULT '';
        CREATE INDEX conflict_cell ON conflict (uscc, period, item);
        CREATE TABLE lookalike (
            first TEXT NOT NULL, second TEXT NOT NULL, verdict TEXT NOT NULL, kept TEXT NOT NULL, who TEXT NOT NULL,
            at TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (first, second)
        ) STRICT, WITHOUT ROWID;
        ALTER TABLE receipt ADD COLUMN sender TEXT NOT NULL DEFAULT '';
        ALTER TABLE receipt ADD COLUMN name TEXT NOT NULL DEFAULT '';
        ALTER TABLE receipt ADD COLUMN facts TEXT NOT NULL DEFAULT '';
        ALTER TABLE query ADD COLUMN origin TEXT NOT NULL DEFAULT '';
        CREATE INDEX unit_other ON unit (kind) WHERE kind <> 'unit';
        CREATE TABLE merge_fact (
            merge INTEGER NOT NULL REFERENCES merge(id), key TEXT NOT NULL, value ANY NOT NULL, PRIMARY KEY (merge, key)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE enclosure (
            merge INTEGER NOT NULL REFERENCES merge(id), kind TEXT NOT NULL, uscc TEXT NOT NULL, key TEXT NOT NULL,
            body TEXT NOT NULL, PRIMARY KEY (merge, kind, uscc, key)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE listing (unit INTEGER PRIMARY KEY) STRICT;
        CREATE TABLE aside (
            response INTEGER PRIMARY KEY, status TEXT NOT NULL, reason TEXT NOT NULL, former TEXT NOT NULL,
            former_reason TEXT NOT NULL
        ) STRICT;
        ALTER TABLE explanation ADD COLUMN sent INTEGER NOT NULL DEFAULT 0;
        UPDATE unit SET sender = district WHERE district IN (SELECT district FROM merge);
        """
    ):
        database.execute(statement)
    database.execute(_watch("unit_counted", "UPDATE OF kind ON unit", "id", " AND OLD.kind <> NEW.kind"))


@MIGRATIONS()
def m007_editions(database: Database) -> None:
    """Who is to send, responses that were forgotten, explanations of two sides, editions of the figures."""
    for statement in _statements(
        """
        CREATE TABLE expected (sender TEXT PRIMARY KEY, wanted INTEGER NOT NULL) STRICT;
        CREATE TABLE batch_forgotten (
            batch INTEGER NOT NULL REFERENCES batch(id), response INTEGER NOT NULL, unit INTEGER NOT NULL,
            period TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (batch, response)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE explanation_said (
            response INTEGER NOT NULL REFERENCES response(id), check_code TEXT NOT NULL, text TEXT NOT NULL,
            who TEXT NOT NULL, at TEXT NOT NULL, facts TEXT NOT NULL DEFAULT '', sent INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (response, check_code, sent)
        ) STRICT;
        INSERT INTO explanation_said SELECT response, check_code, text, who, at, facts, sent FROM explanation;
        DROP TABLE explanation;
        ALTER TABLE explanation_said RENAME TO explanation;
        CREATE TABLE edition (
            id INTEGER PRIMARY KEY, kind TEXT NOT NULL, period TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL,
            note TEXT NOT NULL, data TEXT NOT NULL, scheme TEXT NOT NULL, program TEXT NOT NULL, figures TEXT NOT NULL
        ) STRICT;
        """
    ):
        database.execute(statement)
    for trigger in watches("explanation"):
        database.execute(trigger)


@MIGRATIONS()
def m008_trust(database: Database) -> None:
    """The desk's own key, those of others as they came and as people have compared them, who signed a return, the
    persons who may sign in, and the journal of what was done.
    """
    for statement in _statements(
        """
        CREATE TABLE desk_key (id INTEGER PRIMARY KEY CHECK (id = 1), seed BLOB NOT NULL, made TEXT NOT NULL) STRICT;
        CREATE TABLE seen_key (
            sender TEXT PRIMARY KEY, public TEXT NOT NULL, box TEXT NOT NULL, at TEXT NOT NULL
        ) STRICT;
        CREATE TABLE known_key (
            sender TEXT PRIMARY KEY, public TEXT NOT NULL, box TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL
        ) STRICT;
        ALTER TABLE merge ADD COLUMN signer TEXT NOT NULL DEFAULT '';
        CREATE TABLE journal (
            id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
            facts TEXT NOT NULL, hash TEXT NOT NULL
        ) STRICT;
        CREATE TABLE chain (name TEXT PRIMARY KEY, number INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
        INSERT INTO chain SELECT 'change', id, hash FROM change ORDER BY id DESC LIMIT 1;
        CREATE TABLE person (
            name TEXT PRIMARY KEY, role TEXT NOT NULL, salt BLOB NOT NULL, verifier BLOB NOT NULL
        ) STRICT;
        CREATE INDEX journal_subject ON journal (subject, kind);
        CREATE TRIGGER journal_kept BEFORE UPDATE ON journal BEGIN SELECT raise(ABORT, 'append only'); END;
        CREATE TRIGGER journal_stays BEFORE DELETE ON journal BEGIN SELECT raise(ABORT, 'append only'); END;
        """
    ):
        database.execute(statement)


@MIGRATIONS()
def m009_printed_editions(database: Database) -> None:
    """Editions that tables are printed from: what a public one withholds, and what the city had decided by then."""
    database.execute("ALTER TABLE edition ADD COLUMN withheld TEXT NOT NULL DEFAULT '[]'")
    database.execute("ALTER TABLE edition ADD COLUMN control TEXT NOT NULL DEFAULT '{}'")


@MIGRATIONS()
def m010_heads(database: Database) -> None:
    """Where the chains of this file stood when others were told, and those of others when they told it."""
    for statement in _statements(
        """
        CREATE TABLE told_head (
            chain TEXT NOT NULL, number INTEGER NOT NULL, hash TEXT NOT NULL, name TEXT NOT NULL, at TEXT NOT NULL,
            PRIMARY KEY (chain, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE seen_head (
            sender TEXT NOT NULL, signer TEXT NOT NULL, chain TEXT NOT NULL, number INTEGER NOT NULL,
            hash TEXT NOT NULL, name TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (sender, signer, chain, number)
        ) STRICT, WITHOUT ROWID;
        """
    ):
        database.execute(statement)


_SET_ASIDE = "('suspended', 'deregistered', 'unreachable', 'refused')"


def _watch(name: str, event: str, response: str, when: str = "") -> str:
    """A trigger that notes which response was changed. Before anything was checked nothing can be out of date."""
    # The conflict is settled by name: what the statement outside says of conflicts would go before OR REPLACE.
    rows = "response WHERE unit = NEW.id" if response == "id" else "(SELECT 1) WHERE true"
    return (
        f"CREATE TRIGGER touch_{name} AFTER {event} WHEN EXISTS (SELECT 1 FROM result){when} BEGIN INSERT INTO touched"
        f" SELECT {response}, (SELECT coalesce(max(at), 0) + 1 FROM touched) FROM {rows}"
        " ON CONFLICT (response) DO UPDATE SET at = excluded.at; END"
    )


def watches(table: str) -> tuple[str, ...]:
    """The triggers that note of which responses a table's rows were changed: checking looks at those again."""
    events = (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD"))
    return tuple(_watch(f"{table}_{event}", f"{event} ON {table}", f"{row}.response") for event, row in events)


_WATCHES = (
    _watch("response_begun", "INSERT ON response", "NEW.id"),
    _watch("response_gone", "DELETE ON response", "OLD.id"),
    _watch(
        "response_set_aside", "UPDATE OF status ON response", "NEW.id",
        f" AND ((OLD.status IN {_SET_ASIDE}) <> (NEW.status IN {_SET_ASIDE})"
        " OR (NEW.status = 'in_progress' AND OLD.status <> 'in_progress'))",
    ),
    _watch("unit", "UPDATE OF uscc, name, district ON unit", "id"),
)  # fmt: skip


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would end the migration's transaction."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
