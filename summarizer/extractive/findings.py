"""What a sentence says about a paper: an effect and its size, a finding, a promise, or a subject.

Public surface: ``states_effect``, ``tells_finding``, ``is_news``, ``is_promise``,
``only_studies``.
"""

import re

from summarizer.text.stems import STOP_WORDS, stem_tokens
from summarizer.text.wordlists import any_word_pattern

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
    r"|\bscor(?:e|es|ed|ing) (?:between |only |just |above |below |under |over )+\d"
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
        "uncover* lead leads leading emerge emerges tend tends suffer suffers collapse collapses "
        "depends hurt hurts harm harms benefit benefits differ differs varies vary predicts remain "
        "remains generalize generalizes transfers cannot exhibit exhibits persists "
        "drop drops dropped rise rises fall falls declin* jump* climb* gains boosts boosting cuts "
        "scores scoring reaches reaching reached solves retains recovers delivers beats wins "
        "accelerates obtains lowers doubles strengthens weakens saves saving trails"
    ),
    re.IGNORECASE,
)
_OUTCOME = re.compile(
    r", (?:achiev|improv|outperform|reduc|yield|boost|cutt?|surpass|reach|deliver)ing\b|"
    r"(?:,| and) (?:find|finding|show|showing|reveal|revealing|observe|observing|demonstrate"
    r"|demonstrating|discover) (?:that )?(?!(?:the|its|our) (?:effective|benefit|potential|util))"
)
_DESCRIPTION = re.compile(
    r"(?!(?:Despite|By|When|While|Using|Without|After|With|Unlike|Although|Even|For|On|In|Across)\b)"
    r"(?:[\w+-]+|We|Our \w+|The \w+)(?: \w+ly)? (?:introduc|integrat|combin|us|consist|compris"
    r"|leverag|employ|adopt|synthesi|internaliz|is|are|propos|present|develop|design|construct"
    r"|organi[sz]|describ|review|outlin|collect|curat|open-sourc|hope|investigat|verif|first|stud"
    r"|examin|validat|analy[sz]|adopt|report|tak|cover|draw|explor|train|releas|build|creat"
    r"|evaluat|conduct|defin|formaliz|formulat|appl)"
    r"(?:e|es|s|ing|ed|zes?|y|ies)?\b"
)


_ONLY_STUDIES = re.compile(
    r"(?:[A-Z][^.;:]{3,200}, )?(?:[Ww]e|I|(?:[Tt]his|[Tt]he) (?:paper|work|study|article|survey"
    r"|report))(?: \w+ly)? (?:stud|investigat|explor|examin|analy[sz]|consider|rethink|revisit"
    r"|focus|ask|characteri[sz]"
    r"|evaluat|benchmark|assess|compar|conduct|test|address|tackle|measur|quantif|elicit|validat"
    r"|corroborat|verif|review(?!s that))\w*\b"
    r"|Our (?:\w+ )?(?:study|evaluation|analysis|experiments?) (?:spans?|covers?|examines?)\b"
)


def tells_finding(text: str) -> bool:
    """Whether ``text`` says what was found or achieved rather than what was done."""
    if _OUTCOME.search(text):
        return True
    if _ONLY_STUDIES.match(text) or _DESCRIPTION.match(text):
        return False
    return bool(_FINDING.search(text))


def states_effect(text: str) -> bool:
    """Whether ``text`` states the size of an effect: "by 12%", "4x faster", "an F1 of 0.87"."""
    return bool(_EFFECT.search(text) and _ACHIEVEMENT.search(text))


_NEWS_STEMS = 1  # words that a result shares with the title when it says what it is about


_PROMISE = re.compile(
    r"\bpav(?:e|es|ing)\b|\bopen(?:s|ing)? (?:up )?(?:new |a new |the )?"
    r"(?:door|path|avenue|direction|possibilit|way|research)|\bsteps? towards?\b"
    r"|\b(?:provid|offer)\w* (?:[\w-]+ ){0,3}(?:insights?|guid(?:ance|elines)|foundations?"
    r"|roadmap)\b|\b(?:underscor|highlight)\w* the (?:\w+ )?(?:need|importance|potential|value"
    r"|promise|role)\b"
    r"|\bpromising (?:direction|path|step)"
    r"|\b(?:propose|outline|discuss|suggest|identify)s? (?:\w+ ){0,3}"
    r"(?:directions?|roadmap|avenues)\b"
    r"|\bto (?:facilitate|inspire|guide|inform|support|encourage|stimulate) (?:\w+ ){0,2}"
    r"(?:future|further|research|efforts)\b|\bwe (?:hope|aim to call|call)\b"
    r"|^By shifting\b",
    re.IGNORECASE,
)


def is_promise(text: str) -> bool:
    """Whether ``text`` says what the work may lead to rather than what it achieved."""
    return bool(_PROMISE.search(text.partition(",")[0]))


def only_studies(text: str) -> bool:
    """Whether ``text`` says what was studied, but neither what was built nor what was found."""
    return bool(_ONLY_STUDIES.match(text)) and not _OUTCOME.search(text)


def is_news(result: str, title: str) -> bool:
    """Whether ``result`` tells its news alone: the size of an effect, and of what."""
    own = set(stem_tokens(result.lower())) - STOP_WORDS
    shared = own.intersection(stem_tokens(title.lower()))
    return states_effect(result) and tells_finding(result) and len(shared) >= _NEWS_STEMS
