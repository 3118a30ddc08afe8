"""The snapshot parser: valid lines are imported, and every invalid one is reported."""

import gzip
import json
import random
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.records import line, record
from tracker.errors import SourceMalformed
from tracker.models import Paper, RejectedLine, Version
from tracker.sources.arxiv_snapshot import LINE_BYTES, parse_line, read_papers

ROOT = Path(__file__).parents[2]


def test_a_line_becomes_a_paper_field_by_field() -> None:
    work = parse_line(line(doi="10.1/x", **{"journal-ref": "J. Inv.\n 1"}))
    assert work == Paper(
        id="2603.00001",
        title="An invented title of 2603.00001",
        abstract="An invented abstract of 2603.00001, over two lines.",
        authors=("Ada Example", "Bo Instance Jr."),
        categories=("cs.CL", "cs.LG"),
        published=date(2026, 3, 9),
        announced=date(2026, 3, 10),
        updated=date(2026, 3, 10),
        versions=(Version(1, datetime(2026, 3, 9, 12, tzinfo=UTC)),),
        comments="12 pages, invented",
        journal_ref="J. Inv. 1",
        doi="10.1/x",
        license="http://creativecommons.org/licenses/by/4.0/",
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"id": "hep-th/9901001"}, {"id": "hep-th/9901001"}),
        ({"id": "math.GT/0309136"}, {"id": "math/0309136"}),
        ({"id": "2603.00001v1"}, {"id": "2603.00001", "version": 1}),
        ({"id": "2603.00001v3"}, {"id": "2603.00001", "version": 3}),
        ({"title": " a\n\tb\x0b c "}, {"title": "a b c"}),
        ({"title": "0"}, {"title": "0"}),
        ({"abstract": None}, {"abstract": ""}),
        ({"comments": None}, {"comments": ""}),
        ({"categories": None}, {"categories": ()}),
        ({"categories": "cs.CL I.2.6 68T50 cs.CL"}, {"categories": ("cs.CL",)}),
        ({"categories": "hep-th cond-mat.str-el"}, {"categories": ("hep-th", "cond-mat.str-el")}),
        ({"authors_parsed": None}, {"authors": ("Ada Example", "Bo Instance")}),
        (
            {"authors_parsed": [], "authors": "A. Band, B. Sand"},
            {"authors": ("A. Band", "B. Sand")},
        ),
        ({"authors_parsed": [["李", "明", "", "X University"]]}, {"authors": ("明 李",)}),
        ({"authors_parsed": [["", "", ""], ["One"]]}, {"authors": ("One",)}),
        ({"title": "😀 \x85 é\u2028ü"}, {"title": "😀 é ü"}),
    ],
)
def test_variations_of_real_records_are_parsed(
    fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    work = parse_line(line(**fields))
    assert {name: getattr(work, name) for name in expected} == expected


def with_versions(*created: str) -> dict[str, Any]:
    return {"versions": [{"version": f"v{n}", "created": day} for n, day in enumerate(created, 1)]}


MONDAY, NOON = "Mon, 9 Mar 2026 00:00:00 GMT", "Mon, 9 Mar 2026 12:00:00 GMT"
LATE = "Mon, 9 Mar 2026 23:00:00 GMT"  # after 14:00 in New York: listed on Wednesday


@pytest.mark.parametrize(
    ("created", "updated", "announced"),
    [
        ([NOON], "2026-03-10", "2026-03-10"),
        ([MONDAY], "2026-03-09", "2026-03-09"),  # the day of the announcement is all that is known
        ([NOON], "2026-03-19", "2026-03-19"),  # held in moderation
        ([NOON], "2026-09-01", "2026-03-10"),  # the record was touched half a year later
        ([NOON, "Fri, 1 May 2026 12:00:00 GMT"], "2026-05-04", "2026-03-10"),
        ([LATE, "Fri, 1 May 2026 12:00:00 GMT"], "2026-05-04", "2026-03-11"),
        ([LATE, "Tue, 10 Mar 2026 12:00:00 GMT"], "2026-03-11", "2026-03-11"),
        (["Fri, 6 Mar 2026 19:00:00 GMT", NOON], "2026-03-10", "2026-03-10"),
        ([NOON, "Fri, 1 May 2026 12:00:00 GMT"], "2026-03-01", "2026-03-10"),
    ],
)
def test_the_first_listing_is_distinguished_from_later_changes(
    created: list[str], updated: str, announced: str
) -> None:
    work = parse_line(line(update_date=updated, **with_versions(*created)))
    assert work.announced == date.fromisoformat(announced)
    assert work.published <= work.announced
    assert work.published <= work.updated


def test_a_paper_is_never_published_after_it_was_listed() -> None:
    """In 94 of 68,394 real records the version's date is that of a later one."""
    work = parse_line(line(update_date="2026-03-05"))
    assert (work.published, work.announced) == (date(2026, 3, 5), date(2026, 3, 5))
    assert work.versions[0].created == datetime(2026, 3, 9, 12, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["GMT", "-0000", "+0000", "", "UT"])
def test_an_instant_without_a_zone_is_in_utc(zone: str) -> None:
    work = parse_line(line(**with_versions(f"Mon, 9 Mar 2026 12:00:00 {zone}".strip())))
    assert work.versions[0].created == datetime(2026, 3, 9, 12, tzinfo=UTC)


def test_an_instant_of_another_zone_is_converted_to_utc() -> None:
    work = parse_line(line(**with_versions("Mon, 9 Mar 2026 21:30:00 -0500")))
    assert work.versions[0].created == datetime(2026, 3, 10, 2, 30, tzinfo=UTC)
    assert work.versions[0].created.tzinfo is UTC


BAD: list[tuple[bytes, str]] = [
    (b"no json\n", r"it is not JSON \(.*character 1\)"),
    (b"{'id': 1}\n", "it is not JSON"),
    (line()[:-20] + b"\n", "it is not JSON"),
    (b"[1, 2]\n", "not a JSON object"),
    (b'"text"\n', "not a JSON object"),
    (b"null\n", "not a JSON object"),
    (b"{}\n", "'' is not an arXiv identifier"),
    (b"\xff\xfe{}\n", "UTF-16"),
    (b'{"id": "\xed\xa0\x80"}\n', "not UTF-8"),
    (b'{"x": ' + b"[" * 200_000 + b"]" * 200_000 + b"}\n", "nested too deeply"),
    (b'{"x": 1' + b"0" * 5000 + b"}\n", "a number of thousands of digits"),
    (line(abstract="x" * 10_000_000), r"longer than 1,000,000 bytes"),
    (line(id=None), "is not an arXiv identifier"),
    (line(id=2603.00001), "its id is not text"),
    (line(id="not-an-id"), "'not-an-id' is not an arXiv identifier"),
    (line(id="x" * 500), "is not an arXiv identifier"),
    (line(title=None), "it has no title"),
    (line(title=" \n "), "it has no title"),
    (line(title=["a"]), "its title is not text"),
    (line(title="a\0b"), "its title contains a NUL character"),
    (line(abstract="\ud800"), "its abstract contains a lone surrogate"),
    (line(authors_parsed=[["\udfff", "A", ""]]), "its authors_parsed contains a lone surrogate"),
    (line(comments={"a": 1}), "its comments is not text"),
    (line(update_date=None), "it has no update_date"),
    (line(update_date="2026-02-30"), "its update_date '2026-02-30' is not a date"),
    (line(update_date="9999-01-01"), "its update_date 9999-01-01 is impossible"),
    (line(update_date="0001-01-01"), "its update_date 0001-01-01 is impossible"),
    (line(update_date=20260310), "its update_date is not text"),
    (line(versions=None), "it has no versions"),
    (line(versions=[]), "it has no versions"),
    (line(versions={"v1": "x"}), "it has no versions"),
    (line(versions=["v1"]), "one of its versions is not an object"),
    (line(versions=[{"version": "v1"}]), "it has no created"),
    (line(versions=[{"version": "1", "created": NOON}]), "version '1' is not a number"),
    (line(versions=[{"version": "v0", "created": NOON}]), "version 'v0' is not a number"),
    (line(versions=[{"version": 1, "created": NOON}]), "its version is not text"),
    (line(**with_versions("yesterday")), "its version date 'yesterday' is impossible"),
    (line(**with_versions("Mon, 30 Feb 2026 12:00:00 GMT")), "version date .* is impossible"),
    (line(**with_versions("Mon, 9 Mar 9999 12:00:00 GMT")), "version date .* is impossible"),
    (line(**with_versions("Mon, 9 Mar 2026 12:00:00 +9999")), "version date .* is impossible"),
    (line(**with_versions(f"Mon, 9 Mar {10**30} 12:00:00 GMT")), "version date .* is impossible"),
    (line(authors_parsed="Ada"), "its authors_parsed is not a list of names"),
    (line(authors_parsed={"a": 1}), "its authors_parsed is not a list of names"),
    (line(authors_parsed=["Ada"]), "its authors_parsed is not a list of names"),
    (line(authors_parsed=[[1, 2]]), "its authors_parsed is not a list of names"),
    (line(authors_parsed=[], authors=3), "its authors is not text"),
]


@pytest.mark.parametrize(("bad", "reason"), BAD, ids=range(len(BAD)))
def test_a_bad_line_is_reported_by_number_and_reason_and_others_are_imported(
    bad: bytes, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(line("2603.00001") + b"\n \r\n" + bad + line("2603.00002"))

    first, rejected, last = read_papers(path)

    assert isinstance(first, Paper)
    assert isinstance(last, Paper)
    assert (first.id, last.id) == ("2603.00001", "2603.00002")
    assert isinstance(rejected, RejectedLine)
    assert rejected.line == 4
    rejected.reason.encode()
    assert len(rejected.reason) < 200
    assert re.search(reason, rejected.reason)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(record())), JUNK, min_size=1))
