"""Whether a sentence can be read on its own, and the replacement of a subject that cannot.

A line of a digest is read without the abstract around it, so it may not refer to an earlier
sentence, and a system must be called by its name.

Public surface: ``refers_back``, ``is_broken``, ``states_effect``, ``is_news``,
``is_promise``, ``only_studies``, ``tells_finding``, ``drop_such``,
``find_name``, ``name_subject``.
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
    r"\b(?:the (?:former|latter|above)|aforementioned|above-mentioned|the proposed"
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


_MEASURE = (
    r"(?:accuracy|F1|BLEU|ROUGE|AUC|AUROC|AUPRC|score|precision|recall|rate|mAP|kappa|correlation"
    r"|speed-?ups?|perplexity|WER|error|MAE|Elo|nDCG|NDCG|MRR|success|pass@\d+|IoU|EM|MSE|RMSE)"
)
_QUANTITY = (
    r"\d(?:[\d,]*\d)?(?:\.\d+)?\s?(?:[-\u2013]\s?\d[\d.]*\s?)?"
    r"(?:%|percent\b|percentage|\u00d7|x\b|-?fold\b|times\b|(?:\w+ )?points?\b|pp\b)"
)
_COUNT = r"\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_EFFECT = re.compile(
    rf"{_QUANTITY}"
    r"|\d (?:relative|absolute) (?:improvement|gain|increase|reduction)"
    rf"|\bfrom (?:\w+ ){{0,2}}\d[\d.,]*\S{{0,3}} to (?:\w+ ){{0,2}}\d"
    rf"|\b{_MEASURE}s? (?:\w+ ){{0,3}}(?:of |by |to |at |: |= ?|is "
    rf"|\((?!\d+\s?[-\u2013]\s?\d))[~\u2248+]?\d"
    rf"|\b(?:by|to|of|with|at) (?:up to |over |nearly |about |around |an? )?[+~]?\d+\.\d+\b"
    rf"|\b\d+\.\d+ (?:\S+ )?{_MEASURE}"
    r"|\borders? of magnitude\b"
    r"|\b(?:fewer|less|more|under|over|nearly|about) (?:than )?(?:one |a |two )?"
    r"(?:half|thirds?|quarters?|tenth)\b"
    rf"|\b(?:{_COUNT}) (?:\w+ )?(?:\([\d, ]+\) )?(?:out )?of (?:the )?(?:{_COUNT})\b"
)
_ACHIEVEMENT = re.compile(
    any_word_pattern(
        "improv* reduc* achiev* outperform* surpass* exceed* increas* decreas* gain* gains reach* "
        "attain* cut cuts cutting drop* rise* rising boost* yield* lower* higher faster speedup* "
        "speed-up* save* saving* accura* precision recall success fail* degrad* only F1 AUC AUROC "
        "correlat* agree* solv* succeed* score* scor* match* recover* rais* better best "
        "state-of-the-art win* fall* retain* preserv* maintain* eliminat* show* find* less more "
        "fewer up_to detect* correct* error* rate* account* explain* deliver* obtain* perform* "
        "accelerat* enhanc* climb* declin* compress*"
    ),
    re.IGNORECASE,
)


_FINDING = re.compile(
    any_word_pattern(
        "show* shown find finds found reveal* demonstrat* outperform* surpass* exceed* achiev* "
        "improv* reduc* match* lag lags fail* struggl* confirm* indicat* suggest* prove* observe* "
        "degrad* outpac* discover* yield* increas* decreas* underperform* correlat* attain* "
        "uncover*"
    ),
    re.IGNORECASE,
)
_OUTCOME = re.compile(
    r"(?:,| and) (?:find|finding|show|showing|reveal|revealing|observe|observing|demonstrate"
    r"|demonstrating|discover) (?:that )?(?!(?:the|its|our) (?:effective|benefit|potential|util))"
)
_SUCH = re.compile(r"(?<=[a-z] )such (?=an? \w|(?:[a-z-]+ ){0,2}[a-z-]+s\b)(?!as\b|that\b)")
_DESCRIPTION = re.compile(
    r"(?:[\w+-]+|We|Our \w+|The \w+)(?: \w+ly)? (?:introduc|integrat|combin|us|consist|compris"
    r"|leverag|employ|adopt|synthesi|internaliz|is|are|propos|present|develop|design|construct"
    r"|organi[sz]|describ|review|outlin|collect|curat|open-sourc|hope|investigat|verif|first|stud"
    r"|examin|validat|analy[sz]|adopt|report|tak|cover|draw|explor|train|releas|build|creat|evaluat|conduct|defin|formaliz|formulat|appl)"
    r"(?:e|es|s|ing|ed|zes?|y|ies)?\b"
)


def tells_finding(text: str) -> bool:
    """Whether ``text`` says what was found or achieved rather than what was done."""
    if _OUTCOME.search(text):
        return True
    return bool(_FINDING.search(text)) and not _DESCRIPTION.match(text)


def drop_such(text: str) -> str:
    """Return ``text`` without a "such" that compares with an earlier sentence: "such attacks"."""
    return _SUCH.sub("", text)


def states_effect(text: str) -> bool:
    """Whether ``text`` states the size of an effect: "by 12%", "4x faster", "an F1 of 0.87"."""
    return bool(_EFFECT.search(text) and _ACHIEVEMENT.search(text))


_NEWS_STEMS = 1  # words that a result shares with the title when it says what it is about


_PROMISE = re.compile(
    r"\bpav(?:e|es|ing)\b|\bopen(?:s|ing)? (?:up )?(?:new |a new |the )?"
    r"(?:door|path|avenue|direction|possibilit|way|research)|\bsteps? towards?\b"
    r"|\b(?:provid|offer)\w* (?:\w+ ){0,3}(?:insights?|guid(?:ance|elines)|foundations?|roadmap)\b"
    r"|\b(?:underscor|highlight)\w* the (?:\w+ )?(?:need|importance|potential|value|promise|role)\b"
    r"|\bpromising (?:direction|path|step)",
    re.IGNORECASE,
)


def is_promise(text: str) -> bool:
    """Whether ``text`` says what the work may lead to rather than what it achieved."""
    return bool(_PROMISE.search(text.partition(",")[0]))


_ONLY_STUDIES = re.compile(
    r"(?:We|I|(?:This|The) (?:paper|work|study|article|survey|report))(?: \w+ly)? "
    r"(?:stud|investigat|explor|examin|analy[sz]|consider|rethink|revisit|focus|ask|characteri[sz]"
    r"|evaluat|benchmark|assess|compar|conduct|test|address|tackle)\w*\b"
    r"|Our (?:\w+ )?(?:study|evaluation|analysis|experiments?) (?:spans?|covers?|examines?)\b"
)


def only_studies(text: str) -> bool:
    """Whether ``text`` says what was studied, but neither what was built nor what was found."""
    return bool(_ONLY_STUDIES.match(text)) and not _OUTCOME.search(text)


def is_news(result: str, title: str) -> bool:
    """Whether ``result`` tells its news alone: the size of an effect, and of what."""
    own = set(stem_tokens(result.lower())) - STOP_WORDS
    shared = own.intersection(stem_tokens(title.lower()))
    return states_effect(result) and len(shared) >= _NEWS_STEMS


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
