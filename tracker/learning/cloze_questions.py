"""Questions about a paper that was read, and when to ask them again.

A question is a sentence of the summary, quoted from the paper, with one gap: a number where it has
one, else a name. Without either, it is the request to recall the sentence.

The schedule has boxes as in Leitner, "So lernt man lernen" (1972): a right answer moves a card to
the next box, whose interval is twice as long, and a wrong one moves it back to the first. A card
begins in the second box, a month after the paper was read.

Public: `Question`, `Card`, `build_questions`, `first_due`, `answer_card`, `GAP`, `ROLES`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

GAP = "[…]"
# What is asked, in this order, and what is asked if there is no such sentence.
ROLES = ("result", "method", "limits")
_SUBSTITUTES = ("tldr", "problem", "why_it_matters")
_REQUESTS = {
    "result": "What is the result?",
    "method": "How does it work?",
    "limits": "What are its limits?",
    "tldr": "What is it about?",
    "problem": "Which problem does it address?",
    "why_it_matters": "Why does it matter?",
}
_INTERVALS = tuple(timedelta(days=days) for days in (7, 30, 60, 120, 240, 480))
_FIRST_BOX = 1
# A number with its unit; not a part of a name (GPT-4) and not a year.
_NUMBER = re.compile(
    r"(?<![\w.,-])[+\u2212-]?\d[\d,]*(?:\.\d+)?\s?(?:%|\u00d7|x\b|percent\b|points?\b|[KMBT]\b)?(?![\w-])"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
# A word with a capital or digit after its first character.
_NAME = re.compile(r"(?<![\w-])[A-Za-z][\w-]*[A-Z0-9][\w-]*")


@dataclass(frozen=True, slots=True)
class Question:
    """A question about the work `id`: its `role` in the summary, and what belongs into the gap.

    `text` has one gap, or is a request, which `answer` answers as a whole. `sentence` is quoted.
    """

    id: str
    role: str
    text: str
    answer: str
    sentence: str

    @property
    def key(self) -> str:
        """How the user names it: "2603.00001/result"."""
        return f"{self.id}/{self.role}"

    @property
    def has_gap(self) -> bool:
        """Whether the text is the sentence with a gap."""
        return GAP in self.text


@dataclass(frozen=True, slots=True)
class Card:
    """The box of a question and the day from which it is asked."""

    box: int
    due: date


def build_questions(key: str, title: str, sentences: Mapping[str, str]) -> tuple[Question, ...]:
    """Return up to three questions about a work; `sentences` are by role in the summary.

    Names of the title make no gap, because the title is shown with the question.
    """
    roles = [role for role in ROLES if sentences.get(role)]
    roles += [role for role in _SUBSTITUTES if sentences.get(role)][: len(ROLES) - len(roles)]
    seen: set[str] = set()
    found = []
    for role in roles:
        sentence = " ".join(sentences[role].split())
        if sentence not in seen:
            seen.add(sentence)
            found.append(_question(key, title, role, sentence))
    return tuple(found)


def _question(key: str, title: str, role: str, sentence: str) -> Question:
    span = _find_gap(sentence, set(_NAME.findall(title)))
    if span is None:
        return Question(key, role, _REQUESTS[role], sentence, sentence)
    answer = sentence[span[0] : span[1]]
    text = f"{sentence[: span[0]]}{GAP}{sentence[span[1] :]}"
    return Question(key, role, text, answer, sentence)


def _find_gap(sentence: str, known: set[str]) -> tuple[int, int] | None:
    """Return where the gap is: the most telling number, else the last new name, else None."""
    numbers = [one for one in _NUMBER.finditer(sentence) if not _YEAR.fullmatch(one[0].strip())]
    if numbers:
        best = max(numbers, key=lambda one: (_precision(one[0]), one.start()))
        return _without_spaces(best)
    names = [one for one in _NAME.finditer(sentence) if one[0] not in known]
    # A name that occurs twice gives itself away.
    single = [one for one in names if sentence.count(one[0]) == 1]
    return single[-1].span() if single else None


def _precision(number: str) -> int:
    """Return how much a number says: with a unit, with decimals, with several digits."""
    return 4 * bool(re.search(r"[%\u00d7a-z]", number)) + 2 * ("." in number) + (len(number) > 1)


def _without_spaces(found: re.Match[str]) -> tuple[int, int]:
    return found.start(), found.start() + len(found[0].rstrip())


def first_due(read: date) -> date:
    """Return from when the questions about a work that was read on a day are asked."""
    return read + _INTERVALS[_FIRST_BOX]


def answer_card(card: Card | None, *, right: bool, today: date) -> Card:
    """Return the card after an answer; None is a question that was never answered."""
    box = card.box if card else _FIRST_BOX
    moved = min(box + 1, len(_INTERVALS) - 1) if right else 0
    return Card(moved, today + _INTERVALS[moved])
