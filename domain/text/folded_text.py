"""Text as a person reads it, sign for sign, so that what is found in it can be located in the original text."""

import re
import unicodedata

UNSEEN = "\0"
# A reader sees no more combining marks on a sign than this (Unicode's Stream-Safe Text Format); longer runs take ever
# longer to sort.
MOST_MARKS = 30


def _read(sign: str) -> str:
    """What one sign is read as: again one sign, `UNSEEN` where a reader sees nothing."""
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
    # A sign between digits, such as a middle dot or a bullet, separates them no more than a full stop does.
    return "." if category[0] in "PS" else sign


class _Signs(dict[int, str]):
    """What signs are read as. Rare signs are not remembered: somebody could send all there are."""

    def __missing__(self, sign: int) -> str:
        return _read(chr(sign))


_COMMON = 0x2100
_SIGNS = _Signs({sign: _read(chr(sign)) for sign in range(_COMMON)})
# Below this, the signs of Danish text that are read as they stand are not looked up: that takes ten times as long.
_LATIN = 0x100
_as_it_stands = re.compile(
    f"[{''.join(re.escape(chr(sign)) for sign in range(_LATIN) if _SIGNS[sign] == chr(sign))}]*+"
).fullmatch


def as_read(text: str) -> str:
    """A text as it is read, sign for sign, and so of the same length."""
    return text if _as_it_stands(text) else text.translate(_SIGNS)


def folded(text: str) -> str:
    """A text made alike in width, case and white space, without unseen signs."""
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
    """Digits and dashes of every script as ours. A sign that is not seen would hide a number only from us."""
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
