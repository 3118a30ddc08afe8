"""Shorter wordings of one sentence that say no more than it does.

Everything here only removes words: discourse openers, citations, asides, addresses, and for a
one-line summary also trailing clauses. Conditions ("when", "under", "unless", "except", "only")
are never cut from a finding, since the finding may hold only there.

Public surface: ``tighten``, ``variants``, ``clip``.
"""

import re
from collections.abc import Iterator

_CITATION = re.compile(
    r"\s?\((?:see |cf\. )?[A-Z][\w'’-]{1,30}(?: et al\.?| and [A-Z][\w-]{1,30}| & [A-Z][\w-]{1,30})?,?"
    r" \(?(?:19|20)\d\d[a-z]?[^()]{0,160}\)"
    r"|\s\[(?!0)\d{1,3}(?:[,\u2013 -]{1,2}\d{1,3}){0,12}\]"
    r"|(?<= et al\.)\s?,? ?\(?(?:19|20)\d\d[a-z]?\)"
)
_ASIDE = re.compile(r"\s\((?:e\.g\.|i\.e\.|eg,|ie,|see |cf\.|such as |for example|ours)[^()]{0,200}\)")
_PARENTHESIS = re.compile(r"\s\((?![ivx\d]{1,3}\))[^()]{1,200}\)")
_ADDRESS = re.compile(
    r"[\s(]*(?:(?:is |are )?(?:publicly |freely |openly )?available )?(?:at |from |via |on |in |: )?"
    r"(?:this )?(?:https?://|www\.)[^\s)]{1,300}\)?"
)
_LABEL = re.compile(
    r"^(?:\(?[ivx\d]{1,3}[).]\s"
    r"|[A-Z][A-Za-z-]{3,20}(?: (?:and|of|for|[A-Z][A-Za-z-]{2,20})){0,4}\s?:\s(?=[A-Z]))"
)
_PAPER = r"(?:paper|work|article|study|research|report|letter|manuscript|survey|thesis|project|note)"
_OPENERS = re.compile(
    r"^(?:"
    rf"(?:In|Within|Through|With|Throughout) (?:this|the present|our|the current) (?:\w{{3,12}} )?{_PAPER}"
    r"|In this (?:context|regard|light|setting)|Here(?:in)?|However|Moreover|Furthermore|Additionally"
    r"|In addition|Specifically|More specifically|In particular|Particularly|Concretely|Therefore"
    r"|Thus|Hence|Consequently|As a result|As a consequence|Finally|Lastly|Overall|In summary"
    r"|In conclusion|To summarize|In short|Notably|Importantly|Interestingly|Surprisingly|Remarkably"
    r"|Alarmingly|Critically|Encouragingly|Strikingly|Intriguingly|Ultimately|Collectively"
    r"|Together|Taken together|Altogether|Crucially|Besides|Also|Then|Next|Meanwhile|Accordingly|To this end|To that end|To do so"
    r"|To do this|Towards? this (?:end|goal)|To achieve this(?: goal)?|With this in mind|In response"
    r"|In contrast|By contrast|Conversely|On the other hand|Further|Nevertheless|Nonetheless"
    r"|Firstly|Secondly|Thirdly|First|Second|Third|First of all|Indeed|In fact|Unfortunately"
    r"|For the (?:very )?first time|More importantly|Most importantly|More precisely|More generally|Empirically|For this purpose"
    r"|In light of this|Given this|Since then|Yet|So|And|But|Still|Afterwards?|Subsequently"
    r")(?:,\s+|\s+(?=we\b|I\b))"
)
_ANAPHORIC = re.compile(
    r"^(?:To \w+(?: and \w+)?|Motivated by|Inspired by|Based on|Building (?:up)?on|Using|With|Guided by"
    r"|In light of|In view of|Given|In response to|Driven by|Leveraging|By \w+ing|From|Against)"
    r" (?:all |both )?(?:this|these|those|such|the above|the aforementioned|them|it|that|the former)\b"
    r"[^,;:]{0,90},\s+(?=we\b|this \w+ \w+s\b|our\b|I\b|a\b|the\b)"
)
_LEAD = re.compile(
    r"^(?:By|Using|Based on|Through|To|Inspired by|Motivated by|Building on|Leveraging|Drawing on"
    r"|Recognizing|Unlike|Building upon|In order to|Rather than|Instead of|While|Although|Though"
    r"|Despite|Whereas)\s"
    r"[^,;:]{4,140},\s+(?=we\b|this (?:paper|work|study|article)\b|I\b)"
)
_LINK = re.compile(
    r"^(We|I)(?:,? (?:also|then|further|furthermore|therefore|thus|hence|additionally|next|finally"
    r"|here|subsequently|consequently|moreover|accordingly|instead|additionally),?) "
)
_HOWEVER = re.compile(r",\s(?:however|therefore|thus|hence|moreover|furthermore|in turn|in fact|indeed),")
_CLAIM = re.compile(
    r"^(?:We|I|This paper|This work|This study|Our (?:results|experiments|analysis|findings|study|work))"
    r"(?: \w+ly| also| further| then| first| empirically and theoretically)?"
    r" (?:show|shows|demonstrate|demonstrates|find|finds|prove|proves|observe|reveal|reveals|establish"
    r"|establishes|verify|confirm)(?: \w+ly| here)? that\s(?!(?:it|they|this|these|such|there)\b)"
)
_METHOD = re.compile(
    r"^(?:We|I|This (?:paper|work|study|article|survey|report))(?: \w+ly| also| further| then| first| here)?"
    r" (?!(?:show|demonstrat|find|found|prov[ei]|observ|argu|hypothes|believ|conclud|report|not[ei]|reveal"
    r"|achiev|outperform|improv|reduc|obtain|match|surpass|exceed|confirm|suggest|establish that|are|is"
    r"|was|were|can|do|does|will|could|should|may|might|must|highlight|verif|validat)\w*\b)[a-z]\w+ "
)
_PARTICIPLES = (
    r"(?:thus|thereby|hence|therefore|leading to|resulting in|achieving|enabling|allowing|outperforming"
    r"|demonstrating|suggesting|showing|indicating|making|yielding|providing|highlighting|offering"
    r"|improving|reducing|surpassing|paving|ensuring|underscoring|establishing|confirming|revealing"
    r"|obtaining|requiring|facilitating|validating|addressing)\b"
)
_TAIL = re.compile(rf",? (?:and )?(?:at the same time )?(?<=, ){_PARTICIPLES}")
_RELATIVE = re.compile(r", (?:which|where|whose|in which|while|with|and (?:then |also |further )?"
    r"(?:show|demonstrate|evaluate|apply|study|prove|find|provide|analyze|introduce|propose|discuss"
    r"|validate|present|use|develop|derive|describe|illustrate|report|establish|verify|compare))\b"
    r"|; |: | [\u2013\u2014] |\u2014| and (?:show|demonstrate|prove|find|report|argue) (?:that|how)\b")
