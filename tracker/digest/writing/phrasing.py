"""The sentences of an issue that depend on its data: subject, notices and reasons.

Every function takes the language of the issue; the translations are in `templates/locale`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date

from summarizer import Summary
from summarizer.grounding.names import safe_line
from summarizer.text.sentences import to_plain_text
from tracker.digest.document import Entry, PeriodCounts
from tracker.digest.selection.reader_match import Match
from tracker.digest.writing.headline import LIMIT, headline
from tracker.language import Language
from tracker.models import Reason
from tracker.records import CompletenessDay
from tracker.topics import taxonomy
from tracker.topics.taxonomy import Concept
from tracker.topics.topic_names import to_simplified

# A period with less than this share of the usual number of papers gets a notice.
_THIN = 0.5
# Mail clients show about as many characters after the subject.
_PREHEADER_LIMIT = 90


def concept_name(concept: Concept, language: Language) -> str:
    """Return the name of a dimension or direction, including user-defined ones."""
    if language.code == "en" or not concept.name_zh:
        return concept.name
    return to_simplified(concept.name_zh) if language.code == "zh-CN" else concept.name_zh


def concept_name_by_key(key: str, language: Language) -> str:
    """Return the name of a topic key, or the key itself if the taxonomy does not have it."""
    known = taxonomy.load_concepts().get(key)
    return concept_name(known, language) if known else key


def reason_text(why: Reason, language: Language) -> str:
    """Return why a paper was selected, according to one signal."""
    return _SIGNALS[why.signal](why, language)


def _interest_text(why: Reason, language: Language) -> str:
    if not why.detail:
        return language.gettext("similar to papers that an editor in the field selected")
    return language.gettext(
        "similar to papers that an editor in the field selected ({words})", words=why.detail
    )


def _age_text(why: Reason, language: Language) -> str:
    days = int(why.detail or 0)
    return language.ngettext(
        "announced {n} day before the end of the period",
        "announced {n} days before the end of the period",
        days,
    )


def _attention_text(why: Reason, language: Language) -> str:
    votes = int(why.detail or 0)
    return language.ngettext("{n} upvote on Hugging Face", "{n} upvotes on Hugging Face", votes)


def _likes_text(_: Reason, language: Language) -> str:
    return language.gettext("similar to papers you liked")


def _follow_text(why: Reason, language: Language) -> str:
    kind, _, fact = why.detail.partition(":")
    return _followed_fact_text(kind, fact, language)


def _team_text(why: Reason, language: Language) -> str:
    return language.ngettext("by {n} author", "by {n} authors", int(why.detail or 0))


def _topic_text(why: Reason, language: Language) -> str:
    return language.gettext("about {topic}", topic=concept_name_by_key(why.detail, language))


def _centrality_text(_: Reason, language: Language) -> str:
    return language.gettext("central to its theme")


def _novelty_text(why: Reason, language: Language) -> str:
    return language.gettext(
        "unlike papers of the previous 90 days (highest similarity {cosine})",
        cosine=why.detail or "–",
    )


def _code_text(_: Reason, language: Language) -> str:
    return language.gettext("code is available")


def _venue_text(why: Reason, language: Language) -> str:
    return language.gettext("accepted: {venue}", venue=to_plain_text(why.detail))


def _explore_text(_: Reason, language: Language) -> str:
    return language.gettext("picked at random from the runners-up")


_SIGNALS: Mapping[str, Callable[[Reason, Language], str]] = {
    "interest": _interest_text, "age": _age_text, "attention": _attention_text,
    "likes": _likes_text, "follow": _follow_text, "team": _team_text, "topic": _topic_text,
    "centrality": _centrality_text, "novelty": _novelty_text, "code": _code_text,
    "venue": _venue_text, "explore": _explore_text,
}  # fmt: skip


def match_text(found: Match, titles: Mapping[str, str], language: Language) -> str:
    """Return why a paper was chosen for a reader; `titles` maps ids of liked papers to titles."""
    if found.kind not in ("like", "same_author"):
        return _followed_fact_text(found.kind, found.fact, language)
    title = titles.get(found.fact, found.fact)
    if found.kind == "same_author":
        return language.gettext(
            "by {name}, an author of “{title}”, which you liked", name=found.name, title=title
        )
    return language.gettext("similar to “{title}”, which you liked", title=title)


def first_subject_text(subject: str, language: Language) -> str:
    """Return that a paper is the first in ninety days with a subject in its title."""
    return language.gettext("first paper on {subject} in 90 days", subject=subject)


def _followed_fact_text(kind: str, fact: str, language: Language) -> str:
    if kind == "topic":
        return language.gettext(
            "you follow the topic {topic}", topic=concept_name_by_key(fact, language)
        )
    if kind == "author":
        return language.gettext("you follow the author {name}", name=fact)
    return language.gettext("matches your search “{query}”", query=fact)


def invalid_query_notes(names: Iterable[str], language: Language) -> tuple[str, ...]:
    """Return a note for each saved search that is no longer valid."""
    return tuple(
        language.gettext(
            "Your saved search “{query}” is no longer valid and finds nothing.", query=name
        )
        for name in names
    )


def issue_name(kind: str, period: str, language: Language) -> str:
    """Return the name of an issue."""
    if kind == "daily":
        return language.gettext("LLM Daily {period}", period=period)
    if kind == "weekly":
        return language.gettext("LLM Weekly {period}", period=period)
    return language.gettext("LLM Monthly Report {period}", period=period)


def subject_line(name: str, counts: PeriodCounts, first: Entry | None, language: Language) -> str:
    """Return the finding of the paper to read first, followed by the issue's name if it fits."""
    finding = _safe_headline(first, LIMIT) if first else ""
    if not finding:
        papers = language.ngettext("{n} paper", "{n} papers", counts.papers)
        return language.gettext("{issue}: {papers}", issue=name, papers=papers)
    whole = language.gettext("{finding} ({issue})", finding=finding, issue=name)
    return whole if len(whole) <= LIMIT else finding


