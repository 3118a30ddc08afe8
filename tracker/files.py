"""Reading and creating the user's files: text in any editor's format, secrets, private folders.

Public: `decode`, `other_encoding`, `read_text`, `read_secret`, `read_key`, `make_private_folder`,
`make_private_file`, `replacement`, `replace_bytes`, `replace_text`, `fsync_path`, `file_sha256`.
"""

import hashlib
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from tracker.errors import ConfigError

_LONGEST_SECRET = 65_536
# UTF-32 first: its little-endian mark begins with the mark of UTF-16.
_OTHER_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


def decode(content: bytes) -> str:
    """Return the text of UTF-8 content, with or without a byte order mark.

    Raises ValueError with a clause that names what the content is instead.
    """
    if name := other_encoding(content[:4]):
        raise ValueError(f"it is saved as {name}; save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 text (byte {error.start + 1})") from error


def other_encoding(head: bytes) -> str:
    """Return the encoding that a byte order mark announces; empty for UTF-8 or no mark."""
    return next((name for mark, name in _OTHER_MARKS.items() if head.startswith(mark)), "")


def read_text(file: Path) -> str:
    """Return the text of a file. Raises OSError, and ValueError as `decode` does."""
    return decode(file.read_bytes())


def read_secret(setting: str, file: str) -> str:
    """Return the secret in the file that a setting names, without the line end after it.

    Raises ConfigError if the file cannot be read or others can read it. The message never contains
    the file's content. Nor does it repeat the setting's value unless that is clearly a path: users
    may have entered the secret itself there.
    """
    path = Path(file).expanduser()
    shown = str(path) if os.sep in file and path.parent.is_dir() else "the file that it names"
    try:
        mode, content = path.stat().st_mode, path.read_bytes()[:_LONGEST_SECRET]
        if mode & 0o077:
            raise ConfigError(f"{setting}: others can read {shown}; `chmod 600` it.")
        return decode(content).rstrip("\r\n")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigError(f"{setting}: {shown} cannot be read: {reason}.") from None
    except ValueError as error:
        raise ConfigError(f"{setting}: {shown} cannot be read: {error}.") from None


def read_key(setting: str, file: str) -> str:
    """Return a secret as `read_secret` does, if it is a key: one ASCII word, safe in a header."""
    key = read_secret(setting, file).strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigError(f"{setting}: the file must hold one key and nothing else.")
    return key


def make_private_folder(folder: Path) -> None:
    """Create a folder that only its owner can open. An existing folder is not changed."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)


def make_private_file(file: Path) -> None:
    """Create an empty file that only its owner can read. An existing file is not changed."""
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))


@contextmanager
def replacement(path: Path) -> Iterator[Path]:
    """Yield a new path beside `path` to write to; on success that file takes the place of `path`.

    It is synced to the disk before the swap, and removed after an error. What a killed process has
    left in the folder is removed, too. Raises OSError.
    """
    _delete_leftovers(path.parent)
    # The process and thread keep two writers from sharing a file; a long name would exceed the
    # limit of the file system with anything added.
    writer = f"{os.getpid()}-{threading.get_ident()}"
    work = path.with_name(f".{path.name[:40]}.{writer}")
    try:
        yield work
        fsync_path(work)
        os.replace(work, path)
        fsync_path(path.parent)
    finally:
        with suppress(OSError):
            work.unlink(missing_ok=True)


_LEFTOVER = re.compile(r"\..{1,40}\.([0-9]+)-[0-9]+")
_STARTED = time.time()


@cache  # once per process: a folder may have thousands of files
def _delete_leftovers(folder: Path) -> None:
    """Delete the unfinished files of processes that no longer run."""
    with suppress(OSError):
        for file in folder.iterdir():
            match = _LEFTOVER.fullmatch(file.name)
            if match and _is_abandoned(file, int(match[1])):
                file.unlink(missing_ok=True)


def _is_abandoned(file: Path, writer: int) -> bool:
    """Whether the process with that number has ended; in a container another may have it now."""
    if writer == os.getpid():
        return file.stat().st_mtime < _STARTED
    try:
        os.kill(writer, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):  # a process of another user, or no number of a process
        return False
    return False


def replace_bytes(path: Path, content: bytes) -> None:
    """Put `content` into the file `path` in one step. Raises OSError."""
    with replacement(path) as work:
        work.write_bytes(content)


def replace_text(path: Path, text: str) -> None:
    """Put `text` as UTF-8 into the file `path` in one step, line ends unchanged. Raises OSError."""
    replace_bytes(path, text.encode())


def fsync_path(path: Path) -> None:
    """Wait until a file's content, or a folder's entries, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_sha256(path: Path) -> str:
    """Return the hash of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
