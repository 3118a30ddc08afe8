"""Large files as people download them: archives and compressed files as one stream of bytes.

Gzip, bzip2, XZ and Zstandard, ZIP and tar, also one within another, as in `.tar.gz`. The format is
recognised by the first bytes, not by the name. Of an archive the member with JSON is read. Nothing
is unpacked to the disk, only a part is in memory, and a stream that grows out of proportion to its
file is refused.

Public: `open_stream`.
"""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, cast

from tracker.errors import SourceMalformed
from tracker.sources.formats.parquet import decompress_zstandard

# JSON of papers shrinks to a third or a sixth; a bomb to a thousandth.
_MAX_RATIO = 200
# A smaller stream does no harm, whatever its ratio.
_HARMLESS_BYTES = 256 * 2**20
_DEEPEST = 3
_PEEKED = 512
_MEMBER = (".json", ".jsonl", ".ndjson")
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
_UNSUPPORTED = {b"7z\xbc\xaf\x27\x1c": "7-Zip", b"Rar!": "RAR"}

Opener = Callable[[IO[bytes], ExitStack], IO[bytes]]


class _ContainerError(Exception):
    """A container that cannot be read, with the reason."""


_DAMAGE = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError,
           NotImplementedError, RuntimeError, ValueError)  # fmt: skip


@contextmanager
def open_stream(path: Path, source: str) -> Iterator[io.BufferedReader]:
    """Open the content of a file, unpacked. Raises SourceMalformed when it cannot be read on."""
    try:
        with ExitStack() as stack:
            yield _unpack(stack.enter_context(path.open("rb")), stack, path)
    except _ContainerError as error:
        raise SourceMalformed(source, str(path), str(error)) from error


def _unpack(file: IO[bytes], stack: ExitStack, path: Path) -> io.BufferedReader:
    stream = cast("io.BufferedReader", file)
    packed = path.stat().st_size
    for _ in range(_DEEPEST):
        found = _find_opener(stream.peek(_PEEKED)[:_PEEKED])
        if found is None:
            return stream
        name, opener = found
        with _translate_damage(name):
            content = opener(stream, stack)
        stream = io.BufferedReader(_Limited(content, packed, name), 2**20)
    raise _ContainerError(f"it is an archive within {_DEEPEST} others")


def _find_opener(head: bytes) -> tuple[str, Opener] | None:
    """Return the format with these first bytes and how to open it; None for plain content."""
    for start, name in _UNSUPPORTED.items():
        if head.startswith(start):
            raise _ContainerError(f"it is a {name} archive; unpack it first")
    if head[257:262] == b"ustar":
        return "tar", _open_tar
    return next((found for start, found in _OPENERS.items() if head.startswith(start)), None)


def _open_zip(stream: IO[bytes], stack: ExitStack) -> IO[bytes]:
    archive = stack.enter_context(zipfile.ZipFile(stream))
    names = [info for info in archive.infolist() if _is_member(info.filename)]
    if not names:
        raise _ContainerError("the archive has no file with JSON")
    largest = max(names, key=lambda info: info.file_size)
    if largest.flag_bits & 1:
        raise _ContainerError("the archive is encrypted")
    return stack.enter_context(archive.open(largest))


def _open_tar(stream: IO[bytes], stack: ExitStack) -> IO[bytes]:
    archive = stack.enter_context(tarfile.TarFile.open(fileobj=stream, mode="r|"))
    for member in archive:
        if member.isreg() and _is_member(member.name):
            return cast("IO[bytes]", archive.extractfile(member))
    raise _ContainerError("the archive has no file with JSON")


def _open_xz(stream: IO[bytes]) -> lzma.LZMAFile:
    return lzma.LZMAFile(stream)


def _is_member(name: str) -> bool:
    base = name.rpartition("/")[2].lower()
    for ending in _COMPRESSED:
        base = base.removesuffix(ending)
    return base.endswith(_MEMBER) and not base.startswith(".") and "__MACOSX" not in name


_OPENERS: Mapping[bytes, tuple[str, Opener]] = {
    b"\x1f\x8b": ("gzip", lambda stream, _: cast("IO[bytes]", gzip.GzipFile(fileobj=stream))),
    b"BZh": ("bzip2", lambda stream, stack: stack.enter_context(bz2.BZ2File(stream))),
    b"\xfd7zXZ\x00": ("XZ", lambda stream, stack: stack.enter_context(_open_xz(stream))),
    b"\x28\xb5\x2f\xfd": ("Zstandard", lambda stream, _: decompress_zstandard(stream)),
    b"PK\x03\x04": ("ZIP", _open_zip),
    b"PK\x05\x06": ("ZIP", _open_zip),
}


class _Limited(io.RawIOBase):
    """The content of a container, with its errors in words and a limit on its growth."""

    def __init__(self, content: Any, packed: int, name: str) -> None:
        self._content, self._name = content, name
        self._left = max(_HARMLESS_BYTES, _MAX_RATIO * packed)

    def readable(self) -> bool:
        """Return True: it is a stream to read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into `buffer` and return the number of bytes, 0 at the end."""
        with _translate_damage(self._name):
            piece = self._content.read1(len(buffer))
        self._left -= len(piece)
        if self._left < 0:
            raise _ContainerError(f"it unpacks to more than {_MAX_RATIO} times its size")
        buffer[: len(piece)] = piece
        return len(piece)


@contextmanager
def _translate_damage(name: str) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise _ContainerError(f"the {name} stream is damaged: {error}") from error
