"""Facts that a paper states about itself: its code, its models, its venue and its withdrawal.

arXiv has no fields for them, so they are read from title, abstract, comments and journal reference.
`find_facts` is the only definition: the store computes it once for each stored text, and filters,
ranking, revision notices and pages use its result (`tracker.models.Paper.facts`).

Public: `PaperFacts`, `find_facts`, `ARXIV_WITHDRAWN`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """`code_link` and `model_link` are addresses; `venue` is a venue or a journal reference.

    Each is empty where the paper states nothing.
    """

    code_link: str = ""
    model_link: str = ""
    venue: str = ""
    withdrawn: bool = False


def find_facts(
    abstract: str, comments: str = "", journal_ref: str = "", title: str = ""
) -> PaperFacts:
    """Return what a paper states about itself; comments count before the abstract."""
    texts = [text for text in (comments, abstract) if _may_hold_address(text)]
    return PaperFacts(
        code_link=_find_code_link(texts),
        model_link=_find_model_link(texts),
        venue=_find_venue(comments, journal_ref),
        withdrawn=is_withdrawn(title, abstract, comments),
    )


def _may_hold_address(text: str) -> bool:
    # Most abstracts have no address, and this is many times faster than the patterns below.
    return any(mark in text for mark in ("://", ".com", ".co/", ".org/", ".io", ".science/"))


_PATH = r"(?:[\w./~%#?=&@+-]|\\[_#%&~])+"
_URL = rf"https?://(?=[\w-]+\.\w){_PATH}"
_HUB = r"(?<![\w-])(?:huggingface\.co|hf\.co)/"
# A host of repositories counts whatever the sentence calls the address. Personal pages (github.io)
# and data sets do not: of the 953 papers of 68,394 that only a list of hosts found, most linked a
# page about the paper (docs/log.md).
_REPOSITORY = re.compile(
    r"(?<![\w-])(?:github\.com[/:](?=\w)|gitlab(?:\.[\w-]+)+/(?=\w)|bitbucket\.org/|codeberg\.org/"
    rf"|gitee\.com/|anonymous\.4open\.science/){_PATH}",
    re.I | re.ASCII,
)
# Any other address where the sentence calls it code. A project page that merely follows the word,
# as in "Workshop on Deep Learning for Code, project page: …", does not count.
_CALLED_CODE = re.compile(
    r"\b(?:codes?|codebase|implementations?|software|scripts?|librar(?:y|ies)|toolkit)\b"
    r"(?:(?![,;)|]\s*(?:project|web)\b)[^.!?]){0,80}?"
    rf"((?!https?://arxiv\.org)(?:{_URL}|{_HUB}{_PATH}|(?<![\w-])[\w-]+\.github\.io\b(?:{_PATH})?))",
    re.I | re.ASCII,
)
_MODEL_PAGE = re.compile(
    rf"{_HUB}(?:collections/|(?!(?:datasets|spaces|papers|blog|docs)/)[\w.-]+/(?=\w)){_PATH}"
    rf"|(?<![\w-])modelscope\.cn/(?:models|collections)/{_PATH}",
    re.I | re.ASCII,
)
# The page of an owner, or any other address, where the sentence calls it a model or its weights.
_CALLED_MODEL = re.compile(
    rf"\b(?:weights|checkpoints?)\b[^.!?]{{0,80}}?({_URL})"
    rf"|\bmodels?\b[^.!?]{{0,80}}?({_HUB}(?!(?:datasets|spaces|papers|blog|docs)/){_PATH})",
    re.I | re.ASCII,
)


def _find_code_link(texts: Sequence[str]) -> str:
    return _first_address((_REPOSITORY, _CALLED_CODE), texts)


def _find_model_link(texts: Sequence[str]) -> str:
    return _first_address((_MODEL_PAGE, _CALLED_MODEL), texts)


def _first_address(patterns: Sequence[re.Pattern[str]], texts: Sequence[str]) -> str:
    """Return the first address by the order of the patterns, then of the texts, or ""."""
    matches = (pattern.search(text) for pattern in patterns for text in texts)
    found = next((match[match.lastindex or 0] for match in matches if match), "")
    return _to_url(found)


def _to_url(found: str) -> str:
    """Return an address as written in LaTeX or in a sentence as one that can be followed."""
    if not found:
        return ""
    address = re.sub(r"\\(.)", r"\1", found).rstrip(".?&=-")
    address = re.sub(r"^github\.com:", "github.com/", address, flags=re.I)
    return address if "://" in address else f"https://{address}"


_VENUE = re.compile(
    r"\b(?:accepted|to appear|published|presented|oral|spotlight|camera[- ]ready)\b[^.;]{0,60}?"
    r"\b((?:ICLR|NeurIPS|ICML|ACL|EMNLP|NAACL|EACL|TACL|COLM|AAAI|IJCAI|CVPR|ICCV|ECCV|KDD|SIGIR|WWW"
    r"|TMLR|JMLR|AISTATS|UAI|COLING|CoNLL|Interspeech|ICASSP|USENIX|MLSys)(?:\s*'?\d{2,4})?)",
    re.I,
)


def _find_venue(comments: str, journal_ref: str) -> str:
    """Return the venue that the comments name as having accepted, or the journal reference."""
    match = _VENUE.search(comments)
    return match[1].strip() if match else journal_ref


# --- withdrawal -----------------------------------------------------------------------------------

ARXIV_WITHDRAWN = "arXiv marks this version as withdrawn."
"""The sentence that a source adds to the comments when arXiv has a flag and no words for it."""

_WORK = (
    r"(?:paper|article|submission|manuscript|work|e-?print|pre-?print|version|note|report|thesis"
    r"|draft|document|letter|chapter|study|contribution|entry|abstract)"
)
_THIS = rf"(?:this|the|our|my|(?:the|this)\s+(?:present|current|above))\s+(?:arxiv\s+)?{_WORK}"
_ADVERBS = r"(?:(?:now|hereby|therefore|thus|hence|also|since|temporarily|being|permanently)\s+)*"
_DONE = rf"{_ADVERBS}(?:withdrawn|withdraw|retracted)\b"
_START = r"(?:^|[.:;(\[\]*!]\s*|\s--?\s+)[\"'*\[(]?\s*"
# What was withdrawn from a conference or a journal is still on arXiv.
_HERE = (
    r"(?!\s+(?:by\s+(?:\w+\s+){1,4})?(?:from|at|in|before)\s+(?!(?:the\s+)?(?:arxiv\b|author|request"
    r"|submitter|public\b|this\b|accordance|light\b|order\b|favou?r\b|view\b|its\s+(?:current|present)))"
    r")"
)
_BY_WHOM = (
    r"by\s+(?:the\s+)?(?:[\w-]+\s+){0,2}(?:authors?|submitters?|arxiv|admin\w*|moderat\w+|owners?|us"
    r"|me)\b"
)
_REASON = (
    r"(?=\W*$|\s*[.,;:!()\]*\u2013-]|\s+(?:due|because|as|for|pending|until|since|owing|to|from|at|in|on"
    rf"|and|following|upon|after|while|{_BY_WHOM})\b)"
)
_WITHDRAWAL_WORD = r"(?:withdrawal|retraction)"
# How withdrawals are worded; arXiv's records have no field for them (info.arxiv.org/help/withdraw).
_WITHDRAWALS = (
    # This paper has been withdrawn …; has been removed by arXiv
    rf"(?:{_START}|\b){_THIS}\s+(?:(?:has|have|had)\s+(?:\w+\s+)?been|was|is|gets)\s+{_DONE}{_HERE}",
    rf"{_START}{_WORK}\s+(?:(?:has|have)\s+(?:\w+\s+)?been|was|is)\s+{_DONE}{_HERE}",
    rf"\b{_THIS}\s+(?:must|should|needs?\s+to|has\s+to|had\s+to|will|is\s+to|shall)\s+"
    rf"{_ADVERBS}be\s+{_DONE}{_HERE}",
    rf"{_START}(?:now\s+|(?:has|have)\s+(?:now\s+)?been\s+|is\s+|to\s+be\s+)withdrawn\b{_HERE}",
    rf"(?:{_START}|\b(?:this|the)\s+){_WORK}\s+(?:(?:has|have)\s+been|was|is)?\s*(?:removed|withdrawn"
    rf"|deleted|taken\s+down)\s+by\s+(?:the\s+)?(?:arxiv|authors?)\b{_HERE}",
    # … and is therefore withdrawn; and has been withdrawn
    rf"\b(?:and|which|so|but|it)\s+(?:(?:has|have)\s+(?:therefore\s+|thus\s+|now\s+)?been|is|was|must\s+be)\s+"
    rf"{_DONE}(?=\s*$|\s*[.;]|\s+(?:due|because|{_BY_WHOM}))",
    rf"\bis\s+(?:therefore|thus|hence|hereby|now)\s+(?:being\s+)?withdrawn\b{_HERE}",
    # Withdrawn by the authors; paper withdrawn due to an error; withdrawn; RETRACTED.
    rf"{_START}(?:this\s+)?(?:{_WORK}\s+)?(?:is\s+)?{_ADVERBS}(?:withdrawn|retracted){_HERE}{_REASON}",
    rf"[,;]\s*(?:now\s+|but\s+)?(?:withdrawn|retracted)\s+(?=(?:due|because|owing|{_BY_WHOM})\b)",
    # Withdrawal requested by the authors; withdrawal notice
    rf"{_START}(?:author\s+)?{_WITHDRAWAL_WORD}(?=\s*[:.]|\s*$|\s+(?:requested|notice|note|due|by\s+(?:the\s+)?author"
    rf"|of\s+{_THIS}\b))",
    rf"\brequest(?:s|ed|ing)?\s+(?:for\s+)?(?:the\s+|a\s+)?{_WITHDRAWAL_WORD}\s+of\s+{_THIS}\b{_HERE}",
    # The authors have asked that this paper be withdrawn; to have it withdrawn
    rf"\b(?:request|ask|wish|want|decid|agree|like|recommend)\w*\s+(?:\w+\s+){{0,4}}?{_THIS}\s+(?:to\s+)?be\s+"
    rf"{_DONE}{_HERE}",
    # We have decided to withdraw this manuscript; the authors retract the paper
    r"\b(?:the\s+|all\s+)?(?:we|i|authors?|arxiv|submitters?|admin\w*|please)\s+(?:(?!not\b|never\b)\w+\s+){0,5}?"
    rf"(?:withdraw|withdraws|withdrew|withdrawn|withdrawing|retract|retracts|retracted|retracting)"
    rf"\s+(?:this|the|our|my)\s+(?:\w+\s+)?{_WORK}\b{_HERE}",
    rf"{_START}(?:the\s+)?authors?\s+withdrew\s+{_WORK}\b{_HERE}",
    r"\b(?:want|wish|decided?|need|have|had|like|forced)\s+to\s+(?:withdraw|retract)\s+(?:this|the|our|my)"
    rf"\s+{_WORK}\b{_HERE}",
    r"\b(?:decided|agreed)\s+to\s+(?:withdraw|retract)(?:\s+it|\s+this)?\s*(?:$|[.;])",
    rf"{_START}withdrawing\s+(?:(?:this|the|our)\s+{_WORK}\b{_HERE}|due\b|because\b)",
    r"\barxiv\s+marks\s+this\s+version\s+as\s+withdrawn\b",
)
_WITHDRAWN = re.compile("|".join(_WITHDRAWALS), re.I)
# An abstract says so of its own paper at its start, or in a sentence of these words.
_ABSTRACT_SAYS = re.compile(
    rf"(?:^|[.!?]\s+)(?:(?:due|because|owing|unfortunately|since|as|for)\b[^.!?]{{0,120}},\s+)?"
    rf"(?:this|the\s+present)\s+{_WORK}\s+(?:has\s+(?:\w+\s+)?been|is\s+(?:hereby|now|therefore|being))"
    rf"\s+{_DONE}{_HERE}",
    re.I,
)
_UNDONE = re.compile(
    r"\b(?:reinstated|un-?withdrawn|no\s+longer\s+withdrawn|not\s+(?:been\s+)?withdrawn"
    r"|(?:mistakenly|erroneously|accidentally|wrongly|incorrectly)\s+(?:been\s+)?withdrawn"
    r"|withdrawn\s+(?:by\s+mistake|in\s+error|by\s+accident|erroneously|mistakenly|accidentally)"
    r"|(?:withdrawal|retraction)\s+(?:\w+\s+){1,2}(?:revoked|undone|cancell?ed|reverted)"
    r"|now\s+(?:been\s+)?restored|been\s+restored)\b",
    re.I,
)
_TITLE_SAYS = re.compile(
    r"[\[(*]*\s*(?:(?:withdrawn|retracted)(?:\s+(?:article|paper|submission|version))?\s*[:\])*\u2013\u2014]"
    r"|(?:withdrawal|retraction)(?:\s+(?:note|notice))?\s*:)",
    re.I,
)


def is_withdrawn(title: str, abstract: str, comments: str) -> bool:
    """Whether a paper's record states that it was withdrawn from arXiv, and not that of another."""
    if not _MAY_SAY_WITHDRAWN.search(f"{comments}\n{abstract}\n{title}"):
        return False
    if _UNDONE.search(comments):
        return False
    return bool(
        _WITHDRAWN.search(comments)
        or _WITHDRAWN.match(abstract)
        or _ABSTRACT_SAYS.search(abstract)
        or _TITLE_SAYS.match(title)
    )


# Most records have none of these words, and this is many times faster than the patterns.
_MAY_SAY_WITHDRAWN = re.compile(r"withdr[ae]w|retract|removed by|deleted by|taken down", re.I)
