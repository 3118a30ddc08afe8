r"""The outline of a paper from its LaTeX source: a .tex file or a tar of them, gzipped or not.

The source is an archive with arbitrary content: it is unpacked in memory, never to disk, with
limits on size and number, and only regular files with plain relative names are read. Commands are
not executed, so a heading made by a macro, and text that an \input would place, are found only
where they are written.

Public: `outline_from_latex`.
"""

import io
import re
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import PurePosixPath

from tracker.paper.paper_outline import OutlineCaption, OutlineSection, PaperOutline
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

_MOST_UNPACKED = 96 << 20
_MOST_MEMBERS = 2_000
_MOST_TEX = 4 << 20

_COMMENT = re.compile(r"(?<!\\)%.*")
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
    unpacked = _gunzip(body)
    if unpacked.startswith(b"%PDF"):
        return PaperOutline()
    texts = [_COMMENT.sub("", text) for text in _texts(unpacked)]
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


def _gunzip(body: bytes) -> bytes:
    """Return `body` without its gzip layer, if any. Raises ValueError when it is too large."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(body, _MOST_UNPACKED)
    except zlib.error as error:
        raise ValueError(f"the source is not a valid gzip file: {error}") from error
    if unpacker.unconsumed_tail:
        raise ValueError(f"the source unpacks to over {_MOST_UNPACKED:,} bytes")
    return unpacked


def _texts(unpacked: bytes) -> Iterator[str]:
    """Yield the .tex files of a tar, or the single file."""
    file = io.BytesIO(unpacked)
    if not tarfile.is_tarfile(file):
        yield unpacked[:_MOST_TEX].decode("utf-8", "replace")
        return
    try:
        with tarfile.open(fileobj=file, mode="r:") as archive:
            for number, member in enumerate(archive):
                if number >= _MOST_MEMBERS:
                    raise ValueError(f"the source has over {_MOST_MEMBERS:,} files")
                if _is_safe_tex_file(member) and (content := archive.extractfile(member)):
                    yield content.read(_MOST_TEX).decode("utf-8", "replace")
    except tarfile.TarError as error:
        raise ValueError(f"the source is a damaged archive: {error}") from error


def _is_safe_tex_file(member: tarfile.TarInfo) -> bool:
    """Whether a member is a regular .tex file whose name stays inside the archive."""
    path = PurePosixPath(member.name)
    inside = not path.is_absolute() and ".." not in path.parts and "\\" not in member.name
    return member.isreg() and inside and path.suffix == ".tex" and member.size <= _MOST_TEX
