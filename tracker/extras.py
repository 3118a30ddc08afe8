"""Optional extras: libraries that a plain installation omits, and how to install them.

Public: `install_command`, `require_models`, `require_llm`, `require_mcp`, `require_ray`.
"""

import importlib.util

from tracker.errors import ExtraMissing
from tracker.version import DISTRIBUTION

_MODELS = ("torch", "transformers", "sentence_transformers")


def install_command(extra: str) -> str:
    """Return the command that installs an extra."""
    return f"pip install '{DISTRIBUTION}[{extra}]'"


def require_models(what: str, *others: str) -> None:
    """Raise ExtraMissing unless the libraries of the extra `models` and `others` are installed.

    `what` is the setting or model that needs them; it becomes the subject of the error message.
    """
    if not all(importlib.util.find_spec(name) for name in (*_MODELS, *others)):
        raise ExtraMissing(what, "models", install_command("models"))


def require_ray(what: str) -> None:
    """Raise ExtraMissing for `what` unless the library of the extra `ray` is installed."""
    if importlib.util.find_spec("ray") is None:
        raise ExtraMissing(what, "ray", install_command("ray"))


def require_llm(what: str) -> None:
    """Raise ExtraMissing unless the library of the extra `llm` is installed."""
    if importlib.util.find_spec("xllamacpp") is None:
        raise ExtraMissing(what, "llm", install_command("llm"))


def require_mcp() -> None:
    """Raise ExtraMissing unless the libraries of the extra `mcp` are installed."""
    if importlib.util.find_spec("mcp") is None:
        raise ExtraMissing("`tracker mcp`", "mcp", install_command("mcp"))


def require_library_parsers(kind: str) -> None:
    """Raise ExtraMissing unless the parser of that kind of library is installed."""
    parser = {"bibtex": "bibtexparser", "ris": "rispy"}.get(kind)
    if parser and importlib.util.find_spec(parser) is None:
        raise ExtraMissing(f"`tracker import --as {kind}`", "library", install_command("library"))
