"""The catalogues translate every message, and numbers and dates follow the language."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tracker.errors import UsageError
from tracker.language import LANGUAGES, NAMES, get_language, negotiate_language

ROOT = Path(__file__).parents[1]
CODES = [code for code in LANGUAGES if code != "en"]
_JINJA = "jinja2.ext:babel_extract"


def messages() -> set[object]:
    """Return every message of templates and code; a pair where it has a plural."""
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
def test_the_catalogue_translates_exactly_the_messages_in_use(code: str) -> None:
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


def test_a_language_without_a_catalogue_is_rejected() -> None:
    with pytest.raises(UsageError, match="en, zh-TW, zh-CN"):
        get_language("fr")


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-TW"), ("zh-Hant-HK", "zh-TW"), ("zh", "zh-CN"),
        ("zh-SG;q=0.5, en-GB;q=0.4", "zh-CN"), ("en-US,en;q=0.5", "en"), ("fr, de;q=0.9", "zh-TW"),
        ("fr;q=1, en;q=0.2", "en"), ("en;q=0, zh-CN;q=0.1", "zh-CN"), ("", "zh-TW"),
        ("en;q=much, *, ;;;, zh-CN;q=0.1", "zh-CN"),
    ],
)  # fmt: skip
def test_the_preferred_language_of_a_browser_is_chosen(accepted: str, code: str) -> None:
    assert negotiate_language(accepted, "zh-TW") == code


def test_every_language_has_a_name() -> None:
    assert tuple(NAMES) == LANGUAGES


@pytest.mark.parametrize("code", LANGUAGES)
def test_numbers_have_three_significant_digits(code: str) -> None:
    language = get_language(code)
    shown = [language.number(value) for value in (5, 1412, 1285.4, 78.34, 0.734, 0.0)]
    assert shown == ["5", "1,412", "1,285", "78.3", "0.73", "0.00"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_percentages_are_written_without_a_space(code: str) -> None:
    language = get_language(code)
    assert (language.percent(0.0934), language.percent(0.1723, 1)) == ("9%", "17.2%")


@pytest.mark.parametrize(
    ("change", "percent", "points"),
    [(0.0934, "+9%", "+9.3"), (-0.2, "−20%", "−20.0"), (0.0, "0%", "0.0"), (-0.0001, "0%", "0.0")],
)
def test_changes_have_a_sign_unless_they_round_to_zero(
    change: float, percent: str, points: str
) -> None:
    language = get_language("en")
    assert (language.signed_percent(change), language.percentage_points(change)) == (
        percent,
        points,
    )


def test_small_counts_load_no_locale_data() -> None:
    """Search results show author counts; loading Babel would slow down a cold search."""
    code = (
        "import sys; from tracker.language import get_language\n"
        "assert get_language('en').ngettext('{n} author', '{n} authors', 7) == '7 authors'\n"
        "assert 'babel' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
