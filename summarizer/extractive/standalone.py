"""Whether a sentence can be read on its own, and the replacement of a subject that cannot.

A line of a digest is read without the abstract around it, so it may not refer to an earlier
sentence, and a system must be called by its name.

Public surface: ``refers_back``, ``is_broken``, ``drop_such``, ``find_name``, ``name_subject``.
"""

import re

from summarizer.text.stems import STOP_WORDS, stem_tokens
from summarizer.text.wordlists import any_word_pattern

_SELF = r"(?: \w+)? (?:paper|work|article|study|survey|report|thesis|tutorial|chapter|position)\b"
_THING = any_word_pattern(
    "framework method approach system model benchmark pipeline dataset algorithm architecture "
    "technique suite tool toolkit library platform corpus strategy paradigm method's formulation "
    "methodology mechanism"
)
_GAP = any_word_pattern(
    "gap* issue* problem* challenge* limitation* question* setting* goal need* concern* "
    "bottleneck* shortcoming* difficult* insight* observation* finding* end void regard purpose "
    "objective reason phenomen* assumption* motivation direction approach* method* framework* "
    "technique* task* idea* area line"
)
_OPENING = re.compile(
    r"(?:It|They|Them|These|Those|Such|Both|He|She|Its|Their|Doing so|This|Neither|Each|Another"
    r"|Others?|Here|There(?:by|in|fore|after)|Similarly|Likewise|Conversely|Alternatively"
    r"|Otherwise|Instead|Then|Also|Nor|Second|Third|Thus|Hence|So|But|And|Or|Yet"
    r"|(?:In|To|For|With|From|On|At|Under|By|Beyond|Through|Across|Given|Based on|Building on"
    r"|Motivated by|Inspired by|Using|Unlike|Despite|Against|As) "
    r"(?:this|these|such|those|that|both|it|them|doing so)"
    r"|The (?:former|latter|above|resulting|same|second|third|remaining|other|former's|latter's)"
    r"|Of (?:these|those|which))\b"
)
_OWN_OPENING = re.compile(
    rf"(?:(?:In |With |Within |Throughout )?(?:This|this){_SELF}|There (?:is|are)\b"
    r"|Both (?=\w+(?: \w+){0,3} and )|Each of (?:the|our)\b|Such (?:as|that)\b"
    r"|Those (?:who|that)\b|Instead of\b|As (?:such )?an?\b)"
)
_LEAD_THEN_PRONOUN = re.compile(
    r"(?:By|With|When|In|While|Although|Through|Using|As|If|Unlike|Despite|On|For|Across|At"
    r"|Compared|Without|Given|Because|Since|After|Trained|Based|Under|Built)\b[^,]{3,160},"
    r" (?:it|they|this|these|such|its|their|the former|the latter)\b"
)
_DEMONSTRATIVE = re.compile(
    r"\b(?:this|these|those|such)\b(?! (?:as|that|of|who|whose|which|in|from|with|paper|work"
    r"|article|study|survey|report)\b)"
)
_ALWAYS_BACK = re.compile(
    r"^(?:\S+ ){0,7}(?:best|most|some|all|none|each|half|many|few|both|one|two|any) of"
    r" (?:them|these|those)\b"
    r"|\b(?:the (?:former|latter|above)|aforementioned|above-mentioned|the proposed"
    r"|(?:address|tackle|solve|overcome|mitigate|bridge|fill|answer|resolve|meet|close|remedy"
    r"|achieve|do|capture|counter|handle|investigate|study) (?:this|these|that|it|them)"
    r"(?=[.,;]|$|" + _GAP + r"| (?:\w+ )?" + _GAP + r"))",
    re.IGNORECASE,
)
_CLAUSE_WORDS = 8
_NEW_CLAUSE = re.compile(
    r"(?:[,;:\u2014] (?:and|but|while|as|because|so|yet|showing|find\w*)(?: that)?|;|:) $"
)
_PRONOUN_CLAUSE = re.compile(
    r"(?:\S+ ){0,7}(?:show|find|found|demonstrate|observe|reveal|prove|argue|suggest|conclude"
    r"|note)s?"
    r" that(?:,[^,]{1,60},)? (?:it|they|this|these|its|their)\b"
    r"|(?:We|I|Our) (?:\S+ ){1,3}(?:them|it|they|this|these)\b(?! is)"
    r"|[A-Z]\w+ing\b[^,]{3,120}, (?:it|they|this|these|its|their)\b"
)


