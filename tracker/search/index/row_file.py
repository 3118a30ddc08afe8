"""Rows of an array in a file, each read where it is.

Mapping the file instead brings 16 pages into memory for each row that is touched, and they stay: a
hundred searches of 2.9 million vectors took 2.2 GB.

Public: `RowFile`.
"""

import os
import weakref
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.errors import IndexUnusable

_KIND = np.dtype("<f2")


class RowFile:
    """A two-dimensional float16 array that `numpy.save` wrote; it outlives the file's removal.

    Several threads may read at a time.
    """

    def __init__(self, path: Path) -> None:
        """Open the file. Raises IndexUnusable if it is gone or holds anything else."""
        try:
            with path.open("rb") as file:
                np.lib.format.read_magic(file)
                shape, by_column, kind = np.lib.format.read_array_header_1_0(file)
                self._first, self._descriptor = file.tell(), os.dup(file.fileno())
        except (OSError, ValueError) as error:
            raise IndexUnusable(f"its file {path.name} cannot be read") from error
        self._release = weakref.finalize(self, os.close, self._descriptor)
        if by_column or kind != _KIND or len(shape) != 2:
            raise IndexUnusable(f"{path.name} holds no vectors")
        self.shape: tuple[int, int] = shape

    def __len__(self) -> int:
        """Return the number of rows."""
        return self.shape[0]

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.float16]:
        """Return some rows (m, d), in the order of their numbers (m,)."""
        if not len(rows):
            return np.empty((0, self.shape[1]), _KIND)
        size, descriptor = self.shape[1] * _KIND.itemsize, self._descriptor
        places = (self._first + rows * size).tolist()
        data = b"".join([os.pread(descriptor, size, place) for place in places])
        return np.frombuffer(data, _KIND).reshape(len(rows), -1)

    def close(self) -> None:
        """Release the file."""
        self._release()
        self.shape = (0, self.shape[1])
