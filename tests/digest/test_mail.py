"""An issue as a mail to many: within its budget, each with what is theirs, in their language."""

from dataclasses import replace

import pytest

from tests.digest import documents
from tests.digest.test_render import Page
from tracker import resources
from tracker.digest.document import Document, Medium, ModelNews, Personal, Venue, as_json, read
from tracker.digest.layout import fold, width
from tracker.digest.render import MARK, PICTURE, TEXT_COLUMNS, Mail, fitted, render
from tracker.language import LANGUAGES, language

BUDGET = 90_000
DAY = documents.weekly().start


def full(size: int = 1) -> Document:
    """A digest in which every section has something to say, the lists `size` times as long."""
    week = documents.weekly()
    media = Medium("video", "A talk about experts", "https://example.org/v", "A channel", DAY)
    return replace(
        week,
        models=(ModelNews("tarnwick/8b", "https://example.org/m", "Tarnwick", 12_000, None),)
        * size,
        media=(media, replace(media, kind="post")) * size,
        venues=(
            Venue("deadline", "EMNLP 2026", DAY, "https://example.org/c", "Budapest"),
            Venue("accepted", "ICLR 2026", DAY, papers=3704),
        )
        * size,
        late=(documents.entry(300),) * size,
        personal=mine(2),
        top=week.top * size,
        themes=week.themes * size,
        corrections=week.corrections * size,
    )


def mine(number: int) -> tuple[Personal, ...]:
    return tuple(
        Personal(documents.entry(500 + n), (f"you follow reason {n}",)) for n in range(number)
    )


def mail(document: Document, budget: int = BUDGET) -> Mail:
    return Mail(document, resources.templates(), budget)


LINK = "https://example.org/u/1.abc"


@pytest.mark.parametrize("size", [1, 4, 40])
@pytest.mark.parametrize("hostile", [False, True])
def test_a_mail_is_within_its_budget_and_whole(size: int, hostile: bool) -> None:
    document = full(size)
    if hostile:
        document = replace(document, top=documents.hostile().top * size,
                           themes=documents.hostile().themes * size)  # fmt: skip
    html = mail(document).pages(mine(8), LINK)["html"]
    assert len(html.encode()) <= BUDGET
    page = Page(html)
    assert page.open == []
    assert MARK not in html
    assert documents.picked().title in page.text
    assert LINK in page.links


def test_what_is_left_out_is_counted_and_said() -> None:
    document = full(4)
    short = fitted(document, resources.templates(), 60_000)
    pages = render(short, resources.templates())
    assert short.left_out > 0
    assert f"{short.left_out} more on the web." in pages["txt"]
    assert len(pages["html"].encode()) <= 60_000
    assert fitted(documents.weekly(), resources.templates(), BUDGET).left_out == 0


def test_what_is_left_out_of_a_mail_is_a_link_away_where_there_is_a_page_of_the_issue() -> None:
    page = "https://example.org/weekly-2026-W11.html"
    for web in (page, ""):
        pages = Mail(full(4), resources.templates(), 72_000, web).pages((), LINK)
        assert "more on the web." in pages["txt"]
        assert (page in Page(pages["html"]).links) == (page in pages["txt"]) == bool(web)


def test_each_reader_gets_their_own_papers_and_nothing_of_the_others() -> None:
    post = mail(documents.weekly())
    one, other, none = (
        post.pages(papers, f"{LINK}{n}") for n, papers in enumerate((mine(3)[:1], mine(3)[2:], ()))
    )
    for form in ("html", "txt"):
        assert "2603.95500" in one[form]
        assert "2603.95500" not in other[form]
        assert "you follow reason 2" in other[form]
        assert "For you" not in none[form]
        assert f"{LINK}0" in one[form]
        assert f"{LINK}1" in other[form]


def test_every_note_of_a_mail_leads_to_its_source() -> None:
    html = mail(documents.weekly()).pages(mine(3), LINK)["html"]
    page = Page(html)
    notes = [link[1:] for link in page.links if link.startswith("#")]
    ids = [value for name, value in page.attributes if name == "id"]
    assert sorted(notes) == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_the_chart_comes_with_the_mail_and_with_its_numbers_in_words() -> None:
    post = mail(documents.weekly())
    page = Page(post.pages((), LINK)["html"])
    assert ("src", f"cid:{PICTURE}") in page.attributes
    (alt,) = [value for name, value in page.attributes if name == "alt"]
    assert "Mon 9 Mar 297" in alt
    assert post.pictures[PICTURE].startswith(b"\x89PNG")


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_text_fits_a_terminal(code: str) -> None:
    document = replace(full(), language=code)
    text = mail(document).pages(mine(2), LINK)["txt"]
    wide = [
        line for line in text.splitlines() if width(line) > TEXT_COLUMNS + 2 and "://" not in line
    ]
    assert wide == []


def test_lines_of_chinese_are_broken_between_letters_and_not_before_a_comma() -> None:
    line = "- " + "混合專家模型，" * 20
    folded = fold(line, 20)
    assert "".join(folded.split()) == line.replace(" ", "")
    assert all(width(part) <= 22 for part in folded.splitlines())
    assert not any(part.strip().startswith("，") for part in folded.splitlines())


@pytest.mark.parametrize("name", ["weekly", "monthly", "empty", "hostile"])
def test_a_kept_document_is_read_back_as_it_was(name: str) -> None:
    document = getattr(documents, name)()
    assert read(as_json(document)) == document
    assert read(as_json(full())) == full()


@pytest.mark.parametrize("form", ["html", "txt", "md"])
def test_all_sections_are_there_in_their_order(form: str) -> None:
    page = render(full(), resources.templates())[form]
    places = [page.find(f"{name}") for name in (
        "Read this one", "Top ten", "By theme", "Leaderboards that moved", ">Models<", "Videos and",
        "Conferences", "For you", "Corrections and", "Late arrivals", "Small print",
    ) if form == "html" or ">" not in name]  # fmt: skip
    assert -1 not in places
    assert places[1:] == sorted(places[1:])


def test_numbers_and_days_are_written_as_the_language_does() -> None:
    assert language("en").day(DAY) == "Mon 9 Mar"
    assert language("zh-TW").day(DAY) == "3月9日 週一"
    assert language("zh-CN").day(DAY) == "3月9日 周一"
    assert language("en").ngettext("{n} paper", "{n} papers", 1) == "1 paper"
    assert language("zh-CN").ngettext("{n} paper", "{n} papers", 1412) == "1,412 篇论文"
