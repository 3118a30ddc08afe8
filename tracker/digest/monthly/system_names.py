"""The names of systems that titles introduce, and whether a listed model is such a system.

Public: `system_name`, `name_parts`, `is_version_of`, `is_distinctive`.
"""

import re

_NAME_LENGTH = 32
# One or two words, one of which looks like a name (SkillCraft, LMEB, F2LLM-v2), not like a phrase.
_SYSTEM = re.compile(
    r"(?!Towards? |[A-Z]\w+ing )(?:[\w.-]+ )?[\w.-]*[A-Z][\w.-]*[A-Z0-9][\w.-]*"
    r"(?: [A-Z0-9][\w.-]*)?$"
)
_PART = re.compile(r"[a-z]+|\d+(?:\.\d+)*")


def system_name(title: str) -> str:
    """Return the name of one system that a title begins with, "" if there is none."""
    name, colon, _ = title.partition(": ")
    return name if colon and len(name) <= _NAME_LENGTH and _SYSTEM.match(name) else ""


def name_parts(name: str) -> tuple[str, ...]:
    """Return the words and numbers of a name, which its spelling does not change."""
    return tuple(_PART.findall(name.casefold()))


def is_version_of(model: str, parts: tuple[str, ...]) -> bool:
    """Return whether a model has the `parts` of a name first: "glm-5-air" those of "GLM-5"."""
    return is_distinctive(parts) and name_parts(model)[: len(parts)] == parts


def is_distinctive(parts: tuple[str, ...]) -> bool:
    """Return whether a name has a word and a number; another is too likely to be another's."""
    return len(parts) > 1 and any(part[0].isdigit() for part in parts)
