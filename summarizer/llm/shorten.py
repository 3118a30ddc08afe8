"""Summaries by small models: the extractor chooses the sentences, the model shortens them.

A shortened sentence is shown only if its content words are those of the extract's sentence, in
order, with some left out, and all checks of grounding accept it; otherwise the extract's sentence
is shown. So the model can shorten, but it cannot add. Nor can it leave out what restricts a claim:
a hedge, a number, "only", or, where results are stated, what they hold for.

Public surface: ``generate_shortened_summaries``, ``is_valid_shortening``,
``shortening_fault``, ``build_shortening_chats``, ``extract_with_fitting_roles``,
``shortening_form``, ``removes_restriction``, ``SHORTEN_VERSION``.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from pathlib import Path

from summarizer.exceptions import (
    ContextExceeded,
    GenerationError,
    OutputMalformed,
)
from summarizer.extractive.extract import extract_summary
from summarizer.extractive.phrases import ADVERBIAL_LEAD, METHOD_SENTENCE, PARTICIPIAL_CLAUSE
from summarizer.extractive.roles import fits_role
from summarizer.extractive.scoring import work_name
from summarizer.grounding.proof import Grounder, support_level
from summarizer.llm.forms import AnswerForm, text_form
from summarizer.llm.generate import (
    LanguageModel,
    OnRejection,
    extractive_fallback,
    ignore_rejection,
)
from summarizer.llm.hygiene import is_clean
from summarizer.llm.output import FieldsOrError
from summarizer.llm.prompt import Messages, Paper, sanitize
from summarizer.summary import Sentence, Summary
from summarizer.text.sentences import split_words, to_plain_text
from summarizer.text.stems import STOP_WORDS, content_stems
from summarizer.text.wordlists import any_word_pattern, word_set

_FOLDER = Path(__file__).with_name("prompts") / "shorten"
_INSTRUCTIONS = (_FOLDER / "instructions.txt").read_text("utf-8").strip()
_EXAMPLES: list[tuple[str, str]] = json.loads((_FOLDER / "examples.json").read_text("utf-8"))

SHORTEN_VERSION = (
    "shorten-5-" + hashlib.sha256(f"{_INSTRUCTIONS}{_EXAMPLES}".encode()).hexdigest()[:8]
)
"""Version of the instructions; it is part of the key under which a summary is stored."""

_LEAST_WORDS = 20  # a shorter sentence is left as it is
_MOST_WORDS = 60
_LEAST_KEPT = 0.5  # of the content words of a sentence
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_RESTRICTION = re.compile(
    any_word_pattern(
        "at_least at_most up_to more_than less_than fewer_than as_much_as as_many_as as_few_as "
        "as_little_as on_average in_part in_particular in_general in_principle in_theory "
        "in_simulation "
        "only solely exclusively merely just alone especially particularly specifically notably "
        "mainly mostly primarily largely chiefly predominantly partly partially "
        "nearly almost about around roughly approximately below above within "
        "average typically generally usually often sometimes occasionally rarely seldom "
        "all both half most many several some few certain majority subset fraction part portion "
        "not no never none neither nor without except excluding unless until provided "
        "may might can could should would likely unlikely possibly perhaps potential* seem* "
        "appear* tend* suggest* indicat* hint* hypothesi* conjectur* believe* expect* "
        "aim aims attempt* whether preliminary tentative promising "
        "limited comparable competitive slight* marginal* modest* small* moderate* "
        "one two three four five six seven eight nine ten eleven twelve dozen* hundred* thousand* "
        "million* billion* twice thrice double* triple* third quarter"
    ),
    re.IGNORECASE,
)
_RESULT_VERB = re.compile(
    any_word_pattern(
        "outperform* improv* reduc* achiev* surpass* exceed* match* increas* decreas* sav* gain* "
        "attain* reach* boost* cut* lower* accelerat* speed* double* halv* fail* degrad*"
    )
)
_CONDITIONS = word_set(
    "on under when if for in at with without within across after before during over against where "
    "while than unless by of via using among between through per from given assuming provided "
    "compared relative as although though despite whereas except until beyond"
)
_CONTRAST = re.compile(r"[,;] (?:but|yet|however|although|though)\b|\bnot only\b")
_PHRASE_ENDS = _CONDITIONS | word_set("and or but that which who we , ; : . ( )")
_WORD = re.compile(r"[\w%+-]+|[,;:.()]")
_CLAUSE_ENDS = frozenset(",;:.)")
_RELATIVE = word_set("that which who whose where employs using")


@dataclass(slots=True)
class _Pending:
    """A paper whose sentences are being shortened."""

    paper: Paper
    extract: Summary
    waiting: set[int]
    written: dict[int, str] = field(default_factory=dict)
    dropped: int = 0
    failure: str = ""


def generate_shortened_summaries(
    papers: Sequence[Paper], model: LanguageModel, on_rejection: OnRejection = ignore_rejection
) -> Iterator[tuple[int, Summary]]:
    """Yield (index, summary) for each of ``papers``, as soon as its sentences are shortened.

    A summary in which no sentence became shorter is the extract. ``on_rejection`` is called with
    each sentence that is not shown.
    """
    pending: dict[int, _Pending] = {}
    tasks: list[tuple[int, int]] = []
    for i, paper in enumerate(papers):
        extract = extract_with_fitting_roles(paper)
        long = [n for n, s in enumerate(extract.sentences) if _is_long(s.text)]
        if not long:
            yield i, extract
        else:
            pending[i] = _Pending(paper, extract, set(long))
            tasks += [(i, n) for n in long]
    chats = [_build_messages(pending[i].extract.sentences[n].text) for i, n in tasks]
    for task, answer in model.answer(chats, shortening_form()):
        i, n = tasks[task]
        if rejected := _take_answer(pending[i], n, answer):
            on_rejection(i, *rejected)
        if not pending[i].waiting:
            yield i, _finish(pending.pop(i), model.model)


def shortening_form() -> AnswerForm:
    """Return the form of a shortened sentence."""
    return text_form(_MOST_WORDS)


def extract_with_fitting_roles(paper: Paper) -> Summary:
    """Return the extract without sentences that are not in their role, the main one excepted."""
    extract = extract_summary(paper.title, paper.abstract, paper.conclusion)
    name = work_name(to_plain_text(paper.title))
    kept = (s for s in extract.sentences if s.role == "tldr" or fits_role(s.text, s.role, name))
    return replace(extract, sentences=tuple(kept))


def build_shortening_chats(paper: Paper) -> list[Messages]:
    """Return the requests that are sent for a paper."""
    extract = extract_with_fitting_roles(paper)
    return [_build_messages(s.text) for s in extract.sentences if _is_long(s.text)]


def _is_long(text: str) -> bool:
    return _LEAST_WORDS <= len(text.split()) <= _MOST_WORDS


def _build_messages(sentence: str) -> Messages:
    messages = [{"role": "system", "content": _INSTRUCTIONS}]
    for long, short in _EXAMPLES:
        messages.append({"role": "user", "content": long})
        messages.append({"role": "assistant", "content": short})
    return [*messages, {"role": "user", "content": sanitize(sentence)}]


def _take_answer(pending: _Pending, number: int, answer: FieldsOrError) -> tuple[str, str] | None:
    """Keep a valid shorter sentence; return one that is not kept, with the reason."""
    pending.waiting.discard(number)
    if isinstance(answer, ContextExceeded | OutputMalformed):
        pending.dropped += 1
        return "", str(answer)
    if isinstance(answer, GenerationError):
        pending.failure = pending.failure or str(answer)
        return None
    original, text = pending.extract.sentences[number], answer["text"]
    fault = shortening_fault(pending.paper, original, text)
    if not fault:
        pending.written[number] = text
    elif text != original.text:
        pending.dropped += 1
        return text, fault
    return None


def is_valid_shortening(paper: Paper, original: Sentence, text: str) -> bool:
    """Whether ``text`` is shorter than a sentence of the extract and says nothing else."""
    return not shortening_fault(paper, original, text)


def shortening_fault(paper: Paper, original: Sentence, text: str) -> str:
    """Return why ``text`` may not replace a sentence of the extract; "" if it may."""
    checks: tuple[tuple[Callable[[], bool], str], ...] = (
        (lambda: len(text.split()) < len(original.text.split()), "It is not shorter."),
        (lambda: is_clean(text, original.role, paper, ()), "It is no clean sentence of its role."),
        (
            lambda: support_level(text, original.text) == "shortened",
            "Its words are not those of the sentence, in order.",
        ),
        (lambda: _has_same_spelling(text, original.text), "It changes the form of a word."),
        (lambda: _keeps_grammar(original.text, text), "It takes a sentence apart."),
        (lambda: not removes_restriction(original, text), "It leaves out what restricts a claim."),
        (lambda: _keeps_enough(original.text, text), "It leaves out most of the sentence."),
        (
            lambda: bool(Grounder(to_plain_text(paper.title), original.text).find_source(text)),
            "The sentence does not support it.",
        ),
    )
    return next((fault for passes, fault in checks if not passes()), "")


def _keeps_enough(original: str, text: str) -> bool:
    return len(content_stems(text)) >= _LEAST_KEPT * len(content_stems(original))


def _keeps_grammar(original: str, text: str) -> bool:
    """Whether a shortening keeps the subject, and drops relative clauses only as a whole.

    "X builds an index that finds tea" becomes neither "An index that finds tea" nor "X builds tea".
    """
    words, kept = _WORD.findall(original.lower()), _WORD.findall(text.lower())
    # Only whole openings end in a comma: "However,", "To this end,".
    openings = {0} | {place + 1 for place, word in enumerate(words) if word == ","}
    matched = SequenceMatcher(None, words, kept, autojunk=False).get_opcodes()
    cuts = [(start, end) for kind, start, end, *_ in matched if kind != "equal"]
    return not any(_breaks_clause(words, start, end, openings) for start, end in cuts)


def _breaks_clause(words: Sequence[str], start: int, end: int, openings: set[int]) -> bool:
    """Whether dropping ``words[start:end]`` takes the subject, or a relative clause in part."""
    if start == 0:
        return end not in openings and words[end : end + 1] != ["we"]
    ends_clause = end == len(words) or words[end] in _CLAUSE_ENDS
    return not ends_clause and bool(_RELATIVE & set(words[start:end]))


def removes_restriction(original: Sentence, text: str) -> bool:
    """Whether ``text`` leaves out a word or phrase without which a sentence claims more.

    Numbers always stay. A trailing consequence (", enabling ...") and an opening aim may go as a
    whole, since the rest claims no more without them.
    """
    if Counter(_NUMBER.findall(original.text)) - Counter(_NUMBER.findall(text)):
        return True
    if _drops_contrast(original.text, text) or _joins_list(original.text, text):
        return True
    needed = _claim_to_keep(original.text, text)
    if _restrictions(needed) - _restrictions(text):
        return True
    return _states_result(original) and bool(_conditions(needed) - _conditions(text))


def _drops_contrast(original: str, text: str) -> bool:
    """Whether "but ..." or "yet ..." is left out: it limits what stands before it."""
    return len(_CONTRAST.findall(text)) < len(_CONTRAST.findall(original))


def _joins_list(original: str, text: str) -> bool:
    """Whether items after a colon follow without it, and so belong to something else."""
    before, colon, after = original.partition(": ")
    if not colon or ": " in text:
        return False
    return bool(content_stems(text) & (content_stems(after) - content_stems(before)))


def _claim_to_keep(original: str, text: str) -> str:
    """Return ``original`` without the opening and the consequence that ``text`` does not have."""
    lead = ADVERBIAL_LEAD.match(original)
    known = content_stems(text)
    if lead and not _RESTRICTION.search(lead[0]) and not content_stems(lead[0]) & known:
        original = original[lead.end() :]
    for tail in PARTICIPIAL_CLAUSE.finditer(original):
        if not content_stems(original[tail.start() :]) & known:
            return original[: tail.start()]
    return original


def _restrictions(text: str) -> Counter[str]:
    return Counter(found.lower() for found in _RESTRICTION.findall(text))


def _states_result(sentence: Sentence) -> bool:
    is_method = METHOD_SENTENCE.match(sentence.text) and not _RESULT_VERB.search(sentence.text)
    return sentence.role in {"result", "limits"} or not is_method


def _conditions(text: str) -> Counter[tuple[str, ...]]:
    """Return each phrase that begins with a word such as "on" or "when", without stop words.

    The word before it is a part of it: without a clause in between, it would limit another claim.
    """
    found: Counter[tuple[str, ...]] = Counter()
    phrase: list[str] = []
    before = ""
    for word in (*_WORD.findall(text.lower()), "."):
        if word in _PHRASE_ENDS and phrase:
            found[tuple(phrase)] += 1
            phrase = []
        if word in _CONDITIONS:
            phrase = [before, word]
        elif phrase and word not in STOP_WORDS:
            phrase.append(word)
        before = word
    return found


def _has_same_spelling(text: str, original: str) -> bool:
    """Whether every word of ``text`` is in ``original`` as spelt; the first may be capital."""
    first, *rest = split_words(text) or [""]
    known = set(split_words(original))
    return set(rest) <= known and first.lower() in {word.lower() for word in known}


def _finish(pending: _Pending, model: str) -> Summary:
    if pending.failure:
        return extractive_fallback(pending.paper, pending.failure)
    extract = pending.extract
    if not pending.written:
        return replace(extract, dropped=extract.dropped + pending.dropped)
    sentences = tuple(
        replace(sentence, text=pending.written.get(n, sentence.text))
        for n, sentence in enumerate(extract.sentences)
    )
    return Summary(
        sentences[0].text, sentences, "generated", model, SHORTEN_VERSION, extract.language,
        extract.dropped + pending.dropped,
    )  # fmt: skip
