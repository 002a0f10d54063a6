"""Letters with the audit chain's checkpoints, given to a command as pasted text or as a file."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from domain.audit import Checkpoint
from domain.checkpoint_letter import checkpoints_in
from domain.errors import Invalid
from storage.audit.checkpoints import is_signed

MOST_BYTES = 1_000_000


def signed_in(given: str, public_keys: Collection[bytes]) -> Checkpoint:
    """The checkpoint of a letter, if one of the keys signed it; `Invalid` says what is missing or wrong."""
    for found in checkpoints_in(_text_of(given)):
        for public_key in public_keys:
            if is_signed(checkpoint := replace(found, public_key=public_key)):
                return checkpoint
    raise Invalid(
        "checkpoint",
        "not signed with a key of this installation: the letter was changed or is another installation's; or its key "
        "was rotated away since: name that in TILFLYT_AUDIT_PUBLIC_KEYS, as you have kept it",
    )


def _text_of(given: str) -> str:
    """The content of the file of this name; if there is none, the text itself, which is a pasted letter."""
    # A pasted letter is too long for a file name, or has line ends.
    with suppress(OSError, ValueError):
        if (file := Path(given)).is_file():
            if file.stat().st_size > MOST_BYTES:
                raise Invalid("checkpoint", f"{file.name} is larger than a letter")
            return _letter_in(file.read_bytes())
    return given


def _letter_in(content: bytes) -> str:
    """A mail as it was saved (.eml), or plain text."""
    mail = message_from_bytes(content, policy=default)
    if isinstance(mail, EmailMessage) and "From" in mail and (body := mail.get_body(("plain", "html"))) is not None:
        with suppress(LookupError, KeyError):
            return str(body.get_content())
    return content.decode("utf-8", "replace")
