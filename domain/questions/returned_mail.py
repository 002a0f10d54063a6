"""What comes back to the address that letters are sent from: failed deliveries, absences, and answers by mail.

Any of four signs identifies a letter of ours: its Message-ID, the second id among its References (a relay may replace
the Message-ID), the case's reference in its subject, and the address that it was sent to.
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

# Our ids hold 32 hexadecimal digits: the key of the letter's row in the outbox.
_OUR_KEY = re.compile(r"<(?:letter\.)?([0-9a-f]{32})@[^<>\s]+>", re.ASCII)
_REFERENCE = re.compile(r"(?<!\w)(?:TF-\d{4}-\d{5,9}|B-[A-Z2-7]{8})(?!\w)", re.ASCII)
LONGEST_HEAD, LONGEST_TEXT, MOST_NAMES = 4_000, 50_000, 50
ATTACHED = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})


class Unreached(StrEnum):
    """Why a letter may not have been read."""

    BOUNCED = "bounced"
    AWAY = "away"


class Said(Enum):
    """What a message tells us; NOTHING is a machine's message that needs no action, such as a delay.

    UNCLEAR was sent by a machine, and only a reader can say more: case systems send what people wrote there like this.
    """

    BOUNCED = auto()
    AWAY = auto()
    REPLIED = auto()
    NOTHING = auto()
    UNCLEAR = auto()


@dataclass(frozen=True, slots=True)
class ReturnedMail:
    """What a message says, and the signs by which its letter may be found.

    `letters` are keys in the outbox, `references` the case names in its subject, and `addresses` its senders, or, for a
    letter that bounced, the addresses that it could not be delivered to. All in lower case.
    """

    said: Said
    letters: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    addresses: frozenset[str] = field(default=frozenset(), repr=False)


def second_id(key: str, domain: str) -> str:
    """The id of a letter that is put among its References, where no relay replaces it."""
    return f"<letter.{key}@{domain}>"


def returned_mail(message: Message) -> ReturnedMail:
    """What a message says about a letter of ours. A person wrote it unless something says that a machine did."""
    said = _said(message)
    heads = [message]
    bounced = said is Said.BOUNCED
    if bounced:
        heads += [head for part in own_parts(message) for head in _heads_in(part)]
    named = [_head(head, name) for head in heads for name in ("In-Reply-To", "References", "Message-ID")]
    # A server that reports in plain text quotes the letter's headers in that text.
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
    """Whether a machine says that it wrote a message, or the message has a weak sign and a machine's usual subject."""
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
    """Whether it has a sign that machines' messages have, but a person's may have too."""
    from_postmaster = any(one.startswith("postmaster@") for one in _addresses(message, "From"))
    return from_postmaster or message.get("X-Auto-Response-Suppress") is not None


def _is_to_many(message: Message) -> bool:
    """Whether it comes from a mailing list, or is advertising."""
    return any(message.get(sign) is not None for sign in mail_signs.TO_MANY)


def _answers_ours(message: Message) -> bool:
    """Whether it answers a letter of ours. If our mailbox is a mailing list, a person's answer does so too."""
    return any(_OUR_KEY.search(_head(message, name)) for name in ("In-Reply-To", "References"))


def _auto_submitted(message: Message) -> list[str]:
    """The words by which a message says that it was sent automatically (RFC 3834)."""
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
    """Whether it is another kind of report: that a letter was read, or that somebody calls it unwanted."""
    kind = message.get_param("report-type", "delivery-status")
    return _is_report(message) and isinstance(kind, str) and kind.lower() != "delivery-status"


def _is_report(message: Message) -> bool:
    return message.get_content_type() == "multipart/report"


def _heads_in(part: Message) -> Iterator[Message]:
    """The headers of the letter that a report includes, whole or cut short."""
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
    # Not the library's parser, which recurses into brackets. A name before the address may itself look like an address.
    found = (one.rpartition("<")[2].strip(" <>()\"'").lower() for one in _head(message, name).split(","))
    return [address for address in found if "@" in address]


def _is_text(part: Message) -> bool:
    return part.get_content_type() == "text/plain"


def _head(message: Message, name: str) -> str:
    """A header in one line; the first, when it stands there more than once."""
    return " ".join(str(message.get(name, ""))[:LONGEST_HEAD].split())


def subject_of(message: Message) -> str:
    """The subject as a person reads it."""
    written = _head(message, "Subject")
    try:
        return " ".join(str(make_header(decode_header(written))).split())
    except (HeaderParseError, LookupError, ValueError):
        return written
