"""The sentences of an issue that hang on its facts: subject, notices, reasons, in its language."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date

from summarizer import Summary
from summarizer.text import plain
from tracker.digest.document import Counts, Entry
from tracker.digest.reader import Match
from tracker.language import Language
from tracker.models import Reason
from tracker.records import LedgerDay
from tracker.topics import taxonomy
from tracker.topics.names import simplified
from tracker.topics.taxonomy import Concept

# A period with less than this share of what is usual is thin enough to say so.
_THIN = 0.5


def concept(known: Concept, language: Language) -> str:
    """The name of a dimension or direction of the map, or of one's own."""
    if language.code == "en" or not known.name_zh:
        return known.name
    return simplified(known.name_zh) if language.code == "zh-CN" else known.name_zh


def concept_of(key: str, language: Language) -> str:
    """The name of a key of the map; the key itself when the map does not have it."""
    known = taxonomy.load().get(key)
    return concept(known, language) if known else key


def reason(why: Reason, language: Language) -> str:
    """Why a paper is here, as one signal puts it."""
    return _SIGNALS[why.signal](why, language)


def _interest(why: Reason, language: Language) -> str:
    if not why.detail:
        return language.gettext("like papers that an editor of the field picked")
    return language.gettext(
        "like papers that an editor of the field picked ({words})", words=why.detail
    )


def _age(why: Reason, language: Language) -> str:
    days = int(why.detail or 0)
    return language.ngettext(
        "listed {n} day before the end", "listed {n} days before the end", days
    )


def _attention(why: Reason, language: Language) -> str:
    votes = int(why.detail or 0)
    return language.ngettext("{n} upvote on Hugging Face", "{n} upvotes on Hugging Face", votes)


def _likes(_: Reason, language: Language) -> str:
    return language.gettext("like papers that you liked")


def _follow(why: Reason, language: Language) -> str:
    kind, _, fact = why.detail.partition(":")
    return _followed(kind, fact, language)


def _team(why: Reason, language: Language) -> str:
    return language.ngettext("by {n} author", "by {n} authors", int(why.detail or 0))


def _topic(why: Reason, language: Language) -> str:
    return language.gettext("about {topic}", topic=concept_of(why.detail, language))


def _centrality(_: Reason, language: Language) -> str:
    return language.gettext("at the centre of its theme")


def _novelty(why: Reason, language: Language) -> str:
    return language.gettext(
        "unlike the 90 days before (nearest {cosine})", cosine=why.detail or "–"
    )


def _code(_: Reason, language: Language) -> str:
    return language.gettext("code is released")


def _venue(why: Reason, language: Language) -> str:
    return language.gettext("accepted: {venue}", venue=plain(why.detail))


def _explore(_: Reason, language: Language) -> str:
    return language.gettext("drawn by chance among the next best, to show something else")


_SIGNALS: Mapping[str, Callable[[Reason, Language], str]] = {
    "interest": _interest, "age": _age, "attention": _attention, "likes": _likes,
    "follow": _follow, "team": _team, "topic": _topic, "centrality": _centrality,
    "novelty": _novelty, "code": _code, "venue": _venue, "explore": _explore,
}  # fmt: skip


def match(found: Match, titles: Mapping[str, str], language: Language) -> str:
    """Why a paper is one reader's; `titles` are those of liked papers, by id."""
    if found.kind != "like":
        return _followed(found.kind, found.fact, language)
    return language.gettext(
        "like “{title}”, which you liked", title=titles.get(found.fact, found.fact)
    )


def _followed(kind: str, fact: str, language: Language) -> str:
    if kind == "topic":
        return language.gettext("you follow the topic {topic}", topic=concept_of(fact, language))
    if kind == "author":
        return language.gettext("you follow the author {name}", name=fact)
    return language.gettext("you follow “{query}”", query=fact)


def unread(names: Iterable[str], language: Language) -> tuple[str, ...]:
    """One note for each saved search that can no longer be read."""
    return tuple(
        language.gettext(
            "“{query}”, which you follow, can no longer be read and finds nothing.", query=name
        )
        for name in names
    )


def issue_name(kind: str, period: str, language: Language) -> str:
    """What an issue is called."""
    if kind == "weekly":
        return language.gettext("LLM Weekly {period}", period=period)
    return language.gettext("LLM Monthly Report {period}", period=period)


def subject(
    name: str, counts: Counts, labels: Sequence[str], themes: int, language: Language
) -> str:
    """The first line: the issue's name, its two strongest themes, and how many more there are."""
    if not labels:
        papers = language.ngettext("{n} paper", "{n} papers", counts.papers)
        return language.gettext("{issue}: {themes}", issue=name, themes=papers)
    more = language.gettext(", + {n} more", n=themes - 2) if themes > 2 else ""
    told = language.gettext(", ").join(labels[:2]) + more
    return language.gettext("{issue}: {themes}", issue=name, themes=told)


