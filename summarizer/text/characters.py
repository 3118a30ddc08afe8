"""One spelling of characters, so that texts of different sources and queries agree.

Texts copied out of PDFs have ligatures, soft hyphens and no-break spaces; some systems store
accents as separate marks, or Latin letters and kana in the widths of old character sets. NFKC would
unify these, but also turn the ``x²`` and ``ℝ`` of formulas into ``x2`` and ``R``, so it is applied
to the former only.

Public surface: ``normalize_characters``.
"""

import re
import unicodedata

# Ligatures; full-width digits and letters; half-width kana and Hangul; radicals that stand for
# ideographs. Full-width punctuation stays: it is right in Chinese and Japanese.
_COMPATIBLE = re.compile(
    "[\ufb00-\ufb06\ufb13-\ufb17\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uff9f\uffa1-\uffdc"
    "\u2f00-\u2fd5]+"
)
# Soft hyphens, zero-width spaces, word joiners, byte-order marks, direction marks.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
# Joiners are part of the spelling of Persian, Indic scripts and emoji, but not of Latin.
_LATIN_JOINER = re.compile("(?<=[A-Za-z\u00c0-\u024f])[\u200c\u200d]+(?=[A-Za-z\u00c0-\u024f])")
# White space other than ASCII: no-break, thin and ideographic spaces, separators of lines.
_SPACE = re.compile("[\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")


def normalize_characters(text: str) -> str:
    """Return ``text`` in NFC, with plain letters for their variants and without invisible signs."""
    if text.isascii():
        return text
    visible = _INVISIBLE.sub("", _SPACE.sub(" ", text))
    plain = _COMPATIBLE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), visible)
    return unicodedata.normalize("NFC", _LATIN_JOINER.sub("", plain))
