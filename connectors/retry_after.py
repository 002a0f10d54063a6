"""How long a partner asks us to wait (Retry-After, RFC 9110 § 10.2.3)."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx


def asked_wait_s(headers: httpx.Headers, *, now: datetime) -> float | None:
    """The wait asked for, in seconds; None when there is none.

    A date is read against the partner's own clock when it sends one.
    """
    asked = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", asked):
        return float(asked)
    if (until := http_date(asked)) is None:
        return None
    return max(0.0, (until - (http_date(headers.get("date", "")) or now)).total_seconds())


def http_date(text: str) -> datetime | None:
    """A date as HTTP writes it; None when it is not one."""
    with suppress(ValueError, TypeError, OverflowError):
        moment = parsedate_to_datetime(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