_ADJUNCT = re.compile(
    r" (?:to \w+|by \w+ing|through|via|using|while|for \w+ing|based on|in order to|aimed at|aiming to"
    r"|(?:designed|constructed|built|derived|generated|trained|collected|drawn|obtained|inspired"
    r"|motivated|adapted|tailored|created|developed) (?:to|for|from|on|by|with|using|via|in)|that|which|with|across|consisting of|comprising|including|featuring|where)\b"
)
_COORDINATE = re.compile(
    r"; |, (?:while|whereas|which|and (?:we|it|our|they|the|that|also|further)|with)\b"
    r"|: | [\u2013\u2014] |\u2014"
)
_SUBORDINATE = re.compile(
    r"(?:While|Although|Though|When|If|By|As|Since|Because|Given|To|In|For|With|Using|Despite|Unlike"
    r"|On|At|From|Through|Under|After|Before|Once|Across|Based|Inspired|Motivated|Building|Among"
    r"|Leveraging|Whether|Rather|Instead|Whereas|Beyond|Without|Compared|Unless|Even|Only|Not)\b"
)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|can|does|do|shows?|showed|demonstrates?|achieves?|outperforms?"
    r"|improves?|reduces?|reveals?|finds?|found|proves?|enables?|provides?|uses?|yields?|remains?"
    r"|requires?|offers?|leads?|suggests?|indicates?|we \w+)\b"
)
_LIMIT_CHARACTERS = 1500
_HEAD_WORDS = 9


def tighten(sentence: str) -> str:
    """Return ``sentence`` without its opener, citations, asides and addresses, still a sentence."""
    text = sentence[:_LIMIT_CHARACTERS]
    for pattern in (_CITATION, _ASIDE, _ADDRESS):
        text = pattern.sub("", text)
    text = _HOWEVER.sub("", _LABEL.sub("", text.strip(), count=1))
    for _ in range(3):
        text = _capital(_ANAPHORIC.sub("", _OPENERS.sub("", text)))
    text = _tidy(_LINK.sub(r"\1 ", text))
    return text if any(c.isalnum() for c in text) else sentence


