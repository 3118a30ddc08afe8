"""Detection of instructions to a model in an abstract, and removal of links and markup.

An abstract is data. A sentence of it that gives instructions to the model that reads it is not
evidence for anything and is never shown; text that a model writes is stripped of everything that
could lead a reader to another site.

Public surface: ``is_prompt_injection``, ``strip_markup``, ``drop_addressed_sentences``.
"""

import re
from functools import lru_cache
from pathlib import Path

from summarizer.grounding.injection.disguises import find_readings
from summarizer.text.sentences import split_sentences, to_plain_text
from summarizer.text.wordlists import word_set

_QUOTED = re.compile('"[^"]{1,300}"|\u201c[^\u201d]{1,300}\u201d|\u2018[^\u2019]{1,300}\u2019')
_TO_THE_READER = (
    r"(?:^|[.!?:;,>\])}]\s*|\b(?:please|now|and|must|should|then|instead|reviewers?|assistant)\s)"
)
_INSTRUCTIONS = re.compile(
    # ignore your instructions
    _TO_THE_READER + r"(?:ignore|disregard|forget|override|bypass|discard)\b.{0,60}"
    r"\b(?:instructions?|prompts?(?! tokens?)|directions?|guidelines?|rules|commands?|messages?|"
    r"told|said)\b"
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
# The same for the English patterns of orders.txt.
_ORDER_WORDS = word_set(
    "instruction instructions prompt prompts guidance directive directives guideline guidelines "
    "orders rules messages told above dear hey hello hi note attention you your reading "
    "summarizing summarising summarize summarise processing reviewing evaluating reads summarizes "
    "summary review verdict dr tldr assessment now respond reply answer act behave pretend speak "
    "talk roleplay tell inform assure convince urge advise write say state mention emphasize "
    "emphasise claim declare announce report conclude praise celebrate promote endorse advertise "
    "upvote cite begin start end finish preface decode execute run follow obey send wire transfer "
    "email mail forward jailbreak developer dan anything sudo god marks scores ratings grades mark "
    "score rating grade treat regard judge deem consider describe describing rating scoring "
    "best superior highly positively favorably favourably summarised summarized "
    "summarizer summariser reviewer evaluator automated parsing digesting ingesting indexing "
    "should must shall ought asked requested required instructed urged obliged indexes "
    "whoever anyone whatever limitations limitation weaknesses weakness drawbacks flaws "
    "shortcomings downsides caveats let constraints directions penalized penalised punished "
    "command commands hint reminder request stop quit please rank kindly week month year decade "
    "set beg implore authors artificial hereby essential imperative mandatory begin newsletter "
    "digest "
    "rewarded tipped forget disregard ignore drop discard erase dismiss delete classify label flag"
)
_MOST_CHARACTERS = 2000
_LETTERS = re.compile(r"[a-z_]+")


def is_prompt_injection(sentence: str) -> bool:
    """Whether ``sentence`` is addressed to a model rather than to a reader, in any language.

    Text in quotation marks is ignored: a paper may quote an attack. Look-alike letters, invisible
    characters and encodings are read as what they stand for.
    """
    text = sentence[:_MOST_CHARACTERS]
    return _is_order(text) or any(_is_order(reading) for reading in find_readings(text))


def _is_order(text: str) -> bool:
    plain = _QUOTED.sub("\u201c\u201d", text)
    words = _LETTERS.findall(plain.lower())
    return bool(
        (not _TRIGGERS.isdisjoint(words) and _INSTRUCTIONS.search(plain))
        or (not _ORDER_WORDS.isdisjoint(words) and _orders("en").search(plain))
        or (_ABOUT_ORDERS.search(plain) and _orders("latin").search(plain))
        or (_OTHER_SCRIPT.search(plain) and _orders("other").search(plain))
    )


# Every order in another European language has one of these; few English sentences do. With case
# ignored, the accented letters would include "i" and "s".
_ABOUT_ORDERS = re.compile(
    r"(?-i:[\u00c0-\u024f\u1e00-\u1eff])|instru[ckz\u00e7]|consign|directi|anterior|preced|anweis|"
    r"vorgab|regel|befehl|"
    r"hinweis|bisher|ordre|orden|indicacion|reglas|regras|regol|ordini|comand|aanwijz|opdracht|"
    r"polece|"
    r"talimat|komut|perintah|arahan|petunjuk|\bnot[ae]\b|bestnote|punt|punkt|pontua|\bvoto\b|10|"
    r"arbeit|artikel|articolo|artigo|article|papier|lien|link|enlace|m[a\u00e1]xim|massim|"
    r"h\u00f6chst|positiv|mentionn|mencion|menzion|erwahn|vermeld|vergeet|vergiss|olvid|dimentic|"
    r"automat|recommend|systeme|sistem|\bki\b|aucun|ningun|nessun|keine|geen|jangan|oublie|"
    r"en tant que|sprachmodell|veuillez|vous pla|merci de|bitte|favor|prega|alstublieft|gelieve|"
    r"\bque\b|\bche\b|\bdass\b|prosz|prosim|lutfen|tolong|mohon|silakan|harap|"
    r"lavoro|trabalho|trabajo|prompt|\b(?:jetzt|nun|ab sofort|debes|devi|dovete|eres)\b",
    re.I,
)
# Cyrillic, Hebrew, Arabic, Devanagari, Kana, Chinese characters, Hangul.
_OTHER_SCRIPT = re.compile("[\u0400-\u052f\u0590-\u06ff\u0900-\u097f\u3040-\u9fff\uac00-\ud7af]")
_LATIN = frozenset("fr de es pt it nl pl tr vi id".split())


@lru_cache(maxsize=3)
def _orders(group: str) -> re.Pattern[str]:
    """Return the patterns of ``orders.txt`` of a group: "en", "latin", or "other" scripts."""
    lines = Path(__file__).with_name("orders.txt").read_text("utf-8").splitlines()
    found = (line.partition(" ") for line in lines if line and not line.startswith("#"))
    patterns = (
        pattern for language, _, pattern in found
        if group == ("latin" if language in _LATIN else "en" if language == "en" else "other")
    )  # fmt: skip
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.I)


