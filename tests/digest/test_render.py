"""The pages of a digest: what they show and leave out, and what becomes of foreign text."""

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tests.digest import documents
from tracker import resources
from tracker.digest.document import Document, Entry, Proof
from tracker.digest.render import TEXT_COLUMNS, render

FORMS = ("html", "txt", "md")
FULL = {"weekly": documents.weekly(), "monthly": documents.monthly()}
ALL = {**FULL, "empty": documents.empty(), "hostile": documents.hostile()}
PAGES = {name: render(document, resources.templates()) for name, document in ALL.items()}
VOID = {"meta", "br", "img", "link", "input"}


class Page(HTMLParser):
    """What a reader of an HTML page meets: its text, its links, its elements in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes.extend((name, value or "") for name, value in attrs)
        self.links.extend(value or "" for name, value in attrs if name == "href")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def shown(document: Document) -> Iterator[Entry]:
    """Every paper that a document names."""
    if document.read_first:
        yield document.read_first
    yield from document.top
    yield from (entry for theme in document.themes for entry in theme.entries)
    yield from document.corrections


def headings(page: str) -> list[str]:
    return re.findall(r"^## (.+)$", page, re.M)


def words(name: str, form: str) -> str:
    """What a page says, whatever its form, each run of blanks as one."""
    page = PAGES[name][form]
    return " ".join((Page(page).text if form == "html" else page).split())


# --- what is there ---------------------------------------------------------------------------


def test_the_weekly_digest_comes_in_the_order_of_a_five_minute_read() -> None:
    assert headings(PAGES["weekly"]["md"]) == [
        "Read this one",
        "Top ten",
        "By theme",
        "The seven dimensions",
        "Frontier directions",
        "Leaderboards that moved",
        "Corrections and news of earlier papers",
        "Day by day",
        "Small print",
        "Where the sentences come from",
    ]


def test_the_monthly_report_begins_with_the_directions() -> None:
    assert headings(PAGES["monthly"]["md"]) == [
        "Frontier directions",
        "The seven dimensions",
        "By theme",
        "Read this one",
        "Ten papers of the month",
        "Leaderboards over the month",
        "Corrections and news of earlier papers",
        "Day by day",
        "Small print",
        "Where the sentences come from",
    ]


@pytest.mark.parametrize("name", FULL)
def test_all_forms_have_the_same_sections(name: str) -> None:
    html = re.findall(r"<h2[^>]*>(.+?)</h2>", PAGES[name]["html"])
    text = re.findall(r"^(.+)\n-+$", PAGES[name]["txt"], re.M)
    assert html == text == headings(PAGES[name]["md"])


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_week_says_why_and_leaves_the_empty_sections_out(form: str) -> None:
    page = words("empty", form)
    assert "No papers were listed." in page
    assert "arXiv listed nothing this week: it was closed on all days." in page
    assert "Mon 28 Dec 2026 – Sun 3 Jan 2027" in page
    assert headings(PAGES["empty"]["md"]) == ["Day by day", "Small print"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ALL)
def test_every_paper_of_the_document_is_on_the_page(name: str, form: str) -> None:
    page = PAGES[name][form]
    assert [entry.id for entry in shown(ALL[name]) if entry.id not in page] == []


@pytest.mark.parametrize("form", FORMS)
def test_the_week_has_its_subject_dates_and_counts(form: str) -> None:
    page = words("weekly", form)
    for text in (
        documents.weekly().subject,
        "Mon 9 Mar – Sun 15 Mar 2026",
        "1,412 papers listed on 5 days, 9 % above the mean of the 8 weeks before.",
        "This issue is an invented sample: no paper or model in it exists.",
        "Mon 16 Mar 2026, 06:00 UTC",
    ):
        assert text in page


@pytest.mark.parametrize("form", FORMS)
def test_every_number_of_the_counts_is_shown(form: str) -> None:
    page = words("monthly", form)
    counts = documents.monthly().counts
    for row in (*counts.directions, *counts.dimensions, *counts.categories):
        assert f"{row.papers:,}" in page
        assert row.name in page
    for day in counts.days:
        assert f"{day.day:%a} {day.day.day} {day.day:%b}" in page
    assert "17.2 %" in page  # the share of the month before
    assert "−2.7" in page


@pytest.mark.parametrize(
    ("baseline", "periods", "said"),
    [
        (1412 / 1.09, 8, "9 % above the mean of the 8 weeks before"),
        (1412 / 0.8, 8, "20 % below the mean of the 8 weeks before"),
        (1412.0, 1, "level with the week before"),
        (None, 0, "1,412 papers listed on 5 days."),
    ],
)
def test_the_period_is_compared_with_those_before_it(
    baseline: float | None, periods: int, said: str
) -> None:
    week = documents.weekly()
    counts = replace(week.counts, baseline=baseline, baseline_periods=periods)
    page = render(replace(week, counts=counts), resources.templates())["txt"]
    assert said in " ".join(page.split())


def test_without_an_earlier_period_no_change_is_claimed() -> None:
    week = documents.weekly()
    directions = tuple(
        replace(row, before=None, share_before=None) for row in week.counts.directions
    )
    counts = replace(week.counts, directions=directions)
    page = render(replace(week, counts=counts), resources.templates())["txt"]
    assert "the store does not reach back to the week before" in " ".join(page.split())
    assert re.search(r"Mixture of Experts +270 +19\.1 % +–\n", page)


@pytest.mark.parametrize("form", FORMS)
def test_moves_on_a_board_are_told_with_their_intervals(form: str) -> None:
    page = words("weekly", form).replace("**", "")
    assert "new at rank 2, score 1,434 (1,427–1,440)" in page
    assert "from rank 9 to rank 4, score 1,421 (1,416–1,426), before 1,398 (1,392–1,404)" in page
    assert "no longer listed, was at rank 8, score was 1,402" in page
    assert "No model moved by more than its margin of error." in page


def test_a_paper_of_no_category_is_told_without_a_gap() -> None:
    week = replace(documents.empty(), read_first=replace(documents.picked(), categories=()))
    pages = render(week, resources.templates())
    assert not re.search(r"^ *·", pages["txt"], re.M)
    assert not re.search(r"· +·", pages["md"])


@pytest.mark.parametrize("form", FORMS)
def test_a_withdrawn_paper_is_named_as_such(form: str) -> None:
    assert "Withdrawn since it was listed here" in words("weekly", form)


@pytest.mark.parametrize("form", FORMS)
def test_a_pick_is_not_told_twice_when_its_theme_holds_it_too(form: str) -> None:
    week = documents.weekly()
    assert words("weekly", form).count(week.top[3].tldr) == 1


# --- proof -----------------------------------------------------------------------------------


def test_a_rewritten_sentence_leads_to_its_source() -> None:
    page = PAGES["weekly"]["html"]
    targets = re.findall(r'id="(source-\d+)"', page)
    assert [link[1:] for link in Page(page).links if link.startswith("#")] == targets
    assert f"[{len(targets)}]" in PAGES["weekly"]["txt"]
    assert f"[^{len(targets)}]:" in PAGES["weekly"]["md"]


@pytest.mark.parametrize("form", FORMS)
def test_the_source_of_every_shown_sentence_is_on_the_page(form: str) -> None:
    page = words("weekly", form)
    first = documents.picked()
    assert [proof for proof in first.proofs if proof.source not in page] == []


def test_a_sentence_in_the_abstracts_own_words_has_no_note() -> None:
    said = "We price each token and train with a reward that falls with the bill."
    page = words("weekly", "md")
    assert page.count(said) == 1
    assert said + " - **Result" in page


@pytest.mark.parametrize("name", FULL)
def test_notes_are_numbered_as_they_come_up(name: str) -> None:
    body = PAGES[name]["md"].split("## Where the sentences come from")[0]
    numbers = [int(number) for number in re.findall(r"\[\^(\d+)\]", body)]
    assert numbers == list(range(1, len(numbers) + 1))


# --- foreign text ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_pages_link_to_web_addresses_and_their_own_notes_only(name: str) -> None:
    links = Page(PAGES[name]["html"]).links
    assert all(re.match(r"https?://|#source-\d+$", link) for link in links)


def test_a_paper_with_an_address_that_is_refused_is_named_by_its_id() -> None:
    bad = replace(documents.picked(), url="javascript:alert(1)")
    pages = render(replace(documents.weekly(), read_first=bad), resources.templates())
    for page in pages.values():
        assert "(2603.95000)" in page
        assert "javascript" not in page


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://example.org/a_(b)?c=1&d=[2]", "https://example.org/a_%28b%29?c=1&d=%5B2%5D"),
        ("ftp://example.org/a", ""),
        ("https://", ""),
        ("https://[broken", ""),
        ("https://example.org/a\nb", ""),
        ("data:text/html,x", ""),
        ("//example.org/a", ""),
    ],
)
def test_only_whole_web_addresses_are_linked(url: str, linked: str) -> None:
    week = replace(documents.empty(), read_first=replace(documents.picked(), code=url))
    pages = render(week, resources.templates())
    found = [link for link in Page(pages["html"]).links if "arxiv" not in link and link[0] != "#"]
    assert found == ([linked] if linked else [])
    assert ("code on" in pages["md"]) == ("code on" in pages["txt"]) == bool(linked)
    assert f"]({linked})" in pages["md"] or not linked
    assert f"\n{linked}\n" in pages["txt"]


def test_foreign_text_makes_no_elements() -> None:
    page = Page(PAGES["hostile"]["html"])
    assert page.open == []
    assert not {"script", "b", "iframe"} & set(page.elements)
    assert page.elements.count("img") == 1, "the chart of the days, and no other"
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert "<script>alert('x')</script> [x](javascript:alert(1)) *bold*" in page.text


def test_foreign_text_works_as_no_markdown() -> None:
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    html = reader.render(PAGES["hostile"]["md"])
    page = Page(html)
    table = {"table", "thead", "tbody", "tr", "th", "td"}
    allowed = {"h1", "h2", "h3", "p", "ul", "ol", "li", "a", "strong", "blockquote", *table}
    assert set(page.elements) <= allowed
    assert {link.split("/")[2] for link in page.links} == {"arxiv.org"}
    title = (
        "<script>alert('x')</script> [x](javascript:alert(1)) *bold* _it_ `code` a|b $\\frac{1}{2 "
    )
    assert page.text.count(title + "# heading {{ 7 * 7 }} &lt;b&gt; ![i](http") > 20


def test_marks_that_are_stacked_do_not_cover_other_lines() -> None:
    tower = documents.entry(7, title="Agents o" + "\u0301" * 200 + " Ve\u0302\u0301t a\u20dd")
    pages = render(replace(documents.empty(), read_first=tower), resources.templates())
    for page in pages.values():
        assert "\u0301" * 5 not in page
        assert "Ve\u0302\u0301t a\u20dd" in page, "what a language stacks stays"


def test_foreign_text_stays_on_its_line_in_plain_text() -> None:
    page = PAGES["hostile"]["txt"]
    assert "".join(documents.HOSTILE[:100].split()) in "".join(page.split())
    assert "\n# heading" not in page
    assert "&amp;" not in page
    assert "\r" not in page


@pytest.mark.parametrize("start", ["1. ", "- ", "+ ", "# ", "> ", "=== ", "    ", "---"])
def test_a_sentence_that_begins_like_markdown_is_shown_as_it_is(start: str) -> None:
    from markdown_it import MarkdownIt

    said = f"{start}thing and another"
    first = replace(documents.picked(), tldr=said, proofs=(Proof("tldr", said, said),))
    pages = render(replace(documents.empty(), read_first=first), resources.templates())
    assert f"<p>{said.strip().replace('>', '&gt;')}</p>" in MarkdownIt().render(pages["md"])


# --- layout ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_pages_stay_far_below_the_size_at_which_mail_is_clipped(name: str) -> None:
    assert len(PAGES[name]["html"].encode()) < 90_000


@pytest.mark.parametrize("name", ALL)
def test_lines_of_plain_text_fit_a_terminal(name: str) -> None:
    lines = PAGES[name]["txt"].splitlines()
    assert [line for line in lines if len(line) > TEXT_COLUMNS] == []


def test_a_long_address_is_not_broken() -> None:
    url = "https://example.org/" + "a" * 90
    week = replace(documents.empty(), read_first=replace(documents.picked(), code=url))
    assert f"\n{url}\n" in render(week, resources.templates())["txt"]


@pytest.mark.parametrize("name", ALL)
def test_html_stands_on_its_own(name: str) -> None:
    html = PAGES[name]["html"]
    page = Page(html)
    assert page.open == []
    assert html.startswith('<!DOCTYPE html><html lang="en">')
    assert html.index("charset") < 1024  # where browsers look for it
    assert not {"script", "link", "iframe", "svg"} & set(page.elements)
    pictures = [value for name, value in page.attributes if name == "src"]
    assert all(picture.startswith("data:image/png;base64,") for picture in pictures)
    assert "url(" not in html
    assert "var(" not in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert page.elements.count("h1") == 1


def test_no_letter_is_smaller_than_14_pixels() -> None:
    sizes = re.findall(r"font-size:\s*(\d+)px", PAGES["weekly"]["html"])
    assert min(int(size) for size in sizes) >= 14


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["weekly", "monthly", "empty"])
def test_nothing_of_the_machinery_shows(name: str, form: str) -> None:
    page = words(name, form)
    assert not re.search(r"\bNone\b|\bnan\b|\{\{|\}\}|\{%|Undefined|object at|&amp;", page)


@pytest.mark.parametrize("name", ALL)
def test_the_same_document_gives_the_same_pages(name: str) -> None:
    assert render(ALL[name], resources.templates()) == PAGES[name]


# --- colours ---------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    """Relative luminance as of WCAG 2.1."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours(file: str) -> dict[str, str]:
    """The named colours of a style sheet."""
    sheet = (resources.templates() / "shared" / file).read_text()
    rows = re.findall(r"{% set ([\w, ]+) = (\"#.+) %}", sheet)
    return {
        name: colour
        for names, values in rows
        for name, colour in zip(names.split(", "), re.findall(r"#\w{6}", values), strict=True)
    }


