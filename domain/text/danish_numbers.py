"""Numbers by which a party is known in Denmark, and how they are written."""

GLN_DIGITS, CVR_DIGITS = 13, 8


def are_digits(text: str, most: int, *, least: int | None = None) -> bool:
    """Whether a text is so many digits, of 0 to 9 alone."""
    return text.isascii() and text.isdigit() and (most if least is None else least) <= len(text) <= most


def is_gln(text: str) -> bool:
    """Whether a text is a GLN (EAN location number): 13 digits, the last of them GS1's check digit."""
    if not are_digits(text, GLN_DIGITS):
        return False
    digits = [int(sign) for sign in text]
    return (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0


def is_cvr(text: str) -> bool:
    """Whether a text is a CVR number: eight digits."""
    return are_digits(text, CVR_DIGITS)
