"""Words that a line break of the source has split: "rea- soning", "Mixture-of- Experts".

Public surface: ``join_broken_words``.
"""

import re

from summarizer.text.wordlists import word_set

_BROKEN = re.compile(r"(?<![\w-])([A-Za-z][\w-]*)- (?=(\w+))")
_SUSPENDED = word_set("and or to versus vs as but nor in of on the a an than with is are")
"""A hyphen before these stands for the rest of a later word: "pre- and post-training"."""


def join_broken_words(text: str) -> str:
    """Return ``text`` with broken words joined where the text itself shows how.

    The hyphen stays in a compound ("Mixture-of- Experts", "GPT- 4") and where the text has the
    hyphenated word elsewhere; it goes where the text has the joined word elsewhere.
    """
    if "- " not in text:
        return text
    lower = text.lower()

    def join(found: re.Match[str]) -> str:
        first, second = found[1], found[2]
        if second.lower() in _SUSPENDED:
            return found[0]
        if f"{first}-{second}".lower() in lower:
            return f"{first}-"
        if f"{first}{second}".lower() in lower:
            return first
        return f"{first}-" if "-" in first or not second[0].islower() else found[0]

    return _BROKEN.sub(join, text)
