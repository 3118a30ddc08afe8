"""Saved leaderboards: a table as JSON, JSON lines or CSV becomes a dated snapshot.

Headers differ from board to board and drift within one, so columns are found by alias and all of
them are kept raw. `parse` is pure; the day comes from the caller, the document, or the file's name.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from tracker.errors import SourceMalformed
from tracker.models import BoardRow, BoardSnapshot

# The names under which boards have published each column, lower case.
_ALIASES: Mapping[str, tuple[str, ...]] = {
    "model": ("model", "model_name", "name", "key"),
    "score": ("score", "arena_score", "rating", "elo", "average", "score_overall"),
    "rank": ("rank", "rank_overall", "rank (ub)", "rank* (ub)"),
    "low": ("low", "rating_q025", "lower", "rating_lower"),
    "high": ("high", "rating_q975", "upper", "rating_upper"),
    "votes": ("votes", "num_battles", "vote_count"),
    "organization": ("organization", "organisation", "provider"),
    "license": ("license", "licence"),
}
_DAY = re.compile(r"(\d{4})[-_](\d{2})[-_](\d{2})")
_PLUS_MINUS = re.compile(r"\+(\d+(?:\.\d+)?)\s*/\s*-(\d+(?:\.\d+)?)", re.ASCII)


def parse(body: bytes, *, board: str, file_name: str, day: date | None = None) -> BoardSnapshot:
    """A saved table as the snapshot of `board`. SourceMalformed says what is missing in it."""
    document = _document(body, file_name)
    rows = tuple(_rows(_table(document, file_name)))
    if not rows:
        raise SourceMalformed(board, file_name, "no row has both a model and a score")
    return BoardSnapshot(board, day or _day(document, file_name), rows)


def _document(body: bytes, file_name: str) -> Any:
    text = _decoded(body, file_name)
    kind = "JSON" if file_name.endswith(".json") else "CSV"
    try:
        if kind == "JSON":
            document = json.loads(text)
            json.dumps(document, ensure_ascii=False).encode()  # a lone surrogate is no text
            return document
        return list(csv.DictReader(io.StringIO(text, newline=""), restkey="more"))
    except (ValueError, RecursionError, csv.Error) as error:
        raise SourceMalformed("board", file_name, f"it is not {kind}: {error}") from error


def _decoded(body: bytes, file_name: str) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceMalformed("board", file_name, "it is not UTF-8 text") from error


def _table(document: Any, file_name: str) -> Sequence[Mapping[str, Any]]:
    """The rows of a document: a list, or the list under `rows` or `models`, or a dict by model."""
    if isinstance(document, dict):
        document = next((document[key] for key in ("rows", "models") if key in document), document)
    if isinstance(document, dict):
        document = [{"model": key, **row} for key, row in document.items() if isinstance(row, dict)]
    if not isinstance(document, list) or not all(isinstance(row, dict) for row in document):
        raise SourceMalformed("board", file_name, "it holds no table of models")
    return document


def _rows(table: Iterable[Mapping[str, Any]]) -> Iterable[BoardRow]:
    seen: set[str] = set()
    for raw in table:
        row = _row(raw)
        if row and row.model not in seen:
            seen.add(row.model)
            yield row


def _row(raw: Mapping[str, Any]) -> BoardRow | None:
    columns = {str(key).strip().lower(): value for key, value in raw.items()}
    model, score = _named(columns, "model"), _number(_named(columns, "score"))
    if not isinstance(model, str) or not model.strip() or score is None:
        return None
    low, high = _interval(columns, score)
    rank, votes = _number(_named(columns, "rank")), _number(_named(columns, "votes"))
    return BoardRow(
        model=model.strip(),
        score=score,
        rank=None if rank is None else int(rank),
        low=low,
        high=high,
        votes=None if votes is None else int(votes),
        organization=str(_named(columns, "organization") or ""),
        license=str(_named(columns, "license") or ""),
        raw=dict(raw),
    )


def _named(columns: Mapping[str, Any], name: str) -> Any:
    return next(
        (columns[alias] for alias in _ALIASES[name] if columns.get(alias) is not None), None
    )


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(str(value).replace(",", ""))
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def _interval(columns: Mapping[str, Any], score: float) -> tuple[float | None, float | None]:
    """Bounds as columns of their own, or as "+5/-4" around the score."""
    written = _PLUS_MINUS.search(str(columns.get("95_pct_ci") or columns.get("ci") or ""))
    if written:
        return score - float(written[2]), score + float(written[1])
    return _number(_named(columns, "low")), _number(_named(columns, "high"))


def _day(document: Any, file_name: str) -> date:
    stated = (
        document.get("date") or document.get("fetched_at") if isinstance(document, dict) else None
    )
    match = _DAY.search(str(stated or "")) or _DAY.search(file_name)
    try:
        return date(*map(int, match.groups())) if match else _no_day(file_name)
    except ValueError:
        return _no_day(file_name)


def _no_day(file_name: str) -> date:
    raise SourceMalformed(
        "board", file_name, "its day is not known; give it with --date 2026-03-09"
    )
