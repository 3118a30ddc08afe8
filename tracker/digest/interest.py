"""How much a paper is like those that readers of the field have voted up.

A linear model over the default embedding: logistic regression, fitted by `benchmarks/ranking.py` on
which papers of early 2026 reached Hugging Face's daily list. Its weights are plain numbers in
`interest.json`, and mean nothing to the vectors of another model.
"""

import json
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray


def likeness(vectors: NDArray[np.float32], model: str) -> NDArray[np.float32] | None:
    """For unit rows (n, d) of `model`, a number in 0..1 each; None when it is another model's."""
    fitted_for, weights, bias = _fitted()
    if model != fitted_for:
        return None
    odds: NDArray[np.float32] = 1 / (1 + np.exp(-(vectors @ weights + bias)))
    return odds


@cache
def _fitted() -> tuple[str, NDArray[np.float32], np.float32]:
    text = resources.files(__package__).joinpath("interest.json").read_text(encoding="utf-8")
    known = json.loads(text)
    return known["model"], np.array(known["weights"], np.float32), np.float32(known["bias"])
