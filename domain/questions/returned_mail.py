"""What comes back to the address that letters are sent from: undeliverable, the reader is away, or wrote by mail.

Four signs name a letter of ours, and any of them does: its Message-ID, the second id among its References (a relay may
give it another Message-ID), the case's reference in its subject, and the address that it was sent to.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from enum import Enum, StrEnum, auto
from itertools import islice

from domain.questions import mail_signs
from domain.questions.delivery_report import STATUSES, failed_for_good, lines_of, own_parts, text_of

# Ours are 32 hexadecimal digits: the key of the letter's row in the outbox.
_OUR_KEY = re.compile(r"<(?:letter\.)?([0-9a-f]{32})@[^<>\s]+>", re.ASCII)
_REFERENCE = re.compile(r"(?<!\w)(?:TF-\d{4}-\d{5,9}|B-[A-Z2-7]{8})(?!\w)", re.ASCII)
LONGEST_HEAD, LONGEST_TEXT, MOST_NAMES = 4_000, 50_000, 50
ATTACHED = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})


class Unreached(StrEnum):
    """Why nobody may have read a letter."""

    BOUNCED = "bounced"
    AWAY = "away"


class Said(Enum):
    """What a message tells us; NOTHING is a machine's word of which nothing follows, such as a delay.

    UNCLEAR was sent by a machine, and only its reader can tell more: case systems send so what a person wrote there.
    """

    BOUNCED = auto()
    AWAY = auto()
    REPLIED = auto()
    NOTHING = auto()
    UNCLEAR = auto()


@dataclass(frozen=True, slots=True)
class ReturnedMail:
    """What a message says, and by which signs its letter may be found.

    `letters` are keys in the outbox, `references` what cases are called in its subject, and `addresses` who sent it;
    of a letter that bounced, the addresses that it could not be delivered to. In lower case.
    """

    said: Said
    letters: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    addresses: frozenset[str] = field(default=frozenset(), repr=False)


def second_id(key: str, domain: str) -> str:
    """The id of a letter that stands among its references, where no relay replaces it."""
    return f"<letter.{key}@{domain}>"


def returned_mail(message: Message) -> ReturnedMail:
    """What a message says of a letter of ours. It is a person's unless something says that a machine wrote it."""
    said = _said(message)
    heads = [message]
    bounced = said is Said.BOUNCED
    if bounced:
        heads += [head for part in own_parts(message) for head in _heads_in(part)]
    named = [_head(head, name) for head in heads for name in ("In-Reply-To", "References", "Message-ID")]
    # A server that reports in plain words quotes the letter's heads among them.
    quoted = [text_of(part)[:LONGEST_TEXT] for part in own_parts(message) if bounced and _is_text(part)]
    subjects = [subject_of(head) for head in heads]
    return ReturnedMail(
        said,
        letters=_each(key for text in (*named, *quoted) for key in _OUR_KEY.findall(text)),
        references=_each(name for text in (*subjects, *quoted) for name in _REFERENCE.findall(text)),
        addresses=frozenset(_undelivered_to(message, heads, quoted) if bounced else _addresses(message, "From")),
    )


def _each(found: Iterator[str]) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys(found), MOST_NAMES))


def _said(message: Message) -> Said:
    if not _is_by_machine(message):
        return Said.REPLIED
    subject = subject_of(message).lower()
    failed = failed_for_good(message)
    if failed is not None:
        return Said.BOUNCED if failed else Said.NOTHING
    if subject.startswith(mail_signs.DELAYS) or _reports_otherwise(message):
        return Said.NOTHING
    if subject.startswith(mail_signs.FAILURES) or any(message.get(sign) is not None for sign in mail_signs.FAILED):
        return Said.BOUNCED
    if _is_report(message) or (_is_to_many(message) and not _answers_ours(message)):
        return Said.NOTHING
    away = subject.startswith(mail_signs.ABSENCES) or _answers_by_itself(message)
    return Said.AWAY if away else Said.UNCLEAR


