"""Adapts the vector of a question to literature search, for the bundled model only.

The bundled model was trained to tell whether two sentences mean the same. The adapter adds a
low-rank correction to the vector of a query, so that it comes nearer to the papers that answer it;
the vectors of papers stay as they are. benchmarks/query_adapter.py computes its numbers.

Public: `QueryAdapter`, `load_adapter`.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from tracker.search.encoder.openvino import normalize_rows

_FILE = "query_adapter.npz"


@dataclass(frozen=True, slots=True)
class QueryAdapter:
    """The correction `query @ down @ up`: `down` is (d, r), `up` is (r, d)."""

    down: NDArray[np.float32]
    up: NDArray[np.float32]

    def adapt(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return unit vectors (n, d) for unit vectors (n, d)."""
        return normalize_rows(query + query @ self.down @ self.up)


@cache
def load_adapter() -> QueryAdapter:
    """Return the adapter of the bundled model."""
    with (files(__package__) / _FILE).open("rb") as file, np.load(file) as arrays:
        return QueryAdapter(arrays["down"].astype(np.float32), arrays["up"].astype(np.float32))
