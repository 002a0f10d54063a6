"""Phone numbers as people write them: spaces, dots, hyphens, slashes and brackets mean nothing."""

import unicodedata

from domain.text.folded_text import UNSEEN, as_read

LONGEST = 40
DANISH_DIGITS = 8
# How many digits a number with its country code may have (E.164); the shortest in use abroad have seven.
FOREIGN_DIGITS = range(7, 16)
_DENMARK = "45"
_BETWEEN = frozenset(" .-/()")
_INTERNATIONAL = "00"
# Control signs, signs that are not seen, and ends of lines.
_UNREADABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def phone_number(written: str) -> str:
    """A number as it is written, without the spaces around it. `ValueError` when it can be no phone number.

    Without a country code it is a Danish number of eight digits; `+` or `00` and a country code begin any other.
    """
    told = written.strip(" \u00a0")
    if len(told) > LONGEST or any(unicodedata.category(sign) in _UNREADABLE for sign in told):
        raise ValueError("not a phone number")
    signs = [sign for sign in as_read(told) if sign not in _BETWEEN and sign != UNSEEN]
    abroad, digits = signs[:1] == ["+"], "".join(signs[1:] if signs[:1] == ["+"] else signs)
    if digits.startswith(_INTERNATIONAL) and not abroad and len(digits) > DANISH_DIGITS:
        abroad, digits = True, digits.removeprefix(_INTERNATIONAL)
    if not (digits.isascii() and digits.isdigit()) or not _can_be_called(digits, abroad=abroad):
        raise ValueError("not a phone number")
    return told


def _can_be_called(digits: str, *, abroad: bool) -> bool:
    if not abroad:
        return len(digits) == DANISH_DIGITS
    if digits.startswith(_DENMARK):
        return len(digits) == len(_DENMARK) + DANISH_DIGITS
    return len(digits) in FOREIGN_DIGITS and not digits.startswith("0")
