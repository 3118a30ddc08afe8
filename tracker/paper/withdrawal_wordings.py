"""Wordings in which authors and administrators of arXiv state a withdrawal.

Compiling the patterns takes as long as importing a library, and most records need none of them:
`tracker.paper.withdrawal` imports this module when a record has one of its words.
"""

import re

_WORK = (
    r"(?:paper|article|submission|manuscript|work|e-?print|pre-?print|version|note|report|thesis"
    r"|draft|document|letter|chapter|study|contribution|entry|abstract)"
)
_OWN = r"(?:this|the|our|my|their|his|her)"
_NEWEST = r"(?:present|current|above|latest|newest|last|final)"
_THIS = (
    rf"(?:{_OWN}|(?:the|this)\s+{_NEWEST})\s+(?:arxiv\s+)?{_WORK}"
    rf"(?:\s+of\s+(?:the|this)\s+{_WORK})?"
)
_NOT_SO = r"(?:on|previous|former|original|erroneous|mistaken|accidental|wrong)"
_ADVERBS = rf"(?:(?:now|hence|thus|also|since|being|therefore|here-?by|(?!{_NOT_SO}ly\b)\w+ly)\s+)*"
_GONE = r"(?:withdrawn|withdraw|retracted)"
_DONE = rf"{_ADVERBS}{_GONE}\b"
_START = r"(?:^|[.:;(\[\]*!]\s*|\s--?\s+|\s[\u2013\u2014]\s+)[\"'*\[(]?\s*"
_EVENT = (
    r"(?:acceptance|publication|reviews?|reviewing|rebuttals?|conference|camera|presentation"
    r"|decisions?|notification)"
)
# What does not follow: the conference or journal that a paper was withdrawn from.
_HERE = (
    r"(?!\s+(?:by\s+(?:\w+\s+){1,4})?(?:from|at|in|before)\s+(?!(?:the\s+)?(?:arxiv\b|author|request"
    r"|submitter|public\b|this\b|accordance|light\b|order\b|favou?r\b|view\b|its\s+(?:current|present)))"
    rf"|\s+(?:by\s+(?:\w+\s+){{1,4}})?(?:after|during|following|prior\s+to)\s+(?:the\s+|its\s+|our\s+)?{_EVENT}\b"
    r")"
)
_BY_WHOM = (
    r"by\s+(?:the\s+)?(?:[\w-]+\s+){0,2}(?:authors?|submitters?|arxiv|admin\w*|moderat\w+|owners?|us"
    r"|me)\b"
)
_ORGANIZERS = r"(?:organi[sz]ers?|publishers?|editors?|chairs?|conference|journal|committee)"
_BY_NAME = rf"by\s+(?:(?!{_ORGANIZERS})[\w.]+\s+){{0,3}}(?!{_ORGANIZERS})\w+\W*$"
_REASON = (
    r"(?=\W*$|\s*[.,;:!()\]*\u2013\u2014-]|\s+(?:due|because|as|for|pending|until|since|owing|to|from|at|in|on"
    r"|and|following|upon|after|while|temporarily|permanently|voluntarily|\d"
    rf"|{_BY_WHOM})\b|\s+{_BY_NAME})"
)
_SO_BRIEFLY = rf"(?=\W*$|\s*[.,;:(]|\s+(?:due|because|as|since|owing|for|{_BY_WHOM})\b)"
_WITHDRAWAL = r"(?:withdrawal|retraction)"
_MUST = r"(?:must|should|needs?\s+to|has\s+to|had\s+to|will|is\s+to|shall|to)"
_REMOVED_BY = (
    r"(?=\s*$|\s*[.;]|\s+(?:by\s+(?:the\s+)?(?:arxiv|authors?)|from\s+(?:the\s+)?arxiv"
    r"|(?:at|on|upon)\s+(?:the\s+)?request|due\s+to|because)\b)"
)
# A sentence that names this paper, or an author who acts.
_STATEMENTS = (
    # This paper has been withdrawn …; a paper must be withdrawn
    rf"(?:{_START}|\b){_THIS}\s+(?:(?:has|have|had)\s+(?:\w+\s+)?been|was|is|gets)\s+{_DONE}{_HERE}",
    rf"{_START}{_WORK}\s+(?:(?:has|have)\s+(?:\w+\s+)?been|was|is)\s+{_DONE}{_HERE}",
    rf"(?:\b{_THIS}\s+|\b(?:and|so|but|it)\s+|{_START}){_MUST}\s+{_ADVERBS}be\s+"
    rf"(?:considered\s+|regarded\s+as\s+)?{_DONE}{_HERE}",
    rf"{_START}(?:now\s+|(?:has|have)\s+(?:now\s+)?been\s+|is\s+|to\s+be\s+)withdrawn\b{_HERE}",
    # … removed by arXiv administrators; has been removed at the request of the authors
    rf"(?:{_START}|\b(?:this|the)\s+){_WORK}\s+(?:(?:has|have)\s+been|was|is)?\s*{_ADVERBS}"
    rf"(?:removed|withdrawn|deleted|taken\s+down)\s+by\s+(?:the\s+)?(?:arxiv|authors?)\b{_HERE}",
    rf"(?:{_START}|\b){_THIS}\s+(?:(?:has|have)\s+been|was|is)\s+{_ADVERBS}"
    rf"(?:removed|deleted|taken\s+down)\b{_REMOVED_BY}",
    rf"\bis\s+(?:therefore|thus|hence|hereby|now)\s+(?:being\s+)?withdrawn\b{_HERE}",
    rf"[,;]\s*(?:and\s+)?(?:hence|thus|therefore|so|consequently)\s+{_DONE}{_HERE}{_REASON}",
    # Withdrawal requested by the authors; the authors request its withdrawal
    rf"{_START}(?:author\s+)?{_WITHDRAWAL}(?=\s*[:.]|\s*$|\s+(?:requested|notice|note|due|by\s+(?:the\s+)?author"
    rf"|of\s+{_THIS}\b))",
    rf"\brequest(?:s|ed|ing)?\s+(?:for\s+)?(?:the\s+|a\s+)?{_WITHDRAWAL}\s+of\s+{_THIS}\b{_HERE}",
    rf"(?:\bauthors?\s+(?:have\s+|has\s+)?|{_START})request(?:s|ed|ing)?\s+"
    rf"(?:(?:for\s+|its\s+|the\s+|a\s+)*{_WITHDRAWAL}|to\s+(?:withdraw|retract))"
    rf"(?=\W*$|\s*[.;]|\s+(?:{_THIS}|{_WORK}|due|because)\b)",
    # The authors have asked that this paper be withdrawn; to have it withdrawn
    rf"\b(?:request|ask|wish|want|decid|agree|like|recommend)\w*\s+(?:\w+\s+){{0,4}}?{_THIS}\s+(?:to\s+)?be\s+"
    rf"{_DONE}{_HERE}",
    # We have decided to withdraw this manuscript; the authors retract the paper
    r"\b(?:the\s+|all\s+)?(?:we|i|authors?|arxiv|submitters?|admin\w*|please),?\s+"
    r"(?:(?!not\b|never\b)\w+,?\s+){0,5}?"
    r"(?:withdraw|withdraws|withdrew|withdrawn|withdrawing|retract|retracts|retracted|retracting)"
    rf"\s+{_OWN}\s+(?:\w+\s+)?{_WORK}\b{_HERE}",
    r"\b(?:we|i)\s+(?:(?!not\b|never\b)\w+\s+){0,2}?(?:withdraw|retract)(?:\s+it\b"
    r"(?!\s+(?:from|as)\s+(?!arxiv))|(?=\s*$|\s*[.;]))",
    rf"{_START}(?:the\s+)?authors?\s+(?:have\s+|has\s+)?withdr(?:ew|awn)\s+{_WORK}\b{_HERE}",
    r"\b(?:want|wish|decided?|need|have|had|like|forced)\s+to\s+(?:withdraw|retract)\s+(?:this|the|our|my|their)"
    rf"\s+{_WORK}\b{_HERE}",
    r"\b(?:decided|agreed)\s+to\s+(?:withdraw|retract)(?:\s+it|\s+this)?\s*(?:$|[.;])",
    rf"{_START}withdrawing\s+(?:(?:this|the|our)\s+{_WORK}\b{_HERE}|due\b|because\b)",
    rf"{_START}(?:this\s+is\s+a\s+)?{_GONE}\s+{_WORK}{_SO_BRIEFLY}",
    r"\barxiv\s+marks\s+this\s+version\s+as\s+withdrawn\b",
)
# Words without a subject, which are about a conference where the same sentence names one.
_REMARKS = (
    rf"(?<!after\s)\b(?:and|which|so|but|it)\s+(?:(?:has|have)\s+(?:therefore\s+|thus\s+|now\s+)?been"
    rf"|is|was|must\s+be)\s+{_DONE}(?=\s*$|\s*[.;]|\s+(?:due|because|{_BY_WHOM}))",
    # Withdrawn by the authors; paper withdrawn due to an error; withdrawn; RETRACTED.
    rf"{_START}(?:this\s+)?(?:{_WORK}\s+)?(?:is\s+)?{_ADVERBS}(?:withdrawn|retracted){_HERE}{_REASON}",
    rf"[,;]\s*(?:now\s+|but\s+)?(?:withdrawn|retracted)\s+(?=(?:due|because|owing|{_BY_WHOM})\b)",
)
_WITHDRAWN = re.compile("|".join(_STATEMENTS), re.I)
_REMARKED = re.compile("|".join(_REMARKS), re.I)
_ANY = re.compile("|".join((*_STATEMENTS, *_REMARKS)), re.I)
# The end of a text that names where a paper was submitted.
_VENUE_BEFORE = re.compile(
    r"(?:\b(?i:accepted|submitted|appear(?:ed|s)?|published|presented|rejected)\s+(?:to|at|by|in|for|from)\s+"
    r"(?!arxiv\b|the\s+arxiv\b|mistake\b|error\b)"
    r"|\b(?i:under\s+review)\b|\b[A-Z][\w-]*[A-Z][\w-]*\s*(?:'\d\d|20\d\d)\b)[^.]*$"
)
# An abstract states this about the paper itself at its start, or in a sentence of these words.
_ABSTRACT_SAYS = re.compile(
    rf"(?:^|[.!?]\s+)(?:(?:due|because|owing|unfortunately|since|as|for)\b[^.!?]{{0,120}},\s+)?"
    rf"(?:this|the\s+present)\s+{_WORK}\s+(?:has\s+(?:\w+\s+)?been|is\s+(?:hereby|now|therefore|being))"
    rf"\s+{_DONE}{_HERE}",
    re.I,
)
_UNDONE = re.compile(
    r"\b(?:reinstated|un-?withdrawn|no\s+longer\s+withdrawn|not\s+(?:been\s+|be\s+)?withdrawn"
    r"|(?:mistakenly|erroneously|accidentally|wrongly|incorrectly)\s+(?:been\s+)?(?:withdrawn|removed)"
    r"|(?:withdrawn|removed)\s+(?:by\s+mistake|in\s+error|by\s+accident|erroneously|mistakenly|accidentally)"
    r"|(?:withdrawal|retraction)\s+(?:\w+\s+){1,2}(?:revoked|undone|cancell?ed|reverted)"
    r"|(?<!until\sthe\s)(?:errors?|bugs?|mistakes?|issues?|problems?|gaps?)\s+(?:has|have)\s+(?:now\s+)?been\s+"
    r"(?:fixed|corrected|resolved|repaired)"
    r"|now\s+(?:been\s+)?restored|been\s+restored|is\s+restored)\b",
    re.I,
)
_TITLE_SAYS = re.compile(
    r"[\[(*]*\s*(?:(?:withdrawn|retracted)(?:\s+(?:article|paper|submission|version))?\s*[:\])*\u2013\u2014]"
    r"|(?:withdrawal|retraction)(?:\s+(?:note|notice))?\s*:)",
    re.I,
)
_VERSION = re.compile(r"\bv(?:ersion\s*)?(\d{1,2})\b", re.I)
_VERSION_GONE = re.compile(
    r"\bv(?:ersion\s*)?(\d{1,2})\s*[:,]?\s*(?:(?:is|was|has\s+been)\s+)?(?:now\s+)?withdrawn\b"
    + _HERE,
    re.I,
)
_PLURAL_IN_BRACKETS = re.compile(r"\((s)\)", re.I)


def state_withdrawal(title: str, abstract: str, comments: str) -> bool:
    """Whether these texts of a record state that its paper was withdrawn from arXiv."""
    comments = _PLURAL_IN_BRACKETS.sub(r"\1", comments)
    if _UNDONE.search(comments):
        return False
    return bool(
        _comments_say(comments)
        or _ANY.match(abstract)
        or _ABSTRACT_SAYS.search(abstract)
        or _TITLE_SAYS.match(title)
    )


def _comments_say(comments: str) -> bool:
    """Whether comments state a withdrawal; a remark counts where no venue is named before it."""
    if _WITHDRAWN.search(comments) or _newest_version_is_withdrawn(comments):
        return True
    return any(
        not _VENUE_BEFORE.search(comments, 0, match.start())
        for match in _REMARKED.finditer(comments)
    )


def _newest_version_is_withdrawn(comments: str) -> bool:
    """Whether the newest version that the comments name is withdrawn."""
    gone = [int(match[1]) for match in _VERSION_GONE.finditer(comments)]
    return bool(gone) and max(gone) >= max(int(n) for n in _VERSION.findall(comments))
