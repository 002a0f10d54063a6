"""Why a connection failed, in plain words that may be shown: never a host, an address or what was said."""

import errno
import ssl
from collections.abc import Iterator

UNTRUSTED = "its certificate is none that is trusted here; SSL_CERT_FILE names whose are"
EXPIRED, NOT_YET = "its certificate has expired", "its certificate is not valid yet"
ANOTHER_NAME = "its certificate is for another name"
NO_TLS = "no TLS could be agreed on"
NO_NAME = "its name was not found"
REFUSED = "the connection was refused"
TIMED_OUT = "it timed out"
BROKEN_OFF = "the connection was broken off"
OUT_OF_REACH = "no way leads to it from here"

# OpenSSL's numbers (X509_V_ERR_…): not yet valid, expired, another host, another address.
_CERTIFICATE = {9: NOT_YET, 10: EXPIRED, 62: ANOTHER_NAME, 64: ANOTHER_NAME}
_NO_WAY = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL})
_LONGEST_CHAIN = 20


def why_silent(error: BaseException) -> str:
    """Why a connection failed, in words; the error's class name where we have no words for it.

    Libraries wrap the system's error in errors of their own, each in its own way.
    """
    seen = list(_and_what_led_to(error))
    broken_off = BROKEN_OFF if any(isinstance(one, ConnectionError) for one in seen) else type(error).__name__
    return next(filter(None, map(_words_for, seen)), broken_off)


def _and_what_led_to(error: BaseException) -> Iterator[BaseException]:
    """An error and its causes, outermost first. The last one happened first and names the reason."""
    waiting = [error]
    for _ in range(_LONGEST_CHAIN):
        if not waiting:
            return
        one = waiting.pop(0)
        yield one
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
        # Also a context that a library suppresses: it is the system's own error.
        before = one.__cause__ or one.__context__
        waiting += [before] if before is not None else []


def _words_for(error: BaseException) -> str | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CERTIFICATE.get(error.verify_code, UNTRUSTED)
    if isinstance(error, ssl.SSLError):
        return f"{NO_TLS} ({error.reason})" if error.reason else NO_TLS
    # The libraries' timeout errors share no class, but their names end alike.
    if isinstance(error, TimeoutError) or type(error).__name__.endswith(("Timeout", "TimeoutError")):
        return TIMED_OUT
    if isinstance(error, OSError):
        return _words_of_the_system(error)
    return None


def _words_of_the_system(error: OSError) -> str | None:
    # By its name, because its module, socket, is only for code that opens connections, and this does not.
    if type(error).__name__ == "gaierror":
        return NO_NAME
    if isinstance(error, ConnectionRefusedError):
        return REFUSED
    return OUT_OF_REACH if error.errno in _NO_WAY else None
