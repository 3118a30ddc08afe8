"""Issues as emails: size limit, personal sections and languages."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from tests.digest import documents
from tests.digest.render.test_pages import Page
from tracker import resources
from tracker.digest.document import (
    Document,
    MediaItem,
    PersonalContent,
    PersonalEntry,
    TrendingModel,
    VenueEvent,
    as_json,
    from_json,
)
from tracker.digest.render.pages import (
    PLACEHOLDER,
    MailLinks,
    MailRenderer,
    fit_to_budget,
    render_pages,
)
from tracker.digest.render.text_layout import TEXT_COLUMNS, display_width, wrap_line
from tracker.language import LANGUAGES, get_language

BUDGET = 90_000
DAY = documents.weekly().start


def full(size: int = 1) -> Document:
    """Return a digest with all sections, with lists `size` times as long."""
    week = documents.weekly()
    media = MediaItem("video", "A talk about experts", "https://example.org/v", "A channel", DAY)
    return replace(
        week,
        models=(TrendingModel("tarnwick/8b", "https://example.org/m", "Tarnwick", 12_000, None),)
        * size,
        media=(media, replace(media, kind="post")) * size,
        venues=(
            VenueEvent("deadline", "EMNLP 2026", DAY, "https://example.org/c", "Budapest"),
            VenueEvent("accepted", "ICLR 2026", DAY, papers=3704),
        )
        * size,
        late=(documents.entry(300),) * size,
        personal=mine(2),
        top=week.top * size,
        themes=week.themes * size,
        corrections=week.corrections * size,
    )


def mine(number: int) -> tuple[PersonalEntry, ...]:
    return tuple(
        PersonalEntry(documents.entry(500 + n), (f"You follow reason {n}",)) for n in range(number)
    )


def mail(document: Document, budget: int = BUDGET) -> MailRenderer:
    return MailRenderer(document, resources.templates_folder(), budget)


LINK = "https://example.org/u/1.abc"


@pytest.mark.parametrize("size", [1, 4, 40])
@pytest.mark.parametrize("hostile", [False, True])
def test_a_mail_is_complete_and_within_its_size_limit(size: int, hostile: bool) -> None:
    document = full(size)
    if hostile:
        document = replace(document, top=documents.hostile().top * size,
                           themes=documents.hostile().themes * size)  # fmt: skip
    html = mail(document).render_for_reader(PersonalContent(mine(8)), LINK)["html"]
    assert len(html.encode()) <= BUDGET
    page = Page(html)
    assert page.open == []
    assert PLACEHOLDER not in html
    assert documents.picked().title in page.text
    assert LINK in page.links


@pytest.mark.parametrize("size", [1, 4])
def test_feedback_links_are_signed_for_each_reader_and_count_to_the_size(size: int) -> None:
    url = "https://example.org/f/"
    links = MailLinks(feedback=url)
    post = MailRenderer(full(size), resources.templates_folder(), BUDGET, links)
    token = f"1234567.{'t' * 22}"
    personal = PersonalContent(mine(8))
    html = post.render_for_reader(personal, LINK, sign_feedback=lambda *_: token)["html"]
    assert len(html.encode()) <= BUDGET
    links = [link for link in Page(html).links if link.startswith(url)]
    assert len(links) % 4 == 0
    assert f"{url}more/1234567.{'t' * 22}/{documents.picked().id}" in links
    assert "\ue002" not in html
    plain = mail(full(size)).render_for_reader(PersonalContent(), LINK)
    assert "/f/" not in plain["html"] + plain["txt"]


def test_omitted_entries_are_counted_and_reported() -> None:
    document = full(4)
    short = fit_to_budget(document, resources.templates_folder(), 60_000)
    pages = render_pages(short, resources.templates_folder())
    assert short.left_out > 0
    assert f"{short.left_out} more in the web version." in pages["txt"]
    assert len(pages["html"].encode()) <= 60_000
    assert fit_to_budget(documents.weekly(), resources.templates_folder(), BUDGET).left_out == 0


def test_a_shortened_mail_links_to_the_page_of_the_issue_if_it_has_one() -> None:
    page = "https://example.org/weekly-2026-W11.html"
    for web in (page, ""):
        mail = MailRenderer(full(4), resources.templates_folder(), 52_000, MailLinks(web))
        pages = mail.render_for_reader(PersonalContent(), LINK)
        assert "more in the web version." in pages["txt"]
        assert (page in Page(pages["html"]).links) == (page in pages["txt"]) == bool(web)


def test_each_reader_gets_only_their_papers() -> None:
    post = mail(documents.weekly())
    one, other, none = (
        post.render_for_reader(PersonalContent(papers), f"{LINK}{n}")
        for n, papers in enumerate((mine(3)[:1], mine(3)[2:], ()))
    )
    for form in ("html", "txt"):
        assert "2603.95500" in one[form]
        assert "2603.95500" not in other[form]
        assert "You follow reason 2" in other[form]
        assert "For you" not in none[form]
        assert f"{LINK}0" in one[form]
        assert f"{LINK}1" in other[form]


def test_an_email_has_no_notes_tables_of_topics_or_images() -> None:
    pages = mail(documents.weekly()).render_for_reader(PersonalContent(mine(3)), LINK)
    page = Page(pages["html"])
    assert [link for link in page.links if link.startswith("#")] == []
    assert "img" not in page.elements
    for text in (page.text, pages["txt"]):
        for part in ("Mixture of Experts", "Embedding model", "In this paper, we show that"):
            assert part not in text.replace("· Mixture of Experts", "")


def test_the_papers_for_a_reader_come_before_the_list() -> None:
    pages = mail(full()).render_for_reader(PersonalContent(mine(1)), LINK)
    text = pages["txt"]
    assert (
        text.index("The paper to read") < text.index("For you") < text.index("Top ten")
        < text.index("Most discussed") < text.index("By theme") < text.index("Leaderboard changes")
        < text.index("Trending models") < text.index("Deadlines") < text.index(LINK)
    )  # fmt: skip


def test_an_email_ends_with_its_links_and_the_thanks_to_arxiv() -> None:
    text = mail(documents.weekly()).render_for_reader(PersonalContent(), LINK)["txt"]
    last = text[text.index("You receive this email") :]
    assert f"Unsubscribe from the weekly digest: {LINK}" in last
    assert last.index(LINK) < last.index("Paper metadata comes from arXiv.")
    assert len(last.splitlines()) <= 6


def test_judged_papers_are_left_out_of_the_parts_for_everyone() -> None:
    week = documents.weekly()
    disliked = {week.top[0].id, week.discussed[0].id, week.themes[1].entries[0].id}
    liked = {week.top[2].id, *(entry.id for entry in week.themes[2].entries)}
    left = week.without_judged(liked, disliked)
    assert not (liked | disliked) & left.shown_ids
    assert left.shown_ids == week.shown_ids - liked - disliked
    assert [theme.label for theme in left.themes] == [
        theme.label for theme in week.themes if theme is not week.themes[2]
    ]


def test_the_paper_to_read_is_shown_again_to_a_reader_who_liked_it() -> None:
    week = documents.weekly()
    assert week.read_first is not None
    first = {week.read_first.id}
    assert week.without_judged(first, set()).read_first == week.read_first
    assert week.without_judged(set(), first).read_first is None


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_text_version_fits_a_terminal(code: str) -> None:
    document = replace(full(), language=code)
    text = mail(document).render_for_reader(PersonalContent(mine(2)), LINK)["txt"]
    too_wide = [
        line
        for line in text.splitlines()
        if display_width(line) > TEXT_COLUMNS + 2 and "://" not in line
    ]
    assert too_wide == []


def test_chinese_lines_are_broken_between_characters_but_not_before_a_comma() -> None:
    line = "- " + "混合專家模型，" * 20
    folded = wrap_line(line, 20)
    assert "".join(folded.split()) == line.replace(" ", "")
    assert all(display_width(part) <= 22 for part in folded.splitlines())
    assert not any(part.strip().startswith("，") for part in folded.splitlines())


@pytest.mark.parametrize("name", ["weekly", "monthly", "empty", "hostile"])
def test_a_stored_document_is_read_back_unchanged(name: str) -> None:
    document = getattr(documents, name)()
    assert from_json(as_json(document)) == document
    assert from_json(as_json(full())) == full()


def test_a_document_of_another_release_is_read() -> None:
    document = documents.weekly()
    data = as_json(document) | {"from_a_later_release": 1}
    for newer in ("models", "media", "venues", "personal", "late", "left_out", "remarks"):
        del data[newer]
    defaults = replace(
        document, models=(), media=(), venues=(), personal=(), late=(), left_out=0, remarks=()
    )
    assert from_json(data) == defaults


@pytest.mark.parametrize("damage", [
    {"start": "soon"}, {"top": None}, {"counts": []}, {"left_out": "many"}, {"themes": [{}]},
])  # fmt: skip
def test_a_damaged_document_is_refused_with_the_place(damage: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=rf"\$\.{next(iter(damage))}"):
        from_json(as_json(documents.weekly()) | damage)


def test_times_in_utc_and_numpy_floats_are_written_as_plain_json() -> None:
    document = documents.weekly()
    made = datetime(2026, 3, 16, 8, tzinfo=UTC)
    counts = replace(document.counts, baseline=np.float64(2.5))
    small_print = replace(document.small_print, made=made)
    data = as_json(replace(document, counts=counts, small_print=small_print))
    assert data["small_print"]["made"] == "2026-03-16T08:00:00+00:00"
    assert json.dumps(data["counts"]["baseline"]) == "2.5"


@pytest.mark.parametrize("form", ["html", "txt", "md"])
def test_all_sections_appear_in_order(form: str) -> None:
    page = render_pages(full(), resources.templates_folder())[form]
    sections = (
        "The paper to read", "For you", "Top ten", "Most discussed", "By theme",
        "Leaderboard changes", "Trending models", "Deadlines and", "Videos and", "Updates to",
        "Late additions", "How this issue was made",
    )  # fmt: skip
    positions = [page.find(name) for name in sections[: -1 if form == "txt" else None]]
    assert -1 not in positions
    assert positions == sorted(positions)


def test_numbers_and_days_are_formatted_for_the_language() -> None:
    assert get_language("en").day(DAY) == "Mon 9 Mar"
    assert get_language("zh-TW").day(DAY) == "3月9日 週一"
    assert get_language("zh-CN").day(DAY) == "3月9日 周一"
    assert get_language("en").ngettext("{n} paper", "{n} papers", 1) == "1 paper"
    assert get_language("zh-CN").ngettext("{n} paper", "{n} papers", 1412) == "1,412 篇论文"
