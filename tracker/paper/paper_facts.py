"""Facts that a paper states about itself: code, models, venue, withdrawal, and what it is.

arXiv has no fields for them, so they are read from title, abstract, comments and journal reference.
`find_facts` is the only definition: the store computes it once for each stored text, and filters,
ranking, revision notices and pages use its result (`tracker.models.Paper.facts`).

Public: `PaperFacts`, `find_facts`, `ARXIV_WITHDRAWN`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.paper.title_kind import kind_of_title
from tracker.paper.withdrawal import ARXIV_WITHDRAWN as ARXIV_WITHDRAWN
from tracker.paper.withdrawal import is_withdrawn


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """`code_link` and `model_link` are addresses; `venue` is a venue or a journal reference.

    `kind` is survey, benchmark or dataset, if the title says so. Each is empty where the paper
    states nothing.
    """

    code_link: str = ""
    model_link: str = ""
    venue: str = ""
    withdrawn: bool = False
    kind: str = ""


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
        kind=kind_of_title(title),
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
