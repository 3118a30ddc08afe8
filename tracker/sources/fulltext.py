"""The conclusion and the stated limitations of one paper: from arXiv's HTML, else from its LaTeX.

Both documents are untrusted. Only text is read from the HTML. The LaTeX is an archive with
arbitrary content: it is unpacked in memory, never to disk, with limits on size and number, and only
regular files with plain relative names are read.

Public: `fetch_conclusion`; `conclusion_from_html`, `conclusion_from_latex` (bytes -> text).
"""

import io
import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from summarizer.text.sentences import to_plain_text
from tracker.errors import SourceMalformed
from tracker.settings import FullText
from tracker.sources.formats.xml import parse_html
from tracker.sources.http.client import Client, Request

NAME = "arxiv_fulltext"

_MOST_BYTES = 32 << 20  # as sent
_MOST_UNPACKED = 96 << 20
_MOST_MEMBERS = 2_000
_MOST_TEX = 4 << 20
_MOST_CHARACTERS = 8_000
_NO_SUCH = (404, 410)
_HEADING = re.compile(r"\b(?:conclu|limitation)", re.I)


def fetch_conclusion(client: Client, settings: FullText, key: str, version: int) -> str:
    """Return conclusion and limitations of the paper `key` as plain text; "" where none is found.

    Raises SourceError as `Client.get` does, and SourceMalformed for an archive that is rejected.
    """
    for base, read in (
        (settings.html_url, conclusion_from_html),
        (settings.source_url, conclusion_from_latex),
    ):
        url = f"{base.rstrip('/')}/{key}v{version}"
        request = Request(
            NAME, url, pace=settings.pace_seconds, max_bytes=_MOST_BYTES, expect=(200, *_NO_SUCH)
        )
        response = client.get(request)
        if response.status not in _NO_SUCH:
            try:
                text = read(response.body)
            except ValueError as error:
                raise SourceMalformed(NAME, url, str(error)) from error
            if text:
                return text
    return ""


def conclusion_from_html(body: bytes) -> str:
    """Return the text of an arXiv HTML page's sections on conclusions or limitations."""
    page = parse_html(body)
    if page is None:
        return ""
    for formula in page.iter("math"):
        formula.text = f"${formula.get('alttext', '')}$"
        for child in list(formula):
            formula.remove(child)
    found = [section for section in page.iter("section") if _HEADING.search(_title(section))]
    outermost = [s for s in found if not any(outer in found for outer in s.iterancestors())]
    return _join_as_text(" ".join(p.text_content() for p in s.iter("p")) for s in outermost)


def _title(section: Any) -> str:
    heading = next(section.iter("h1", "h2", "h3", "h4", "h5", "h6"), None)
    return "" if heading is None else str(heading.text_content())


_COMMENT = re.compile(r"(?<!\\)%.*")
_SECTION = re.compile(r"\\(?:sub)*section\*?\s*\{([^{}]{0,200})\}")
_OTHER_ENDS = r"appendix|bibliography|printbibliography|end\s*\{document\}|begin\s*\{thebibl"
_END = re.compile(rf"\\(?:section|{_OTHER_ENDS})")
_ANY_END = re.compile(rf"\\(?:(?:sub)*section|{_OTHER_ENDS})")
_NOT_PROSE = re.compile(
    r"\\begin\s*\{(figure|table|equation|align|algorithm|tabular)\*?\}.*?\\end\s*\{\1\*?\}", re.S
)


def conclusion_from_latex(body: bytes) -> str:
    """Return the same from LaTeX: a .tex file or a tar of them, gzipped or not; "" for a PDF.

    Raises ValueError, with the reason, for an archive that is rejected.
    """
    unpacked = _gunzip(body)
    if unpacked.startswith(b"%PDF"):
        return ""
    return _join_as_text(
        part for text in _texts(unpacked) for part in _sections(_COMMENT.sub("", text))
    )


def _sections(latex: str) -> Iterator[str]:
    """Yield the text under each matching heading, with the subsections of a section."""
    done = 0
    for heading in _SECTION.finditer(latex):
        if heading.start() >= done and _HEADING.search(heading.group(1)):
            rest = latex[heading.end() : heading.end() + 4 * _MOST_CHARACTERS]
            end = (_END if heading.group().startswith("\\section") else _ANY_END).search(rest)
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


def _join_as_text(parts: Iterator[str]) -> str:
    """Return distinct parts as plain text, up to a limit."""
    texts = dict.fromkeys(to_plain_text(part[: 4 * _MOST_CHARACTERS]) for part in parts)
    return " ".join(filter(None, texts))[:_MOST_CHARACTERS].strip()
