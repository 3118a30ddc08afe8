"""The content words of a query, without stop words and question phrases.

Pure. "Which papers study the routing of tokens?" is about the routing of tokens.

Public: `content_words`, `content_word_pairs`, `is_stop_word`, `strip_question_words`.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from summarizer.text.wordlists import word_set

# English words that occur in every text: useless to BM25, and slow. This list serves queries only:
# `topics/stopwords.txt` lists what cannot name a cluster, `summarizer.text.stems` what does not
# count as evidence for a sentence, `acronym_alignment` what an acronym's letters skip.
_STOP = word_set(
    """a about above across after again against all almost also although always am among an and
    another any anything are aren as at be became because become been before being below between
    both but by can cannot could did do does doing done down during each either else etc even ever
    every few for from further get give given gives had has have having he hence her here him his
    how however i if im in instead into is isn it its itself just let like m made make makes many
    may me might more moreover most much must my namely near neither never no nor not now of off
    often on once one only onto or other others otherwise our ours out over own per perhaps please
    quite rather re s same shall she should since so some something such t than that the their
    theirs them themselves then there thereby therefore these they this those though through thus
    to together too toward towards under until up upon us use used uses using usually ve very via
    was way we well were what whatever when where whereas whereby wherein whether which while who
    whom whose why will with within without would yes yet you your yours"""
)
# What a question about the literature asks for; elsewhere content: "literature review agents".
_KINDS = word_set(
    """article articles author authors literature paper papers preprint preprints publication
    publications reference references research researcher researchers researches resource resources
    studies study work works"""
)
# Verbs of searching and of what papers do; skipped before the first content word of a query.
_QUESTION_VERBS = word_set(
    """address addressed addresses addressing aim aimed aims apply applied applies applying cite
    concentrate concentrated conducted consider considered considering considers contribute
    contributed cover covered covering covers deal dealing deals demonstrate demonstrated
    demonstrates demonstrating describe described describes describing develop developed
    develops discuss discussed discusses discussing employ employed employs examine examined
    examines examining example examples existing explore explored explores exploring find
    first focus focused focuses focusing help identify inform initially interested introduce
    introduced introduces introducing investigate investigated investigates investigating
    know list looking mention name need present presented presents previous previously prior
    propose proposed proposes proposing provide provided provides providing published recent
    recently recommend refer related relevant report reported search searching seek seeking
    show showed showing shown shows studied studying suggest tackle tackled tackles tackling
    talk talking talks tell want worked working"""
)
_WORD = re.compile(r"[^\W_]+")


def content_words(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words to search for, each once; if all are stop words, all of them."""
    rest = _skip_question_words(words)
    content = [word for word in rest if word.lower() not in _STOP]
    return tuple(dict.fromkeys(content or rest))


def is_stop_word(word: str) -> bool:
    """Whether a word in lower case occurs in every text."""
    return word in _STOP


def content_word_pairs(words: Sequence[str]) -> tuple[str, ...]:
    """Return each pair of adjacent words of which neither is a stop word."""
    pairs = pairwise(_skip_question_words(words))
    content = (pair for pair in pairs if _STOP.isdisjoint(map(str.lower, pair)))
    return tuple(dict.fromkeys(map(" ".join, content)))


def strip_question_words(text: str) -> str:
    """Return a query without its question phrase, for embedding.

    Measured on 406 questions: MiniLM's nDCG@10 is 23.4 without the phrases and 20.8 with them.
    """
    found = list(_WORD.finditer(text))
    start = _count_question_words([match[0].lower() for match in found])
    return text[found[start].start() :].rstrip(" ?.!") if start else text


def _skip_question_words(words: Sequence[str]) -> Sequence[str]:
    return words[_count_question_words([word.lower() for word in words]) :]


def _count_question_words(words: Sequence[str]) -> int:
    """Return the number of leading question words; 0 for "related work generation"."""
    skipped = _STOP | _KINDS | _QUESTION_VERBS
    end = next((place for place, word in enumerate(words) if word not in skipped), 0)
    start = set(words[:end])
    return end if start & _KINDS and start & _STOP - {"of"} else 0
