"""What the headers of leaderboards mean: one table, from which the reader and the docs are made.

Headers differ from board to board and drift within one. They are compared without case and
punctuation (`key`); what a row says is found by alias, and all of its columns are kept raw.
`docs/leaderboards.md` is made of these tables. Public: `COLUMNS`, `CATEGORIES`, `KEPT`, `key`,
`row`, `value`, `number`, `holds`, `strangers`.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from tracker.models import BoardRow

# Each column of ours and the headers under which boards have published it, the best first.
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

# The arena's files name a category as its code does, its data set as its site does: so do we.
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

# Columns that boards are known to have besides: kept raw, and no sign of a changed schema.
KEPT = frozenset({
    "rank_stylectrl", "rank_style_control", "knowledge_cutoff", "url", "link", "variance",
    "session_count", "date", "notes",
})  # fmt: skip

_WORDLESS = re.compile(r"[^a-z0-9]+")
_PLUS_MINUS = re.compile(r"\+(\d+(?:\.\d+)?)\s*/\s*[-−](\d+(?:\.\d+)?)", re.ASCII)
_EITHER_SIDE = re.compile(r"±\s*(\d+(?:\.\d+)?)", re.ASCII)
# SQLite's integers have 64 bits, one of them for the sign.
_TOO_LARGE = 2**63
# Sums of numbers below it are still numbers.
_BEYOND_MEASURE = 1e100

Raw = Mapping[str, Any]


@lru_cache(maxsize=4096)  # a table asks for the same few in every row
def key(header: str) -> str:
    """A header without case, punctuation and pictures: "Rank* (UB)" is "rank_ub"."""
    plain = unicodedata.normalize("NFKD", header).lower()
    return _WORDLESS.sub("_", plain).strip("_")


def row(raw: Raw, rank_header: str = "") -> BoardRow | None:
    """What `raw` says of a model; None when it names none or gives it no score.

    In a table that has ranks and no scores, a rank under `rank_header` will do.
    """
    columns = {key(header): content for header, content in raw.items()}
    model, score = value(columns, "model"), number(value(columns, "score"))
    rank = _count(raw.get(rank_header) if rank_header else value(columns, "rank"))
    if not isinstance(model, str) or not model.strip():
        return None
    if score is None and not (rank_header and rank):
        return None
    low, high = _interval(columns, score)
    return BoardRow(
        model=model.strip(),
        score=score,
        rank=rank or None,
        low=low,
        high=high,
        votes=_count(value(columns, "votes")),
        organization=str(value(columns, "organization") or ""),
        license=str(value(columns, "license") or ""),
        raw=dict(raw),
    )


def value(columns: Raw, name: str) -> Any:
    """The content of our column `name` in a row whose headers are keys, or None."""
    aliases = COLUMNS[name]
    return next((columns[alias] for alias in aliases if columns.get(alias) is not None), None)


def holds(name: str, headers: Iterable[str]) -> bool:
    """Whether one of `headers` is our column `name`."""
    return bool({key(header) for header in headers} & set(COLUMNS[name]))


def strangers(headers: Iterable[str], known: Iterable[str]) -> list[str]:
    """The headers that are neither ours nor known: the table is not what it was."""
    expected = {*(alias for aliases in COLUMNS.values() for alias in aliases), *KEPT, *known}
    return [header for header in headers if key(header) not in expected]


def number(content: Any) -> float | None:
    """A number, with or without commas in it; anything else, and what nobody measures, is none."""
    if content is None or isinstance(content, bool):
        return None
    try:
        read = float(str(content).replace(",", ""))
    except ValueError:
        return None
    return read if abs(read) < _BEYOND_MEASURE else None


def _count(content: Any) -> int | None:
    read = number(content)
    return int(read) if read is not None and 0 <= read < _TOO_LARGE else None


def _interval(columns: Raw, score: float | None) -> tuple[float | None, float | None]:
    """Bounds as columns of their own, or as "+5/-4" or "±5" around the score."""
    low, high = number(value(columns, "low")), number(value(columns, "high"))
    written = str(value(columns, "interval") or "")
    if low is not None or high is not None or not written or score is None:
        return low, high
    if sides := _PLUS_MINUS.search(written):
        return score - float(sides[2]), score + float(sides[1])
    if side := _EITHER_SIDE.search(written):
        return score - float(side[1]), score + float(side[1])
    return None, None
