"""The four digits that stand beside a link in its letter, and never on a page.

A person who answers without a login types them. A program that opens links and sends forms does not know them. Only a
login stops a program that reads them in the letter too.
"""

import hashlib
import hmac
import unicodedata

HOW_MANY = 4
# With the last wrong try the link dies, and a letter with a new link goes to the same address.
WRONG_TRIES_AT_MOST = 5
# So many new letters are sent automatically; the next one waits until a person has looked.
LETTERS_ANEW = 3
LONGEST_TYPED = 40


def link_digits(question_key: str, token: str) -> str:
    """The digits of a link: a MAC of its token under the question's own secret.

    They cannot be computed from the link alone, nor from the database, which has no token.
    """
    mac = hmac.digest(question_key.encode(), f"digits|{token}".encode(), hashlib.sha256)
    return f"{int.from_bytes(mac) % 10**HOW_MANY:0{HOW_MANY}}"


def typed_digits(typed: str) -> str | None:
    """What was typed, as four digits, whatever the spaces, dashes or script; None when it is not four digits."""
    if len(typed) > LONGEST_TYPED:
        return None
    signs = [sign for sign in typed if not sign.isspace() and unicodedata.category(sign) not in ("Pd", "Po", "Cf")]
    if len(signs) != HOW_MANY or not all(sign.isdecimal() for sign in signs):
        return None
    return "".join(str(unicodedata.decimal(sign)) for sign in signs)


def are_right(typed: str, *, question_key: str, token: str) -> bool:
    """Whether what was typed is a link's digits."""
    given = typed_digits(typed)
    return given is not None and hmac.compare_digest(given, link_digits(question_key, token))
