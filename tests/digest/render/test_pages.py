"""The rendered pages of a digest: their content, proofs, escaping and layout."""

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tests.digest import documents
from tracker import resources
from tracker.digest.document import Document, Entry, GroundedSentence, ReasonText
from tracker.digest.render.pages import render_pages
from tracker.digest.render.text_layout import TEXT_COLUMNS

FORMS = ("html", "txt", "md")
FULL = {"weekly": documents.weekly(), "monthly": documents.monthly()}
ALL = {**FULL, "empty": documents.empty(), "hostile": documents.hostile()}
PAGES = {
    name: render_pages(document, resources.templates_folder()) for name, document in ALL.items()
}
# Sections that an email leaves to the page.
PAGE_ONLY = {
    "Frontier directions", "The week in numbers", "The month in numbers", "How this issue was made",
}  # fmt: skip
PAGE_FORMS = ("html", "md")
VOID = {"meta", "br", "img", "link", "input"}


class Page(HTMLParser):
    """The text, links, elements and attributes of an HTML page."""

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


def shown_entries(document: Document) -> Iterator[Entry]:
    """Yield every paper that a document shows."""
    if document.read_first:
        yield document.read_first
    yield from document.top
    yield from (entry for theme in document.themes for entry in theme.entries)
    yield from document.corrections


def headings(page: str) -> list[str]:
    return re.findall(r"^## (.+)$", page, re.M)


def page_text(name: str, form: str) -> str:
    """Return the text of a page in any format, with whitespace collapsed."""
    page = PAGES[name][form]
    return " ".join((Page(page).text if form == "html" else page).split())


# --- content --------------------------------------------------------------------------------


def test_the_weekly_digest_starts_with_the_paper_to_read() -> None:
    assert headings(PAGES["weekly"]["md"]) == [
        "The paper to read",
        "Top ten",
        "Most discussed",
        "By theme",
        "Leaderboard changes",
        "Updates to earlier papers",
        "The week in numbers",
        "How this issue was made",
    ]


def test_the_monthly_report_begins_with_the_directions() -> None:
    assert headings(PAGES["monthly"]["md"]) == [
        "Frontier directions",
        "By theme",
        "The paper to read",
        "Top papers of the month",
        "Most discussed",
        "Leaderboards over the month",
        "Updates to earlier papers",
        "My notes",
        "The month in numbers",
        "How this issue was made",
    ]


@pytest.mark.parametrize("name", FULL)
def test_the_email_has_the_sections_of_the_page_without_numbers_and_sources(name: str) -> None:
    html = re.findall(r"<h2[^>]*>(.+?)</h2>", PAGES[name]["html"])
    text = re.findall(r"^(.+)\n-+$", PAGES[name]["txt"], re.M)
    # Notes are written in the Markdown only.
    assert html == [heading for heading in headings(PAGES[name]["md"]) if heading != "My notes"]
    assert text == [name for name in html if name not in PAGE_ONLY]


@pytest.mark.parametrize("name", FULL)
def test_the_email_is_half_as_long_as_the_page(name: str) -> None:
    assert len(PAGES[name]["txt"].split()) < 0.5 * len(PAGES[name]["md"].split())


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_week_is_explained_and_has_no_empty_sections(form: str) -> None:
    page = page_text("empty", form)
    assert "No papers were announced." in page
    assert "arXiv listed nothing this week: it was closed on all days." in page
    assert "Mon 28 Dec 2026 – Sun 3 Jan 2027" in page
    assert headings(PAGES["empty"]["md"]) == ["The week in numbers", "How this issue was made"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ALL)
def test_every_paper_of_the_document_is_on_the_page(name: str, form: str) -> None:
    page = PAGES[name][form]
    assert [entry.id for entry in shown_entries(ALL[name]) if entry.id not in page] == []


@pytest.mark.parametrize("form", FORMS)
def test_the_week_has_its_subject_dates_and_counts(form: str) -> None:
    page = page_text("weekly", form)
    for text in (
        documents.weekly().subject,
        "Mon 9 Mar – Sun 15 Mar 2026",
        "1,412 papers over 5 days, 9% above the average of the previous 8 weeks.",
        "This issue is an invented sample: no paper or model in it exists.",
    ):
        assert text in page


@pytest.mark.parametrize("form", PAGE_FORMS)
def test_the_page_says_when_it_was_made(form: str) -> None:
    assert "Mon 16 Mar 2026, 06:00 UTC" in page_text("weekly", form)


@pytest.mark.parametrize("form", PAGE_FORMS)
def test_every_number_of_the_counts_is_shown(form: str) -> None:
    page = page_text("monthly", form)
    counts = documents.monthly().counts
    for row in (*counts.directions, *counts.dimensions, *counts.categories):
        assert f"{row.papers:,}" in page
        assert row.name in page
    for day in counts.days:
        assert f"{day.day:%a} {day.day.day} {day.day:%b}" in page
    assert "17.2%" in page  # the share of the month before
    assert "−2.7" in page


