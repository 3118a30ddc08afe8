"""Answers to questions, made of sentences of papers, each with the work it is cited from.

A question is searched for like a query; the abstracts of the best works, and what is stored of
their conclusions, supply the sentences. With a language model in the settings the model writes the
answer from these sentences, and what its cited work does not support is dropped.

Public: `answer_question`, `AskOptions`.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from summarizer.extractive import answer_sentences as extractive
from summarizer.extractive.answer_sentences import AnswerCandidate, Question, Term
from summarizer.grounding.proof import Grounder
from summarizer.llm.cited_answer import CitedSentence
from summarizer.llm.prompt import Paper as Text
from summarizer.text.sentences import to_plain_text
from summarizer.text.stems import content_stems
from summarizer.text.wordlists import word_set
from tracker.errors import IndexUnusable, UsageError
from tracker.models import Paper
from tracker.pipeline.retrieval import hybrid_search
from tracker.pipeline.retrieval.hybrid_search import SearchOptions
from tracker.pipeline.retrieval.spell_check import correct_query
from tracker.pipeline.summarize import llm
from tracker.records import Answer, AnswerSentence
from tracker.search.encoder.select import Encoder, shared_query_encoder
from tracker.search.query import stopwords
from tracker.search.query.expansion import find_expansions
from tracker.search.query.spellings import word_spellings
from tracker.settings import Config
from tracker.store import fts_search, papers
from tracker.store.database import Database
from tracker.store.fts_query import phrase_clause
from tracker.store.outlines import load_outline
from tracker.store.paper_filters import Filter

_WORKS = 30
_ENCODED = 64  # sentences whose meaning is compared: 0.2 s on two cores
_FEWEST = 3
# Of 80 questions, those that the papers answer have a mean cosine of 0.53 to 0.85 to their three
# best sentences, the others 0.05 to 0.51, or name something that no paper has (benchmarks/ask.py).
_SEVERAL_COSINE, _UNCOMMON_COSINE, _SINGLE_COSINE = 0.52, 0.56, 0.62
_NEAR_COSINE, _LEAST_COSINE = 0.5, 0.42  # of a sentence
_LEAST_COVERED, _COVERED_BY_WORDS = 0.4, 0.75
# The papers here are hardly about a question with a word that one in 700 papers has.
_UNCOMMON = 6.5
_RARE = 8.0  # weight of a word in one of 3,000 papers
_COUNTED = 5000  # papers with a word; one in more of them says little about what is asked
_LONGEST_QUESTION = 2000
_WORD = re.compile(r"[^\W_](?:[\w+#@'’.-]*[\w+#])?")
# Words of a question that say what kind of answer is wanted rather than what it is about.
_ASKING = word_set(
    """method methods approach approaches technique techniques way ways exist exists compare
    compared compares comparison difference differences help helps work works good better best
    effective possible current currently recent recently new latest state art march 2026 large
    much many far called happen happens mean means cause causes main different"""
)
_BEFORE_TOPIC = word_set("what is are a an the does mean define explain")
_SYNONYMS: tuple[frozenset[str], ...] = tuple(
    frozenset(word for text in group.split() for word in content_stems(text))
    for group in (
        "cut reduce lower decrease save shrink minimize cheaper compress",
        "improve increase boost enhance better gain outperform strengthen",
        "speed accelerate faster speedup latency throughput",
        "cost overhead expensive budget",
        "harm degrade hurt damage worsen",
        "detect identify recognize find",
        "avoid prevent mitigate reduce alleviate suppress",
        "retraining retrain training-free fine-tuning",
        "teach train learn",
        "evaluate measure assess benchmark test",
        "attack jailbreak adversarial",
        "hallucination hallucinate factuality",
    )
)


@dataclass(frozen=True, slots=True)
class AskOptions:
    """How to answer: at most `limit` sentences, from the works that pass the filters."""

    limit: int = 5
    filters: Filter = field(default_factory=Filter)


@dataclass(frozen=True, slots=True)
class _Evidence:
    """The works found, their candidate sentences, and how well each answers."""

    works: Sequence[Paper]
    candidates: Sequence[AnswerCandidate]
    covered: Sequence[tuple[float, float]]
    cosines: Sequence[float]
    scores: Sequence[float]
    likeness: NDArray[np.float32]
    suited: Sequence[bool]
    has_meaning: bool


def answer_question(
    db: Database, config: Config, question: str, options: AskOptions, *, today: date
) -> Answer:
    """Return sentences of papers that answer a question, or that the papers here do not.

    Raises UsageError for a question without words.
    """
    question = _checked(question)
    search_options = SearchOptions(_WORKS, options.filters)
    found = hybrid_search.search_papers(db, config, question, search_options, today=today)
    works = [hit.paper for hit in found.hits if not hit.paper.withdrawn]
    parsed = _parse_question(db, correct_query(db, question).query)
    evidence = _read_works(db, config, question, works, parsed)
    usable = _usable(evidence)
    chosen = extractive.choose_candidates(
        [evidence.candidates[i] for i in usable],
        [evidence.scores[i] for i in usable],
        evidence.likeness[np.ix_(usable, usable)].tolist(),
        options.limit,
    )
    places = [usable[i] for i in chosen]
    model = llm.model_name(config)
    if not _is_answered(evidence, places, parsed.terms):
        nearest = works[0] if works else None
        return Answer(question, answered=False, nearest=nearest, notes=found.notes)
    if not model:
        return _extractive_answer(question, evidence, places, found.notes)
    return _generated_answer(db, config, question, evidence, places, found.notes)


def _checked(question: str) -> str:
    text = " ".join(question.split())
    if not re.search(r"\w", text):
        raise UsageError("A question needs at least one word.")
    if len(text) > _LONGEST_QUESTION:
        raise UsageError(f"A question has at most {_LONGEST_QUESTION:,} characters.")
    return text


def _parse_question(db: Database, question: str) -> Question:
    """Return what the question is about: words and names with other forms, rare ones first."""
    words = _WORD.findall(question)
    works = papers.count_works(db)
    terms: list[Term] = []
    named: set[str] = set()
    names = [" ".join(_topic_words(words))]
    for expansion in find_expansions(db, " ".join(words)):
        named.update(expansion.words.lower().split())
        weight = _weight(db, expansion.words, works)
        terms.append(Term(_stem_sets((expansion.words, *expansion.phrases)), weight))
        if expansion.words == names[0]:
            names += expansion.phrases
    for word in stopwords.content_words(words):
        if word.lower() not in named | _ASKING and content_stems(word):
            stems = _stem_sets((word, *word_spellings(word))) + _synonyms(word)
            terms.append(Term(stems, _weight(db, word, works)))
    terms.sort(key=lambda term: -term.weight)
    return Question(extractive.question_kind(question), tuple(terms), tuple(filter(None, names)))


def _topic_words(words: Sequence[str]) -> list[str]:
    """Return the words after "what is": what a definition is wanted of, up to "in"."""
    topic = [w for w in words if w.lower() not in _BEFORE_TOPIC]
    ends = (place for place, word in enumerate(topic) if word.lower() in {"in", "for", "of", "?"})
    return topic[: next(ends, len(topic))]


def _stem_sets(forms: Sequence[str]) -> tuple[frozenset[str], ...]:
    return tuple(stems for form in forms if (stems := content_stems(form)))


def _synonyms(word: str) -> tuple[frozenset[str], ...]:
    stems = content_stems(word)
    return tuple(
        frozenset({other}) for group in _SYNONYMS if stems & group for other in sorted(group)
    )


def _weight(db: Database, form: str, works: int) -> float:
    """Return how much a word or name says about what is asked: more, the fewer papers have it."""
    count = fts_search.count_works_containing(db, phrase_clause(form), _COUNTED)
    return math.log((works + 2) / (count + 1))


def _read_works(
    db: Database, config: Config, question: str, works: Sequence[Paper], parsed: Question
) -> _Evidence:
    """Return the sentences of the works that may answer, with their scores."""
    listed = [
        candidate
        for number, work in enumerate(works)
        for candidate in extractive.list_answer_candidates(
            number, work.title, work.abstract, load_outline(db, work).conclusion
        )
    ]
    covered = {id(c): _covered(parsed.terms, c, works[c.paper].title) for c in listed}
    by_words = {
        id(c): extractive.score_candidate(c, parsed, covered[id(c)], cosine=0.0) for c in listed
    }
    kept = sorted(listed, key=lambda c: by_words[id(c)] - 0.005 * c.paper, reverse=True)[:_ENCODED]
    vectors = _encode(config, [stopwords.strip_question_words(question), *(c.text for c in kept)])
    cosines = vectors[1:] @ vectors[0]
    shares = [covered[id(c)] for c in kept]
    return _Evidence(
        works,
        kept,
        shares,
        cosines.tolist(),
        _scores(kept, parsed, shares, cosines.tolist()),
        vectors[1:] @ vectors[1:].T,
        [extractive.is_suited(c, parsed) for c in kept],
        bool(vectors.any()) and config.embedding.model == "bundled",
    )


def _covered(terms: Sequence[Term], candidate: AnswerCandidate, title: str) -> tuple[float, float]:
    alone = extractive.coverage(terms, candidate.text)
    return alone, extractive.coverage(terms, f"{to_plain_text(title)} {candidate.text}")


def _scores(
    candidates: Sequence[AnswerCandidate], parsed: Question,
    covered: Sequence[tuple[float, float]], cosines: Sequence[float],
) -> list[float]:  # fmt: skip
    rows = zip(candidates, covered, cosines, strict=True)
    return [extractive.score_candidate(c, parsed, shares, near) for c, shares, near in rows]


def _encode(config: Config, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return unit vectors; zeros without a usable model."""
    try:
        encoder: Encoder = shared_query_encoder(config.embedding, config.models)
    except IndexUnusable:
        return np.zeros((len(texts), 1), np.float32)
    return encoder.encode(texts)


