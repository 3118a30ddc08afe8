"""The conclusion and the stated limits of one paper: from arXiv's HTML, else from its LaTeX.

Both documents come from strangers. The HTML is only read for text. The LaTeX is an archive of
whatever its authors packed: it is unpacked in memory, never to disk, under caps on size and
number, and only regular files with plain relative names are looked at.

Public: `conclusion`; `of_html`, `of_latex` (bytes -> text).
"""

import io
import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from summarizer.text import plain
from tracker.errors import SourceMalformed
from tracker.settings import FullText
from tracker.sources.http import Ask, Client
from tracker.sources.xml import page_of

NAME = "arxiv_fulltext"

_MOST_BYTES = 32 << 20  # as sent
_MOST_UNPACKED = 96 << 20
_MOST_MEMBERS = 2_000
_MOST_TEX = 4 << 20
_MOST_CHARACTERS = 8_000
_NO_SUCH = (404, 410)
_HEADING = re.compile(r"\b(?:conclu|limitation)", re.I)


def conclusion(client: Client, settings: FullText, key: str, version: int) -> str:
    """Conclusion and limits of the paper `key` as plain text; "" where it has none to be read.

    Raises SourceError as `Client.get` does, and SourceMalformed for an archive that is refused.
    """
    for base, read in ((settings.html_url, of_html), (settings.source_url, of_latex)):
        url = f"{base.rstrip('/')}/{key}v{version}"
        ask = Ask(NAME, url, pace=settings.pace_seconds, cap=_MOST_BYTES, expect=(200, *_NO_SUCH))
        answer = client.get(ask)
        if answer.status not in _NO_SUCH:
            try:
                text = read(answer.body)
            except ValueError as error:
                raise SourceMalformed(NAME, url, str(error)) from error
            if text:
                return text
    return ""


def of_html(body: bytes) -> str:
    """The text of the sections of an arXiv HTML page that conclude or tell limits."""
    page = page_of(body)
    if page is None:
        return ""
    for formula in page.iter("math"):
        formula.text = f"${formula.get('alttext', '')}$"
        for child in list(formula):
            formula.remove(child)
    found = [section for section in page.iter("section") if _HEADING.search(_title(section))]
    outermost = [s for s in found if not any(outer in found for outer in s.iterancestors())]
    return _joined(" ".join(p.text_content() for p in s.iter("p")) for s in outermost)


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


def of_latex(body: bytes) -> str:
    """The same from LaTeX source: a .tex file or a tar of them, gzipped or not; "" for a PDF.

    Raises ValueError, with the reason, for an archive that is refused.
    """
    unpacked = _gunzipped(body)
    if unpacked.startswith(b"%PDF"):
        return ""
    return _joined(part for text in _texts(unpacked) for part in _sections(_COMMENT.sub("", text)))


def _sections(latex: str) -> Iterator[str]:
    """What stands under each heading that matches, with the subsections of a section."""
    done = 0
    for heading in _SECTION.finditer(latex):
        if heading.start() >= done and _HEADING.search(heading.group(1)):
            rest = latex[heading.end() : heading.end() + 4 * _MOST_CHARACTERS]
            end = (_END if heading.group().startswith("\\section") else _ANY_END).search(rest)
            text = rest[: end.start()] if end else rest
            done = heading.end() + len(text)
            yield _NOT_PROSE.sub(" ", _SECTION.sub(" ", text))


def _gunzipped(body: bytes) -> bytes:
    """`body` without its gzip layer, if it has one. ValueError when it unpacks to too much."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(body, _MOST_UNPACKED)
    except zlib.error as error:
        raise ValueError(f"the source is no sound gzip file: {error}") from error
    if unpacker.unconsumed_tail:
        raise ValueError(f"the source unpacks to over {_MOST_UNPACKED:,} bytes")
    return unpacked


def _texts(unpacked: bytes) -> Iterator[str]:
    """The .tex files of a tar, or the one file that this is."""
    file = io.BytesIO(unpacked)
    if not tarfile.is_tarfile(file):
        yield unpacked[:_MOST_TEX].decode("utf-8", "replace")
        return
    try:
        with tarfile.open(fileobj=file, mode="r:") as archive:
            for number, member in enumerate(archive):
                if number >= _MOST_MEMBERS:
                    raise ValueError(f"the source holds over {_MOST_MEMBERS:,} files")
                if _is_plain(member) and (content := archive.extractfile(member)):
                    yield content.read(_MOST_TEX).decode("utf-8", "replace")
    except tarfile.TarError as error:
        raise ValueError(f"the source is a damaged archive: {error}") from error


def _is_plain(member: tarfile.TarInfo) -> bool:
    """Whether a member is a .tex file under a name that stays where it is unpacked; no link."""
    path = PurePosixPath(member.name)
    inside = not path.is_absolute() and ".." not in path.parts and "\\" not in member.name
    return member.isreg() and inside and path.suffix == ".tex" and member.size <= _MOST_TEX


def _joined(parts: Iterator[str]) -> str:
    """Parts as plain text, each once, capped."""
    texts = dict.fromkeys(plain(part[: 4 * _MOST_CHARACTERS]) for part in parts)
    return " ".join(filter(None, texts))[:_MOST_CHARACTERS].strip()
