"""Which open models of a month a report lists, with their sizes, and the small ones apart."""

from dataclasses import replace
from datetime import date
from sqlite3 import connect

import pytest

from tests.digest import documents
from tracker.digest.monthly.month_parts import MonthFacts
from tracker.digest.monthly.new_models import choose_new_models, model_size
from tracker.digest.render.pages import render_pages
from tracker.records import ModelCard
from tracker.resources import templates_folder
from tracker.store import popularity, schema
from tracker.store.database import write_transaction
from tracker.store.migrations import Database

DAY = date(2026, 4, 2)


def card(name: str, downloads: int = 10, **more: object) -> ModelCard:
    made = ModelCard(name, DAY, 1, downloads=downloads, task="text-generation")
    return replace(made, created=date(2026, 3, 5), license="mit", **more)  # type: ignore[arg-type]


def names(*cards: ModelCard) -> list[str]:
    return [model.name for model in choose_new_models(cards, lambda _: True)]


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("Oak-120B-A12B", 120e9), ("Oak-E4B-it", 4e9), ("Oak-1.5b", 1.5e9), ("Oak2.5-350M", 350e6),
        ("oak-4bit", None), ("Oak-3", None), ("Oak-A3B", None), ("Oak-128k", None),
    ],
)  # fmt: skip
def test_the_size_is_the_one_in_the_name(name: str, size: float | None) -> None:
    assert model_size(name) == size


def test_small_models_are_chosen_apart_from_the_others() -> None:
    cards = [card(f"oak/Tree{n}-9B", 100 - n) for n in range(12)]
    chosen = choose_new_models([*cards, card("oak/Bush-3B", 1)], lambda _: False)
    assert [model.small for model in chosen] == [False] * 8 + [True]
    assert chosen[0].downloads == 100
    assert not chosen[0].papers


def test_a_model_is_listed_once_and_conversions_not_at_all() -> None:
    cards = (
        card("oak/Oak-9B-FP8", 50), card("oak/Oak-9B", 90), card("oak/Oak-9B-it", 20),
        card("oak/Oak-9B-GGUF", 99), card("x/Elm-9B-uncensored", 99), card("x/Elm-9B-MLX-4bit", 99),
        card("x/Remix-9B", 99, is_derived=True), card("x/Paint-9B", 99, task="text-to-image"),
    )  # fmt: skip
    assert names(*cards) == ["oak/Oak-9B"]


def test_papers_are_those_of_the_month_that_the_page_names() -> None:
    cited = card("oak/Oak-9B", arxiv=("2603.00001", "1706.03762"))
    (model,) = choose_new_models([cited], {"2603.00001"}.__contains__)
    assert model.papers == ("2603.00001",)


def test_the_newest_card_of_each_model_of_the_month_is_read() -> None:
    db = Database(connect(":memory:"))
    with write_transaction(db):
        schema.migrate(db)
    old = replace(card("oak/Oak-9B", 1), day=date(2026, 3, 9))
    other = replace(card("oak/Elm-9B"), created=date(2026, 2, 28))
    popularity.upsert_model_cards(db, "hub", [old, card("oak/Oak-9B", 7), other])
    found = popularity.new_models(db, date(2026, 3, 1), date(2026, 3, 31))
    assert found == [card("oak/Oak-9B", 7)]


def test_pages_list_the_models_with_size_licence_downloads_and_paper() -> None:
    cards = [card("oak/Oak-9B", 12345, arxiv=("2603.00001",)), card("oak/Bush-350M")]
    found = choose_new_models(cards, lambda _: True)
    month = replace(MonthFacts((), 0, None), new_models=found)
    pages = render_pages(replace(documents.monthly(), month=month), templates_folder())
    for page in (pages["md"].replace("\\", ""), pages["html"]):
        parts = ("oak/Oak-9B", "9B", "mit", "12,345", "2603.00001", "Small models", "350M")
        assert [part for part in parts if part not in page] == []