def preheader(name: str, counts: PeriodCounts, second: Entry | None, language: Language) -> str:
    """Return the text that mail clients show after the subject: the second paper and the issue."""
    papers = language.ngettext("{n} paper", "{n} papers", counts.papers)
    finding = _safe_headline(second, _PREHEADER_LIMIT).rstrip(".") if second else ""
    if not finding:
        return language.gettext("{issue}: {papers}", issue=name, papers=papers)
    return language.gettext(
        "Also: {finding}. {issue}, {papers}.", finding=finding, issue=name, papers=papers
    )


def _safe_headline(entry: Entry, limit: int) -> str:
    """Return the headline of a paper in plain characters; "" if it reads like an order."""
    return safe_line(headline(entry, limit), f"{entry.title} {entry.tldr} {entry.result}")


def period_notices(counts: PeriodCounts, period_kind: str, language: Language) -> Iterator[str]:
    """Yield notices for the top of an issue: few papers, and papers that could not be ranked."""
    if thin(counts):
        yield _thin_period_notice(counts, period_kind, language)
    yield from not_indexed(counts, language)


def thin(counts: PeriodCounts) -> bool:
    """Whether much less was collected than is usual, or than was due where nothing is usual yet."""
    if counts.baseline is not None:
        return counts.papers < _THIN * counts.baseline
    due = [day for day in counts.days if day.state != "closed"]
    return not counts.papers or sum(day.papers > 0 for day in due) < _THIN * len(due)


def incomplete(counts: PeriodCounts, language: Language) -> Iterator[str]:
    """That nothing came on days on which arXiv lists papers."""
    if empty := [day for day in counts.days if day.state == "empty"]:
        yield language.ngettext(
            "Incomplete: nothing has been collected for {n} announcement day.",
            "Incomplete: nothing has been collected for {n} announcement days.", len(empty),
        )  # fmt: skip


def correction_notice(late: int, language: Language) -> str:
    """Return a notice that an issue was composed again after it had been mailed."""
    return language.ngettext(
        "Corrected: {n} paper arrived after this issue was mailed.",
        "Corrected: {n} papers arrived after this issue was mailed.", late,
    )  # fmt: skip


def not_indexed(counts: PeriodCounts, language: Language) -> Iterator[str]:
    """That papers could not be ranked. What to do about it is for the operator, not for readers."""
    if counts.indexed < counts.papers:
        yield language.ngettext(
            "{n} of {papers} papers is not indexed yet and was not ranked.",
            "{n} of {papers} papers are not indexed yet and were not ranked.",
            counts.papers - counts.indexed,
            papers=language.number(counts.papers),
        )


def _thin_period_notice(counts: PeriodCounts, kind: str, language: Language) -> str:
    reasons = language.gettext(" and ").join(_gap_reasons(counts, language))
    notice = _few_papers_text(counts.papers, kind, language)
    colon, stop = language.gettext(": "), language.gettext(".")
    return f"{notice}{colon}{reasons}{stop}" if reasons else f"{notice}{stop}"


def _few_papers_text(papers: int, kind: str, language: Language) -> str:
    if not papers:
        return _no_papers_text(kind, language)
    if kind == "day":
        return language.ngettext(
            "Only {n} paper was collected for this day",
            "Only {n} papers were collected for this day", papers,
        )  # fmt: skip
    if kind == "week":
        return language.ngettext(
            "Only {n} paper was collected for this week",
            "Only {n} papers were collected for this week", papers,
        )  # fmt: skip
    return language.ngettext(
        "Only {n} paper was collected for this month",
        "Only {n} papers were collected for this month", papers,
    )  # fmt: skip


