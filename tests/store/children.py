"""Child processes forked in the middle of a test, to be killed or to have fewer rights."""

import os
import warnings
from collections.abc import Callable


def forked(action: Callable[[], object]) -> int:
    """Return the process number of a child that runs `action` and then exits in any case."""
    with warnings.catch_warnings():
        # Since 3.12 Python warns when there are threads: the child uses none of ours.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        return child
    try:
        action()
    finally:
        os._exit(0)