@pytest.mark.parametrize(
    ("baseline", "periods", "comparison"),
    [
        (1412 / 1.09, 8, "9% above the average of the previous 8 weeks"),
        (1412 / 0.8, 8, "20% below the average of the previous 8 weeks"),
        (1412.0, 1, "in line with the previous week"),
        (None, 0, "1,412 papers over 5 days."),
    ],
)
def test_the_period_is_compared_with_earlier_periods(
    baseline: float | None, periods: int, comparison: str
) -> None:
    week = documents.weekly()
    counts = replace(week.counts, baseline=baseline, baseline_periods=periods)
    page = render_pages(replace(week, counts=counts), resources.templates_folder())["txt"]
    assert comparison in " ".join(page.split())


def test_without_an_earlier_period_no_change_is_claimed() -> None:
    week = documents.weekly()
    directions = tuple(
        replace(row, before=None, share_before=None) for row in week.counts.directions
    )
    counts = replace(week.counts, directions=directions)
    page = render_pages(replace(week, counts=counts), resources.templates_folder())["md"]
    assert "There is no data for the previous week." in " ".join(page.split())
    assert re.search(r"Mixture of Experts \| 270 \| 19\.1% \| – \|\n", page)


@pytest.mark.parametrize("form", PAGE_FORMS)
def test_leaderboard_moves_show_their_intervals(form: str) -> None:
    page = page_text("weekly", form).replace("**", "")
    assert "new at rank 2, score 1,434 (1,427–1,440)" in page
    assert (
        "from rank 9 to rank 4, score 1,421 (1,416–1,426), previously 1,398 (1,392–1,404)" in page
    )
    assert "no longer listed, previously rank 8, previous score 1,402" in page
    assert "No model moved by more than its margin of error." in page


def test_the_email_shows_only_leaderboards_on_which_something_moved() -> None:
    text = page_text("weekly", "txt")
    assert "▲ Ollivant-Large-3 (Ollivant Labs): from rank 9 to rank 4." in text
    assert "demo-bench" not in text
    assert "margin of error" not in text


def test_a_paper_without_categories_leaves_no_gap() -> None:
    week = replace(documents.empty(), read_first=replace(documents.picked(), categories=()))
    pages = render_pages(week, resources.templates_folder())
    assert not re.search(r"^ *·", pages["txt"], re.M)
    assert not re.search(r"· +·", pages["md"])


@pytest.mark.parametrize("form", FORMS)
def test_a_withdrawn_paper_is_marked(form: str) -> None:
    assert "Withdrawn since an earlier issue" in page_text("weekly", form)


@pytest.mark.parametrize("form", FORMS)
def test_the_summary_of_a_pick_is_not_repeated_in_its_theme(form: str) -> None:
    week = documents.weekly()
    assert page_text("weekly", form).count(week.top[3].tldr) == 1


# --- source s-------------------------------------------------------------------------------


def test_a_rewritten_sentence_links_to_its_source() -> None:
    page = PAGES["weekly"]["html"]
    targets = re.findall(r'id="(source-\d+)"', page)
    assert [link[1:] for link in Page(page).links if link.startswith("#")] == targets
    assert "[1]" not in PAGES["weekly"]["txt"]
    assert f"[^{len(targets)}]:" in PAGES["weekly"]["md"]


@pytest.mark.parametrize("form", PAGE_FORMS)
def test_the_source_of_every_shown_sentence_is_on_the_page(form: str) -> None:
    page = page_text("weekly", form)
    first = documents.picked()
    assert [proof for proof in first.proofs if proof.source not in page] == []


def test_a_quoted_sentence_has_no_note() -> None:
    quoted = "We price each token and train with a reward that falls with the bill."
    page = page_text("weekly", "md")
    assert page.count(quoted) == 1
    assert quoted + " - **Result" in page


@pytest.mark.parametrize("name", FULL)
def test_notes_are_numbered_in_reading_order(name: str) -> None:
    body = PAGES[name]["md"].split("### Source sentences")[0]
    numbers = [int(number) for number in re.findall(r"\[\^(\d+)\]", body)]
    assert numbers == list(range(1, len(numbers) + 1))


# --- untrusted text --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_pages_link_only_to_web_addresses_and_notes(name: str) -> None:
    links = Page(PAGES[name]["html"]).links
    assert all(re.match(r"https?://|#source-\d+$", link) for link in links)


