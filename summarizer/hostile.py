"""Text that tries to be more than text: orders to a model, hidden characters, links, markup.

An abstract is data. A sentence of it that gives orders to whoever reads it for a reader is no
evidence for anything, and is shown to nobody; what a model writes is stripped of all that could
lead a reader elsewhere.

Public surface: ``gives_orders``, ``without_markup``.
"""

import re

from summarizer.text import plain
from summarizer.wordlists import listed

_QUOTED = re.compile('"[^"]{1,300}"|\u201c[^\u201d]{1,300}\u201d|\u2018[^\u2019]{1,300}\u2019')
_TO_THE_READER = (
    r"(?:^|[.!?:;,>\])}]\s*|\b(?:please|now|and|must|should|then|instead|reviewers?|assistant)\s)"
)
_ORDERS = re.compile(
    # forget what you were told
    _TO_THE_READER + r"(?:ignore|disregard|forget|override|bypass|discard)\b.{0,60}"
    r"\b(?:instructions?|prompts?|directions?|guidelines?|rules|commands?|messages?|told|said)\b"
    # tell what you were told
    r"|"
    + _TO_THE_READER
    + r"(?:print|reveal|repeat|output|show|leak|display|return|disclose|quote)\b"
    r"(?: \w+){0,3} (?:system|developer|initial|hidden|your) (?:prompt|instructions?|message)s?\b"
    # praise
    r"|" + _TO_THE_READER + r"(?:rate|score|grade|rank|give|assign|award|call|recommend)\b.{0,80}"
    r"(?:\b(?:10|ten|5|five|100)\s?(?:/|out of|of)\s?(?:10|ten|5|five|100)\b|\baccept\w*\b"
    r"|\bpositive (?:review|rating|score)|\bhighest (?:score|rating|mark)|\bbest paper)"
    r"|"
    + _TO_THE_READER
    + r"(?:do not|don't|never) (?:mention|highlight|list|report|include|say)\b"
    # send people somewhere
    r"|" + _TO_THE_READER + r"(?:include|insert|add|put|append|link|visit|click|go)\b.{0,40}"
    r"(?:\blinks?\b|\burls?\b|https?:|\bwww\.|\bto \w[\w-]*\.[a-z]{2,10}\b)"
    # play another part
    r"|\byou (?:are now|must now|will now|must always|must only)\b"
    r"|\bas an? (?:ai|llm|large language model|language model)(?: \w+)?,? you\b"
    r"|^\W*(?:system|assistant|developer|user)\s*(?:prompt|message)?\s*:"
    r"|<\|(?:im_start|im_end|system|assistant|user|endoftext|eot_id)|\[/?INST\]|<</?SYS>>",
    re.I,
)


# Without one of these no order is given: the quick way out for nearly all sentences.
_TRIGGERS = listed(
    "ignore disregard forget override bypass discard print reveal repeat output show leak display "
    "return disclose quote rate score grade rank give assign award call recommend do don never "
    "include insert add put append link visit click go you system assistant developer user "
    "im_start im_end endoftext eot_id inst sys"
)
_LETTERS = re.compile(r"[a-z_]+")


def gives_orders(sentence: str) -> bool:
    """Whether ``sentence`` is addressed to a model rather than to a reader.

    What stands in quotation marks is quoted, and a paper may quote an attack.
    """
    if _TRIGGERS.isdisjoint(_LETTERS.findall(sentence[:2000].lower())):
        return False
    return bool(_ORDERS.search(_QUOTED.sub("\u201c\u201d", sentence[:2000])))


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


def without_markup(text: str) -> str:
    """What a model wrote as plain words: no link, address, tag, Markdown or hidden character.

    A blank before a full stop shows nobody where an address stood, and is closed.
    """
    text = _TAG.sub(" ", _LINK.sub(r"\1", plain(text)))
    text = _EMPHASIS.sub(r"\2", _ADDRESS.sub("", text))
    text = _LINE_MARK.sub("", " ".join(text.split()))
    return re.sub(r"\s+([.,;:!?])", r"\1", text).strip()
