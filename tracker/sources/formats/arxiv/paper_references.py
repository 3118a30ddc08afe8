r"""What a paper cites, from its LaTeX source (.bbl, .bib, \bibitem) or its HTML page at arXiv.

Pure, and never an error: an entry that cannot be understood is left out. Which works are meant is
for the store to find out; where an entry does not mark its title, several texts of it may be it.

Public: `references_from_latex`, `references_from_html`.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from summarizer.text.sentences import to_plain_text
from tracker.records import Reference
from tracker.sources.formats.arxiv.latex_source import COMMENT, SourceFile, read_source_files
from tracker.sources.formats.fields import parse_arxiv_id
from tracker.sources.formats.xml import parse_html

_MOST, _MOST_TITLES, _LONGEST = 1_000, 6, 4_000
_SHORTEST_TITLE, _LONGEST_TITLE = 20, 300
_ARXIV = re.compile(
    r"(?:arxiv|abs/|pdf/|eprint)[^\d\n]{0,24}?"
    r"(?P<id>(?:\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}|[a-z][a-z-]{1,15}(?:\.[A-Z]{2})?/\d{7}))(?!\d)",
    re.I,
)
_DOI = re.compile(r"(?<![\w.])10\.\d{4,9}/[^\s{}\"<>,;]+")
_GROUP = r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
_ITEM = re.compile(r"\\(?:bibitem|entry)(?![a-z])")
_END = re.compile(r"\\end\s*\{thebibliography\}|\\enddatalist")
# The title where a style marks it, and the texts that may be it.
_MARKED = re.compile(
    r"\\(?:bibinfo\s*\{title\}|field\s*\{title\}|showarticletitle|bibtitle|enquote|BBTI\w*)\s*"
    + _GROUP
)
_TEXTS = (
    re.compile(r"``(.{20,300}?),?\'\'", re.S),
    re.compile(r"\\newblock\s+(.{20,400}?)(?=\\newblock|\Z)", re.S),
    re.compile(r"\\(?:emph|textit|textsl)\s*" + _GROUP),
    re.compile(r"(?:^|[.:]\s)([A-Z][^.]{20,300})\.(?=\s|$)", re.S),
)
_BIB_ENTRY = re.compile(r"^\s*@(?P<kind>\w+)\s*\{\s*(?P<key>[^\s,{}]+)\s*,", re.M)
_BIB_TITLE = re.compile(r"(?<![\w-])title\s*=\s*(?:" + _GROUP + r'|"([^"]*)")', re.I)
_CITED = re.compile(r"\\(?:no)?cite\w*\*?\s*(?:\[[^\]]*\]\s*){0,2}\{([^{}]*)\}", re.I)


def references_from_latex(body: bytes) -> tuple[Reference, ...]:
    """Return what a LaTeX source cites; () for one that is rejected or a PDF.

    A bibliography made by BibTeX (.bbl) has only what is cited. Without one, of the .bib files the
    entries count that the text cites.
    """
    try:
        files = [*read_source_files(body, (".tex", ".bbl", ".bib"))]
    except ValueError:
        return ()
    made = [entry for file in files if file.ending != ".bib" for entry in _items(file.text)]
    return _deduplicate(map(_read_item, made)) or _deduplicate(_cited_entries(files))


def _items(latex: str) -> Iterator[str]:
    """Yield the entries of a bibliography that BibTeX or biber has made."""
    plain = COMMENT.sub("", latex)
    for _, entry in _split_at(_ITEM, plain):
        yield _END.split(entry)[0]


def _split_at(start: re.Pattern[str], text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield each match and the text up to the next one, of at most `_LONGEST` characters."""
    starts = [*start.finditer(text)]
    ends = [*(match.start() for match in starts[1:]), len(text)]
    for match, end in zip(starts, ends, strict=False):
        yield match, text[match.end() : min(end, match.end() + _LONGEST)]


def _read_item(entry: str) -> Reference:
    marked = [match[1] for match in _MARKED.finditer(entry)]
    texts = (match[1] for pattern in _TEXTS for match in pattern.finditer(entry))
    return _build_reference(entry, marked or texts)


def _cited_entries(files: Iterable[SourceFile]) -> Iterator[Reference]:
    """Yield the entries of BibTeX files that the LaTeX files cite."""
    texts = [(file.ending, COMMENT.sub("", file.text)) for file in files]
    cited = _cited_keys("\n".join(text for ending, text in texts if ending == ".tex"))
    for text in (text for ending, text in texts if ending == ".bib"):
        for match, entry in _split_at(_BIB_ENTRY, text):
            if match["key"] in cited or "*" in cited:
                yield _build_reference(entry, (t[1] or t[2] for t in _BIB_TITLE.finditer(entry)))


def _cited_keys(latex: str) -> set[str]:
    return {key.strip() for match in _CITED.finditer(latex) for key in match[1].split(",")}


def references_from_html(body: bytes) -> tuple[Reference, ...]:
    """Return what an arXiv HTML page cites; () for a page without a bibliography."""
    page = parse_html(body)
    if page is None:
        return ()
    items = (item for item in page.iter("li") if "ltx_bibitem" in (item.get("class") or "").split())
    return _deduplicate(_read_html_item(item) for item in islice(items, _MOST))


def _read_html_item(item: Any) -> Reference:
    links = (link.get("href") or "" for link in item.iter("a"))
    blocks = [
        " ".join(block.text_content().split())
        for block in item.iter("span")
        if {"ltx_bibblock", "ltx_bib_title"} & set((block.get("class") or "").split())
    ]
    text = " ".join(item.text_content().split())
    sentences = (match[1] for match in _TEXTS[-1].finditer(text[:_LONGEST]))
    return _build_reference(" ".join((text[:_LONGEST], *links)), (*blocks, *sentences))


def _build_reference(entry: str, titles: Iterable[str]) -> Reference:
    plain = entry.replace("\\_", "_").replace("\\", " ").replace("{", " ").replace("}", " ")
    arxiv, doi = _ARXIV.search(plain), _DOI.search(plain)
    cleaned = (to_plain_text(title).strip(' .,;"“”') for title in titles)
    texts = (t for t in cleaned if _SHORTEST_TITLE <= len(t) <= _LONGEST_TITLE)
    return Reference(
        parse_arxiv_id(arxiv["id"]) if arxiv else "",
        doi[0].rstrip(".)]").lower() if doi else "",
        tuple(islice(dict.fromkeys(texts), _MOST_TITLES)),
    )


def _deduplicate(references: Iterable[Reference]) -> tuple[Reference, ...]:
    return tuple(islice(dict.fromkeys(filter(_has_evidence, references)), _MOST))


def _has_evidence(reference: Reference) -> bool:
    """Whether a reference has anything by which its work can be found."""
    return bool(reference.arxiv or reference.doi or reference.titles)
