"""Files of the user: text as any editor saves it, secrets, and private folders and files.

Public: `decode`, `other_encoding`, `read_text`, `read_secret`, `read_key`, `make_private_folder`,
`make_private_file`.
"""

import os
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
    """UTF-8 text, with or without a byte order mark.

    Raises ValueError with a sentence part that says what the content is instead.
    """
    if name := other_encoding(content[:4]):
        raise ValueError(f"it is saved as {name}; save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 text (byte {error.start + 1})") from error


def other_encoding(head: bytes) -> str:
    """The encoding that a byte order mark at the head of a file names, unless it is UTF-8."""
    return next((name for mark, name in _OTHER_MARKS.items() if head.startswith(mark)), "")


def read_text(file: Path) -> str:
    """The text of a file. Raises OSError, and ValueError as `decode` does."""
    return decode(file.read_bytes())


def read_secret(setting: str, file: str) -> str:
    """The secret in the file that a setting names, without the line end after it.

    Raises ConfigError when it cannot be read or others can read it; the message never holds what is
    in the file, nor a value that may be the secret itself in the place of a file's name.
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
    """As `read_secret`, for a key: one word of ASCII, which can stand in a header."""
    word = read_secret(setting, file).strip()
    if not word or not word.isascii() or not word.isprintable() or " " in word:
        raise ConfigError(f"{setting}: the file must hold one key and nothing else.")
    return word


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner can enter; one that exists stays as it is."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)


def make_private_file(file: Path) -> None:
    """Make an empty file that only its owner can read; one that exists stays as it is."""
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
