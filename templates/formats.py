"""How money, days and moments are written for people."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal

from domain.referrals.household import Language
from domain.working_days import COPENHAGEN

LOCALES = {Language.DANISH: "da_DK", Language.ENGLISH: "en_GB"}
AMOUNTS = {Language.DANISH: "{} kr.", Language.ENGLISH: "DKK {}"}
DAYS = {Language.DANISH: "EEEE 'den' d. MMMM y", Language.ENGLISH: "EEEE d MMMM y"}
MOMENTS = {Language.DANISH: f"{DAYS[Language.DANISH]} 'kl'. HH.mm", Language.ENGLISH: "EEEE d MMMM y 'at' HH:mm"}
STAMPS = {Language.DANISH: "d. MMM y 'kl.' HH.mm", Language.ENGLISH: "d MMM y HH:mm"}
ORE_A_KRONE = 100


def kr(ore: int, *, language: Language) -> str:
    """Money in øre as kroner; the øre are shown only where there are some."""
    pattern = "#,##0.00" if ore % ORE_A_KRONE else "#,##0"
    return AMOUNTS[language].format(format_decimal(Decimal(ore) / ORE_A_KRONE, pattern, locale=LOCALES[language]))


def day(of: date, *, language: Language) -> str:
    """A day with its weekday."""
    return format_date(of, DAYS[language], locale=LOCALES[language])


def due(of: date, *, language: Language) -> str:
    """A day in a table, in short form."""
    return format_date(of, "d. MMM y" if language is Language.DANISH else "d MMM y", locale=LOCALES[language])


def month(year: int, of: int, *, language: Language) -> str:
    """A month with its year."""
    return format_date(date(year, of, 1), "MMMM y", locale=LOCALES[language])


def quarter(year: int, of: int, *, language: Language) -> str:
    """The quarter that a month begins, with its year."""
    return format_date(date(year, of, 1), "QQQQ y", locale=LOCALES[language])


def moment(at: datetime, *, language: Language) -> str:
    """A moment in Copenhagen's time; a moment without a time zone is refused."""
    if at.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return format_datetime(at, MOMENTS[language], tzinfo=COPENHAGEN, locale=LOCALES[language])


def stamp(at: datetime, *, language: Language) -> str:
    """A moment in a table, in short form and Copenhagen's time."""
    return format_datetime(at, STAMPS[language], tzinfo=COPENHAGEN, locale=LOCALES[language])


def age(of: timedelta, *, language: Language) -> str:
    """How long something has lasted, roughly: 3 timer, 2 dage."""
    return format_timedelta(of, threshold=1.5, locale=LOCALES[language])


def midway(sentence: str) -> str:
    """A sentence for the middle of a line: its first letter in lower case."""
    return sentence[:1].lower() + sentence[1:]


def decimal(figure: float, *, language: Language) -> str:
    """A figure with at most one decimal, as the language writes it."""
    return format_decimal(Decimal(str(figure)), "#,##0.#", locale=LOCALES[language])


def factor(of: Fraction, *, language: Language) -> str:
    """A factor with up to six decimals, as the language writes it."""
    return format_decimal(Decimal(of.numerator) / of.denominator, "#,##0.######", locale=LOCALES[language])


def spelled(digits: str) -> str:
    """Digits one by one, as a screen reader is to read them; they are typed with or without the spaces."""
    return " ".join(digits)


def dialled(number: str) -> str:
    """A telephone number for a `tel:` link, without the remark in brackets after it."""
    return "".join(sign for sign in number.partition("(")[0] if sign in "+0123456789")
