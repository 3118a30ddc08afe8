"""How a setting is declared: its default, its help and its allowed values."""

from dataclasses import field
from typing import Any


def setting(default: Any, help: str, *, choices: tuple[str, ...] = (), kind: str = "") -> Any:
    """Return a field of a section: its default, one line of help, and its allowed values.

    `kind` narrows the values further: see `tracker.config`.
    """
    return field(default=default, metadata={"help": help, "choices": choices, "kind": kind})
