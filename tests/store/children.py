"""Child processes that begin in the middle of a test, to be killed or to have fewer rights."""

import os
import warnings
from collections.abc import Callable


def forked(action: Callable[[], object]) -> int:
    """The process number of a child that does `action` and then ends, whatever comes of it."""
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