def _is_by_machine(message: Message) -> bool:
    """Whether a machine says that it wrote a message, or a subject of a machine's stands where nobody can answer."""
    return (
        _is_report(message)
        or any(_auto_submitted(message))
        or any(message.get(sign) is not None for sign in mail_signs.WRITTEN_BY_MACHINES)
        or _head(message, "Precedence").lower() in mail_signs.BY_MACHINES
        or _head(message, "Return-Path") == mail_signs.NO_SENDER
        or any(one.partition("@")[0] in mail_signs.MAIL_SERVERS for one in _addresses(message, "From"))
        or (_has_weak_sign(message) and subject_of(message).lower().startswith(_OF_MACHINES))
    )


_OF_MACHINES = (*mail_signs.ABSENCES, *mail_signs.FAILURES, *mail_signs.DELAYS)


def _has_weak_sign(message: Message) -> bool:
    """What a machine's message has, and a person's may have, too."""
    from_postmaster = any(one.startswith("postmaster@") for one in _addresses(message, "From"))
    return from_postmaster or message.get("X-Auto-Response-Suppress") is not None


def _is_to_many(message: Message) -> bool:
    """Whether it is a list's, or advertising."""
    return any(message.get(sign) is not None for sign in mail_signs.TO_MANY)


def _answers_ours(message: Message) -> bool:
    """Whether it names a letter of ours as what it answers: where our mailbox is a list's, so does a person's."""
    return any(_OUR_KEY.search(_head(message, name)) for name in ("In-Reply-To", "References"))


def _auto_submitted(message: Message) -> list[str]:
    """By which words a message says that it was sent by itself (RFC 3834)."""
    written = message.get_all("Auto-Submitted") or []
    values = (str(value).partition(";")[0].partition("(")[0].strip().lower() for value in written)
    return [value for value in values if value not in ("", "no")]


def _answers_by_itself(message: Message) -> bool:
    source = _head(message, "X-MS-Exchange-Generated-Message-Source").lower()
    return (
        "auto-replied" in _auto_submitted(message)
        or any(message.get(sign) is not None for sign in mail_signs.ANSWERS_BY_ITSELF)
        or _head(message, "Precedence").lower() == "auto_reply"
        or (source == mail_signs.ANSWERS_BY_RULE and bool(_head(message, "In-Reply-To")))
    )


def _reports_otherwise(message: Message) -> bool:
    """Whether it is a report of another kind: that a letter was read, or somebody calls it unwanted."""
    kind = message.get_param("report-type", "delivery-status")
    return _is_report(message) and isinstance(kind, str) and kind.lower() != "delivery-status"


def _is_report(message: Message) -> bool:
    return message.get_content_type() == "multipart/report"


def _heads_in(part: Message) -> Iterator[Message]:
    """The heads of the letter that a report brings along, whole or cut short."""
    if part.get_content_type() not in ATTACHED:
        return
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (one for one in payload if isinstance(one, Message))
        return
    head = Message()
    for name, value in islice(lines_of(part), MOST_NAMES * 4):
        head.add_header(name, value)
    yield head


def _undelivered_to(message: Message, heads: list[Message], quoted: list[str]) -> Iterator[str]:
    yield from _addresses(message, "X-Failed-Recipients")
    for head in heads[1:]:
        yield from _addresses(head, "To")
    for part in own_parts(message):
        if part.get_content_type() in STATUSES:
            for name, value in lines_of(part):
                if name in ("final-recipient", "original-recipient"):
                    yield value.rpartition(";")[2].strip(" <>").lower()
    for text in quoted:
        yield from (word.strip("<>()[]\"',;:.").lower() for word in text.split() if "@" in word)


def _addresses(message: Message, name: str) -> list[str]:
    # The library's own reader goes ever deeper into brackets, and a name may stand as an address before the address.
    found = (one.rpartition("<")[2].strip(" <>()\"'").lower() for one in _head(message, name).split(","))
    return [address for address in found if "@" in address]


def _is_text(part: Message) -> bool:
    return part.get_content_type() == "text/plain"


def _head(message: Message, name: str) -> str:
    """A head in one line; of one that stands there more than once, the first."""
    return " ".join(str(message.get(name, ""))[:LONGEST_HEAD].split())


def subject_of(message: Message) -> str:
    """The subject as a person reads it."""
    written = _head(message, "Subject")
    try:
        return " ".join(str(make_header(decode_header(written))).split())
    except (HeaderParseError, LookupError, ValueError):
        return written
