"""Sentences about what a reader answered since their last issue, and what follows from it."""

from collections.abc import Sequence

from summarizer.text.sentences import to_plain_text
from tracker.language import Language

# An email repeats this many answers; the preferences page shows all.
_MOST = 5
_LONGEST_TITLE = 90


def feedback_remarks(answers: Sequence[tuple[str, str]], language: Language) -> tuple[str, ...]:
    """Return a sentence for each action and title of a paper, newest first."""
    sentences = [_remark(action, _shorten(title), language) for action, title in answers[:_MOST]]
    if (rest := len(answers) - _MOST) > 0:
        sentences.append(
            language.ngettext(
                "{n} more answer is on your preferences page.",
                "{n} more answers are on your preferences page.",
                rest,
            )
        )
    return tuple(sentences)


def gap_remark(key: str, title: str, direction: str, language: Language) -> str:
    """Return a sentence on the paper of an issue that fills a gap in what a reader has read."""
    return language.gettext(
        "For your map: “{title}” ({id}) covers what you have not read about yet in {direction}.",
        title=_shorten(to_plain_text(title)), id=key, direction=direction,
    )  # fmt: skip


def _remark(action: str, title: str, language: Language) -> str:
    if action == "more":
        return language.gettext(
            "You want more like “{title}”: similar papers are now recommended to you.",
            title=title,
        )
    if action == "less":
        return language.gettext(
            "You marked “{title}” as not for you: less of what is similar to it is recommended.",
            title=title,
        )
    if action == "save":
        return language.gettext("You saved “{title}” to your reading list.", title=title)
    return language.gettext("You marked “{title}” as read.", title=title)


def _shorten(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1].rstrip()}…"
