"""What people write in their own words is searched before it is kept. Each search takes time linear in the text."""

import re
import unicodedata
from collections.abc import Iterator

from domain.errors import Invalid
from domain.referrals.household import Identity
from domain.text.folded_text import UNSEEN, as_read, folded
from domain.text.names import holds_name_of, is_surname_of

COMMENT_CHARACTERS = 500
# What may stand between two digits of one number: white space, and at most three of these signs.
_NOTHING = rf"[ {UNSEEN}]*+"
_BETWEEN = rf"{_NOTHING}(?:[.\-/_:()\[\]{{}}*'`~#\\|]{_NOTHING}){{0,3}}+"
# A comma parts the cells of a row and the hours of a day, unless it stands between two digits alone.
_BETWEEN_IN_PROSE = rf"(?:[,;]|{_BETWEEN})"
# Letters that are typed for digits, O for 0 and I and l for 1. At least so many signs must be real digits all the same.
_FEWEST_DIGITS = 3


def _ten_digits(between: str) -> re.Pattern[str]:
    """Ten digits that begin with a day (or a replacement number's day) and a month, and any digits that follow."""
    day = ("[0oO]{}[1-9Il]", "[12Il]{}[0-9oOIl]", "3{}[01oOIl]", "6{}[1-9Il]", "[78]{}[0-9oOIl]", "9{}[01oOIl]")
    month = ("[0oO]{}[1-9Il]", "[1Il]{}[0-2oOIl]")
    first, then = ("|".join(parts).replace("{}", between) for parts in (day, month))
    # A letter that belongs to a word beside the number is no digit of the number.
    begin, end = r"(?:(?<![0-9])(?=[0-9])|(?<![^\W_])(?=[oOIl]))", r"(?:(?<=[0-9])(?![0-9])|(?<=[oOIl])(?![^\W_]))"
    rest = rf"(?:{between}[0-9oOIl]){{6}}"
    return re.compile(rf"{begin}((?:{first}){between}(?:{then}){rest}){end}(?:{between}[0-9])*+")


_TEN_DIGITS, _TEN_DIGITS_IN_PROSE = _ten_digits(_BETWEEN), _ten_digits(_BETWEEN_IN_PROSE)
_UUID = re.compile(
    r"(?<![0-9a-z])(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32})(?![0-9a-z])", re.IGNORECASE
)
_DIGITS = frozenset("0123456789")
# Most texts hold no ten signs that are read as digits. To see that takes a tenth of the time that the search for the
# number takes. Beyond Latin-1, any sign may be read as a digit.
_may_hold_ten_digits = re.compile(r"(?:[^0-9oOIl¹²³º\u0100-\U0010ffff]*+[0-9oOIl¹²³º\u0100-\U0010ffff]){10}").match


def holds_cpr_number(text: str) -> bool:
    """Whether a text holds what may be a CPR number: ten digits that begin with a day and a month.

    However it is written (spaces, dashes, dots, brackets, full-width or raised digits, the letter O for 0), and also a
    replacement number, whose day is 60 higher. A whole UUID is no CPR number. Modulus 11 is not asked for, as numbers
    given since 2007 need not satisfy it.
    """
    if _may_hold_ten_digits(text) is None:
        return False
    return next(_found(as_read(text), _TEN_DIGITS_IN_PROSE), None) is not None


def without_cpr_numbers(text: str) -> str:
    """A text that a program wrote, with each number that may be a CPR number made unreadable."""
    kept, done = [], 0
    # In a row of a table, these signs separate the cells.
    cells_apart = text.replace("\t", ";").replace("\n", ";").replace("\r", ";")
    for found in _found(as_read(cells_apart), _TEN_DIGITS):
        seen = zip(text[found.start() : found.end()], found[0], strict=True)
        kept += [text[done : found.start()], *("x" if read.isalnum() else sign for sign, read in seen)]
        done = found.end()
    return "".join([*kept, text[done:]])


