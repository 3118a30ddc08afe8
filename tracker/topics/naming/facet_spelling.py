"""How a folded phrase is written in a heading: in the plural, with the capitals of running text.

Public: `spell_facet`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

# A phrase of several words, or of one, that is written in the plural this often is a plural in a
# heading.
_PLURAL_SHARE, _WORD_PLURAL_SHARE = 0.15, 0.3
# A word that running text writes with a capital this often is a name: "Bayesian".
_NAME_SHARE = 0.8


# Phrases that are mostly written before a noun ("long-context models"), as they are without one.
_ALONE = {
    "jailbreak": "Jailbreaks",
    "embedding": "Embeddings",
    "robotic": "Robotics",
    "multilingual model": "Multilingual models",
    "rlhf": "RLHF",
    "long context": "Long context",
    "chain of thought": "Chain of thought",
    "kv cache": "KV caches",
    "mixture of expert": "Mixture of experts",
    "retrieval augmented generation": "Retrieval-augmented generation",
    "vision language model": "Vision-language models",
}


def spell_facet(folded: str, abstracts: Sequence[str], titles: Sequence[str]) -> str:
    """Return a phrase as a heading has it, from the texts that contain it."""
    if folded in _ALONE:
        return _ALONE[folded]
    words = r"[-\s]+".join(rf"{re.escape(word)}s?" for word in folded.split())
    pattern = re.compile(rf"(?<![\w-]){words}(?![\w-])", re.I)
    written = [match[0] for text in abstracts for match in pattern.finditer(text)]
    written = written or [match[0] for text in titles for match in pattern.finditer(text)]
    if not written:
        return folded[:1].upper() + folded[1:]
    spelling = _usual_spelling(written)
    text = "".join(_spell_word(word, abstracts) for word in re.split(r"(?<=[-\s])", spelling))
    return text[:1].upper() + text[1:]


def _usual_spelling(written: Iterable[str]) -> str:
    counted = Counter(" ".join(text.lower().split()) for text in written)
    plurals = {text: n for text, n in counted.items() if text.endswith("s")}
    is_word = all(" " not in text and "-" not in text for text in counted)
    least = (_WORD_PLURAL_SHARE if is_word else _PLURAL_SHARE) * counted.total()
    best = plurals if sum(plurals.values()) >= least else counted
    return max(best, key=lambda text: (best[text], text))


def _spell_word(word: str, abstracts: Sequence[str]) -> str:
    """Return a word of lower case with the capitals that running text gives it."""
    bare = word.rstrip("- \n")
    if not bare:
        return word
    word_pattern = rf"{re.escape(bare)}(?!\w)"
    inside = re.compile(rf"(?<=[\w,;:] )\(?{word_pattern}|(?<=-){word_pattern}", re.I)
    found = Counter(match[0].lstrip("(") for text in abstracts for match in inside.finditer(text))
    if not found:
        return word
    usual, _ = max(found.items(), key=lambda pair: (pair[1], pair[0]))
    capital = sum(n for text, n in found.items() if text != text.lower())
    is_name = capital >= _NAME_SHARE * found.total() or sum(map(str.isupper, usual)) > 1
    return (usual if is_name else bare) + word[len(bare) :]
