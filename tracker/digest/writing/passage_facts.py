"""The passages of an issue that a language model may write, each with the facts it may use.

A fact is a sentence of the issue itself: composed by rules from its numbers, or of a summary that
was proven against its paper. So a written sentence that its facts support rests on the same works.

Public: `PassageTask`, `list_tasks`, `build_written_sentence`, `says_enough`,
`is_long_enough`, `with_passages`, `WRITTEN_REASON`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from summarizer.llm.passages.passage_requests import PassageKind
from summarizer.llm.passages.written_passages import PassageSentence
from tracker.digest.document import (
    BriefSentence,
    DirectionFacts,
    Document,
    Entry,
    ReasonText,
    Theme,
)

# The signal of a reason that a model wrote.
WRITTEN_REASON = "written"
# With fewer sentences than this a passage is not shown.
_LEAST: Mapping[PassageKind, int] = {"brief": 3, "theme": 2, "direction": 2, "reason": 1}
_MOST_REASONS = 50
_LEAST_FACTS = 2
_REASONS: Mapping[str, Callable[[Entry, ReasonText], str]] = {
    "attention": lambda entry, _: f"It has {entry.upvotes} upvotes on Hugging Face.",
    "novelty": lambda _, why: f"It is {why.text}.",
    "centrality": lambda _, why: f"It is {why.text}.",
    "topic": lambda _, why: f"It is {why.text}.",
    "code": lambda *_: "Its code is available.",
    "venue": lambda entry, _: f"It is accepted at {entry.venue}." if entry.venue else "",
}

Written = Mapping["PassageTask", Sequence[BriefSentence]]


@dataclass(frozen=True, slots=True)
class PassageTask:
    """A passage to write: its kind and its facts, each with its link and its papers."""

    kind: PassageKind
    facts: tuple[BriefSentence, ...]


def list_tasks(document: Document) -> tuple[PassageTask, ...]:
    """Return the passages of an issue that can be written, the most prominent first."""
    directions = document.month.directions if document.month else ()
    found = (
        _brief_task(document),
        *map(_theme_task, document.themes if document.kind == "weekly" else ()),
        *map(_direction_task, directions),
        *map(_reason_task, _reasoned_entries(document)),
    )
    return tuple(task for task in found if len(task.facts) >= max(_LEAST_FACTS, _LEAST[task.kind]))


def build_written_sentence(task: PassageTask, sentence: PassageSentence) -> BriefSentence:
    """Return a written sentence with the link, kind and papers of the facts that it rests on."""
    facts = [task.facts[place] for place in sentence.facts]
    ids = tuple(dict.fromkeys(key for fact in facts for key in fact.ids))
    url = next((fact.url for fact in facts if fact.url), "")
    return BriefSentence(sentence.text, url, facts[0].kind, ids)


def says_enough(task: PassageTask, sentence: PassageSentence) -> bool:
    """Whether a sentence adds to what is shown: a reason is more than a line of the summary."""
    kinds = {task.facts[place].kind for place in sentence.facts}
    return task.kind != "reason" or "reason" in kinds


def is_long_enough(task: PassageTask, sentences: Sequence[object]) -> bool:
    """Whether so many sentences of a passage remain that it is shown."""
    return len(sentences) >= _LEAST[task.kind]


def with_passages(document: Document, written: Written) -> Document:
    """Return an issue with the passages that have enough sentences; the others stay as they are."""
    usable = {task: tuple(s) for task, s in written.items() if is_long_enough(task, s)}
    themes = tuple(
        replace(theme, text=usable.get(_theme_task(theme), theme.text)) for theme in document.themes
    )
    return replace(
        document,
        brief=usable.get(_brief_task(document), document.brief),
        themes=tuple(_theme_with_reasons(theme, usable) for theme in themes),
        month=document.month
        and replace(
            document.month,
            directions=tuple(
                replace(facts, text=usable.get(_direction_task(facts), facts.text))
                for facts in document.month.directions
            ),
        ),
        read_first=document.read_first and _with_reason(document.read_first, usable),
        top=tuple(_with_reason(entry, usable) for entry in document.top),
        discussed=tuple(_with_reason(entry, usable) for entry in document.discussed),
    )


def _brief_task(document: Document) -> PassageTask:
    return PassageTask("brief", document.brief)


def _theme_task(theme: Theme) -> PassageTask:
    shown = [entry for entry in theme.entries if not entry.withdrawn]
    facts = (fact for entry in shown for fact in _findings(entry))
    return PassageTask("theme", (BriefSentence(_theme_size(theme), "#themes", "theme"), *facts))


def _theme_size(theme: Theme) -> str:
    now = f"The theme “{theme.label}” has {theme.size} papers this week"
    if theme.before is None:
        return f"{now}."
    beyond = {
        "new": "; it is new", "growing": ", a growth that chance does not explain",
    }.get(theme.state, "")  # fmt: skip
    return f"{now} and had {theme.before} the week before{beyond}."


def _findings(entry: Entry) -> Iterator[BriefSentence]:
    for text in dict.fromkeys((entry.tldr, entry.result)):
        if text and "…" not in text:
            yield BriefSentence(text, entry.url, "paper", (entry.id,))


def _direction_task(facts: DirectionFacts) -> PassageTask:
    leading = (
        BriefSentence(f"“{paper.title}” reports: {paper.finding}.", paper.url, "paper", (paper.id,))
        for paper in facts.best
        if paper.finding
    )
    return PassageTask("direction", (*facts.text, *leading))


def _reasoned_entries(document: Document) -> tuple[Entry, ...]:
    """Return the entries that can have a written reason, the best-ranked first."""
    first = (document.read_first,) if document.read_first else ()
    themed = sorted(
        (entry for theme in document.themes for entry in theme.entries), key=lambda e: -e.score
    )
    found = (*first, *document.top, *themed, *document.discussed)
    return found[:_MOST_REASONS]


def _reason_task(entry: Entry) -> PassageTask:
    """Return the request for a reason; without one of the ranking there is nothing to say."""
    texts = [_REASONS[why.signal](entry, why) for why in entry.why if why.signal in _REASONS]
    if entry.weights:
        texts.append("Its model weights are available.")
    found = list(_findings(entry))
    facts = (BriefSentence(text, "", "reason", (entry.id,)) for text in texts if text)
    return PassageTask("reason", (*facts, *found) if found and texts else ())


def _theme_with_reasons(theme: Theme, usable: Written) -> Theme:
    return replace(theme, entries=tuple(_with_reason(entry, usable) for entry in theme.entries))


def _with_reason(entry: Entry, usable: Written) -> Entry:
    found = usable.get(_reason_task(entry))
    if not found:
        return entry
    reason = ReasonText(WRITTEN_REASON, found[0].text, 0.0)
    return replace(entry, why=(*entry.why, reason))
