"""Converts amounts in kroner, as partners write them, to whole øre."""

import re
from decimal import Decimal

# Bounded, because computing a number such as 1e999999999 never ends.
PLAIN_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,20})?")


def ore(kroner: object) -> object:
    """An amount in kroner (whole, Decimal, or text with a decimal point) as whole øre, exact.

    Any other value is passed on with its unit, so that the contract rejects it, and 60000.00 kroner can
    never be read as 60000 øre.
    """
    if isinstance(kroner, bool) or not isinstance(kroner, int | Decimal | str):
        return kroner
    text = str(kroner).strip()
    if PLAIN_NUMBER.fullmatch(text):
        numerator, denominator = Decimal(text).as_integer_ratio()
        if numerator * 100 % denominator == 0:
            return numerator * 100 // denominator
    return f"{text} kr"