_LINK = re.compile(r"!?\[([^\]\n]{0,200})\]\s?\([^)\s]{0,500}\)")
_TAG = re.compile(r"</?[A-Za-z!][^<>]{0,300}>")
_ADDRESS = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,15}://|\bwww\.|\bmailto:|\bdoi:)\S{1,500}"
    r"|\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"
    r"|\b(?:[a-z0-9-]{2,63}\.)+(?:com|org|net|io|ai|dev|edu|gov|co|example|test|info|app|xyz|ru|cn"
    r"|tw|uk|de|me|ly|link|site|online)\b(?:/\S{0,500})?",
    re.I,
)
_IMAGE_MARK = "\uffff"  # no character of any text
_EMPHASIS = re.compile(r"(?<!\w)(\*\*|__|\*|`{1,3}|~~)(?=\S)([^\n]{1,300}?)(?<=\S)\1(?!\w)")
_LINE_MARK = re.compile(r"^(?:#{1,6}|[-*>\u2022]|\d{1,2}[.)])\s+")


def drop_addressed_sentences(text: str) -> str:
    """Return ``text`` without the sentences that have an address or an image in them.

    Without its address such a sentence is broken: "See for the code." A link that has words keeps
    them.
    """
    # Before the text becomes plain, which shows the address of a link beside its words.
    marked = _LINK.sub(lambda m: _IMAGE_MARK if m[0][0] == "!" else m[1], text)
    sentences = split_sentences(to_plain_text(marked))
    return " ".join(s for s in sentences if _IMAGE_MARK not in s and not _ADDRESS.search(s))


def strip_markup(text: str) -> str:
    """Return text a model wrote without links, addresses, tags, Markdown or hidden characters.

    A space that a removed address leaves before a full stop is removed too.
    """
    text = _TAG.sub(" ", to_plain_text(_LINK.sub(r"\1", text)))
    text = _EMPHASIS.sub(r"\2", _ADDRESS.sub("", text))
    text = _LINE_MARK.sub("", " ".join(text.split()))
    return re.sub(r"\s+([.,;:!?])", r"\1", text).strip()
