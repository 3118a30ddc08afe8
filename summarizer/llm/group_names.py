"""Names for groups of papers, written by a language model from the words of each group.

A name with a word that occurs in no term and no title of the group is discarded, and the caller
keeps its own label.

Public surface: ``GroupDescription``, ``generate_names``, ``is_grounded``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from summarizer.exceptions import GenerationError
from summarizer.grounding.injection.prompt_injection import is_prompt_injection
from summarizer.grounding.names import safe_name
from summarizer.llm.forms import name_form
from summarizer.llm.generate import LanguageModel
from summarizer.llm.prompt import Messages
from summarizer.text.sentences import to_plain_text
from summarizer.text.stems import content_stems

_SYSTEM = (Path(__file__).with_name("prompts") / "groups" / "name.txt").read_text("utf-8")
_TITLES = 8
_MIN_WORDS, _MAX_WORDS = 2, 6


@dataclass(frozen=True, slots=True)
class GroupDescription:
    """A group of papers: its ``terms``, most characteristic first, and ``titles`` of papers."""

    terms: tuple[str, ...]
    titles: tuple[str, ...]


def generate_names(
    groups: Sequence[GroupDescription], model: LanguageModel
) -> Iterator[tuple[int, str]]:
    """Yield (index, name) of each group; "" if the model wrote no grounded name."""
    chats = [_build_messages(group) for group in groups]
    for index, answer in model.answer(chats, name_form()):
        written = "" if isinstance(answer, GenerationError) else answer.get("name", "")
        yield index, _grounded_name(written, groups[index])


def _grounded_name(written: str, group: GroupDescription) -> str:
    plain = to_plain_text(written).strip(" .\"'“”")
    name = safe_name(plain, " ".join((*group.terms, *group.titles)))
    if not name or not is_grounded(name, group):
        return ""
    first = name.split()[0]
    return f"{name[0].upper()}{name[1:]}" if first.islower() else name


def is_grounded(name: str, group: GroupDescription) -> bool:
    """Whether a name is short, all its content words are the group's, and one is in a term."""
    stems = content_stems(name)
    known = content_stems(" ".join((*group.terms, *group.titles)))
    in_terms = content_stems(" ".join(group.terms))
    fits = _MIN_WORDS <= len(name.split()) <= _MAX_WORDS
    return fits and stems <= known and bool(stems & in_terms)


def _build_messages(group: GroupDescription) -> Messages:
    titles = [to_plain_text(title) for title in group.titles if not is_prompt_injection(title)]
    content = "\n".join(("Terms: " + "; ".join(group.terms), "Titles:", *titles[:_TITLES]))
    return [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": content}]
