"""The meaning of leaderboard headers: one table, used by the parser and the documentation.

Headers differ between boards and change within one. They are compared without case and punctuation
(`normalize_header`); values are found by alias, and all columns of a row are stored unchanged.
`docs/leaderboards.md` is generated from these tables.

Public: `COLUMNS`, `CATEGORIES`, `KNOWN_COLUMNS`, `normalize_header`, `parse_row`, `column_value`,
`has_column`, `unknown_headers`.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from tracker.models import BoardRow
from tracker.sources.formats.boards.table_cells import clean_text, parse_interval, parse_number

# Each column of ours with the headers under which boards have published it, best first.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "model": ("fullname", "model_name", "model", "name", "key"),
    "score": (
        "score", "arena_score", "rating", "elo", "arena_elo", "arena_elo_rating", "average",
        "score_overall",
    ),
    "rank": ("rank", "rank_overall", "rank_ub", "final_ranking"),
    "low": ("low", "rating_lower", "rating_q025", "score_ci_lower", "lower"),
    "high": ("high", "rating_upper", "rating_q975", "score_ci_upper", "upper"),
    "interval": ("95_pct_ci", "95_ci", "ci"),
    "votes": ("votes", "vote_count", "num_battles", "observation_count"),
    "organization": ("organization", "organisation", "provider"),
    "license": ("license", "licence", "hub_license"),
    "category": ("category",),
    "day": ("leaderboard_publish_date",),
}  # fmt: skip

# The arena's files use the category names of its code, its data set those of its site, as we do.
CATEGORIES: Mapping[str, str] = {
    "full": "overall",
    "if": "instruction_following",
    "hard_6": "hard_prompts",
    "hard_english_6": "hard_prompts_english",
    "long_user": "longer_query",
    "multiturn": "multi_turn",
    "no_refusal": "exclude_refusal",
    "no_short": "exclude_short_query",
    "no_tie": "exclude_ties",
}
OVERALL = "overall"

# Other columns that boards are known to have: stored unchanged, not a sign of a changed schema.
KNOWN_COLUMNS = frozenset({
    "rank_stylectrl", "rank_style_control", "knowledge_cutoff", "url", "link", "variance",
    "session_count", "date", "notes",
})  # fmt: skip

_WORDLESS = re.compile(r"[^a-z0-9]+")
# SQLite's integers have 64 bits, one of them for the sign.
_TOO_LARGE = 2**63

RawRow = Mapping[str, Any]


@lru_cache(maxsize=4096)  # every row of a table has the same few
def normalize_header(header: str) -> str:
    """Return a header without case, punctuation and emoji: "Rank* (UB)" is "rank_ub"."""
    plain = unicodedata.normalize("NFKD", header).lower()
    return _WORDLESS.sub("_", plain).strip("_")


def parse_row(raw: RawRow, rank_header: str = "") -> BoardRow | None:
    """Return the row of a model; None when `raw` has no model or no score.

    In a table with ranks and no scores, a rank under `rank_header` is sufficient.
    """
    columns = {normalize_header(header): content for header, content in raw.items()}
    model, score = _text(columns, "model"), parse_number(column_value(columns, "score"))
    rank = _count(raw.get(rank_header) if rank_header else column_value(columns, "rank"))
    if not model or (score is None and not (rank_header and rank)):
        return None
    low, high = _interval(columns, score)
    return BoardRow(
        model=model,
        score=score,
        rank=rank or None,
        low=low,
        high=high,
        votes=_count(column_value(columns, "votes")),
        organization=clean_text(str(column_value(columns, "organization") or "")),
        license=clean_text(str(column_value(columns, "license") or "")),
        raw=dict(raw),
    )


def _text(columns: RawRow, name: str) -> str:
    content = column_value(columns, name)
    return clean_text(content) if isinstance(content, str) else ""


def column_value(columns: RawRow, name: str) -> Any:
    """Return the content of our column `name` in a row with normalized headers, or None."""
    aliases = COLUMNS[name]
    return next((columns[alias] for alias in aliases if columns.get(alias) is not None), None)


def has_column(name: str, headers: Iterable[str]) -> bool:
    """Whether one of `headers` is our column `name`."""
    return bool({normalize_header(header) for header in headers} & set(COLUMNS[name]))


def unknown_headers(headers: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return the headers that are neither ours nor known: the table's schema has changed."""
    expected = {
        *(alias for aliases in COLUMNS.values() for alias in aliases),
        *KNOWN_COLUMNS,
        *known,
    }
    return [header for header in headers if normalize_header(header) not in expected]


def _count(content: Any) -> int | None:
    number = parse_number(content)
    return int(number) if number is not None and 0 <= number < _TOO_LARGE else None


def _interval(columns: RawRow, score: float | None) -> tuple[float | None, float | None]:
    """Return bounds from their columns, from that of the interval, or from that of the score."""
    low, high = (
        parse_number(column_value(columns, "low")),
        parse_number(column_value(columns, "high")),
    )
    if low is not None or high is not None or score is None:
        return low, high
    written = column_value(columns, "interval") or column_value(columns, "score")
    return (parse_interval(written, score) if isinstance(written, str) else None) or (None, None)
