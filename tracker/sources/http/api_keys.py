"""API keys, each in a file that only its owner can read. Public: `load_api_key`."""

from tracker.files import read_key


def load_api_key(source: str, file: str) -> str:
    """Return the key in `file`, empty when no file is given.

    Raises ConfigError when it cannot be read, others can read it, or it has no key; the message
    names the file and never contains its content.
    """
    return read_key(f"The setting sources.{source}.key_file", file) if file else ""