def _usable(evidence: _Evidence) -> list[int]:
    """Return the sentences about the question: the near and suited ones if those are enough."""
    near = _about(evidence, _NEAR_COSINE)
    suited = [place for place in near if evidence.suited[place]]
    for places in (suited, near):
        if len({evidence.candidates[place].paper for place in places}) >= _FEWEST:
            return places
    return _about(evidence, _LEAST_COSINE)


def _about(evidence: _Evidence, least_cosine: float) -> list[int]:
    return [
        place
        for place, (_, covered) in enumerate(evidence.covered)
        if covered >= _LEAST_COVERED
        and (not evidence.has_meaning or evidence.cosines[place] >= least_cosine)
    ]


def _is_answered(evidence: _Evidence, chosen: Sequence[int], terms: Sequence[Term]) -> bool:
    """Whether the sentences answer: several alike in meaning, or one very much so.

    A name that no work has that is cited means that the question is about something else. Without
    meaning, the best sentence must have most of the words.
    """
    if not chosen or not _names_are_known(evidence, chosen, terms):
        return False
    if not evidence.has_meaning:
        return max(evidence.covered[place][1] for place in chosen) >= _COVERED_BY_WORDS
    near = sorted((evidence.cosines[place] for place in chosen), reverse=True)[:_FEWEST]
    is_uncommon = any(term.weight >= _UNCOMMON for term in terms)
    needed = _UNCOMMON_COSINE if is_uncommon else _SEVERAL_COSINE
    several = len(near) == _FEWEST and sum(near) / _FEWEST >= needed
    return several or near[0] >= _SINGLE_COSINE


