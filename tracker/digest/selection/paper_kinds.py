"""The kind of contribution of a paper, from the words of its title and abstract.

A rule for variety, not a fact for readers: most papers are methods, and a list of the week should
not consist of them only.

Public: `KINDS`, `paper_kind`.
"""

import re

SURVEY, BENCHMARK, DATASET, RELEASE, THEORY, METHOD = KINDS = (
    "survey", "benchmark", "dataset", "model release", "theory", "method",
)  # fmt: skip

# What an abstract says that its paper contributes: "we introduce X, a …".
_OFFERS = (
    r"\b(?:introduc|present|propos|releas|construct|curat|build|built|creat|develop|contribut)\w*\b"
)
# In order of precedence: a survey of benchmarks is a survey.
_IN_TITLE = (
    (SURVEY, r"\b(?:survey|systematic review|literature review|an overview|roadmap)\b"),
    (RELEASE, r"\b(?:technical report|model card|system card|open(?:ly)?[- ]weights?)\b"),
    (BENCHMARK, r"bench\b|\bbench|\bevaluating\b|\bleaderboard\b|\barena\b"),
    (DATASET, r"\bdata ?sets?\b|\bcorpus\b|\bcorpora\b"),
    (
        THEORY,
        r"\b(?:theory|theoretical|theorems?|provabl[ey]|convergence|generali[sz]ation bounds?"
        r"|sample complexity|expressiv\w+|lower bounds?|asymptotic\w*)\b",
    ),
)
_IN_ABSTRACT = (
    (
        SURVEY,
        r"\b(?:this|our|we present an?) (?:\w+ )?(?:survey|review)\b|\bwe (?:survey|review)\b",
    ),
    (
        RELEASE,
        r"\bfamily of (?:open|multilingual|language|foundation|small|dense|\w+B)[- ]"
        r"(?:\w+[- ]){0,3}models\b"
        r"|\bwe (?:open[- ]source|release) (?:the |our |all )?(?:\w+[- ]){0,2}"
        r"(?:models|weights|checkpoints)\b",
    ),
    (BENCHMARK, _OFFERS + r"[^.,]{0,40}, an? [^.,]{0,40}\bbenchmark\b"),
    (DATASET, _OFFERS + r"[^.,]{0,40}, an? [^.,]{0,40}\b(?:data ?set|corpus)\b"),
    (
        THEORY,
        r"\bwe (?:\w+ )?(?:prove|derive)\b|\btheoretical(?:ly)? (?:analysis|framework|show)\b",
    ),
)


def paper_kind(title: str, abstract: str) -> str:
    """Return what a paper contributes, one of `KINDS`; the title counts before the abstract."""
    for text, patterns in ((title, _IN_TITLE), (abstract, _IN_ABSTRACT)):
        for kind, pattern in patterns:
            if re.search(pattern, text, re.IGNORECASE):
                return kind
    return METHOD
