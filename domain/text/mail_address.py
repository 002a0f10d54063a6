"""Mail addresses as people have them, with the letters of their language on either side of the @ (RFC 6531, 5890)."""

import re
import unicodedata

LONGEST, LONGEST_NAME_BYTES = 254, 64
_SIGNS = frozenset("!#$%&'*+/=?^_{|}~-")
_DOMAIN = re.compile(r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*")


def mail_address(written: str) -> str:
    """One address without spaces around it, each letter as one sign. `ValueError` when it is no address."""
    if len(written) > LONGEST:
        raise ValueError("too long")
    address = unicodedata.normalize("NFC", written.strip(" \u00a0"))
    name, at_sign, domain = address.rpartition("@")
    words = name.split(".")
    named = at_sign and all(words) and all(_may_stand_in_a_name(sign) for word in words for sign in word)
    if not named or len(name.encode()) > LONGEST_NAME_BYTES or not _DOMAIN.fullmatch(in_ascii(domain)):
        raise ValueError("not a mail address")
    return address


def _may_stand_in_a_name(sign: str) -> bool:
    return sign in _SIGNS or (sign.isalnum() if sign.isascii() else unicodedata.category(sign)[0] in "LMN")


def is_domain(written: str) -> bool:
    """Whether it is a domain for mail addresses, and not a top-level domain, under which everybody's are."""
    return len(written) <= LONGEST and "." in written and _DOMAIN.fullmatch(in_ascii(written)) is not None


def in_ascii(domain: str) -> str:
    """A domain as servers know it: `bøgely.dk` is `xn--bgely-vua.dk`; unchanged when it has no such form."""
    if domain.isascii() or len(domain) > LONGEST:
        return domain
    try:
        ascii_form = domain.encode("idna")
    except UnicodeError:
        return domain
    # What Python's older rules would replace, such as ß, is another domain by the newer rules: we do not guess.
    same = ascii_form.decode("idna") == unicodedata.normalize("NFKC", domain).lower()
    return ascii_form.decode() if same else domain


def as_sent_to(address: str) -> str:
    """The address in a form that every mail server accepts, if the part before its @ is plain letters."""
    name, at_sign, domain = address.rpartition("@")
    return f"{name}{at_sign}{in_ascii(domain)}"


def mailbox_of(address: str) -> str:
    """The same text for every way to write one address."""
    return as_sent_to(unicodedata.normalize("NFC", address)).casefold()