def refers_back(text: str) -> bool:
    """Whether ``text`` refers to something that only an earlier sentence names."""
    own = _OWN_OPENING.match(text)
    if (_OPENING.match(text) and not own) or _LEAD_THEN_PRONOUN.match(text):
        return True
    if _ALWAYS_BACK.search(text):
        return True
    return any(
        not _has_antecedent(text, found.start(), found.end())
        for found in _DEMONSTRATIVE.finditer(text)
    ) or bool(_PRONOUN_CLAUSE.match(text))


def _has_antecedent(text: str, start: int, end: int) -> bool:
    """Whether what the demonstrative refers to is in the same sentence, before it."""
    before = text[:start]
    if _NEW_CLAUSE.search(before) and len(before.split()) >= _CLAUSE_WORDS:
        return True
    plain = " ".join(word for word in before.split() if word.islower())  # not within a name
    own = set(stem_tokens(plain)) - STOP_WORDS
    after = stem_tokens(" ".join(text[end:].split()[:3]).lower())
    return bool(own.intersection(after))


_NUMBERED = re.compile(r"(?:^|\s)\(?(?:1|i|a)\)\s")
_SECOND_NUMBER = re.compile(r"(?:\s|,)\(?(?:2|ii|b)\)\s")
_BAD_PUNCTUATION = re.compile(
    r"\s[,;:.!?](?:\s|$)|,[,.;]|(?<!\w)\(\s*\)|\$(?![A-Z\d])|[\\{}\u2026]|\?\?|[:;,]\.$|\b[A-Za-z]_\{|\^\S"
    r"|\bas follows\b|\bfollowing(?: \w+){0,3}[:.]$|\bhttps?:|\*\*|``|''|~\S"
)
_REPEATED = re.compile(r"\b([\w-]+ [\w-]+)(?: \([\w-]+\))?, an? (?:\w+ )?\1\b", re.IGNORECASE)
_UNLISTED = re.compile(
    r"\b(?:two|three|four|five|six|several|\d) (?:[\w-]+ ){0,3}(?:components|stages|steps|phases"
    r"|innovations|findings|parts|modules|mechanisms|contributions|techniques|aspects|strategies"
    r"|principles|ingredients|questions|challenges|limitations|insights|properties|ideas"
    r"|observations|pillars|patterns|trends?|perspectives)\.$"
    r"|\ba (?:\w+ )?(?:troubling|consistent|clear|striking|surprising|simple) (?:pattern|trend"
    r"|observation|finding)\.$"
    r"|[:;] (?:It|we|the framework) first\b(?!.*\b(?:then|second|next|followed|and)\b).*"
    r"|\b(?:findings?|insights?|observations?|patterns?|results?) emerges?\.$"
)
_NUMBERS = re.compile(r"\d[\d.,]*%?(?:, \d[\d.,]*%?)*,? and [~\u2248]?\d\S*")
_LIST = re.compile(r"\w and \w|, and \w")
_LOWER_NAME = re.compile(r"[a-z]+[-\d]|[a-z]+[A-Z\u03b1-\u03c9]|[\u03b1-\u03c9]")


_BROKEN_SIGNS = (_BAD_PUNCTUATION, _REPEATED, _UNLISTED)
_PAIRS = (("(", ")"), ("[", "]"), ("\u201c", "\u201d"))


def is_broken(text: str) -> bool:
    """Whether ``text`` has unbalanced marks or remains of markup, or is not a whole sentence.

    A sentence that announces a list and stops ("… through three components.") counts too.
    """
    if text[:1].islower() and not _LOWER_NAME.match(text):
        return True
    if not re.search(r"[.!?][\"')\u201d\u2019]?$", text):
        return True
    return any(sign.search(text) for sign in _BROKEN_SIGNS) or _is_incomplete(text)


