"""Folding of titles and names, so that two spellings of one of them compare equal.

``to_plain_text`` in ``sentences`` prepares text to be read and keeps case and accents; this module
prepares text to be compared and keeps neither. Keys made of these words are stored with works, so
the folding does not change.

Public surface: ``fold_words``.
"""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")


def fold_words(text: str) -> list[str]:
    """Return the words of ``text`` in order, without case, accents and punctuation (NFKD)."""
    if text.isascii():  # Nothing to decompose, and names of authors are most of what is folded.
        return _WORD.findall(text.casefold())
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(c for c in decomposed if not unicodedata.combining(c)))
