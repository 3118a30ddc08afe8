"""The extras: libraries that a plain installation leaves out, and the command that brings them.

Surface: `install_command`, `require_models`.
"""

import importlib.util

from tracker.errors import ExtraMissing
from tracker.version import DISTRIBUTION

_MODELS = ("torch", "transformers", "sentence_transformers")


def install_command(extra: str) -> str:
    """The command that adds an extra to this installation."""
    return f"pip install '{DISTRIBUTION}[{extra}]'"


def require_models(what: str, *others: str) -> None:
    """Raise ExtraMissing unless torch and its companions, and `others`, can be imported.

    `what` is the setting or model that needs them, as the sentence's subject.
    """
    if not all(importlib.util.find_spec(name) for name in (*_MODELS, *others)):
        raise ExtraMissing(what, "models", install_command("models"))
