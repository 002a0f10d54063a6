"""The encodings in which a party takes its files."""

from enum import StrEnum

from domain.errors import Invalid


class Encoding(StrEnum):
    """How a party wants its files encoded; UTF-8 without a byte order mark."""

    WINDOWS_1252 = "cp1252"
    UTF_8 = "utf-8"


def must_be_encodable(field: str, text: str, encoding: Encoding) -> None:
    """Refuse, by its field, a text with a sign that the encoding does not have.

    It is not transliterated: then the file would say something else than the books, and who compares the two would
    find a difference that nobody made. The texts are our own, so that whoever wrote one can write another.
    """
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        raise Invalid(field, f"holds a sign that the encoding {encoding} does not have") from None