def test_a_paper_with_a_refused_url_shows_its_id() -> None:
    bad = replace(documents.picked(), url="javascript:alert(1)")
    pages = render_pages(replace(documents.weekly(), read_first=bad), resources.templates_folder())
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
def test_only_absolute_web_addresses_are_linked(url: str, linked: str) -> None:
    week = replace(documents.empty(), read_first=replace(documents.picked(), code=url))
    pages = render_pages(week, resources.templates_folder())
    found = [link for link in Page(pages["html"]).links if "arxiv" not in link and link[0] != "#"]
    assert found == ([linked] if linked else [])
    assert ("code on" in pages["md"]) == bool(linked)
    assert f"]({linked})" in pages["md"] or not linked
    assert f"\n{linked}\n" in pages["txt"]


def test_untrusted_text_creates_no_html_elements() -> None:
    page = Page(PAGES["hostile"]["html"])
    assert page.open == []
    assert not {"script", "b", "iframe"} & set(page.elements)
    assert page.elements.count("img") == 1, "only the chart of papers per day"
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert "<script>alert('x')</script> [x](javascript:alert(1)) *bold*" in page.text


def test_untrusted_text_creates_no_markdown() -> None:
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    html = reader.render(PAGES["hostile"]["md"])
    page = Page(html)
    table = {"table", "thead", "tbody", "tr", "th", "td"}
    allowed = {"h1", "h2", "h3", "p", "ul", "ol", "li", "a", "strong", "blockquote", *table}
    allowed.add("code")  # the commands of an exercise
    assert set(page.elements) <= allowed
    assert {link.split("/")[2] for link in page.links} == {"arxiv.org"}
    title = (
        "<script>alert('x')</script> [x](javascript:alert(1)) *bold* _it_ `code` a|b $\\frac{1}{2 "
    )
    assert page.text.count(title + "# heading {{ 7 * 7 }} &lt;b&gt; ![i](http") > 20


def test_stacked_combining_marks_do_not_cover_other_lines() -> None:
    tower = documents.entry(7, title="Agents o" + "\u0301" * 200 + " Ve\u0302\u0301t a\u20dd")
    pages = render_pages(replace(documents.empty(), read_first=tower), resources.templates_folder())
    for page in pages.values():
        assert "\u0301" * 5 not in page
        assert "Ve\u0302\u0301t a\u20dd" in page, "marks used in real text are preserved"


def test_untrusted_text_stays_on_its_line_in_plain_text() -> None:
    page = PAGES["hostile"]["txt"]
    assert "".join(documents.HOSTILE[:100].split()) in "".join(page.split())
    assert "\n# heading" not in page
    assert "&amp;" not in page
    assert "\r" not in page


@pytest.mark.parametrize("start", ["1. ", "- ", "+ ", "# ", "> ", "=== ", "    ", "---"])
def test_a_sentence_that_starts_like_markdown_is_shown_literally(start: str) -> None:
    from markdown_it import MarkdownIt

    sentence = f"{start}thing and another"
    first = replace(
        documents.picked(), tldr=sentence, proofs=(GroundedSentence("tldr", sentence, sentence),)
    )
    pages = render_pages(replace(documents.empty(), read_first=first), resources.templates_folder())
    assert f"<p>{sentence.strip().replace('>', '&gt;')}</p>" in MarkdownIt().render(pages["md"])


# --- layout ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_pages_stay_below_the_size_at_which_mail_services_clip(name: str) -> None:
    assert len(PAGES[name]["html"].encode()) < 90_000


@pytest.mark.parametrize("name", ALL)
def test_lines_of_plain_text_fit_a_terminal(name: str) -> None:
    lines = PAGES[name]["txt"].splitlines()
    assert [line for line in lines if len(line) > TEXT_COLUMNS] == []


def test_a_long_address_is_not_broken() -> None:
    url = "https://example.org/" + "a" * 90
    week = replace(documents.empty(), read_first=replace(documents.picked(), code=url))
    assert f"\n{url}\n" in render_pages(week, resources.templates_folder())["txt"]


@pytest.mark.parametrize("name", ALL)
def test_html_is_self_contained(name: str) -> None:
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


def test_no_text_is_smaller_than_14_pixels() -> None:
    sizes = re.findall(r"font-size:\s*(\d+)px", PAGES["weekly"]["html"])
    assert min(int(size) for size in sizes) >= 14


