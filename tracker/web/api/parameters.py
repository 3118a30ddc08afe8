"""Parameters of API operations: one table for reading them and for describing them.

Public: `Parameter`, `parse_parameters`, the parameters themselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.errors import UsageError

MAX_QUERY_LENGTH, MAX_TEXT_LENGTH = 1000, 200
# Far enough from the ends of the calendar to add and subtract days.
_YEARS = range(1900, 3000)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter: its kind is "text", "number", "day" or "list" of texts."""

    name: str
    kind: str
    about: str
    default: Any = None
    required: bool = False
    choices: tuple[str, ...] = ()
    least: int = 1
    most: int = MAX_TEXT_LENGTH

    def parse(self, given: Sequence[str]) -> Any:
        """Return the value of the given texts. Raises UsageError."""
        if self.kind == "list":
            return tuple(self._parse_text(text) for text in given)
        if len(given) > 1:
            raise UsageError(f"The parameter {self.name} is given {len(given)} times.")
        if not given:
            if self.required:
                raise UsageError(f"The parameter {self.name} is missing.")
            return self.default
        if self.kind == "number":
            return self._parse_number(given[0])
        return self._parse_day(given[0]) if self.kind == "day" else self._parse_text(given[0])

    def _parse_text(self, text: str) -> str:
        if self.choices and text not in self.choices:
            raise UsageError(f"The parameter {self.name} is one of {', '.join(self.choices)}.")
        if not text.strip() and self.required:
            raise UsageError(f"The parameter {self.name} is empty.")
        if len(text) > self.most:
            raise UsageError(f"The parameter {self.name} has at most {self.most:,} characters.")
        return text

    def _parse_number(self, text: str) -> int:
        valid = text.isascii() and text.isdecimal() and len(text) < 10
        if not valid or not self.least <= int(text) <= self.most:
            raise UsageError(
                f"The parameter {self.name} is a number from {self.least} to {self.most:,}."
            )
        return int(text)

    def _parse_day(self, text: str) -> date:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = date.min
        if day.year not in _YEARS:
            raise UsageError(f"The parameter {self.name} is a day like 2026-03-09.")
        return day


def parse_parameters(
    parameters: Sequence[Parameter], given: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """Return the value of each parameter. Raises UsageError for unknown or invalid ones."""
    known = {parameter.name for parameter in parameters}
    if unknown := sorted(set(given) - known):
        allowed = ", ".join(sorted(known)) or "none"
        raise UsageError(f"There is no parameter {unknown[0][:40]!r} here; there is: {allowed}.")
    values = {one.name: one.parse(given.get(one.name, ())) for one in parameters}
    since, until = values.get("since"), values.get("until")
    if since and until and since > until:
        raise UsageError(f"The span ends before it begins: since {since} is after {until}.")
    return values


QUERY = Parameter(
    "q", "text", "What to look for: the query language of `tracker search`.", required=True,
    most=MAX_QUERY_LENGTH,
)  # fmt: skip
LIMIT = Parameter("limit", "number", "Most results.", default=10, most=100)
SINCE = Parameter("since", "day", "Announced on or after this day.")
UNTIL = Parameter("until", "day", "Announced on or before this day.")
CATEGORY = Parameter("cat", "list", "arXiv category; repeatable.", default=())
TOPIC = Parameter("topic", "list", "Topic key; repeatable.", default=())
AUTHOR = Parameter("author", "text", "Part of an author's name.", default="")
MODE = Parameter(
    "mode", "text", "Search by words, by meaning, or by both.", default="both",
    choices=("both", "words", "meaning"),
)  # fmt: skip
BY = Parameter(
    "by", "text", "Topic keys, themes of weekly digests, or terms in titles.", default="tag",
    choices=("tag", "topic", "term"),
)  # fmt: skip
DAYS = Parameter(
    "days", "number", "Days to compare with three times as many before.", default=28, least=7,
    most=366,
)  # fmt: skip
LAST_DAY = Parameter("until", "day", "Last day; default: today.")
PERIOD = Parameter(
    "period", "text", "Only issues of a day, week or month.", default="",
    choices=("day", "week", "month"),
)  # fmt: skip
LANGUAGE = Parameter(
    "lang", "text", "Language of the issue.", default="en", choices=("en", "zh-TW", "zh-CN")
)
