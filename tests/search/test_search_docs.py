"""The examples of docs/search.md, executed: each does what the page says, and none is missing."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tracker.errors import UsageError
from tracker.search.query.parser import FIELDS, Query, parse
from tracker.store.fts_query import QueryTerms, Term
from tracker.store.paper_filters import Facets
from tracker.topics import topic_names

PAGE = (Path(__file__).parents[2] / "docs" / "search.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(.+?)` \| (.+) \|$", PAGE, re.MULTILINE)
BALANCING = Term("load balancing", exact=True)

# By example: the words to rank by, the other terms, and all the rest except the embedded text.
MEANT: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "mixture of experts": ("mixture of experts", {}, {}),
    '"load balancing"': ("", {"required": (BALANCING,)}, {}),
    "experts -survey": ("experts", {"excluded": (Term("survey"),)}, {}),
    'experts -"load balancing"': ("experts", {"excluded": (BALANCING,)}, {}),
    "title:moe": ("", {"required": (Term("moe", "title"),)}, {}),
    'abs:"load balancing"': ("", {"required": (Term("load balancing", "abs", exact=True),)}, {}),
    'author:"de Souza"': ("", {"required": (Term("de Souza", "author", exact=True),)}, {}),
    "cat:cs.CL": ("", {}, {"facets": Facets(categories=("cs.CL",))}),
    "cat:cs -cat:cs.CV": (
        "", {},
        {"facets": Facets(categories=("cs",)), "excluded_facets": Facets(categories=("cs.CV",))},
    ),
    "topic:moe": ("", {}, {"facets": Facets(topics=("moe",))}),
    'topic:"small and efficient models"': ("", {}, {"facets": Facets(topics=("small-models",))}),
    "topic:混合专家": ("", {}, {"facets": Facets(topics=("moe",))}),
    "venue:acl": ("", {}, {"facets": Facets(venues=("acl",))}),
    "id:2403.01234": ("", {}, {"facets": Facets(ids=("2403.01234",))}),
    "has:code": ("", {}, {"facets": Facets(has=("code",))}),
    "has:model": ("", {}, {"facets": Facets(has=("model",))}),
    "after:2026": ("", {}, {"since": date(2026, 1, 1)}),
    "after:2026-01": ("", {}, {"since": date(2026, 1, 1)}),
    "before:2026-03": ("", {}, {"until": date(2026, 2, 28)}),
    "after:2026-01-15 before:2026-02": (
        "", {}, {"since": date(2026, 1, 15), "until": date(2026, 1, 31)},
    ),
    "after:7d": ("", {}, {"since": date(2026, 3, 3)}),
    "since:last-digest": ("", {}, {"since": date(2026, 3, 9)}),
    "cat:cs.CL after:2026-03": (
        "", {}, {"facets": Facets(categories=("cs.CL",)), "since": date(2026, 3, 1)},
    ),
    "混合專家": (
        "混合專家",
        {"aliases": topic_names.topics_by_name()["混合專家"].phrases},
        {"named_topics": (topic_names.topics_by_name()["混合专家"],)},
    ),
    "专家路由": ("专家路由", {}, {}),
    "BERT: a study": ("BERT a study", {}, {}),
    "C++ GPT-4 a-b": ("C++ GPT-4 a-b", {}, {}),
    "moe AND NOT dense": ("moe AND NOT dense", {}, {}),
    'foo" bar': ("foo", {"required": (Term("bar", exact=True),)}, {}),
    "“load balancing” –survey": (
        "", {"required": (BALANCING,), "excluded": (Term("survey"),)}, {},
    ),
    "moe* - (": ("moe", {}, {}),
}  # fmt: skip


def parse_query(text: str) -> Query:
    day = date(2026, 3, 10)
    return parse(text, today=day, last_digest=date(2026, 3, 8), topics=topic_names.topics_by_name())


@pytest.mark.parametrize(("text", "meaning"), ROWS)
def test_an_example_does_what_the_page_says(text: str, meaning: str) -> None:
    if text not in MEANT:
        with pytest.raises(UsageError) as refused:
            parse_query(text)
        assert str(refused.value) == meaning
        return
    words, wanted, rest = MEANT[text]
    query = parse_query(text)
    assert query == Query(query.text, QueryTerms(tuple(words.split()), **wanted), **rest)


def test_every_example_is_on_the_page_and_every_field_has_one() -> None:
    assert MEANT.keys() <= {text for text, _ in ROWS}
    assert all(any(f"{field}:" in text for text in MEANT) for field in FIELDS)
