"""The languages of pages and emails: translations, dates, numbers, percentages and plurals.

Owns Babel. The catalogues are `templates/locale/*.po`; the messages themselves are English. Date
patterns are messages too, so that a catalogue determines the format of its dates.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from operator import itemgetter

from tracker import resources
from tracker.errors import UsageError

LANGUAGES = ("en", "zh-TW", "zh-CN")
# Each language in its own script, so that readers recognise theirs on a page in any language.
NAMES = {"en": "English", "zh-TW": "繁體中文", "zh-CN": "简体中文"}
# Subtags (script or region, in lower case) that mean Chinese in traditional characters.
_TRADITIONAL = {"hant", "tw", "hk", "mo"}


class Language:
    """A language; `code` is as in HTML's `lang` (BCP 47)."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._locale = code.replace("-", "_")
        self._catalogue = _load_catalogue(self._locale)

    def gettext(self, text: str, /, **values: object) -> str:
        """Return the translation of `text` with its {placeholders} filled in."""
        translation = self._catalogue.gettext(text)
        return translation.format(**values) if values else translation

    def ngettext(self, one: str, many: str, n: int, /, **values: object) -> str:
        """Return the plural form of a message for `n`; {n} is the formatted number."""
        translation = self._catalogue.ngettext(one, many, n)
        return translation.format(n=self.number(n), **values)

    def day(self, day: date) -> str:
        """Return a date without its year: Mon 9 Mar."""
        return self._date(day, self.gettext("EEE d MMM"))

    def full_day(self, day: date) -> str:
        """Return a date with its year: 9 Mar 2026."""
        return self._date(day, self.gettext("d MMM y"))

    def long_day(self, day: date) -> str:
        """Return a date for running text: 15 March 2026."""
        return self._date(day, self.gettext("d MMMM y"))

    def month(self, day: date) -> str:
        """Return the month of a date: March 2026."""
        return self._date(day, self.gettext("MMMM y"))

    def moment(self, moment: datetime) -> str:
        """Return a time to the minute with its zone: Mon 16 Mar 2026, 08:00 UTC."""
        day = self._date(moment.date(), self.gettext("EEE d MMM y"))
        return f"{day}, {moment:%H:%M} {moment.tzname() or ''}".rstrip()

    def number(self, value: float) -> str:
        """Return three significant digits: 1412 is "1,412", 78.34 is "78.3", 0.734 is "0.73"."""
        if isinstance(value, int) and 0 <= value < 1000:
            return str(value)  # has no separators in any language, so Babel need not be loaded
        if isinstance(value, int) or abs(value) >= 1000:
            return self._decimal(value, "#,##0")
        return self._decimal(value, "#,##0.0" if abs(value) >= 10 else "#,##0.00")

    def percent(self, share: float, digits: int = 0) -> str:
        """Return a share as a percentage with `digits` decimals: 0.0934 is "9%"."""
        return self._percent(share, digits)

    def signed_percent(self, change: float) -> str:
        """Return a relative change as a percentage with its sign: 0.093 is "+9%"."""
        rounded = round(change, 2) + 0.0  # the addition turns -0.0 into 0.0
        sign = "+" if rounded > 0 else ""
        return sign + _with_minus_sign(self._percent(rounded, 0))

    def percentage_points(self, change: float) -> str:
        """Return a difference of shares in percentage points: 0.0141 is "+1.4", zero is "0.0"."""
        points = round(100 * change, 1) + 0.0
        sign = "+" if points > 0 else ""
        return sign + _with_minus_sign(self._decimal(points, "#,##0.0"))

    def format_list(self, items: Sequence[str]) -> str:
        """Return "a, b and c"."""
        from babel.lists import format_list

        # Texts have no comma before "and", as in British English.
        return format_list(items, locale="en_GB" if self.code == "en" else self._locale)

    def _decimal(self, value: float, pattern: str) -> str:
        from babel.numbers import format_decimal

        return format_decimal(value, pattern, locale=self._locale)

    def _percent(self, share: float, digits: int) -> str:
        from babel import Locale
        from babel.numbers import format_percent

        locale = Locale.parse(self._locale)
        pattern = locale.percent_formats[None].pattern  # "#,##0%" in English
        decimals = "0." + "0" * digits if digits else "0"
        return format_percent(share, pattern.replace("0", decimals, 1), locale=locale)

    def _date(self, day: date, pattern: str) -> str:
        from babel.dates import format_date

        return format_date(day, pattern, locale=self._locale)


def _with_minus_sign(number: str) -> str:
    """Return a number with a typographic minus sign, as wide as a plus sign."""
    return number.replace("-", "\N{MINUS SIGN}")


@cache
def get_language(code: str) -> Language:
    """Return the language with that code. Raises UsageError for one without a catalogue."""
    if code not in LANGUAGES:
        raise UsageError(f"Unknown language {code[:40]!r}; use --lang {', '.join(LANGUAGES)}.")
    return Language(code)


def negotiate_language(accepted: str, default: str) -> str:
    """Return the best code for an Accept-Language header (RFC 9110, 12.5.4), else `default`."""
    weighted = [_parse_weighted_tag(choice) for choice in accepted.split(",")]
    ranked = sorted((pair for pair in weighted if pair[1] > 0), key=itemgetter(1), reverse=True)
    return next((code for tag, _ in ranked if (code := _nearest(tag))), default)


def _parse_weighted_tag(choice: str) -> tuple[str, float]:
    """Return a language tag and its weight from 0 to 1; an invalid weight counts as 0."""
    tag, _, weight = choice.partition(";")
    try:
        return tag.strip().lower(), float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        return "", 0.0


def _nearest(tag: str) -> str:
    """Return the code for a tag in lower case; "" for an unsupported language."""
    language, *rest = tag.split("-")
    if language != "zh":
        return language if language in LANGUAGES else ""
    return "zh-TW" if _TRADITIONAL & set(rest) else "zh-CN"


def _load_catalogue(locale: str) -> NullTranslations:
    if locale == "en":
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with (resources.templates_folder() / "locale" / f"{locale}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=locale))
    compiled.seek(0)
    return GNUTranslations(compiled)
