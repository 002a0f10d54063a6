"""What comes back to the address that letters are sent from: undeliverable, or the reader is away."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum

# Ours are 32 hexadecimal digits: the key of the letter's row in the outbox.
_OUR_KEY = re.compile(r"<([0-9a-f]{32})@[^<>\s]+>")
_OLD_SIGNS_OF_A_MACHINE = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")


class Unreached(StrEnum):
    """Why nobody may have read a letter."""

    BOUNCED = "bounced"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class ReturnedMail:
    """Which of our letters came back, by its key in the outbox, and why."""

    letter: str
    why: Unreached


def returned_mail(message: Message) -> ReturnedMail | None:
    """What a message says of a letter of ours; None when a person wrote it, or when it says nothing certain.

    A delivery report (RFC 3464) bounces a letter only when it failed for good; an automatic answer (RFC 3834)
    names the letter that it answers.
    """
    if message.get_content_type() == "multipart/report":
        failed = any(_failed(part) for part in message.walk() if part.get_content_type() == "message/delivery-status")
        key = next(_keys_in_report(message), None)
        return ReturnedMail(key, Unreached.BOUNCED) if failed and key else None
    if _is_automatic(message):
        answered = _OUR_KEY.search(f"{message.get('In-Reply-To', '')} {message.get('References', '')}")
        return ReturnedMail(answered[1], Unreached.AWAY) if answered else None
    return None


def _is_automatic(message: Message) -> bool:
    automatic = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    return automatic == "auto-replied" or any(message.get(sign) for sign in _OLD_SIGNS_OF_A_MACHINE)


def _failed(status: Message) -> bool:
    """Whether a status is a permanent failure; its groups of fields are parsed as messages."""
    groups = status.get_payload()
    fields = [group for group in groups if isinstance(group, Message)] if isinstance(groups, list) else []
    return any(str(group.get("Action", "")).strip().lower() == "failed" for group in fields)


def _keys_in_report(message: Message) -> Iterator[str]:
    """The letter's own id, from the copy of it, or of its head, that the report brings along."""
    for part in message.walk():
        if part is message:
            continue
        if part.get_content_type() == "text/rfc822-headers":
            text = part.get_payload(decode=True)
            head = text.decode("ascii", "replace") if isinstance(text, bytes) else ""
            found = re.search(rf"^message-id:\s*{_OUR_KEY.pattern}", head, re.IGNORECASE | re.MULTILINE)
        else:
            found = _OUR_KEY.search(str(part.get("Message-ID", "")))
        if found:
            yield found[1]