@settings(max_examples=200, deadline=None)
def test_arbitrary_records_do_not_crash_the_parser(fields: dict[str, Any]) -> None:
    try:
        work = parse_line(json.dumps(record() | fields).encode())
    except ValueError as error:
        str(error).encode()
    else:
        assert work.title
        assert work.content_hash


@given(st.binary())
@settings(max_examples=100, deadline=None)
def test_arbitrary_bytes_do_not_crash_the_parser(junk: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_line(junk)


def ids(path: Path) -> list[str]:
    return [item.id if isinstance(item, Paper) else item.reason for item in read_papers(path)]


BOTH = line("2603.00001") + line("2603.00002")


@pytest.mark.parametrize(
    "content",
    [
        BOTH,
        BOTH.rstrip(b"\n"),
        BOTH.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + BOTH,
        b"\n\n" + BOTH.replace(b"\n", b"\n \t\n") + b"\n",
        gzip.compress(BOTH),
        gzip.compress(line("2603.00001")) + gzip.compress(line("2603.00002")),
    ],
    ids=["plain", "no last end", "crlf", "bom", "blank", "gzip", "gzip of two parts"],
)
def test_the_same_records_are_read_from_every_usual_file(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "whatever the name says.gz"
    path.write_bytes(content)
    assert ids(path) == ["2603.00001", "2603.00002"]


def test_a_line_of_the_maximum_length_is_read_and_a_longer_one_rejected(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    length = LINE_BYTES - len(line(abstract=""))
    path.write_bytes(
        line(abstract="x" * length) + line(abstract="x" * (length + 1)) + line("2603.00002")
    )
    assert ids(path)[::2] == ["2603.00001", "2603.00002"]
    assert "longer" in ids(path)[1]


@pytest.mark.parametrize(("keep", "least"), [(2, 0), (10, 0), (0.3, 50), (0.9, 170), (-1, 200)])
def test_lines_before_the_truncation_of_a_gzip_file_are_read(
    keep: float, least: int, tmp_path: Path
) -> None:
    dice = random.Random(1)
    whole = [line(f"2603.{n:05}", abstract=dice.randbytes(500).hex()) for n in range(200)]
    packed, path = gzip.compress(b"".join(whole)), tmp_path / "s.gz"
    path.write_bytes(packed[: int(keep * len(packed)) if 0 < keep < 1 else int(keep)])
    seen: list[str] = []
    with pytest.raises(SourceMalformed, match="gzip stream is damaged") as failure:
        seen.extend(item.id for item in read_papers(path) if isinstance(item, Paper))
    assert str(path) in str(failure.value)
    assert len(seen) >= least


def test_damage_inside_a_gzip_file_is_reported(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"".join(line(f"2603.{n:05}") for n in range(500))))
    packed[len(packed) // 2] ^= 0xFF
    path = tmp_path / "s.gz"
    path.write_bytes(packed)
    with pytest.raises(SourceMalformed, match="gzip stream is damaged"):
        ids(path)


@pytest.mark.parametrize("make", [Path.is_file, Path.mkdir])
def test_a_file_that_cannot_be_opened_is_one_sentence(
    make: Callable[[Path], object], tmp_path: Path
) -> None:
    make(tmp_path / "s.jsonl")
    with pytest.raises(SourceMalformed, match=r"No such file|Is a directory"):
        ids(tmp_path / "s.jsonl")


MEASURE = """
import resource, sys
from pathlib import Path
from tracker.sources.arxiv_snapshot import read_papers
number = sum(1 for _ in read_papers(Path(sys.argv[1])))
print(number, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """A tenfold file: 4 MB and 40 MB, of lines and of one endless line."""

    def peak(size: int) -> int:
        path = tmp_path / f"{size}.jsonl"
        path.write_bytes(line(abstract="word " * 900) * size + b"x" * 4700 * size)
        printed = subprocess.run(
            [sys.executable, "-c", MEASURE, str(path)],
            cwd=ROOT, check=True, capture_output=True, text=True,
        ).stdout.split()  # fmt: skip
        assert int(printed[0]) == size + 1
        return int(printed[1])

    assert peak(4_000) - peak(400) < 4_000  # kB


def test_the_real_records_are_read_field_by_field(shared_data: Path) -> None:
    """The first 3,000 records of the large file and a day of other fields, none rejected."""
    large = shared_data / "arxiv" / "arxiv-metadata-2024-12_2026-03.jsonl.gz"
    other = shared_data / "arxiv" / "other-categories-2026-03-10.jsonl"
    with gzip.open(large) as lines:
        raw = [next(lines) for _ in range(3000)] + other.read_bytes().splitlines()
    works = [parse_line(text) for text in raw]
    assert len(works) == 3707

    for place in random.Random(7).sample(range(3707), 10):
        work, source = works[place], json.loads(raw[place])
        one_line = {name: " ".join((source[name] or "").split()) for name in ("title", "abstract")}
        assert (work.id, work.title, work.abstract) == (source["id"], *one_line.values())
        assert ", ".join(work.authors) == source["authors"]
        assert " ".join(work.categories) == source["categories"]
        assert work.comments == (source["comments"] or "")
        assert work.doi == (source["doi"] or "")
        assert f"{work.updated}" == source["update_date"]
        assert work.versions[0].created.strftime("%d %b %Y") in source["versions"][0]["created"]
