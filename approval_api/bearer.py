"""Check of a program's bearer token (RFC 6750): the scheme is read in any case, and spaces around the token are cut."""

import hmac

SCHEME = "bearer"


def shows(authorization: str, token: str) -> bool:
    """Whether an Authorization header holds this token; never for an empty token."""
    scheme, _, shown = authorization.strip(" \t").partition(" ")
    is_theirs = hmac.compare_digest(shown.strip(" \t").encode(), token.encode())
    return bool(token) and scheme.lower() == SCHEME and is_theirs
