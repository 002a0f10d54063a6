"""What can go wrong, in words that may be shown: codes and field names, never a person's data."""

from enum import StrEnum
from pathlib import PurePath
from traceback import extract_tb
from typing import Self


class TilflytError(Exception):
    """A failure with a stable code; its text may stand in logs, in Prefect and on pages."""

    code = "error"


class NotAllowed(TilflytError):
    """The lifecycle has no such move."""

    code = "not_allowed"


class MovedMeanwhile(TilflytError):
    """Another transaction moved the row first; read it again."""

    code = "moved_meanwhile"


class Invalid(TilflytError):
    """Outside input that breaks a rule: which field, and which rule."""

    code = "invalid"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class Unknown(TilflytError):
    """A person names something that does not exist, such as a case or an item of the attention list."""

    code = "unknown"


class PartnerUnavailable(TilflytError):
    """Silence from a partner (down, slow, 5xx, 429, garbage): try again later.

    `retry_after_s` is how long the partner asked us to wait, in seconds.
    """

    code = "partner_unavailable"

    def __init__(self, why: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(why)
        self.retry_after_s = retry_after_s


class Seen(StrEnum):
    """What a partner sent instead of what was asked for, by its code on the attention list."""

    EMPTY = "answer_empty"
    PAGE = "answer_is_a_page"
    OTHER_FORM = "answer_in_another_form"
    NO_HEADER = "answer_without_header"
    NOT_WHOLE = "answer_not_whole"
    NOT_READABLE = "answer_not_readable"


class Unreadable(PartnerUnavailable):
    """A partner answered with something else than was asked for; the text says what. A later try may succeed."""

    def __init__(self, why: str, *, seen: Seen) -> None:
        super().__init__(why)
        self.code = seen


class PartnerRefused(TilflytError):
    """A partner understood and said no (4xx, a refused address): a person must look."""

    code = "partner_refused"


class Unexpected(TilflytError):
    """An error that nobody foresaw; the text holds its class and where it happened, never its message."""

    code = "unexpected"

    @classmethod
    def at(cls, error: Exception) -> Self:
        """The error's class, and the line that raised it."""
        where = extract_tb(error.__traceback__)[-1]
        return cls(f"{type(error).__name__} in {PurePath(where.filename).name}, line {where.lineno}")


class VaultClosed(TilflytError):
    """The vault cannot open an entry: a wrong or missing key, or a ciphertext that is not ours."""

    code = "vault_closed"


class NeedsPerson(TilflytError):
    """The path cannot go on without a person; the text holds the reason's `code`."""

    code = "needs_person"
