"""The catalogues have every message that pages and mails can show, filled in alike."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tracker.errors import UsageError
from tracker.language import LANGUAGES, NAMES, language, preferred

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


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-TW"), ("zh-Hant-HK", "zh-TW"), ("zh", "zh-CN"),
        ("zh-SG;q=0.5, en-GB;q=0.4", "zh-CN"), ("en-US,en;q=0.5", "en"), ("fr, de;q=0.9", "zh-TW"),
        ("fr;q=1, en;q=0.2", "en"), ("en;q=0, zh-CN;q=0.1", "zh-CN"), ("", "zh-TW"),
        ("en;q=much, *, ;;;, zh-CN;q=0.1", "zh-CN"),
    ],
)  # fmt: skip
def test_a_browser_gets_the_language_it_wants_most(accepted: str, code: str) -> None:
    assert preferred(accepted, "zh-TW") == code


def test_every_language_has_a_name_of_its_own() -> None:
    assert tuple(NAMES) == LANGUAGES
