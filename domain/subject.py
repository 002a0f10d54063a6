"""The subject of an item of the attention list, an audit event or a question."""

from dataclasses import dataclass
from enum import StrEnum


class About(StrEnum):
    """The kinds of subject. The words stand in stored texts: none is ever changed."""

    AGREEMENT = "agreement"
    ANNOUNCED = "announced"
    AREA_NAME = "area_name"
    AREAS = "areas"
    ASSOCIATION = "association"
    AUDIT = "audit"
    BOOKING = "booking"
    CLAIM = "claim"
    COMMENT = "comment"
    CONSENT = "consent"
    CONTACT = "contact"
    DATABASE = "database"
    FEED = "feed"
    FLAG = "flag"
    HOME = "home"
    INVOICE = "invoice"
    KEY = "key"
    LANE = "lane"
    LEFT_AREA = "left_area"
    LETTER = "letter"
    MAILBOX = "mailbox"
    MONTH = "month"
    MUNICIPALITY = "municipality"
    OPERATOR = "operator"
    OUTBOX = "outbox"
    PARTIES = "parties"
    PERSON = "person"
    POSTING = "posting"
    PUSH = "push"
    QUESTION = "question"
    REFERRAL = "referral"
    RETENTION = "retention"
    RETURNED = "returned"
    SCHEDULE = "schedule"
    SETTINGS = "settings"
    VACANCY = "vacancy"
    VAULT = "vault"
    WITHDRAWAL = "withdrawal"

    def of(self, *names: str | int) -> "Subject":
        """The subject of this kind with a row's number or a name; names within names stand behind a slash."""
        return Subject(self, "/".join(map(str, names)))


@dataclass(frozen=True, slots=True)
class Subject:
    """What something is about: its kind, and which one of the kind, or None where there is but one.

    Its text is `<kind>:<name>`, or the kind alone. Any text can be read: a kind that is not in `About` is kept as it
    was written by another version.
    """

    kind: str
    name: str | None = None

    def __str__(self) -> str:
        return str(self.kind) if self.name is None else f"{self.kind}:{self.name}"

    @classmethod
    def read(cls, text: str) -> "Subject":
        """A subject from its text. A party's text is a subject's too."""
        kind, colon, name = text.partition(":")
        return cls(kind, name if colon else None)

    @property
    def number(self) -> int:
        """The number of the row that it names; `ValueError` when it names none."""
        return int(self.name or "")