def _no_papers_text(kind: str, language: Language) -> str:
    if kind == "day":
        return language.gettext("No papers were collected for this day")
    if kind == "week":
        return language.gettext("No papers were collected for this week")
    return language.gettext("No papers were collected for this month")


def _gap_reasons(counts: PeriodCounts, language: Language) -> Iterator[str]:
    states = [day.state for day in counts.days]
    if closed := states.count("closed"):
        yield language.ngettext(
            "arXiv made no announcement on {n} weekday",
            "arXiv made no announcement on {n} weekdays", closed,
        )  # fmt: skip
    if empty := states.count("empty"):
        yield language.ngettext(
            "nothing has been collected for {n} announcement day",
            "nothing has been collected for {n} announcement days", empty,
        )  # fmt: skip


def unfinished_notice(kind: str, end: str, language: Language) -> str:
    """Return a notice that the period has not ended."""
    if kind == "day":
        return language.gettext("The papers of {day} have not been announced yet.", day=end)
    if kind == "week":
        return language.gettext("This week ends on {day}; more papers are expected.", day=end)
    return language.gettext("This month ends on {day}; more papers are expected.", day=end)


def completeness_text(
    counts: PeriodCounts, ledger: Sequence[CompletenessDay], language: Language
) -> str:
    """Return how complete the period is; without a crawl, on which days papers were collected."""
    if not ledger:
        return _coverage_text(counts, language)
    states: dict[date, set[str]] = defaultdict(set)
    for row in ledger:
        states[row.day].add(row.state)
    due = {day: found for day, found in states.items() if found != {"closed"}}
    sentences = [language.gettext(
        "{complete} of {due} announcement days are complete.",
        complete=sum(found <= _PROVED for found in due.values()), due=len(due),
    )]  # fmt: skip
    incomplete = {day for day, found in due.items() if found & _INCOMPLETE}
    unverified = {day for day, found in due.items() if "unverified" in found} - incomplete
    if incomplete:
        days = _join_days(incomplete, language)
        sentences.append(language.gettext("Incomplete: {days}.", days=days))
    if unverified:
        days = _join_days(unverified, language)
        sentences.append(
            language.gettext("Not verified by an independent count: {days}.", days=days)
        )
    return " ".join((*sentences, *_listing_sentences(ledger, language)))


_PROVED = frozenset({"complete", "closed"})
_INCOMPLETE = frozenset({"degraded", "missing"})


def _join_days(days: Iterable[date], language: Language) -> str:
    return language.gettext(", ").join(map(language.day, sorted(days)))


def _listing_sentences(ledger: Sequence[CompletenessDay], language: Language) -> Iterator[str]:
    if late := sum(row.late for row in ledger):
        yield language.ngettext("{n} listing arrived late.", "{n} listings arrived late.", late)
    if missing := sum(row.missing for row in ledger):
        yield language.ngettext("{n} listing is missing.", "{n} listings are missing.", missing)
    if second_hand := sum(row.second_hand for row in ledger):
        yield language.ngettext(
            "{n} listing is described by another service, because arXiv did not answer.",
            "{n} listings are described by other services, because arXiv did not answer.",
            second_hand,
        )


def degraded_sources_note(source_names: Sequence[str], language: Language) -> str:
    """Return a note that names the sources that failed at the last crawl."""
    names = language.gettext(", ").join(source_names)
    return language.gettext("Not read completely at the last crawl: {sources}.", sources=names)


def fallback_notes(summaries: Mapping[str, Summary], language: Language) -> Iterator[str]:
    """Yield why summaries were extracted instead of generated, most frequent reason first."""
    reasons = Counter(summary.note for summary in summaries.values() if summary.note)
    for reason, number in reasons.most_common():
        yield language.ngettext(
            "{n} summary was extracted instead of generated: {reason}",
            "{n} summaries were extracted instead of generated: {reason}", number, reason=reason,
        )  # fmt: skip


def _coverage_text(counts: PeriodCounts, language: Language) -> str:
    due = [day for day in counts.days if day.state != "closed"]
    coverage = language.gettext(
        "Papers collected for {listed} of {due} announcement days.",
        listed=sum(day.papers > 0 for day in due), due=len(due),
    )  # fmt: skip
    missing = [language.day(day.day) for day in due if not day.papers]
    if not missing:
        return coverage
    days = language.gettext(", ").join(missing)
    gap = language.gettext("Nothing collected for {days}.", days=days)
    return f"{coverage} {gap}"
