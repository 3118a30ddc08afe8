"""The rows of results and the account of their import: each row is counted exactly once.

Public: `ResultRow`, `result_rows`, `ImportCounts`.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracker.errors import SourceMalformed
from tracker.models import ImportReport, RejectedLine
from tracker.sources.formats.parquet import Columns

_MAX_ERRORS = 1000
_HASH = re.compile(r"[0-9a-f]{24}")
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A row of a file, with its number in the import."""

    number: int
    file: str
    values: Mapping[str, Any]

    @property
    def content_hash(self) -> str:
        """Hash of the text that the result was made from."""
        return str(self.values["content_hash"])

    def fault(self) -> str:
        """Return the error that the worker reported or what is wrong with the hash, or ""."""
        if self.values["error"]:
            return f"its worker failed: {str(self.values['error'])[:200]}"
        valid = _HASH.fullmatch(self.content_hash)
        return "" if valid else "its content_hash is not 24 hexadecimal digits"


@dataclass(slots=True)
class ImportCounts:
    """Counts rows as they are imported."""

    read: int = 0
    added: int = 0
    skipped: int = 0
    rejected: int = 0
    errors: list[RejectedLine] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def refuse(self, row: ResultRow, reason: str) -> None:
        """Count a row that is not imported, with the reason."""
        self._reject(row.number, f"{row.file}: {row.content_hash[:24]}: {reason}", reason)

    def refuse_file(self, path: Path, error: SourceMalformed) -> None:
        """Count a file whose rest cannot be read as one refused row."""
        self.read += 1
        self._reject(self.read, f"{path.name}: {error.reason}", error.reason)

    def _reject(self, number: int, sentence: str, reason: str) -> None:
        self.rejected += 1
        self.reasons[_NUMBER.sub("…", reason)] += 1
        if len(self.errors) < _MAX_ERRORS:
            self.errors.append(RejectedLine(number, sentence))

    def report(self) -> ImportReport:
        """Return the report, with the number of rows for each reason as warnings."""
        counted = [f"{number:,} refused: {why}" for why, number in self.reasons.most_common()]
        return ImportReport(
            read=self.read,
            added=self.added,
            skipped=self.skipped,
            rejected=self.rejected,
            errors=sorted(self.errors),
            warnings=counted,
        )


def result_rows(columns: Columns, path: Path, counts: ImportCounts) -> list[ResultRow]:
    """Return the rows of a batch and count them as read."""
    first = counts.read + 1
    rows = zip(*columns.values(), strict=True)
    found = [
        ResultRow(number, path.name, dict(zip(columns, row, strict=True)))
        for number, row in enumerate(rows, first)
    ]
    counts.read += len(found)
    return found