def variants(sentence: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, text) for each shorter wording of a tightened sentence, itself first.

    Kinds: "whole"; "bare" (no parentheses); "lead" (no opening adverbial); "claim" (what "we show
    that" is about); "tail", "clause" and "head" (no trailing participle or clause); "adjunct" (a
    method sentence up to an adjunct).
    """
    yield "whole", sentence
    bare = _tidy(_PARENTHESIS.sub("", sentence))
    if bare != sentence:
        yield "bare", bare
    main = _capital(_LEAD.sub("", bare))
    if main != bare:
        yield "lead", main
    claim = _capital(_CLAIM.sub("", main))
    if claim != main:
        yield "claim", claim
    for kind, text in _cut(main):
        yield kind, text
    if claim != main:
        for _, text in _cut(claim):
            yield "claim", text


def _cut(text: str) -> Iterator[tuple[str, str]]:
    """Shorter heads of ``text``: each ends where a clause that may be left off begins."""
    yield from _heads("tail", text, _TAIL)
    if _METHOD.match(text):
        yield from _heads("clause", text, _RELATIVE)
        yield from _heads("adjunct", text, _ADJUNCT)
    elif not _SUBORDINATE.match(text):
        for kind, head in _heads("head", text, _COORDINATE):
            if _FINITE.search(head):
                yield kind, head


def _heads(kind: str, text: str, boundary: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    for found in list(boundary.finditer(text))[:8]:
        head = text[: found.start()].rstrip(" ,;:")
        if len(head.split()) >= _HEAD_WORDS and _closed(head):
            yield kind, _tidy(head)


_DANGLING = re.compile(
    r"\b(?:a|an|the|and|or|but|of|to|in|on|for|with|by|from|as|is|are|was|were|be|that|which|both|between"
    r"|not|no|than|only|its|their|our|how|what|why|whether|if|when|can|it|we|able|aims?|used|more|such"
    r"|designed|ways?|need|seeks?|attempts?|tends?|ability|order|fails?|helps?|closer|respect|due|able"
    r"|prove|show|shows|showing|demonstrate|demonstrates|demonstrating|find|finds|argue|argues|observe"
    r"|suggest|suggesting|reveal|reveals|revealing|indicating|evaluate|assess|assume|assuming|ensure"
    r"|ensuring|such|rather|so|also|then|where|while|who|whose|each|every|any|all|one|two|three"
    r"|(?:to|that|which) \w+|\w{3,}ly|\w{3,}[^e]ed)$",
    re.I,
)
_ENUMERATION = re.compile(r"(?:^|[\s(])(?:1|i|a)\) ")
"""A numbered list has begun: a cut after this would keep a part of it."""


def _closed(head: str) -> bool:
    """Whether a cut leaves balanced brackets, balanced quotes and no word that wants another."""
    return (
        head.count("(") == head.count(")")
        and head.count("[") == head.count("]")
        and head.count('"') % 2 == 0
        and head.count("\u201c") == head.count("\u201d")
        and not _DANGLING.search(head)
        and not _ENUMERATION.search(head)
    )


def clip(text: str, limit: int) -> str:
    """Return at most ``limit`` words of ``text``; what is cut off shows as "…"."""
    parts = text.split()
    if len(parts) <= limit and len(text) <= limit * 20:
        return text
    head = " ".join(parts[:limit])[: limit * 20].rstrip(" ,;:.-(\u2013\u2014")
    return head + "\u2026"


def _capital(text: str) -> str:
    """First letter upper-case, unless the first word is a name such as "vLLM" or "k-means"."""
    first = text.split(" ", 1)[0].rstrip(",;:")
    if first.islower() and first.replace("-", "").isalpha() and first[1:2] != "-":
        return text[0].upper() + text[1:]
    return text


def _tidy(text: str) -> str:
    """Mend the joints after a removal and end with one full stop."""
    text = re.sub(r"\s+([,.;:!?)])", r"\1", " ".join(text.split()))
    text = re.sub(r",\s*,", ",", text).rstrip(" ,;:\u2013\u2014-")
    return text if text.endswith((".", "!", "?", "\u2026", "\u3002")) else text + "."
