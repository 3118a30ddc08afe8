"""Files that are either whole or not there: what the caches of this room write and check with.

Surface: `sync`, `sha256`, `replace_text`.
"""

import hashlib
import os
from pathlib import Path


def sync(path: Path) -> None:
    """Wait until the file or folder is on the disk; a folder's entries count as its content."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256(path: Path) -> str:
    """Hash of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def replace_text(path: Path, text: str) -> None:
    """Put `text` into `path` in one step: a reader sees the old content or the new, whole."""
    # The process id keeps two writers from sharing one temporary file.
    work = path.with_name(f".{path.name}.{os.getpid()}")
    work.write_text(text, encoding="utf-8")
    sync(work)
    os.replace(work, path)
    sync(path.parent)
