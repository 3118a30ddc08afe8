"""The bundled sample is invented, marked as such, varied, and copied from no real abstract."""

import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from email.utils import parsedate_to_datetime
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest

from tracker import sample
from tracker.calendar import announcement_day, announcement_days

KEYS = {
    "id", "submitter", "authors", "title", "comments", "journal-ref", "doi", "report-no",
    "categories", "license", "abstract", "versions", "update_date", "authors_parsed",
}  # fmt: skip
MARK = "[invented sample]"
WEEKDAYS = set(announcement_days(date(2026, 2, 9), date(2026, 3, 13)))
SEEDS = {
    "moe": r"mixtures?[- ]of[- ]experts|sparse experts",
    "agents": r"\bagents?\b|function calling|tool use",
    "rag": r"\bRAG\b|retrieval-augmented|hybrid retrieval|retrievers?\b",
    "multimodal": r"vision-language|multimodal|audio|speech",
    "small-models": r"small (language )?models?|on-device|\b[1-3]B\b",
    "alignment-methods": r"\bRLHF\b|\bDPO\b|preference optimisation|reward model|constitution",
    "reasoning": r"chains? of thought|chain-of-thought|reasoning|verifiable rewards",
    "long-context": r"long[- ]context|\bKV\b|linear attention|state-space|context extension",
    "compression": r"quantis|pruning|distil|speculative decoding|low[- ]rank fact|compress",
    "fine-tuning": r"\bQ?LoRA\b|adapters?\b|parameter-efficient",
    "safety-security": r"jailbreak|red team|backdoor|hallucination|unlearning|privacy",
    "evaluation": r"benchmark|leaderboard|LLM-as-judge|contamination",
    "data": r"curation|pretraining data|scaling law|synthetic data",
    "code": r"code (generation|model)|code repair|automated repair|software agent",
    "interpretability": r"circuits?\b|prob(e|es|ing)\b|sparse autoencoder",
}
RUN = 8


@pytest.fixture(scope="module")
def papers() -> list[dict[str, Any]]:
    lines = sample.papers_file().read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def boards() -> list[dict[str, Any]]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sample.board_files()]


def text_of(paper: dict[str, Any]) -> str:
    return f"{paper['title']}\n{paper['abstract']}"


def runs(text: str) -> Iterator[tuple[str, ...]]:
    """Every run of eight words, in lower case and without punctuation."""
    words = re.findall(r"\w+", text.lower())
    return zip(*(words[start:] for start in range(RUN)), strict=False)


def listed(created: str) -> date:
    return announcement_day(parsedate_to_datetime(created))


def test_every_record_has_the_fields_of_the_public_snapshot(papers: list[dict[str, Any]]) -> None:
    assert 150 <= len(papers) <= 180
    for paper in papers:
        assert set(paper) == KEYS
        assert paper["abstract"].startswith("  ") and paper["abstract"].endswith("\n")
        assert paper["title"] and paper["authors"] and paper["categories"]
        assert all(len(author) == 3 and author[0] for author in paper["authors_parsed"])


def test_abstracts_are_as_long_as_real_ones(papers: list[dict[str, Any]]) -> None:
    assert all(80 <= len(paper["abstract"].split()) <= 150 for paper in papers)


def test_no_id_can_belong_to_a_real_paper(papers: list[dict[str, Any]]) -> None:
    ids = [paper["id"] for paper in papers]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"260[23]\.9\d{4}", number) for number in ids)


def test_everything_is_marked_as_invented(
    papers: list[dict[str, Any]], boards: list[dict[str, Any]]
) -> None:
    assert {paper["submitter"] for paper in papers} == {"invented sample"}
    assert all(paper["comments"].endswith(MARK) for paper in papers)
    assert {board["note"] for board in boards} == {"invented sample"}


def test_no_link_leads_to_a_real_site(papers: list[dict[str, Any]]) -> None:
    texts = " ".join(text_of(paper) + paper["comments"] for paper in papers)
    assert set(re.findall(r"https?://([^/\s]+)", texts)) == {"example.org"}


def test_every_weekday_of_the_five_weeks_has_papers(papers: list[dict[str, Any]]) -> None:
    days = Counter(listed(paper["versions"][0]["created"]) for paper in papers)
    assert set(days) == WEEKDAYS
    assert min(days.values()) >= 5


def test_update_date_is_the_listing_day_of_the_newest_version(
    papers: list[dict[str, Any]],
) -> None:
    for paper in papers:
        assert listed(paper["versions"][-1]["created"]).isoformat() == paper["update_date"]
        assert date.fromisoformat(paper["update_date"]) in WEEKDAYS


