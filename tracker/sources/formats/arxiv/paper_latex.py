r"""The outline of a paper from its LaTeX source; see `latex_source` for its files.

Commands are not executed, so a heading made by a macro, and text that an \input would place, are
found only where they are written.

Public: `outline_from_latex`.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from tracker.paper.paper_outline import OutlineCaption, OutlineSection, PaperOutline
from tracker.sources.formats.arxiv.latex_source import COMMENT, read_source_files
from tracker.sources.formats.arxiv.paper_text import (
    CONCLUDING,
    LIMITING,
    MAX_CHARACTERS,
    distinct,
    find_releases,
    join_parts,
    split_caption,
    split_heading,
)

_SECTION = re.compile(r"\\(?P<sub>(?:sub)*)section\*?\s*\{(?P<title>[^{}]{0,200})\}")
_OTHER_ENDS = r"appendix|bibliography|printbibliography|end\s*\{document\}|begin\s*\{thebibl"
_END = re.compile(rf"\\(?:section|{_OTHER_ENDS})")
_ANY_END = re.compile(rf"\\(?:(?:sub)*section|{_OTHER_ENDS})")
_NOT_PROSE = re.compile(
    r"\\begin\s*\{(figure|table|equation|align|algorithm|tabular)\*?\}.*?\\end\s*\{\1\*?\}", re.S
)
_EQUATION = re.compile(r"\\begin\s*\{(?:equation|align|gather|multline|eqnarray)\*?\}|\\\[")
_FLOAT = re.compile(
    r"\\begin\s*\{(?:wrap)?(?P<kind>figure|table)\*?\}|"
    r"\\caption\s*(?:\[[^\]]{0,200}\]\s*)?\{(?P<caption>(?:[^{}]|\{[^{}]{0,200}\}){1,1500})\}"
)
_APPENDIX = re.compile(r"\\(?:appendix\b|begin\s*\{appendi)")
_LINK = re.compile(
    r"\\href\s*\{(?P<target>[^{}]{1,300})\}\s*\{(?P<words>[^{}]{0,200})\}"
    r"|\\url\s*\{(?P<url>[^{}]{1,300})\}"
)


def outline_from_latex(body: bytes) -> PaperOutline:
    """Return the outline of a paper's LaTeX source; an empty one for a PDF.

    Raises ValueError, with the reason, for an archive that is rejected.
    """
    texts = [COMMENT.sub("", file.text) for file in read_source_files(body, (".tex",))]
    return PaperOutline(
        sections=distinct(chain.from_iterable(map(_headings, texts))),
        captions=distinct(_captions(texts)),
        conclusion=_join_sections(texts, CONCLUDING),
        limitations=_join_sections(texts, LIMITING),
        releases=find_releases(chain.from_iterable(map(_linked, texts))),
    )


def _headings(latex: str) -> Iterator[OutlineSection]:
    """Yield sections and subsections; unnumbered, since only a compiler knows their numbers."""
    appendix = _APPENDIX.search(latex)
    first_of_appendix = appendix.start() if appendix else len(latex)
    found = [match for match in _SECTION.finditer(latex) if len(match["sub"]) <= len("sub")]
    for place, heading in enumerate(found):
        following = (m.start() for m in found[place + 1 :] if len(m["sub"]) <= len(heading["sub"]))
        below = latex[heading.end() : next(following, len(latex))]
        title = split_heading(heading["title"])[1]
        if title:
            yield OutlineSection(
                "", title, 2 if heading["sub"] else 1, len(below.split()),
                sum(1 for _ in _EQUATION.finditer(below)), heading.start() > first_of_appendix,
            )  # fmt: skip


def _captions(texts: list[str]) -> Iterator[OutlineCaption]:
    """Yield the captions, numbered by their order, which is that of the paper in a single file."""
    numbers = {"figure": 0, "table": 0}
    for text in texts:
        kind = "figure"
        for match in _FLOAT.finditer(text):
            if match["kind"]:
                kind = match["kind"]
                continue
            numbers[kind] += 1
            # Of several files the order is unknown, and with it the numbers.
            number = str(numbers[kind]) if len(texts) == 1 else ""
            caption = split_caption(f"{kind} {numbers[kind]}: {match['caption']}")
            if caption:
                yield OutlineCaption(kind, number, caption.text)


def _linked(latex: str) -> Iterator[str]:
    """Yield the paragraphs with an address, each link as its words and its address."""
    for paragraph in re.split(r"\n\s*\n", latex):
        if "://" in paragraph:
            yield _LINK.sub(
                lambda link: f"{link['words'] or ''} {link['target'] or link['url']} ",
                paragraph[: 2 * MAX_CHARACTERS],
            )


def _join_sections(texts: Sequence[str], title: re.Pattern[str]) -> str:
    """Return the text under all matching headings."""
    return join_parts(part for text in texts for part in _matching_sections(text, title))


def _matching_sections(latex: str, title: re.Pattern[str]) -> Iterator[str]:
    """Yield the text under each matching heading, with the subsections of a section."""
    done = 0
    for heading in _SECTION.finditer(latex):
        if heading.start() >= done and title.search(heading["title"]):
            rest = latex[heading.end() : heading.end() + 4 * MAX_CHARACTERS]
            end = (_ANY_END if heading["sub"] else _END).search(rest)
            text = rest[: end.start()] if end else rest
            done = heading.end() + len(text)
            yield _NOT_PROSE.sub(" ", _SECTION.sub(" ", text))
