"""How large a model is, by its name, and what it can be asked to do.

Public surface: ``Mode``, ``choose_mode``, ``billions_of_parameters``.
"""

import re
from typing import Literal

Mode = Literal["shorten", "write"]
"""``shorten``: the model shortens sentences of the extract. ``write``: it writes the summary."""

_LEAST_BILLIONS = 3.0
# "8B", "0.5b", "135M", "8x7B"; of "30B-A3B" the first.
_SIZE = re.compile(r"(?<![a-z\d.])(?:(\d+)x)?(\d+(?:\.\d+)?)\s?([bm])(?![a-z\d])", re.I)


def choose_mode(model: str) -> Mode:
    """Return what a model is asked to do: to write only if its name says that it is large enough.

    A small model that writes freely repeats titles and fills fields with anything.
    """
    size = billions_of_parameters(model)
    return "write" if size is not None and size >= _LEAST_BILLIONS else "shorten"


def billions_of_parameters(model: str) -> float | None:
    """Return the number of parameters that a name states, in billions; None if it states none."""
    match = _SIZE.search(model.replace("_", "-"))
    if match is None:
        return None
    experts, number, unit = int(match[1] or 1), float(match[2]), match[3].lower()
    return experts * number / (1 if unit == "b" else 1000)