def test_later_versions_follow_in_order(papers: list[dict[str, Any]]) -> None:
    for paper in papers:
        versions = paper["versions"]
        assert [v["version"] for v in versions] == [f"v{n + 1}" for n in range(len(versions))]
        moments = [parsedate_to_datetime(v["created"]) for v in versions]
        assert all(earlier < later for earlier, later in pairwise(moments))
    assert sum(len(paper["versions"]) > 1 for paper in papers) >= 12


def test_the_sample_is_as_varied_as_real_records(papers: list[dict[str, Any]]) -> None:
    texts = "\n".join(text_of(paper) for paper in papers)
    authors = "\n".join(paper["authors"] for paper in papers)
    sizes = Counter(len(paper["authors_parsed"]) for paper in papers)
    assert sum("withdrawn by the authors" in paper["comments"] for paper in papers) == 1
    assert sum(" " in paper["categories"] for paper in papers) > 100
    assert sum(count for size, count in sizes.items() if size >= 12) == 2
    assert sizes[1] == 1
    for trap in (r"$O(n \log n)$", r"\epsilon", r"\emph{", r"\textbf{", r"\ell_2", r'Schr\"od',
                 r"71.3\%", "a<b and c>d", "$1 and $6", "塞翁失馬"):  # fmt: skip
        assert trap in texts
    for name in ("Chloé Müller", "Łukasz Nowak", "Nguyễn Thị Hương", "王小明", "O'Connor",
                 r'Lindstr{\"o}m', "Jr."):  # fmt: skip
        assert name in authors
    assert any("&" in paper["title"] and '"' in paper["title"] for paper in papers)


def test_no_two_abstracts_share_a_run_of_words(papers: list[dict[str, Any]]) -> None:
    owners: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for paper in papers:
        for run in runs(paper["abstract"]):
            owners[run].add(paper["id"])
    assert [run for run, ids in owners.items() if len(ids) > 1] == []


@pytest.mark.parametrize("direction", sorted(SEEDS))
def test_each_frontier_direction_has_papers(direction: str, papers: list[dict[str, Any]]) -> None:
    seed = re.compile(SEEDS[direction], re.IGNORECASE)
    assert sum(bool(seed.search(text_of(paper))) for paper in papers) >= 6


def test_mixture_of_experts_grows_over_the_five_weeks(papers: list[dict[str, Any]]) -> None:
    seed = re.compile(SEEDS["moe"], re.IGNORECASE)
    weeks = Counter(
        listed(paper["versions"][0]["created"]).isocalendar().week
        for paper in papers
        if seed.search(text_of(paper))
    )
    counts = [weeks[week] for week in range(7, 12)]
    assert counts == sorted(counts)
    assert counts[-1] >= 3 * counts[0]


def test_boards_are_dated_and_ascend(boards: list[dict[str, Any]]) -> None:
    dates: dict[str, list[str]] = defaultdict(list)
    for path, board in zip(sample.board_files(), boards, strict=True):
        assert path.name == f"{board['board']}.{board['date']}.json"
        dates[board["board"]].append(board["date"])
    assert {name: len(days) for name, days in dates.items()} == {"demo-arena": 9, "demo-bench": 3}
    assert all(days == sorted(set(days)) for days in dates.values())


def test_rows_of_a_board_are_ranked_by_score(boards: list[dict[str, Any]]) -> None:
    for board in boards:
        rows = board["rows"]
        assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
        assert all(one["score"] >= two["score"] for one, two in pairwise(rows))
        if board["board"] == "demo-arena":
            assert all(row["low"] < row["score"] < row["high"] for row in rows)
        else:
            assert all(row["low"] is row["high"] is row["votes"] is None for row in rows)


def test_one_model_rises_one_enters_and_one_leaves(boards: list[dict[str, Any]]) -> None:
    arena = [board["rows"] for board in boards if board["board"] == "demo-arena"]
    first, last = ({row["model"]: row for row in rows} for rows in (arena[0], arena[-1]))
    assert set(last) - set(first) == {"Tarnwick-210B-A18B"}
    assert set(first) - set(last) == {"Hobday-65B"}
    risen = [name for name in set(first) & set(last) if last[name]["low"] > first[name]["high"]]
    assert risen == ["Istrovia-32B"]


def test_no_run_of_words_is_copied_from_a_real_abstract(
    papers: list[dict[str, Any]], shared_data: Path
) -> None:
    ours = {run for paper in papers for run in runs(paper["abstract"])}
    snapshot = next((shared_data / "arxiv").glob("arxiv-metadata-*.jsonl.gz"))
    with gzip.open(snapshot, "rt", encoding="utf-8") as lines:
        for line in islice(lines, 20_000):
            real = json.loads(line)
            copied = ours.intersection(runs(real["abstract"]))
            assert not copied, real["id"]
