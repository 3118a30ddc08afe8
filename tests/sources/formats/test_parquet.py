"""Untrusted Parquet: parsed as JSON values, within limits, and never a crash."""

import io
import json
import pickle
import random
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.sources.parquets import parquet
from tracker.errors import SourceMalformed
from tracker.sources.formats import parquet as reader

ROWS = [
    {"model_name": f"m-{n}", "rating": 1400.0 - n, "vote_count": n, "category": "overall"}
    for n in range(300)
]


def rows(body: bytes) -> list[Any]:
    return reader.parse_rows(body, "arena", "http://x/latest.parquet")


def test_a_table_is_parsed_completely_and_in_order() -> None:
    assert rows(parquet(ROWS, row_group_size=70)) == ROWS


def test_values_unknown_to_json_become_text_or_none() -> None:
    strange = {
        "day": date(2026, 9, 13), "at": datetime(2026, 9, 13, 5, tzinfo=UTC), "bytes": b"\x80",
        "nan": float("nan"), "list": [1.5, float("inf")], "struct": {"a": b"x", "b": True},
    }  # fmt: skip
    (row,) = rows(parquet([strange]))
    assert row == {
        "day": "2026-09-13", "at": "2026-09-13T05:00:00+00:00", "bytes": None,
        "nan": None, "list": [1.5, None], "struct": {"a": None, "b": True},
    }  # fmt: skip
    json.dumps(row, allow_nan=False)


@pytest.mark.parametrize(
    "body", [b"", b"PAR1", b"PAR1\x15\x04PAR1", b"<html>", pickle.dumps({"a": 1}), bytes(4096)]
)
def test_other_bytes_than_parquet_are_rejected(body: bytes) -> None:
    with pytest.raises(SourceMalformed, match=r"arena: it is not Parquet.*latest\.parquet"):
        rows(body)


def test_a_damaged_file_is_parsed_correctly_or_rejected() -> None:
    body, chance = parquet(ROWS), random.Random(7)
    for _ in range(200):
        broken = bytearray(body)
        broken[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        for damaged in (bytes(broken), body[: chance.randrange(len(body))]):
            try:
                found = rows(damaged)
            except SourceMalformed:
                continue
            json.dumps(found, allow_nan=False)


def test_more_rows_than_allowed_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_ROWS", 299)
    with pytest.raises(SourceMalformed, match="the table is over 299 rows"):
        rows(parquet(ROWS))


def test_a_small_file_that_unpacks_to_a_large_table_is_not_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two million zeros are a few kilobytes; a repeated text is smaller, and counted unpacked."""
    monkeypatch.setattr(reader, "MAX_BYTES", 2**20)
    text = [{"text": "x" * 100_000} for _ in range(100)]
    for body in (parquet(text), parquet(text, use_dictionary=False, compression="zstd")):
        assert len(body) < 300_000
        with pytest.raises(SourceMalformed, match="bytes unpacked"):
            rows(body)


def test_a_selection_returns_the_rows_that_meet_every_condition() -> None:
    body = parquet(
        [{**row, "category": "math" if n % 3 else None} for n, row in enumerate(ROWS)],
        row_group_size=70,
    )
    keep = {"category": lambda name: name is None, "rating": lambda score: score > 1390.0}
    found = reader.select_rows(body, "arena", "http://x/full.parquet", keep)
    assert [row["model_name"] for row in found] == ["m-0", "m-3", "m-6", "m-9"]
    assert reader.select_rows(body, "arena", "x", {"absent": lambda _: False}) == [
        {**row, "category": "math" if n % 3 else None} for n, row in enumerate(ROWS)
    ]


def test_a_selection_from_a_large_table_needs_little_memory() -> None:
    """A million rows in one group, of which a hundred are selected."""
    days = pa.array([f"2026-{n:04}" for n in range(10_000)] * 100).dictionary_encode()
    table = pa.table({"day": days, "score": pa.array(range(1_000_000), pa.float64())})
    file = io.BytesIO()
    pq.write_table(table, file, row_group_size=len(table))
    pool, usual = pa.proxy_memory_pool(pa.default_memory_pool()), pa.default_memory_pool()
    pa.set_memory_pool(pool)
    body = file.getvalue()
    found = reader.select_rows(body, "arena", "x", {"day": lambda day: day == "2026-0007"})
    assert [row["score"] for row in found[:2]] == [7.0, 10_007.0]
    assert len(found) == 100
    pa.set_memory_pool(usual)
    assert 0 < pool.max_memory() < len(body)


def test_a_selection_has_the_limits_of_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_ROWS", 10)
    with pytest.raises(SourceMalformed, match="over 10 rows"):
        reader.select_rows(parquet(ROWS), "arena", "x", {})
    monkeypatch.setattr(reader, "MAX_SCANNED_ROWS", 100)
    with pytest.raises(SourceMalformed, match="history is too large: 300 rows"):
        reader.select_rows(parquet(ROWS), "arena", "x", {"rating": lambda _: False})