def _names_are_known(evidence: _Evidence, chosen: Sequence[int], terms: Sequence[Term]) -> bool:
    texts = [
        f"{evidence.works[c.paper].title} {c.source}"
        for c in (evidence.candidates[place] for place in chosen)
    ]
    stems = content_stems(" ".join(map(to_plain_text, texts)))
    return all(term.is_in(stems) for term in terms if term.weight >= _RARE)


def _extractive_answer(
    question: str, evidence: _Evidence, chosen: Sequence[int], notes: Sequence[str]
) -> Answer:
    sentences, cited = [], []
    for place in chosen:
        candidate = evidence.candidates[place]
        work = evidence.works[candidate.paper]
        grounder = Grounder(to_plain_text(work.title), candidate.source)
        if grounder.find_source(candidate.text):
            sentences.append(AnswerSentence(candidate.text, (work.id,), candidate.source))
            cited.append(work)
    return Answer(
        question, bool(sentences), tuple(sentences), tuple(cited),
        method="extractive", notes=tuple(notes),
    )  # fmt: skip


def _generated_answer(
    db: Database, config: Config, question: str, evidence: _Evidence, chosen: Sequence[int],
    notes: Sequence[str],
) -> Answer:  # fmt: skip
    """Return what the model writes from the works of the chosen sentences, as far as it is proved.

    If nothing of it is, or the model fails, the answer is extractive and a note says why.
    """
    works = [evidence.works[evidence.candidates[place].paper] for place in chosen]
    texts = [Text(w.title, w.abstract, load_outline(db, w).conclusion) for w in works]
    generated, reason = llm.generate_answer(config, question, texts)
    name = llm.model_name(config)
    if generated and generated.refused:
        return Answer(
            question, answered=False, nearest=works[0], model=name,
            notes=(*notes, f"{name} finds no answer in the papers."),
        )  # fmt: skip
    if not generated or not generated.sentences:
        reason = reason or f"The papers did not bear out what {name} wrote."
        return _extractive_answer(question, evidence, chosen, (*notes, reason))
    if generated.dropped:
        notes = (*notes, _dropped_note(generated.dropped, name))
    return _proved_answer(question, generated.sentences, works, name, notes)


def _proved_answer(
    question: str, proved: Sequence[CitedSentence], works: Sequence[Paper], model: str,
    notes: Sequence[str],
) -> Answer:  # fmt: skip
    sentences = tuple(AnswerSentence(s.text, (works[s.paper].id,), s.source) for s in proved)
    cited = dict.fromkeys(s.paper for s in proved)
    return Answer(
        question, answered=True, sentences=sentences, works=tuple(works[i] for i in cited),
        method="generated", model=model, notes=tuple(notes),
    )  # fmt: skip


def _dropped_note(dropped: int, model: str) -> str:
    what = "sentence that its paper does" if dropped == 1 else "sentences that their papers do"
    return f"Left out {dropped} {what} not support ({model})."