@pytest.mark.parametrize("form", FORMS)
def test_a_paper_has_at_most_one_reason_and_only_one_that_helps(form: str) -> None:
    plain = documents.entry(3)
    why = (
        ReasonText("interest", "similar to papers that an editor selected (agents)", 0.4),
        ReasonText("novelty", "unlike earlier papers (highest similarity 0.50)", 0.1),
    )
    followed = (*why, ReasonText("follow", "matches your search “moe”", 0.2))
    model = "https://example.org/model"
    shown = {
        "27 upvotes": replace(plain, why=why, upvotes=27),
        "open weights and code": replace(plain, why=why, weights=model, code=model, upvotes=27),
        "matches your search “moe”": replace(plain, why=followed, upvotes=27),
        "": replace(plain, why=why, upvotes=3),
    }
    for reason, entry in shown.items():
        week = replace(documents.empty(), top=(entry,))
        page = render_pages(week, resources.templates_folder())[form]
        text = " ".join((Page(page).text if form == "html" else page).split())
        assert reason in text
        assert [other for other in shown if other and other != reason and other in text] == []
        assert not re.search(r"editor|similarity|Score|0\.\d\d", text)


@pytest.mark.parametrize("form", FORMS)
def test_the_most_discussed_papers_have_one_line_with_their_upvotes(form: str) -> None:
    entry = replace(documents.entry(7, "Kettles That Argue"), upvotes=1204)
    page = render_pages(
        replace(documents.empty(), discussed=(entry,)), resources.templates_folder()
    )
    text = " ".join((Page(page[form]).text if form == "html" else page[form]).split())
    assert "Most discussed" in text
    assert "1,204 upvotes · Reasoning and test-time compute" in text
    assert entry.tldr not in text


@pytest.mark.parametrize("form", FORMS)
def test_a_paper_of_the_list_shows_what_is_new_and_what_it_achieved(form: str) -> None:
    result = "It halves the bill at 0.4 points of accuracy."
    proof = GroundedSentence("result", result, f"Overall, we find that {result}")
    entry = documents.entry(7)
    entry = replace(entry, result=result, proofs=(*entry.proofs, proof))
    page = render_pages(replace(documents.empty(), top=(entry,)), resources.templates_folder())
    text = " ".join((Page(page[form]).text if form == "html" else page[form]).split())
    shown = re.sub(r" ?\[\^?\d\]", "", text.replace("\xa0", " "))
    assert f"{entry.tldr} {result}" in shown
    assert (proof.source in text) is (form in PAGE_FORMS)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["weekly", "monthly", "empty"])
def test_no_internals_are_visible(name: str, form: str) -> None:
    page = page_text(name, form)
    assert not re.search(r"\bNone\b|\bnan\b|\{\{|\}\}|\{%|Undefined|object at|&amp;", page)


@pytest.mark.parametrize("name", ALL)
def test_the_same_document_gives_the_same_pages(name: str) -> None:
    assert render_pages(ALL[name], resources.templates_folder()) == PAGES[name]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(12))
def test_the_headline_claims_what_the_table_shows(seed: int, form: str) -> None:
    """The largest changes are those of the table; an insignificant one is marked."""
    month, dice = FULL["monthly"], random.Random(seed)
    rows = []
    for row in month.counts.directions:
        by = dice.randrange(-300, 300) / 10_000
        trend = dice.choice(("steady", "growing" if by > 0 else "shrinking"))
        rows.append(replace(row, share=0.1 + by, share_before=0.1, trend=trend))
    counts = replace(month.counts, directions=tuple(rows))
    page = render_pages(replace(month, counts=counts), resources.templates_folder())[form]
    text = " ".join((Page(page).text if form == "html" else page).replace("**", "").split())
    most = max(rows, key=lambda row: row.share)
    least = min(rows, key=lambda row: row.share)
    for change, row, trend in (
        ("increase in share", most, "growing"),
        ("decrease", least, "shrinking"),
    ):
        found = re.search(rf"Largest {change}: ([^(]+) \((\S+?)(?: percentage points)?\)(.)", text)
        assert found is not None
        assert found[1] == row.name
        assert float(found[2].replace("−", "-")) == pytest.approx(
            100 * (row.share - 0.1), abs=0.051
        )
        assert (found[3] == ".") is (row.trend == trend)


def test_without_a_significant_change_the_headline_names_none() -> None:
    month = FULL["monthly"]
    rows = tuple(replace(row, trend="steady") for row in month.counts.directions)
    page = render_pages(replace(month, counts=replace(month.counts, directions=rows)),
                  resources.templates_folder())["txt"]  # fmt: skip
    assert "No direction's share changed significantly." in " ".join(page.split())
    assert "Largest" not in page


@pytest.mark.parametrize(
    ("code", "dates", "label"),
    [
        ("en", "Mon 9 Mar – Sun 15 Mar 2026", "Result. "),
        ("zh-CN", "2026年3月9日 周一 – 3月15日 周日", "结果："),
        ("zh-TW", "2026年3月9日 週一 – 3月15日 週日", "結果："),
    ],
)
def test_dates_and_labels_follow_the_language(code: str, dates: str, label: str) -> None:
    document = replace(documents.weekly(), language=code)
    page = render_pages(document, resources.templates_folder())["txt"]
    assert dates in page
    assert label in page
