"""Files of the user: text as any editor saves it, and folders and files that are private.

Public: `decode`, `read_text`, `make_private_folder`, `make_private_file`.
"""

import os
from pathlib import Path

# UTF-32 first: its little-endian mark begins with the mark of UTF-16.
_OTHER_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


def decode(content: bytes) -> str:
    """UTF-8 text, with or without a byte order mark.

    Raises ValueError with a sentence part that says what the content is instead.
    """
    for mark, name in _OTHER_MARKS.items():
        if content.startswith(mark):
            raise ValueError(f"it is saved as {name}; save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 text (byte {error.start + 1})") from error


def read_text(file: Path) -> str:
    """The text of a file. Raises OSError, and ValueError as `decode` does."""
    return decode(file.read_bytes())


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner can enter; one that exists stays as it is."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)


def make_private_file(file: Path) -> None:
    """Make an empty file that only its owner can read; one that exists stays as it is."""
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
