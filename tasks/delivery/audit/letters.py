"""Writes the letter with a checkpoint of the audit chain."""

from base64 import b64encode
from datetime import UTC

from domain import letters
from storage.audit.checkpoints import AuditCheckpoint
from tasks.delivery.letter_facts import Facts


def checkpoint(facts: Facts) -> letters.Letter:
    """The checkpoint as a party keeps it."""
    signed = facts.session.get_one(AuditCheckpoint, facts.row.checkpoint_seq)
    return letters.AuditCheckpoint(
        reference="",
        entry=signed.seq,
        hash=signed.hash,
        at=signed.at,
        signed_at=signed.at.astimezone(UTC).isoformat(timespec="microseconds"),
        public_key=b64encode(signed.public_key).decode(),
        signature=b64encode(signed.signature).decode(),
        **facts.whom_to_call,
    )
