"""The hand-written starts of all directions, and mentions by later works."""

import re

from tracker.learning.built_upon import Text, count_later_mentions, introduced_name
from tracker.learning.foundations import load_starts
from tracker.topics.taxonomy import concepts_of_kind

DIRECTIONS = {one.key for one in concepts_of_kind("direction")}


def test_every_direction_has_a_start() -> None:
    assert set(load_starts()) == DIRECTIONS
    for key, start in load_starts().items():
        assert len(start.works) >= 5
        assert {need for need, _ in start.needs} <= DIRECTIONS - {key}


def test_foundational_works_are_well_formed() -> None:
    for start in load_starts().values():
        ids = [one.id for one in start.works]
        assert len(ids) == len(set(ids))
        for one in start.works:
            assert re.fullmatch(r"\d{2}(?:0[1-9]|1[0-2])\.(?:\d{4}|\d{5})", one.id)
            assert len(one.id) == (9 if one.id < "1501" else 10)
            assert one.stage in ("survey", "foundation")
            assert one.title
            assert one.why.endswith(".")


def test_a_work_may_have_one_title_only() -> None:
    titles: dict[str, str] = {}
    for start in load_starts().values():
        for one in start.works:
            assert titles.setdefault(one.id, one.title) == one.title


def test_names_are_before_the_colon() -> None:
    assert introduced_name("RouteNet: Routing Tokens") == "RouteNet"
    assert introduced_name("Routing: A Study") == ""
    assert introduced_name("On Routing") == ""


def test_only_later_mentions_of_a_new_name_count() -> None:
    texts = [
        Text("1", "On OldNet", "We use OldNet."),
        Text("2", "RouteNet: Routing", "RouteNet routes."),
        Text("3", "OldNet: A Copy", "OldNet again."),
        Text("4", "TwinNet: One", ""),
        Text("5", "TwinNet: Two", "We build on RouteNet and TwinNet."),
        Text("6", "More", "RouteNet, OldNet and TwinNet."),
    ]
    assert count_later_mentions(texts) == {"2": 2}