def _is_incomplete(text: str) -> bool:
    """Whether a counterpart is missing: of a bracket, a quote, an enumeration or "respectively"."""
    if _NUMBERED.search(text) and not _SECOND_NUMBER.search(text):
        return True
    if _lacks_respective(text) or text.count('"') % 2 == 1:
        return True
    return any(text.count(opening) != text.count(closing) for opening, closing in _PAIRS)


def _lacks_respective(text: str) -> bool:
    """Whether numbers are "respectively" those of things that another sentence names."""
    return "respectively" in text and not _LIST.search(_NUMBERS.sub("", text))


_SUCH = re.compile(r"(?<=[a-z] )such (?=an? \w|(?:[a-z-]+ ){0,2}[a-z-]+s\b)(?!as\b|that\b)")


def drop_such(text: str) -> str:
    """Return ``text`` without a "such" that compares with an earlier sentence: "such attacks"."""
    return _SUCH.sub("", text)


_NAME = r"([A-Z\u0391-\u03a9]?[\w-]*[A-Z\d][\w+-]*(?:-[\w+]+)*|[A-Z][a-z]{3,}[\w-]*)"
_INTRODUCED = re.compile(
    rf"\b(?:propos\w+|introduc\w+|present\w*|develop\w*|call\w*|named?|dubbed|termed|releas\w+"
    rf"|offer\w*|design\w*) (?:the )?(?:\w+ ){{0,1}}{_NAME}"
    r"(?=[,.:;(]| ?\(|,? (?:an?|the|which|that)\b)"
)
_THING_SUBJECT = re.compile(
    rf"(?:This|The|The proposed|The resulting|Our|Our proposed|The introduced|The new)"
    rf"(?: [\w-]+)? {_THING}(?= (?:\w+ly )?(?:also |then |thus |further )?"
    r"(?:is|are|can|does|has|achiev|improv|outperform|reduc|enabl|us|combin|consist|compris"
    r"|integrat|introduc|provid|leverag|operat|learn|train|decompos|model|surpass|exceed|match"
    r"|yield|deliver|reach|attain|deal|increas|obtain|rank|requir|maintain|generaliz|allow"
    r"|support|span|contain|covers?|includ|treat|gain)\w*\b)"
)
_PRONOUN_SUBJECT = re.compile(
    r"It(?= (?:also |then |further |thus )?(?:\w+ly )?(?:is the (?:first|second|only|best)"
    r"|achiev|improv|outperform|reduc|enabl|uses"
    r"|combines|consists|comprises|integrates|introduces|provides|leverages|surpass|exceeds"
    r"|matches|yields|delivers|reaches|attains|increases|obtains|supports|spans|contains|covers"
    r"|includes|learns|treats)\w*\b)"
)


_VERBS = (
    r"(?= (?:also |then |further |thus )?(?:\w+ly )?(?:achiev|improv|outperform|reduc|enabl|us"
    r"|combin|consist|compris|integrat|introduc|provid|leverag|surpass|exceed|match|yield|deliver"
    r"|reach|attain|increas|obtain|solv|ranks?|scor|support|maintain|cut)\w*\b)"
)
_LATER_PRONOUN = re.compile(
    r"([A-Z]\w+ing\b[^,]{3,120}, |(?:On|Across|In|With|Under|At|For|Using|Compared to)"
    r" (?!this|these|it|them)[^,]{3,120}, )it" + _VERBS
)


def find_name(sentence: str) -> str:
    """Return the name of the one system that ``sentence`` introduces, "" if it is not just one."""
    names = {found.group(1) for found in _INTRODUCED.finditer(sentence)}
    return names.pop() if len(names) == 1 else ""


def name_subject(text: str, name: str) -> str:
    """Return ``text`` with the subject "This framework" or "It" replaced by ``name``.

    The text is returned as it is if its subject is another one.
    """
    if not name:
        return text
    for pattern in (_THING_SUBJECT, _PRONOUN_SUBJECT):
        if pattern.match(text):
            return pattern.sub(name, text, count=1)
    return _LATER_PRONOUN.sub(rf"\g<1>{name}", text, count=1)
