"""The files of a paper's LaTeX source: a single file or a tar of them, gzipped or not.

The source is an archive with arbitrary content: it is unpacked in memory, never to disk, with
limits on size and number, and only regular files with plain relative names are read.

Public: `read_source_files`, `SourceFile`, `COMMENT`.
"""

import io
import re
import tarfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

_MOST_UNPACKED = 96 << 20
_MOST_MEMBERS = 2_000
_MOST_TEXT = 4 << 20
# What follows an unescaped percent sign, up to the end of the line.
COMMENT = re.compile(r"(?<!\\)%.*")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A text file of the source; `ending` is that of its name, ".tex" for a single file."""

    ending: str
    text: str


def read_source_files(body: bytes, endings: Collection[str]) -> Iterator[SourceFile]:
    """Yield the text files with these endings; none for a PDF.

    Raises ValueError, with the reason, for an archive that is rejected.
    """
    unpacked = _gunzip(body)
    if unpacked.startswith(b"%PDF"):
        return
    file = io.BytesIO(unpacked)
    if not tarfile.is_tarfile(file):
        yield SourceFile(".tex", unpacked[:_MOST_TEXT].decode("utf-8", "replace"))
        return
    try:
        yield from _read_archive(file, endings)
    except tarfile.TarError as error:
        raise ValueError(f"the source is a damaged archive: {error}") from error


def _read_archive(file: io.BytesIO, endings: Collection[str]) -> Iterator[SourceFile]:
    with tarfile.open(fileobj=file, mode="r:") as archive:
        for number, member in enumerate(archive):
            if number >= _MOST_MEMBERS:
                raise ValueError(f"the source has over {_MOST_MEMBERS:,} files")
            ending = PurePosixPath(member.name).suffix.lower()
            if ending in endings and _is_safe(member) and (content := archive.extractfile(member)):
                yield SourceFile(ending, content.read(_MOST_TEXT).decode("utf-8", "replace"))


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


def _is_safe(member: tarfile.TarInfo) -> bool:
    """Whether a member is a regular file of bounded size whose name stays inside the archive."""
    path = PurePosixPath(member.name)
    inside = not path.is_absolute() and ".." not in path.parts and "\\" not in member.name
    return member.isreg() and inside and member.size <= _MOST_TEXT
