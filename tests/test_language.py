"""The catalogues have every message that pages and mails can show, filled in alike."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tracker.errors import UsageError
from tracker.language import LANGUAGES, language

ROOT = Path(__file__).parents[1]
CODES = [code for code in LANGUAGES if code != "en"]
_JINJA = "jinja2.ext:babel_extract"


def messages() -> set[object]:
    """Every message of templates and code; a pair where it has a plural."""
    found = set()
    for folder, methods in (
        ("templates", [("**.jinja", _JINJA), ("**/parts.*", _JINJA)]),
        ("tracker", [("**.py", "python")]),
    ):
        options = {pattern: {"silent": "false"} for pattern, how in methods if how == _JINJA}
        for _, _, message, _, _ in extract_from_dir(
            str(ROOT / folder), methods, options_map=options,
            keywords={"_": None, "gettext": None, "ngettext": (1, 2)},
        ):  # fmt: skip
            found.add(message)
    return found


@pytest.mark.parametrize("code", CODES)
def test_every_message_is_translated_and_no_other(code: str) -> None:
    path = ROOT / "templates" / "locale" / f"{code.replace('-', '_')}.po"
    with path.open("rb") as file:
        catalogue = {one.id: one for one in read_po(file) if one.id}
    assert set(catalogue) == messages()
    for known in catalogue.values():
        strings = known.string if isinstance(known.string, tuple) else (known.string,)
        wanted = known.id[-1] if isinstance(known.id, tuple) else known.id
        assert all(strings), known.id
        for string in strings:
            assert set(re.findall(r"{\w+}", string)) == set(re.findall(r"{\w+}", wanted)), known.id


def test_a_language_without_a_catalogue_is_refused() -> None:
    with pytest.raises(UsageError, match="en, zh-TW, zh-CN"):
        language("fr")
