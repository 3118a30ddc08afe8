"""Features of a line that tell whether a reader learns something from it.

A logistic regression on them is trained by ``benchmarks/lines.py train`` on lines that were judged
by hand (``benchmarks/labels/lines.jsonl``): good, vague or broken.

Public surface: ``RUBRIC_FEATURES``, ``rubric_features``.
"""

import re
from collections.abc import Collection

from summarizer.extractive.findings import states_effect
from summarizer.extractive.standalone import is_broken, refers_back
from summarizer.text.stems import STOP_WORDS, stem_tokens

_CUES = {
    "proposes": r"\b(?:we|paper|work|study|article|survey)(?: \w+)? (?:propos|introduc|present"
    r"|develop|describ|devis|design|formulat|releas|construct|build|creat)\w*\b",
    "studies": r"\b(?:we|paper|work|study|article|survey)(?: \w+)? (?:stud|investigat|explor"
    r"|examin|analy[sz]|consider|address|revisit|compar|survey|review|discuss|focus|ask|aim|tackl"
    r"|evaluat|benchmark|assess|validat|test|conduct)\w*\b",
    "finds": r"\b(?:show|find|found|reveal|demonstrat|prove|observ|establish|discover|indicat"
    r"|suggest|argu)\w*\b.{0,20}\b(?:that|how)\b",
    "opens_we": r"^(?:We|I)\b",
    "opens_our": r"^Our\b",
    "opens_paper": r"^(?:This|The) (?:paper|work|article|study|survey)\b",
    "opens_results": r"^(?:Extensive |Comprehensive |Empirical |Experimental )?(?:Results|results"
    r"|Experiments|experiments|Evaluations?|evaluations?|Findings|Analys[ie]s)\b",
    "opens_the": r"^The\b",
    "opens_condition": r"^(?:When|If|While|Although|Despite|By|With|Through|Using|Under|On|In"
    r"|Across|For)\b",
    "named": r"\b(?:[a-z]*[A-Z][a-z]*[A-Z]\w*|[A-Z]\w+-[A-Z]\w+|[A-Z]{3,}\w*)\b",
    "called": r"\b(?:called|named|dubbed|termed)\b",
    "digit": r"\d",
    "because": r"\b(?:by \w+ing|via|because|using|through|based on|instead of|rather than|without"
    r"|from|unlike)\b",
    "contrast": r"\b(?:than|over|compared|versus|while|whereas|but|yet|outperform\w*|only|even)\b",
    "boilerplate": r"\b(?:extensive|comprehensive) (?:experiments?|evaluations?)\b|\beffectiveness"
    r"\b|\bsuperior(?:ity)?\b|\bstate-of-the-art\b|\bsignificant(?:ly)?\b|\bconsistent(?:ly)?\b"
    r"|\bpromising\b|\bvalidate\b|\bcompetitive\b|\bsubstantial(?:ly)?\b",
    "effective": r"\b(?:demonstrat|show|validat|confirm|prov|highlight)\w*"
    r" (?:the |its |our |that )?"
    r"(?:\S+ ){0,4}(?:effectiveness|efficacy|superior\w*|potential|robustness"
    r"|generali[sz]\w+"
    r"|utility|feasibility|importance|value|viability|effective|promise)\b",
    "insight": r"\b(?:insights?|implications?|implies|foundations? for|guidance|pave|paving|future"
    r" (?:work|research)|underscor\w+|highlight\w*|potential|important role|step toward\w*|need"
    r" for|towards?|opens?|roadmap|path)\b",
    "survey_words": r"\b(?:provid|offer|discuss|review|outlin|summari[sz]|categori[sz])\w*\b",
    "setup": r"\b(?:we|are|is|was|were) (?:\w+ly )?(?:evaluate|conduct|validate|test|experiment|"
    r"compare|apply|use|train|instantiate|implement|assess|curate|collect|annotate|formali[sz]e"
    r"|define|evaluated|conducted|validated|tested|applied|used|trained)\b",
    "background": r"\b(?:has been|have been|has become|have become|widely|recent(?:ly)?|existing"
    r"|prior|previous|traditional|typically|often|commonly|usually|increasingly|remains?|current"
    r"|lack|struggle|challeng\w+)\b",
    "code": r"\b(?:code|available|github|open[- ]sourc\w*|release[sd]?|publicly)\b",
    "list": r"(?:, [^,]+){3,}",
    "colon": r": |; | [\u2013\u2014] |\u2014",
    "parenthesis": r"\(",
    "question": r"\?|\b(?:whether|how|what|why)\b",
    "hedge": r"\b(?:may|might|could|can|suggest\w*|appear\w*|aims? to|seeks? to|intended)\b",
    "our_method": r"\b(?:our|the) (?:\w+ )?(?:method|approach|framework|model|system|pipeline"
    r"|results|findings|experiments|analysis|work|study|algorithm)\b",
    "vague_noun": r"\b(?:various|several|multiple|diverse|different|range of|variety|key|critical"
    r"|novel|new|comprehensive|systematic|unified|principled|holistic|rich)\b",
    "mathematics": r"[=<>\u2264\u2265^_\u2208\u221a\u03b1-\u03c9]",
    "two_verbs": r", and (?:we|it|our|they|show|that)\b",
    "which": r", (?:which|where|enabling|allowing|leading|resulting|achieving|making|thereby)\b",
}
_PATTERNS = {
    name: re.compile(pattern, 0 if "A-Z" in pattern else re.IGNORECASE)
    for name, pattern in _CUES.items()
}
_BOTH_ROLES = ("effect", "finds", "proposes", "studies", "boilerplate", "opens_we", "digit",
               "background", "our_method", "words", "title_share")  # fmt: skip

_PLAIN = (
    "words", "long", "very_long", "short", "content", "title_share", "own_share", "effect",
    "back", "broken", "named_subject", "cut",
    *_PATTERNS,
)  # fmt: skip
RUBRIC_FEATURES = ("result", *_PLAIN, *(f"result_{name}" for name in _BOTH_ROLES))
"""Names of the features: "result" is whether the line tells a result, "result_…" interactions."""


def rubric_features(
    text: str, title_stems: Collection[str], *, result: bool, cut: bool
) -> list[float]:
    """Return one number per name in ``RUBRIC_FEATURES`` for a line of a paper.

    ``title_stems`` are the stems of the content words of the title.
    """
    plain = dict(zip(_PLAIN, _plain_features(text, title_stems, cut), strict=True))
    return [
        float(result),
        *plain.values(),
        *(plain[name] * result for name in _BOTH_ROLES),
    ]


def _plain_features(text: str, title_stems: Collection[str], cut: bool) -> list[float]:
    words = len(text.split())
    content = set(stem_tokens(text.lower())) - STOP_WORDS
    shared = len(content.intersection(title_stems))
    return [
        words / 10,
        max(0, words - 30) / 10,
        max(0, words - 40) / 10,
        max(0, 12 - words) / 10,
        len(content) / 10,
        shared / max(1, len(title_stems)),
        (len(content) - shared) / 10,
        float(states_effect(text)),
        float(refers_back(text)),
        float(is_broken(text)),
        float(bool(re.match(r"(?:[A-Z][a-z]*[A-Z\d]|[A-Z]\w+-[A-Z])", text))),
        float(cut),
        *(float(bool(pattern.search(text))) for pattern in _PATTERNS.values()),
    ]
