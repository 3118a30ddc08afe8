"""The examples of docs/search.md, executed: each means what the page says, and none is missing."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tracker.errors import UsageError
from tracker.search.query import FIELDS, Query, parse
from tracker.store.expressions import Term, Wanted
from tracker.store.filters import Facets
from tracker.topics import names

PAGE = (Path(__file__).parents[2] / "docs" / "search.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(.+?)` \| (.+) \|$", PAGE, re.MULTILINE)
BALANCING = Term("load balancing", exact=True)

# By example: the words to rank by, and everything else of the query but what is embedded.
MEANT: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "mixture of experts": ("mixture of experts", {}, {}),
    '"load balancing"': ("", {"required": (BALANCING,)}, {}),
    "experts -survey": ("experts", {"excluded": (Term("survey"),)}, {}),
    'experts -"load balancing"': ("experts", {"excluded": (BALANCING,)}, {}),
    "title:moe": ("", {"required": (Term("moe", "title"),)}, {}),
    'abs:"load balancing"': ("", {"required": (Term("load balancing", "abs", exact=True),)}, {}),
    'author:"de Souza"': ("", {"required": (Term("de Souza", "author", exact=True),)}, {}),
    "cat:cs.CL": ("", {}, {"only": Facets(categories=("cs.CL",))}),
    "cat:cs -cat:cs.CV": (
        "", {}, {"only": Facets(categories=("cs",)), "without": Facets(categories=("cs.CV",))},
    ),
    "topic:moe": ("", {}, {"only": Facets(topics=("moe",))}),
    'topic:"small and efficient models"': ("", {}, {"only": Facets(topics=("small-models",))}),
    "topic:混合专家": ("", {}, {"only": Facets(topics=("moe",))}),
    "venue:acl": ("", {}, {"only": Facets(venues=("acl",))}),
    "id:2403.01234": ("", {}, {"only": Facets(ids=("2403.01234",))}),
    "has:code": ("", {}, {"only": Facets(has=("code",))}),
    "after:2026": ("", {}, {"since": date(2026, 1, 1)}),
    "after:2026-01": ("", {}, {"since": date(2026, 1, 1)}),
    "before:2026-03": ("", {}, {"until": date(2026, 2, 28)}),
    "after:2026-01-15 before:2026-02": (
        "", {}, {"since": date(2026, 1, 15), "until": date(2026, 1, 31)},
    ),
    "after:7d": ("", {}, {"since": date(2026, 3, 3)}),
    "since:last-digest": ("", {}, {"since": date(2026, 3, 9)}),
    "cat:cs.CL after:2026-03": (
        "", {}, {"only": Facets(categories=("cs.CL",)), "since": date(2026, 3, 1)},
    ),
    "混合專家": (
        "混合專家",
        {"also": names.topics()["混合專家"].phrases},
        {"named": (names.topics()["混合专家"],)},
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


def read(text: str) -> Query:
    day = date(2026, 3, 10)
    return parse(text, today=day, last_digest=date(2026, 3, 8), topics=names.topics())


@pytest.mark.parametrize(("text", "told"), ROWS)
def test_an_example_does_what_the_page_says(text: str, told: str) -> None:
    if text not in MEANT:
        with pytest.raises(UsageError) as refused:
            read(text)
        assert str(refused.value) == told
        return
    words, wanted, rest = MEANT[text]
    query = read(text)
    assert query == Query(query.text, Wanted(tuple(words.split()), **wanted), **rest)


def test_every_example_is_on_the_page_and_every_field_has_one() -> None:
    assert MEANT.keys() <= {text for text, _ in ROWS}
    assert all(any(f"{field}:" in text for text in MEANT) for field in FIELDS)
