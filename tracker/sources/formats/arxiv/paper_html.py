"""The outline of a paper from its HTML page at arXiv, which LaTeXML makes.

Headings, captions and footnotes have the classes ltx_title, ltx_caption, ltx_note; a page without
them is read by its elements alone. The page is untrusted: only its text and addresses are read.

Public: `outline_from_html`.
"""

from collections.abc import Iterator
from typing import Any

from tracker.paper.paper_outline import OutlineCaption, OutlineSection, PaperOutline
from tracker.sources.formats.arxiv.paper_text import (
    CONCLUDING,
    LIMITING,
    distinct,
    find_releases,
    join_parts,
    split_caption,
    split_heading,
)
from tracker.sources.formats.xml import parse_html

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_MAX_LEVEL = 2


def outline_from_html(body: bytes) -> PaperOutline:
    """Return the outline of an arXiv HTML page; an empty one for a page without sections."""
    page = parse_html(body)
    if page is None:
        return PaperOutline()
    _replace_formulas(page)
    releases = find_releases(_linked_texts(page))
    for extra in [*_by_class(page, "span", "ltx_note"), *page.iter("cite")]:
        extra.drop_tree()
    sections = [s for s in page.iter("section") if not _has_class(s, "ltx_bibliography")]
    return PaperOutline(
        sections=distinct(_headings(sections)),
        captions=distinct(_captions(page)),
        conclusion=_text_of_matching(sections, CONCLUDING),
        limitations=_text_of_matching(sections, LIMITING),
        releases=releases,
    )


def _replace_formulas(page: Any) -> None:
    """Replace the inside of each formula by its LaTeX."""
    for formula in page.iter("math"):
        latex = formula.get("alttext")
        formula.text = f"${latex}$" if latex else ""
        for child in list(formula):
            formula.remove(child)


def _linked_texts(page: Any) -> Iterator[str]:
    """Yield the links of the author block, where project pages are, and the paragraphs."""
    for authors in _by_class(page, "div", "ltx_authors"):
        yield from filter(None, map(_link_text, authors.iter("a")))
    for paragraph in page.iter("p"):
        yield "".join(_pieces(paragraph))


def _link_text(link: Any) -> str:
    """Return the words of an external link and its address; "" for a link within the page."""
    address = link.get("href", "")
    words = link.text_content().strip()
    return f"{'' if '://' in words else words} {address} " if address.startswith("http") else ""


def _pieces(element: Any) -> Iterator[str]:
    """Yield the texts of an element, with the address of each external link after its words."""
    yield element.text or ""
    for child in element:
        link = _link_text(child) if child.tag == "a" else ""
        if link:
            yield link
        elif isinstance(child.tag, str):
            yield from _pieces(child)
        yield child.tail or ""


def _headings(sections: list[Any]) -> Iterator[OutlineSection]:
    for section in sections:
        level = 1 + sum(outer.tag == "section" for outer in section.iterancestors())
        heading = next(section.iter(*_HEADINGS), None)
        if level > _MAX_LEVEL or heading is None:
            continue
        number, title = split_heading(heading.text_content(), _tag_of(heading))
        if title:
            yield OutlineSection(
                number, title, level, len(section.text_content().split()),
                _count_equations(section), _is_in_appendix(section),
            )  # fmt: skip


def _tag_of(element: Any) -> str:
    """Return the number that LaTeXML puts before a title, or ""."""
    tag = next(iter(_by_class(element, "span", "ltx_tag")), None)
    return "" if tag is None else str(tag.text_content())


def _count_equations(section: Any) -> int:
    """Return the number of displayed formulas; the lines of an alignment are one."""
    displayed = [math for math in section.iter("math") if math.get("display") == "block"]
    return len(displayed) + len(_by_class(section, "table", "ltx_equationgroup"))


def _captions(page: Any) -> Iterator[OutlineCaption]:
    for element in page.iter("figcaption"):
        caption = split_caption(element.text_content(), appendix=_is_in_appendix(element))
        if caption:
            yield caption


def _text_of_matching(sections: list[Any], heading: Any) -> str:
    """Return the paragraphs of the sections whose own heading matches, each once."""
    found = [section for section in sections if heading.search(_title(section))]
    known = set(found)
    outermost = (s for s in found if not any(outer in known for outer in s.iterancestors()))
    return join_parts(" ".join(p.text_content() for p in s.iter("p")) for s in outermost)


def _title(section: Any) -> str:
    heading = next(section.iter(*_HEADINGS), None)
    return "" if heading is None else str(heading.text_content())


def _is_in_appendix(element: Any) -> bool:
    return any(
        _has_class(outer, "ltx_appendix") for outer in (element, *element.iterancestors("section"))
    )


def _has_class(element: Any, name: str) -> bool:
    return name in (element.get("class") or "").split()


def _by_class(element: Any, tag: str, name: str) -> list[Any]:
    return [found for found in element.iter(tag) if _has_class(found, name)]
