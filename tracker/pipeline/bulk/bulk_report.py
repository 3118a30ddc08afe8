"""The account of a bulk run: what it computed, how fast, and what failed and why.

Public: `BulkReport`.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BulkReport:
    """What a run stored and computed.

    `added` results were stored; `rows` were computed in `seconds`, the start of the engine
    included; `resumed` had been computed by a run that did not end; `rejected` failed, for the
    counted `reasons`.
    """

    added: int = 0
    rows: int = 0
    resumed: int = 0
    seconds: float = 0.0
    rejected: int = 0
    reasons: Sequence[str] = ()

    @property
    def rows_per_second(self) -> float:
        """How many rows were computed in a second."""
        return self.rows / self.seconds if self.seconds else 0.0

    def plus(self, other: "BulkReport") -> "BulkReport":
        """Return the report of two runs."""
        return BulkReport(
            self.added + other.added,
            self.rows + other.rows,
            self.resumed + other.resumed,
            self.seconds + other.seconds,
            self.rejected + other.rejected,
            (*self.reasons, *other.reasons),
        )
