"""The bearer token that a program shows (RFC 6750): its scheme is written in any case, and spaces may follow."""

import hmac

SCHEME = "bearer"


def shows(authorization: str, token: str) -> bool:
    """Whether an Authorization header shows this token; nobody shows an empty one."""
    scheme, _, shown = authorization.strip(" \t").partition(" ")
    is_theirs = hmac.compare_digest(shown.strip(" \t").encode(), token.encode())
    return bool(token) and scheme.lower() == SCHEME and is_theirs
