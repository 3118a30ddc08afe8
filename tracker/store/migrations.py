"""The connection to a database, the registry of migrations, and what every migration needs.

Owns the library sqlite-utils, which applies each migration once, in a transaction with its record.
It is imported only when there is one to apply: that takes 0.13 s, and 0.4 s where pandas is
installed, which is most of the time that a search by words takes.

Public: `Database`, `migrations`, `TOKENIZER`, `execute_all`, `enable_full_text`.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite_utils

# How FTS5 splits texts into words: text that is compared with them is split the same way.
TOKENIZER = "porter unicode61"
# The table in which sqlite-utils records the migrations that were applied, and our name in it.
_RECORDS, _SET = "_sqlite_migrations", "tracker"


class Database:
    """A connection whose statements take effect at once, unless a transaction is open."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.conn = connection
        # Without it, the driver opens a transaction before each statement that writes.
        connection.isolation_level = None
        # A row that INSERT OR REPLACE replaces is deleted, and the triggers must hear of it.
        self.execute("PRAGMA recursive_triggers = ON")

    def execute(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
    ) -> sqlite3.Cursor:
        """Execute one statement."""
        return self.conn.execute(sql, parameters)

    def rollback(self) -> None:
        """Discard the changes of the open transaction, if there is one."""
        if self.conn.in_transaction:
            self.conn.execute("ROLLBACK")

    def close(self) -> None:
        """Close the connection."""
        self.conn.close()

    def has_table(self, name: str) -> bool:
        """Whether there is a table of this name."""
        query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        return self.execute(query, [name]).fetchone() is not None


MigrationFunction = Callable[[Database], None]


@dataclass(frozen=True, slots=True)
class Migration:
    """A named step of the schema."""

    name: str
    function: MigrationFunction


class Migrations:
    """The migrations in the order in which they were registered, which is that of their names."""

    def __init__(self) -> None:
        self._migrations: list[Migration] = []

    def __call__(self) -> Callable[[MigrationFunction], MigrationFunction]:
        """Return a decorator that registers a function as a migration under its name."""

        def register(function: MigrationFunction) -> MigrationFunction:
            self._migrations.append(Migration(function.__name__, function))
            return function

        return register

    def names(self) -> list[str]:
        """Return the names of all migrations."""
        return [migration.name for migration in self._migrations]

    def applied(self, db: Database) -> list[str]:
        """Return the names of the migrations that were applied to a database, the first first."""
        if not db.has_table(_RECORDS):
            return []
        query = f"SELECT name FROM {_RECORDS} WHERE migration_set = ? ORDER BY rowid"
        return [name for (name,) in db.execute(query, [_SET])]

    def apply(self, db: Database, *, stop_before: str | None = None) -> None:
        """Apply the migrations that were not applied yet, up to one of them."""
        import sqlite_utils

        registry = sqlite_utils.Migrations(_SET)
        for migration in self._migrations:
            registry(name=migration.name)(_bind(migration.function, db))
        registry.apply(_full_database(db), stop_before=stop_before)


def _bind(function: MigrationFunction, db: Database) -> "Callable[[sqlite_utils.Database], None]":
    """Return a migration as sqlite-utils calls it, with its own object for the same connection."""

    def migrate(_: "sqlite_utils.Database", /) -> None:
        function(db)

    return migrate


def _full_database(db: Database) -> "sqlite_utils.Database":
    import sqlite_utils

    return sqlite_utils.Database(db.conn, execute_plugins=False)


migrations = Migrations()


def enable_full_text(db: Database, table: str, columns: Sequence[str]) -> None:
    """Make an FTS5 table over columns of a table, maintained by triggers."""
    _full_database(db).table(table).enable_fts(columns, tokenize=TOKENIZER, create_triggers=True)


def execute_all(db: Database, *statements: str) -> None:
    """Execute each statement."""
    for statement in statements:
        db.execute(statement)
