"""A small learned judge: how likely it is that a sentence says what its paper says.

A logistic model, trained by ``benchmarks/claims.py --train`` on sentences about real abstracts,
some made by rule and some written by hand. It sees only words and their places (``alignment``) and
what the rules doubt that err too often to decide alone; it cannot admit what another rule rejects.

Public surface: ``score``.
"""

import json
import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def _weights() -> dict[str, list[float]]:
    found: dict[str, list[float]] = json.loads(
        Path(__file__).with_name("judge.json").read_text("utf-8")
    )
    return found


def score(numbers: Sequence[float]) -> float:
    """Return how likely a sentence with these numbers is supported, from 0 to 1."""
    weights = _weights()
    z = sum(w * x for w, x in zip(weights["weights"], numbers, strict=True)) + weights["bias"][0]
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))