@pytest.mark.parametrize("scheme", ["style.css", "adapt.css"])
@pytest.mark.parametrize("ground", ["card", "tint", "warn"])
@pytest.mark.parametrize("ink", ["ink", "muted", "accent"])
def test_text_stands_out_from_its_ground(ink: str, ground: str, scheme: str) -> None:
    named = colours(scheme)
    assert contrast(named[ink], named[ground]) >= 4.5


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(12))
def test_the_headline_claims_what_the_table_shows(seed: int, form: str) -> None:
    """The largest gain and loss are those of the table, and chance is called chance."""
    month, dice = FULL["monthly"], random.Random(seed)
    rows = []
    for row in month.counts.directions:
        by = dice.randrange(-300, 300) / 10_000
        trend = dice.choice(("steady", "growing" if by > 0 else "shrinking"))
        rows.append(replace(row, share=0.1 + by, share_before=0.1, trend=trend))
    counts = replace(month.counts, directions=tuple(rows))
    page = render(replace(month, counts=counts), resources.templates())[form]
    text = " ".join((Page(page).text if form == "html" else page).replace("**", "").split())
    most = max(rows, key=lambda row: row.share)
    least = min(rows, key=lambda row: row.share)
    for said, row, trend in (("gain in share", most, "growing"), ("loss", least, "shrinking")):
        found = re.search(rf"Largest {said}: ([^(]+) \((\S+?)(?: percentage points)?\)(.)", text)
        assert found is not None
        assert found[1] == row.name
        assert float(found[2].replace("−", "-")) == pytest.approx(
            100 * (row.share - 0.1), abs=0.051
        )
        assert (found[3] == ".") is (row.trend == trend)


def test_without_a_change_beyond_chance_the_headline_names_none() -> None:
    month = FULL["monthly"]
    rows = tuple(replace(row, trend="steady") for row in month.counts.directions)
    page = render(replace(month, counts=replace(month.counts, directions=rows)),
                  resources.templates())["txt"]  # fmt: skip
    assert "No direction's share changed by more than chance." in " ".join(page.split())
    assert "Largest" not in page