def preheader(counts: Counts, first: Entry | None, language: Language) -> str:
    """What a mail program shows beside the subject."""
    counted = language.ngettext("{n} paper", "{n} papers", counts.papers)
    if first is None:
        return counted
    return language.gettext("{counted}. Read this one: {title}", counted=counted, title=first.title)


def notices(counts: Counts, period_kind: str, language: Language) -> Iterator[str]:
    """What must be said first: that the period is thin, and what could not be ranked."""
    if _is_thin(counts):
        yield _thin(counts, period_kind, language)
    if counts.indexed < counts.papers:
        yield language.ngettext(
            "{n} of {papers} papers is not indexed and not ranked; `tracker index` does it.",
            "{n} of {papers} papers are not indexed and not ranked; `tracker index` does it.",
            counts.papers - counts.indexed,
            papers=language.number(counts.papers),
        )


def _is_thin(counts: Counts) -> bool:
    """Whether much less was collected than is usual, or than was due where nothing is usual yet."""
    if counts.baseline is not None:
        return counts.papers < _THIN * counts.baseline
    due = [day for day in counts.days if day.state != "closed"]
    return not counts.papers or sum(day.papers > 0 for day in due) < _THIN * len(due)


def _thin(counts: Counts, kind: str, language: Language) -> str:
    reasons = language.gettext(" and ").join(_gaps(counts, language))
    if not counts.papers:
        said = (
            language.gettext("No paper was collected for this week")
            if kind == "week"
            else language.gettext("No paper was collected for this month")
        )
    elif kind == "week":
        said = language.ngettext(
            "Only {n} paper was collected for this week",
            "Only {n} papers were collected for this week", counts.papers,
        )  # fmt: skip
    else:
        said = language.ngettext(
            "Only {n} paper was collected for this month",
            "Only {n} papers were collected for this month", counts.papers,
        )  # fmt: skip
    colon, end = language.gettext(": "), language.gettext(".")
    return f"{said}{colon}{reasons}{end}" if reasons else f"{said}{end}"


def _gaps(counts: Counts, language: Language) -> Iterator[str]:
    states = [day.state for day in counts.days]
    if closed := states.count("closed"):
        yield language.ngettext(
            "arXiv was closed on {n} of its working days",
            "arXiv was closed on {n} of its working days", closed,
        )  # fmt: skip
    if empty := states.count("empty"):
        yield language.ngettext(
            "nothing has been collected for {n} announcement day",
            "nothing has been collected for {n} announcement days", empty,
        )  # fmt: skip


def unfinished(kind: str, end: str, language: Language) -> str:
    """That a period is not over."""
    if kind == "week":
        return language.gettext("This week ends on {day}; more papers will come.", day=end)
    return language.gettext("This month ends on {day}; more papers will come.", day=end)


def completeness(counts: Counts, ledger: Sequence[LedgerDay], language: Language) -> str:
    """What the ledger says of the period; without a crawl, on which days papers are here."""
    if not ledger:
        return _here(counts, language)
    states: dict[date, set[str]] = defaultdict(set)
    for entry in ledger:
        states[entry.day].add(entry.state)
    due = {day: found for day, found in states.items() if found != {"closed"}}
    said = [language.gettext(
        "{complete} of {due} announcement days are complete.",
        complete=sum("degraded" not in found for found in due.values()), due=len(due),
    )]  # fmt: skip
    open_days = sorted(day for day, found in due.items() if "degraded" in found)
    if open_days:
        days = language.gettext(", ").join(map(language.day, open_days))
        said.append(language.gettext("Not complete: {days}.", days=days))
    late, missing = sum(e.late for e in ledger), sum(e.missing for e in ledger)
    if late:
        said.append(language.ngettext("{n} listing came late.", "{n} listings came late.", late))
    if missing:
        said.append(
            language.ngettext("{n} listing is missing.", "{n} listings are missing.", missing)
        )
    return " ".join(said)


def unwell(sources: Sequence[str], language: Language) -> str:
    """Which sources were not read well when they were last read."""
    names = language.gettext(", ").join(sources)
    return language.gettext("Not read well at the last crawl: {sources}.", sources=names)


def shortfalls(said: Mapping[str, Summary], language: Language) -> Iterator[str]:
    """Why some summaries are not what was asked for, the commonest reason first."""
    reasons = Counter(summary.note for summary in said.values() if summary.note)
    for reason, number in reasons.most_common():
        yield language.ngettext(
            "{n} summary was extracted instead of written: {reason}",
            "{n} summaries were extracted instead of written: {reason}", number, reason=reason,
        )  # fmt: skip


def _here(counts: Counts, language: Language) -> str:
    due = [day for day in counts.days if day.state != "closed"]
    listed = sum(day.papers > 0 for day in due)
    said = language.gettext(
        "papers of {listed} of {due} announcement days are here.",
        listed=listed, due=len(due),
    )  # fmt: skip
    missing = [language.day(day.day) for day in due if not day.papers]
    if not missing:
        return said
    gap = language.gettext("Nothing came for {days}.", days=language.gettext(", ").join(missing))
    return f"{said} {gap}"
