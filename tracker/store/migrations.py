"""The registry of migrations, and what every migration needs.

Owns the library sqlite-utils, which applies each migration once, in a transaction with its record.

Public: `Database`, `migrations`, `TOKENIZER`, `execute_all`.
"""

from sqlite_utils import Database as Database
from sqlite_utils import Migrations

migrations = Migrations("tracker")
# How FTS5 splits texts into words: text that is compared with them is split the same way.
TOKENIZER = "porter unicode61"


def execute_all(db: Database, *statements: str) -> None:
    """Execute each statement."""
    for statement in statements:
        db.execute(statement)