def _found(seen: str, ten_digits: re.Pattern[str]) -> Iterator[re.Match[str]]:
    if ten_digits.search(seen) is None:
        return
    for found in ten_digits.finditer(_UUID.sub(_letters, seen)):
        if sum(map(_DIGITS.__contains__, found[1])) >= _FEWEST_DIGITS:
            yield found


def _letters(found: re.Match[str]) -> str:
    return "u" * len(found[0])


def without_uuids(text: str) -> str:
    """A text without its whole UUIDs: their digits and letters say nothing, and would be taken for numbers and names.

    Call it before anything changes the hyphens between a UUID's groups.
    """
    return _UUID.sub(_letters, text)


PHONE_DIGITS = 8
_NUMBER = re.compile(r"\d(?:[ .\-/()]{0,2}\d){7,}")
_NOT_A_DIGIT = re.compile(r"\D+")


# From the @ on: what stands before the @ may be as long as the text, and is looked at once.
_MAIL_ADDRESS = re.compile(r"(?<=[^\s@<>])@[^\s@<>]+\.[^\s@<>]{2,}")
_DAY = re.compile(r"(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d)(?!\d)")
_COUNTRY = "45"


def tells_how_to_reach(text: str) -> bool:
    """Whether a text holds an e-mail address or a Danish phone number, however it is written. A day is neither."""
    seen = _DAY.sub(" ", folded(without_uuids(text)))
    numbers = (_NOT_A_DIGIT.sub("", found[0]) for found in _NUMBER.finditer(seen))
    phones = (one.removeprefix("00").removeprefix(_COUNTRY) if len(one) > PHONE_DIGITS else one for one in numbers)
    return bool(_MAIL_ADDRESS.search(seen)) or any(len(phone) == PHONE_DIGITS and phone[0] > "1" for phone in phones)


def tells_who(text: str, who: Identity) -> str | None:
    """What a text reveals about who a family is, as a code; None when it reveals nothing.

    However it is written: the family's CPR number or anybody's, its phone number, e-mail address, whole name, address.
    A first name alone is not looked for, because caseworkers have one too.
    """
    seen = folded(text)
    numbers = [_NOT_A_DIGIT.sub("", found[0]) for found in _NUMBER.finditer(seen)]
    phone = _NOT_A_DIGIT.sub("", folded(who.phone))[-PHONE_DIGITS:]
    told = (
        ("holds_cpr", holds_cpr_number(text) or any(who.cpr in number for number in numbers)),
        ("holds_phone", len(phone) == PHONE_DIGITS and any(phone in number for number in numbers)),
        ("holds_email", bool(who.email) and folded(who.email) in seen),
        ("holds_name", folded(who.adult_name) in seen),
        ("holds_address", folded(who.address) in seen),
    )
    return next((code for code, found in told if found), None)


def tells_whose(text: str, who: Identity) -> str | None:
    """The same as `tells_who`, and also when the text holds a surname alone, or the name of one of several adults."""
    return tells_who(text, who) or ("holds_name" if holds_name_of(text, who.adult_name) else None)


def is_called_like(text: str, who: Identity) -> str | None:
    """The same for the name of a place or a colleague, which may hold the family's surname, but not be it alone."""
    return tells_who(text, who) or ("holds_name" if is_surname_of(text, who.adult_name) else None)


def tidied(text: str) -> str:
    """A comment as it is kept: line ends alike, and no signs but those that are read."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign == "\n" or unicodedata.category(sign)[0] != "C").strip()


LONGEST_PURPOSE = 200


def opened_by(who: str, purpose: str) -> str:
    """Who opens the vault and why, as it is written down. `Invalid` when it does not tell why."""
    told = tidied(purpose)
    if not 4 < len(told) <= LONGEST_PURPOSE:
        raise Invalid("purpose", f"say why, in at most {LONGEST_PURPOSE} signs")
    return f"{who}: {told}"
