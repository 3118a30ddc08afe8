"""Who did it: a sentence may not give the authors' work to others, or the reverse.

Public surface: ``changes_attribution``.
"""

import re

_OWN = re.compile(
    r"\b(?:we|our|ours|this (?:paper|work|study|article|thesis|survey|report)|the authors?|"
    r"(?:the )?proposed|present(?:ed)? (?:here|method))\b"
)
_OTHERS = re.compile(
    r"\b(existing|current|prior|previous(?:ly)?|earlier|past|traditional(?:ly)?|"
    r"conventional(?:ly)?|recent|"
    r"others?|older|classical|standard|competing|typical|most|many|related)\b"
    r"(?= (?:\w[\w-]* ){0,3}?(?:methods?|approach(?:es)?|works?|stud(?:y|ies)|models?|systems?|"
    r"techniques?|research\w*|frameworks?|surveys?|literature|algorithms?|benchmarks?|datasets?|"
    r"papers?|reports?|authors?|baselines?|evaluations?|agents?|teams?|groups?|pipelines?|"
    r"solutions?))"
    r"|^(?:existing|prior|previous|earlier|traditional|conventional|competing|"
    r"older) (?:[\w-]+ ){0,2}?[a-z]{3,}s\b"
)
_OWN_SUBJECT = re.compile(r"^(?:[^,]{0,40}, )?(?:we|our|this (?:paper|work|study)|the authors)\b")
_SUBJECT_START = 6  # characters before the subject: "The", "A"
_SAME = (
    {"existing", "current", "prior", "previous", "previously", "earlier", "past", "recent", "older",
     "traditional", "traditionally", "conventional", "conventionally", "classical", "standard",
     "typical", "most", "many", "related", "other", "others", "competing"},
)  # fmt: skip
# People and organisations that a sentence may name only if its source does.
_AGENT = re.compile(
    r"\b(?:reviewers?|critics?|experts?|scientists?|engineers?|users|clinicians?|regulators?|"
    r"google|openai|meta ai|deepmind|microsoft|anthropic|nvidia|apple|amazon|baidu|alibaba|tencent|"
    r"stanford|mit|berkeley|harvard|oxford|cambridge|tsinghua|universit(?:y|ies)|government|"
    r"industry|practitioners?|academics?|scholars?|researchers?|participants?|annotators?|humans?|"
    r"independent|third[- ]part(?:y|ies)|leading|according to)\b"
)
_REPORTED = re.compile(
    r"^(?:(?:prior|previous|earlier|past|recent|other|existing) (?:work|works|studies|study|"
    r"research|papers?|authors?|surveys?)|(?:an?|the) (?:previous|earlier|prior|recent|other) "
    r"(?:\w+ )?(?:work|study|paper|survey|team|group)|others)\b"
)
_STATED_FAULT = re.compile(
    r"^(?:we|our \w+(?: \w+)?|the proposed [a-z-]+|this (?:paper|work|study))\b"
)


def changes_attribution(sentence: str, source: str, best: str, paper: str) -> bool:
    """Whether a sentence gives a finding to somebody else than its source does.

    ``source`` are the sentences it rests on, ``best`` the one that has most of it, and ``paper``
    all that is known of the paper.
    """
    plain, main = sentence.lower(), best.lower()
    return (
        _names_new_agent(plain, paper.lower())
        or _adds_others(plain, source.lower())
        or _claims_work_of_others(plain, main)
        or (_is_by_others(plain) and _is_by_us(main))
    )


def _adds_others(plain: str, known: str) -> bool:
    """Whether a sentence reports something of others, of whom its source says nothing."""
    if _OTHERS.search(known):
        return False
    is_reported = _REPORTED.match(plain) is not None
    return is_reported or (_OTHERS.search(plain) is not None and _starts_as_own(known))


def _claims_work_of_others(plain: str, main: str) -> bool:
    """Whether a sentence gives the authors what its source says of others."""
    is_own = _STATED_FAULT.match(plain) is not None or not _mentions_others(plain)
    return is_own and _is_about_others(main)


def _names_new_agent(plain: str, paper: str) -> bool:
    return any(match[0].rstrip("s") not in paper for match in _AGENT.finditer(plain))


def _starts_as_own(known: str) -> bool:
    return _OWN.search(known[:60]) is not None


def _is_about_others(known: str) -> bool:
    """Whether the subject of the source is the work of others, and the authors are not in it."""
    return _OTHERS.search(known[:40]) is not None and not _OWN.search(known)


def _is_by_others(plain: str) -> bool:
    """Whether the subject of a sentence is the work of others."""
    match = _OTHERS.search(plain[:50])
    return match is not None and match.start() < _SUBJECT_START and not _OWN.search(plain[:50])


def _is_by_us(best: str) -> bool:
    return _OWN_SUBJECT.search(best) is not None and not _OTHERS.search(best[:50])


def _mentions_others(plain: str) -> bool:
    return any(word in plain for word in set().union(*_SAME)) or "state-of-the-art" in plain
