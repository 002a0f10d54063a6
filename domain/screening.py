"""What people write in their own words is looked through before it is kept."""

import re
import unicodedata

from domain.household import Identity

COMMENT_CHARACTERS = 500
_TEN_DIGITS = re.compile(r"(?<!\d)\d(?:[ .\-/_]{0,3}\d){9}(?!\d)")
_HIGHEST_DAY, _REPLACEMENT_DAY, _MONTHS = 31, 60, 12


def holds_cpr_number(text: str) -> bool:
    """Whether a text holds what may be a CPR number: ten digits that begin with a day and a month.

    However it is written (spaces, dashes, full-width digits), and also a replacement number, whose day is 60 higher.
    Modulus 11 is not asked for: numbers given since 2007 need not satisfy it.
    """
    # What is pasted from a table has tabs, and any number of them.
    seen = re.sub(r"\s+", " ", "".join(map(_as_it_is_read, text)))
    digits = (re.sub(r"\D", "", found[0]) for found in _TEN_DIGITS.finditer(seen))
    return any(_begins_with_a_birthday(number) for number in digits)


def without_cpr_numbers(text: str) -> str:
    """A text as a program wrote it, each number that may be a CPR number made unreadable."""

    def hidden(found: re.Match[str]) -> str:
        return re.sub(r"\d", "x", found[0]) if _begins_with_a_birthday(re.sub(r"\D", "", found[0])) else found[0]

    return _TEN_DIGITS.sub(hidden, text)


PHONE_DIGITS = 8
_NUMBER = re.compile(r"\d(?:[ .\-/()]{0,2}\d){7,}")


_MAIL_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]{2,}")
_DAY = re.compile(r"(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d)(?!\d)")
_COUNTRY = "45"


def tells_how_to_reach(text: str) -> bool:
    """Whether a text holds an e-mail address or a Danish phone number, however it is written. A day is neither."""
    seen = _DAY.sub(" ", _folded(text))
    numbers = (re.sub(r"\D", "", found[0]) for found in _NUMBER.finditer(seen))
    phones = (one.removeprefix("00").removeprefix(_COUNTRY) if len(one) > PHONE_DIGITS else one for one in numbers)
    return bool(_MAIL_ADDRESS.search(seen)) or any(len(phone) == PHONE_DIGITS and phone[0] > "1" for phone in phones)


def tells_who(text: str, who: Identity) -> str | None:
    """What a text tells of who a family is, as a code; None when it tells nothing.

    However it is written: its CPR number or anybody's, its phone number, its e-mail address, its whole name, its
    address. A first name alone is not looked for, because caseworkers have one too.
    """
    seen = _folded(text)
    numbers = [re.sub(r"\D", "", found[0]) for found in _NUMBER.finditer(seen)]
    phone = re.sub(r"\D", "", _folded(who.phone))[-PHONE_DIGITS:]
    told = (
        ("holds_cpr", holds_cpr_number(text) or any(who.cpr in number for number in numbers)),
        ("holds_phone", len(phone) == PHONE_DIGITS and any(phone in number for number in numbers)),
        ("holds_email", _folded(who.email) in seen),
        ("holds_name", _folded(who.adult_name) in seen),
        ("holds_address", _folded(who.address) in seen),
    )
    return next((code for code, found in told if found), None)


def _folded(text: str) -> str:
    """Alike however it is written: width, case, white space, and signs that are not seen."""
    return " ".join("".join(map(_as_it_is_read, unicodedata.normalize("NFKC", text))).casefold().split())


def _as_it_is_read(sign: str) -> str:
    """Digits and dashes of every script as ours; a sign that `tidied` takes out would hide a number from us alone."""
    match unicodedata.category(sign):
        case "Nd":
            return str(unicodedata.decimal(sign))
        case "Pd":
            return "-"
        case "Cc":
            return sign if sign.isspace() else ""
        case category if category[0] == "C":
            return ""
        case _:
            return sign


def _begins_with_a_birthday(number: str) -> bool:
    day, month = int(number[:2]), int(number[2:4])
    return 1 <= day % _REPLACEMENT_DAY <= _HIGHEST_DAY and 1 <= month <= _MONTHS


def tidied(text: str) -> str:
    """A comment as it is kept: line ends alike, and no signs but those that are read."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign == "\n" or unicodedata.category(sign)[0] != "C").strip()
