"""Who does what: the one who acts in a sentence must be the one who acts in its source.

Public surface: ``changes_agent``.
"""

import re
from collections.abc import Iterator, Sequence

from summarizer.text.stems import STOP_WORDS, content_stems, stem_tokens

_BY = re.compile(
    r"\b([a-z]{3,}(?:ed|en)|built|made|drawn|found|run) (?:\w+ly )?by (?:the |an? )?"
    r"((?:[\w-]+ ){0,3}?[\w-]+)(?= (?:from|in|on|with|for|to|that|which|and|using|of)\b|[.,;]|$)",
    re.I,
)
_PRESENT_VERB = (
    r"(?:propose|present|introduce|develop|design|build|create|release|train|contribute|provide|"
    r"offer|describe|formulate|establish|construct|curate|devise|adapt|craft|construct)"
)
_WE_PRESENT = re.compile(
    r"^(?:the authors?|the paper|this (?:paper|work|study|survey)|we|the study) (?:\w+ly )?"
    r"(?:propose|present|introduce|develop|design|build|create)(?:s|d|ed)? (.+)$",
    re.I,
)
_PRESENTS = re.compile(
    rf"\b{_PRESENT_VERB}(?:s|d|ed)?\b|\b(?:a|the|our) (?:new|novel|first|proposed)\b", re.I
)
_SUBJECT_VERB = re.compile(
    r"^(?:[^,]{3,60}, )?(?:the |an? |our )?((?:[\w.+-]+ ){0,3}?[\w.+-]+?) ((?:only |also |both )?"
    r"(?:[a-z]+(?:es|s|ed)|is|are|was|were|can|do|have|has)) (.+)$"
)
_NAME = re.compile(r"(?<![\w-])[A-Za-z]*[A-Z][\w-]*[A-Z\d][\w-]*(?![\w-])|(?<![\w-])[A-Z]\w*\d\w*")
_LEAST_OF_OBJECT = 0.5
_FEWEST_SHARED = 3
_PERSONS = frozenset(stem_tokens(
    "human humans people user users annotator annotators expert experts linguists clinicians "
    "translators authors developers moderators participants translator llm llms model models hand"
))  # fmt: skip


def changes_agent(sentence: str, sources: Sequence[str], title: str) -> bool:
    """Whether a sentence credits an agent, or a contribution, that the source does not."""
    paper = f"{title}. {' '.join(sources)}"
    return (
        any(not _is_known_agent(verb, agent, sources, paper) for verb, agent in _agents(sentence))
        or _presents_something_else(sentence, sources, title)
        or _has_another_name_as_subject(sentence, sources)
    )


def _agents(sentence: str) -> Iterator[tuple[str, str]]:
    """Yield each passive verb with the one that it says did it."""
    for verb, agent in _BY.findall(sentence):
        last = agent.split()[-1].lower()
        if not last.endswith("ing") and not agent[0].isdigit() and content_stems(agent):
            yield verb, agent


def _is_known_agent(verb: str, agent: str, sources: Sequence[str], paper: str) -> bool:
    """Whether a sentence of the paper has the agent and, for persons, what was done, too."""
    stems = content_stems(agent)
    head = stem_tokens(agent.lower())[-1]
    if head not in content_stems(paper):
        return head not in _PERSONS and len(stems) > 1
    if head not in _PERSONS:
        return True
    done = stem_tokens(verb.lower())[0][:5]
    return any(
        head in content_stems(known) and any(stem.startswith(done) for stem in content_stems(known))
        for known in sources
    ) or not any(stem.startswith(done) for stem in content_stems(paper))


def _presents_something_else(sentence: str, sources: Sequence[str], title: str) -> bool:
    """Whether the authors are said to present what no sentence says that they present."""
    match = _WE_PRESENT.match(sentence)
    if not match:
        return False
    objects = content_stems(" ".join(match[1].split()[:8]))
    presenting = [content_stems(known) for known in sources if _PRESENTS.search(known)]
    if not presenting or not objects:
        return bool(objects)
    known = content_stems(title)
    best = max(len(objects & (stems | known)) for stems in presenting)
    return best < _LEAST_OF_OBJECT * len(objects)


def _has_another_name_as_subject(sentence: str, sources: Sequence[str]) -> bool:
    """Whether the source says the same of another name, and the name stands elsewhere in it."""
    names = [m for m in _NAME.finditer(sentence) if m.start() < 4]
    if not names:
        return False
    name = names[0][0].rstrip("s")
    rest = _stems(sentence[names[0].end() :])
    for known in sources:
        others = [m for m in _NAME.finditer(known) if m.start() < 4 and m[0].rstrip("s") != name]
        if others and name in known and _goes_on_alike(rest, _stems(known[others[0].end() :])):
            return True
    return False


def _goes_on_alike(one: Sequence[str], other: Sequence[str]) -> bool:
    return len(one) >= _FEWEST_SHARED and list(one[:3]) == list(other[:3])


def _stems(text: str) -> list[str]:
    return [stem for stem in stem_tokens(text.lower()) if stem not in STOP_WORDS]
