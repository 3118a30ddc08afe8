"""Detection of instructions to a model in an abstract, and removal of links and markup.

An abstract is data. A sentence of it that gives instructions to the model that reads it is not
evidence for anything and is never shown; text that a model writes is stripped of everything that
could lead a reader to another site.

Public surface: ``is_prompt_injection``, ``strip_markup``.
"""

import re

from summarizer.text.sentences import to_plain_text
from summarizer.text.wordlists import word_set

_QUOTED = re.compile('"[^"]{1,300}"|\u201c[^\u201d]{1,300}\u201d|\u2018[^\u2019]{1,300}\u2019')
_TO_THE_READER = (
    r"(?:^|[.!?:;,>\])}]\s*|\b(?:please|now|and|must|should|then|instead|reviewers?|assistant)\s)"
)
_INSTRUCTIONS = re.compile(
    # ignore your instructions
    _TO_THE_READER + r"(?:ignore|disregard|forget|override|bypass|discard)\b.{0,60}"
    r"\b(?:instructions?|prompts?|directions?|guidelines?|rules|commands?|messages?|told|said)\b"
    # reveal your instructions
    r"|"
    + _TO_THE_READER
    + r"(?:print|reveal|repeat|output|show|leak|display|return|disclose|quote)\b"
    r"(?: \w+){0,3} (?:system|developer|initial|hidden|your) (?:prompt|instructions?|message)s?\b"
    # praise this paper
    r"|" + _TO_THE_READER + r"(?:rate|score|grade|rank|give|assign|award|call|recommend)\b.{0,80}"
    r"(?:\b(?:10|ten|5|five|100)\s?(?:/|out of|of)\s?(?:10|ten|5|five|100)\b|\baccept\w*\b"
    r"|\bpositive (?:review|rating|score)|\bhighest (?:score|rating|mark)|\bbest paper)"
    r"|"
    + _TO_THE_READER
    + r"(?:do not|don't|never) (?:mention|highlight|list|report|include|say)\b"
    # send people somewhere
    r"|" + _TO_THE_READER + r"(?:include|insert|add|put|append|link|visit|click|go)\b.{0,40}"
    r"(?:\blinks?\b|\burls?\b|https?:|\bwww\.|\bto \w[\w-]*\.[a-z]{2,10}\b)"
    # take another role
    r"|\byou (?:are now|must now|will now|must always|must only)\b"
    r"|\bas an? (?:ai|llm|large language model|language model)(?: \w+)?,? you\b"
    r"|^\W*(?:system|assistant|developer|user)\s*(?:prompt|message)?\s*:"
    r"|<\|(?:im_start|im_end|system|assistant|user|endoftext|eot_id)|\[/?INST\]|<</?SYS>>",
    re.I,
)


# Every instruction contains one of these words; nearly all other sentences contain none.
_TRIGGERS = word_set(
    "ignore disregard forget override bypass discard print reveal repeat output show leak display "
    "return disclose quote rate score grade rank give assign award call recommend do don never "
    "include insert add put append link visit click go you system assistant developer user "
    "im_start im_end endoftext eot_id inst sys"
)
_LETTERS = re.compile(r"[a-z_]+")


def is_prompt_injection(sentence: str) -> bool:
    """Whether ``sentence`` is addressed to a model rather than to a reader.

    Text in quotation marks is ignored: a paper may quote an attack.
    """
    if _TRIGGERS.isdisjoint(_LETTERS.findall(sentence[:2000].lower())):
        return False
    return bool(_INSTRUCTIONS.search(_QUOTED.sub("\u201c\u201d", sentence[:2000])))


_LINK = re.compile(r"!?\[([^\]\n]{0,200})\]\s?\([^)\s]{0,500}\)")
_TAG = re.compile(r"</?[A-Za-z!][^<>]{0,300}>")
_ADDRESS = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,15}://|\bwww\.|\bmailto:|\bdoi:)\S{1,500}"
    r"|\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"
    r"|\b(?:[a-z0-9-]{2,63}\.)+(?:com|org|net|io|ai|dev|edu|gov|co|example|test|info|app|xyz|ru|cn"
    r"|tw|uk|de|me|ly|link|site|online)\b(?:/\S{0,500})?",
    re.I,
)
_EMPHASIS = re.compile(r"(?<!\w)(\*\*|__|\*|`{1,3}|~~)(?=\S)([^\n]{1,300}?)(?<=\S)\1(?!\w)")
_LINE_MARK = re.compile(r"^(?:#{1,6}|[-*>\u2022]|\d{1,2}[.)])\s+")


def strip_markup(text: str) -> str:
    """Return text a model wrote without links, addresses, tags, Markdown or hidden characters.

    A space that a removed address leaves before a full stop is removed too.
    """
    text = _TAG.sub(" ", _LINK.sub(r"\1", to_plain_text(text)))
    text = _EMPHASIS.sub(r"\2", _ADDRESS.sub("", text))
    text = _LINE_MARK.sub("", " ".join(text.split()))
    return re.sub(r"\s+([.,;:!?])", r"\1", text).strip()
