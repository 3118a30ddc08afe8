"""What search needs of a vector store: nearest neighbours of unit vectors, kept in one file.

The engine, the pipeline and the refresh of the index (`tracker.search.index.vector_index`) depend
on this protocol only, so that another library can replace FAISS by one class. Which class is used
is decided in one place, `tracker.search.index.vector_index.STORE`.

Public: `VectorReader`, `VectorStore`.
"""

from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray


class VectorReader(Protocol):
    """A set of unit vectors of one dimension, each under an id, for searching.

    Ids are the numbers of works: int64, >= 0, each at most once. Vectors are float32 or float16
    rows of length 1 and may be kept as float16; scores are inner products, which for unit vectors
    are cosines (-1 to 1). A store is not thread-safe while it is changed; searching is.
    """

    @property
    def dimension(self) -> int:
        """Number of components of a vector, d."""
        ...

    @property
    def count(self) -> int:
        """Number of vectors, n."""
        ...

    def ids(self) -> NDArray[np.int64]:
        """Return a copy of the ids (n,), in the order of their rows."""
        ...

    def search(
        self, queries: NDArray[np.float32], k: int, *, among: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return ids (q, k) and scores (q, k) of the `k` nearest vectors of each query, best first.

        `queries` are (q, d) unit vectors. `among` (m,) restricts the search to these ids; None
        means all. Places that cannot be filled have the id -1.
        """
        ...

    def vectors(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors (m, d) of ids (m,); rows of NaN for ids that are not in the store."""
        ...

    def close(self) -> None:
        """Release the file; the store is empty afterwards."""
        ...


class VectorStore(VectorReader, Protocol):
    """A set of unit vectors that can be changed, and kept in one file."""

    @classmethod
    def build(cls, dimension: int) -> Self:
        """Return an empty store in memory for vectors of this dimension."""
        ...

    @classmethod
    def load(cls, path: Path, ids: NDArray[np.int64], *, writable: bool = False) -> Self:
        """Open a file that `save` wrote; `ids` (n,) names its rows in their order.

        A store that is not `writable` may map the file into memory and stays usable after the file
        has been removed. Raises IndexUnusable when the file cannot be read or does not hold exactly
        n vectors.
        """
        ...

    def save(self, path: Path) -> None:
        """Write the vectors to `path`, in the order of `ids()`. Raises TrackerError on failure."""
        ...

    def add(self, ids: NDArray[np.int64], vectors: NDArray[np.float32 | np.float16]) -> None:
        """Append vectors (m, d) under new ids (m,). Requires `build` or `load(writable=True)`.

        Raises ValueError when the shapes do not fit or an id is already in the store or repeated.
        """
        ...

    def remove(self, ids: NDArray[np.int64]) -> int:
        """Remove the vectors of these ids and return how many there were; others are ignored.

        Requires `build` or `load(writable=True)`. The remaining rows keep their order.
        """
        ...
