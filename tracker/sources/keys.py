"""Keys of services, each in a file that only its owner can read. Public: `key`."""

from tracker.files import read_key


def key(source: str, file: str) -> str:
    """The key that stands in `file`, empty when no file is named.

    Raises ConfigError when it cannot be read, others can read it, or it holds no key; the message
    names the setting and never what is in the file.
    """
    return read_key(f"The setting sources.{source}.key_file", file) if file else ""
