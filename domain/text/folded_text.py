"""Text as it is read, however it is written, sign for sign: what is found in it is found again in the text."""

import re
import unicodedata

UNSEEN = "\0"
# What a reader joins without seeing more than this (Unicode's Stream-Safe Text Format); to sort longer runs takes ever
# longer.
MOST_MARKS = 30


def _read(sign: str) -> str:
    """What one sign is read as: one sign again, which is `UNSEEN` where nothing is seen."""
    category = unicodedata.category(sign)
    value = unicodedata.numeric(sign, None) if category[0] == "N" else None
    if value is not None and value in range(10):
        return str(int(value))
    if category == "Pd":
        return "-"
    if sign.isspace() or category[0] == "Z":
        return " "
    if category[0] in "CM":
        return UNSEEN
    plain = unicodedata.normalize("NFKC", sign)
    if len(plain) == 1 and plain.isascii():
        return plain
    # A sign between digits, such as a middle dot or a bullet, parts them no more than a full stop does.
    return "." if category[0] in "PS" else sign


class _Signs(dict[int, str]):
    """What signs are read as. The many that are seldom are not remembered: somebody could send all there are."""

    def __missing__(self, sign: int) -> str:
        return _read(chr(sign))


_COMMON = 0x2100
_SIGNS = _Signs({sign: _read(chr(sign)) for sign in range(_COMMON)})
# Of the signs that Danish is written with, those that are read as they stand; to look each up takes ten times as long.
_LATIN = 0x100
_as_it_stands = re.compile(
    f"[{''.join(re.escape(chr(sign)) for sign in range(_LATIN) if _SIGNS[sign] == chr(sign))}]*+"
).fullmatch


def as_read(text: str) -> str:
    """A text sign for sign as it is read, and so of the same length."""
    return text if _as_it_stands(text) else text.translate(_SIGNS)


def folded(text: str) -> str:
    """Alike however it is written: width, case, white space, and signs that are not seen."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", "".join(_with_few_marks(text)))
    return " ".join("".join(map(_as_it_is_written, plain)).casefold().split())


def _with_few_marks(text: str) -> list[str]:
    kept, marks = [], 0
    for sign in text:
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks <= MOST_MARKS:
            kept.append(sign)
    return kept


def _as_it_is_written(sign: str) -> str:
    """Digits and dashes of every script as ours; a sign that is not seen would hide a number from us alone."""
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
