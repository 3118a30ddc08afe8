"""The languages of pages and mails: translations, dates, numbers and plurals.

Owns Babel. The catalogues are `templates/locale/*.po`; English is the language of the messages
themselves. Patterns of dates are messages too: a catalogue decides how its days are written.
"""

from datetime import date, datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from operator import itemgetter

from tracker import resources
from tracker.errors import UsageError

LANGUAGES = ("en", "zh-TW", "zh-CN")
# What each calls itself, which is how a reader finds it whatever the page is in.
NAMES = {"en": "English", "zh-TW": "繁體中文", "zh-CN": "简体中文"}
# Where Chinese is written in traditional characters: a script or a region, in lower case.
_TRADITIONAL = {"hant", "tw", "hk", "mo"}


class Language:
    """One language: `code` as in HTML's `lang` (BCP 47)."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._locale = code.replace("-", "_")
        self._catalogue = _catalogue(self._locale)

    def gettext(self, text: str, /, **values: object) -> str:
        """The message `text` in this language, its {names} filled in."""
        found = self._catalogue.gettext(text)
        return found.format(**values) if values else found

    def ngettext(self, one: str, many: str, n: int, /, **values: object) -> str:
        """The form of a message for `n` of something; {n} is the number as it is written."""
        found = self._catalogue.ngettext(one, many, n)
        return found.format(n=self.number(n), **values)

    def day(self, day: date) -> str:
        """A day within a known year: Mon 9 Mar."""
        return self._date(day, self.gettext("EEE d MMM"))

    def full_day(self, day: date) -> str:
        """A day with its year: 9 Mar 2026."""
        return self._date(day, self.gettext("d MMM y"))

    def long_day(self, day: date) -> str:
        """A day in a sentence: 15 March 2026."""
        return self._date(day, self.gettext("d MMMM y"))

    def moment(self, moment: datetime) -> str:
        """An instant to the minute, with its zone: Mon 16 Mar 2026, 08:00 UTC."""
        day = self._date(moment.date(), self.gettext("EEE d MMM y"))
        return f"{day}, {moment:%H:%M} {moment.tzname() or ''}".rstrip()

    def number(self, value: float) -> str:
        """1412 is "1,412", 1285.4 is "1,285", 78.34 is "78.3", 0.734 is "0.73"."""
        if isinstance(value, int) or abs(value) >= 1000:
            return f"{value:,.0f}"
        return f"{value:,.1f}" if abs(value) >= 10 else f"{value:,.2f}"

    def percent(self, share: float, digits: int = 0) -> str:
        """0.0934 is "9 %", with a space that does not break."""
        return f"{100 * share:.{digits}f}\N{NO-BREAK SPACE}%"

    def _date(self, day: date, pattern: str) -> str:
        from babel.dates import format_date

        return format_date(day, pattern, locale="en" if self.code == "en" else self._locale)


@cache
def language(code: str) -> Language:
    """The language of that code. Raises UsageError for one that has no catalogue."""
    if code not in LANGUAGES:
        raise UsageError(f"There are no pages in {code[:40]!r}; use --lang {', '.join(LANGUAGES)}.")
    return Language(code)


def preferred(accepted: str, default: str) -> str:
    """The code that fits a browser's Accept-Language best (RFC 9110, 12.5.4), else `default`."""
    weighed = [_weighed(choice) for choice in accepted.split(",")]
    wanted = sorted((pair for pair in weighed if pair[1] > 0), key=itemgetter(1), reverse=True)
    return next((code for tag, _ in wanted if (code := _nearest(tag))), default)


def _weighed(choice: str) -> tuple[str, float]:
    """A tag and how much it is wanted, from 0 to 1; nothing where that cannot be read."""
    tag, _, weight = choice.partition(";")
    try:
        return tag.strip().lower(), float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        return "", 0.0


def _nearest(tag: str) -> str:
    """The code for a tag in lower case; "" for a language that we do not have."""
    language, *rest = tag.split("-")
    if language != "zh":
        return language if language in LANGUAGES else ""
    return "zh-TW" if _TRADITIONAL & set(rest) else "zh-CN"


def _catalogue(locale: str) -> NullTranslations:
    if locale == "en":
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with (resources.templates() / "locale" / f"{locale}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=locale))
    compiled.seek(0)
    return GNUTranslations(compiled)
