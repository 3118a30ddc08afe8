"""Keys of services, each in a file that only its owner can read. Public: `key`."""

import stat
from pathlib import Path

from tracker.errors import ConfigError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_LONGEST = 4096


def key(source: str, file: str) -> str:
    """The key that stands in `file`, empty when no file is named.

    Raises ConfigError when it cannot be read, others can read it, or it holds no key; the message
    names the file and never what is in it.
    """
    if not file:
        return ""
    path, setting = Path(file).expanduser(), f"The setting sources.{source}.key_file"
    try:
        mode, text = path.stat().st_mode, path.read_bytes()[:_LONGEST]
    except OSError as error:
        raise ConfigError(f"{setting}: {path} cannot be read: {error.strerror}.") from error
    if mode & _OTHERS:
        raise ConfigError(f"{setting}: others can read {path}; run `chmod 600 {path}`.")
    word = text.decode("ascii", "replace").strip()
    if not word or not word.isascii() or not word.isprintable() or " " in word:
        raise ConfigError(f"{setting}: {path} must hold one key and nothing else.")
    return word
