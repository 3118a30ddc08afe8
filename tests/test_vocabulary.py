"""Identifiers, documentation and templates use the terms of docs/glossary.md.

Not checked: strings in code. SQL names and JSON keys are strings there, and cannot change once they
are in users' databases and scripts.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("tracker", "summarizer")
CODE = sorted(
    file for folder in (*PACKAGES, "tests", "benchmarks") for file in (ROOT / folder).rglob("*.py")
)
TEXTS = sorted(
    file
    for pattern in ("docs/*.md", "*.md", "templates/**/*", "schedules/**/*")
    for file in ROOT.glob(pattern)
    if file.is_file()
)
RETIRED_WORDS = frozenset(
    "told said nought noughts mend mends mended asked taken lasting taste tastes surroundings care"
    " weighing arrivals glimpse glimpses bookmark bookmarks noun nouns house room door"
    " doors".split()
)
RETIRED_PHRASES = re.compile(
    r"\bof (its|their|our|your|one's) own\b|\bstands? in (for|the)\b|\bstand-ins?\b|\banew\b"
    r"|\bfor ever\b",
    re.IGNORECASE,
)
# Exempt identifiers, with the reason.
EXEMPT_IDENTIFIERS = {
    # The names of migrations are recorded in users' databases.
    "m011_arrivals",
    "m016_lasting_topics",
    "m018_glimpses",
    # A key of the JSON that `tracker send --json` prints.
    "told",
}
# Exempt text: "noun phrase" is the linguistic term.
EXEMPT_TEXT = re.compile(r"\bnoun[ -](phrases?|like)\b", re.IGNORECASE)
# Module names that may occur more than once.
SHARED_MODULE_NAMES = {"__init__", "protocol"}


def words_of(name: str) -> set[str]:
    """The words of an identifier in snake case or camel case, in lower case."""
    return set(re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()))


def defined_names(node: ast.AST) -> Iterator[str]:
    """The names that a node of a syntax tree defines."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.Attribute(attr=name, ctx=ast.Store()):
            yield name
        case ast.alias(asname=str(name)) | ast.ExceptHandler(name=str(name)):
            yield name
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name


def identifiers(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of everything that a module defines."""
    for node in ast.walk(ast.parse(source)):
        for name in defined_names(node):
            yield getattr(node, "lineno", 0), name


def retired_terms(text: str) -> set[str]:
    """The retired words and phrases in a text."""
    prose = EXEMPT_TEXT.sub("", " ".join(text.split()))
    words = set(re.findall(r"[a-z]+", prose.lower()))
    return (RETIRED_WORDS & words) | {found[0] for found in RETIRED_PHRASES.finditer(prose)}


def label(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", CODE, ids=label)
def test_identifiers_avoid_retired_words(file: Path) -> None:
    found = [
        f"{label(file)}:{line} {name}"
        for line, name in identifiers(file.read_text(encoding="utf-8"))
        if name not in EXEMPT_IDENTIFIERS and RETIRED_WORDS & words_of(name)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("file", TEXTS, ids=label)
def test_documentation_and_templates_avoid_retired_terms(file: Path) -> None:
    assert not retired_terms(file.read_text(encoding="utf-8"))


def test_exempt_identifiers_still_exist() -> None:
    names = {name for file in CODE for _, name in identifiers(file.read_text(encoding="utf-8"))}
    assert names >= EXEMPT_IDENTIFIERS


def test_every_kind_of_definition_is_found() -> None:
    source = """
import a as asked
class Told:
    async def said(self, room, *doors, **care):
        self.taken = [mend for mend in room]
        try:
            match room:
                case [nought, *nouns]: pass
        except OSError as house: pass
"""
    found = {word for _, name in identifiers(source) for word in words_of(name)}
    assert found - {"self"} == {
        "asked", "told", "said", "room", "doors", "care", "taken", "mend", "nought", "nouns",
        "house",
    }  # fmt: skip


def test_retired_terms_are_found_across_line_ends() -> None:
    assert retired_terms("a home of\nits own; a nought; noun phrases") == {"of its own", "nought"}


def test_module_names_are_unique() -> None:
    counts = Counter(file.stem for file in CODE if file.relative_to(ROOT).parts[0] in PACKAGES)
    assert not {name for name, count in counts.items() if count > 1} - SHARED_MODULE_NAMES
