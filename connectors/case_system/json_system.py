"""A case system (fagsystem) that speaks JSON over HTTP."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Literal

from connectors.case_system.reading import read_flag, read_withdrawal
from connectors.fields import USABLE_ID
from connectors.held import HeldReceiptSent, read
from connectors.http import PartnerHttp
from domain.errors import PartnerRefused, Seen, Unreadable
from domain.ports.case_system import AnsweredFlags, Receipt
from domain.referrals.household import FlagBatch, FlaggedFamily, FlaggedWithdrawal, RefusedFlag


@dataclass(frozen=True, slots=True)
class JsonCaseSystem:
    """`GET {url}/flags` for what is new, `POST {url}/receipts/{flag_id}` for what became of it.

    After a backup was put back, `GET {url}/receipts?since=…` tells what we told it, and about which flags.
    """

    serves: ClassVar[Literal["case_system"]] = "case_system"

    http: PartnerHttp

    async def flagged(self) -> FlagBatch:
        """Everything not yet acknowledged; each malformed flag is refused by itself, and the rest goes on."""
        return batch_of((await self.http.read("/flags")).json())

    async def acknowledge(self, receipt: Receipt, *, key: str) -> None:
        """Tell what became of a flag or a withdrawal; without a usable id, a person must deal with it."""
        if not USABLE_ID.fullmatch(receipt.flag_id):
            raise PartnerRefused("POST /receipts/{flag_id}: sent without a usable id, cannot be answered")
        told = {
            "accepted": receipt.accepted,
            "reference": receipt.reference,
            "field": receipt.field,
            "reason": receipt.reason,
        }
        await self.http.write("/receipts/{flag_id}", told, key=key, flag_id=receipt.flag_id)

    async def answered(self, since: datetime) -> AnsweredFlags:
        """Everything that was acknowledged since a moment."""
        answer = await self.http.read("/receipts", query={"since": since.astimezone(UTC).isoformat()})
        told = answer.json()
        return AnsweredFlags(
            flags=batch_of(told, call=answer.call),
            receipts=tuple(one.held() for one in read(HeldReceiptSent, listed(told, "receipts", answer.call), answer)),
        )


def batch_of(answer: object, *, call: str = "GET /flags") -> FlagBatch:
    """The flags and withdrawals of an answer."""
    flags, withdrawals = listed(answer, "flags", call), listed(answer, "withdrawals", call)
    found = [
        *(read_flag(line, sent) for line, sent in enumerate(flags, start=1)),
        *(read_withdrawal(line, sent) for line, sent in enumerate(withdrawals, start=1)),
    ]
    return FlagBatch(
        families=tuple(one for one in found if isinstance(one, FlaggedFamily)),
        refused=tuple(one for one in found if isinstance(one, RefusedFlag)),
        withdrawals=tuple(one for one in found if isinstance(one, FlaggedWithdrawal)),
    )


def listed(answer: object, name: str, call: str) -> list[object]:
    """A list that the answer must hold: a missing list is a fault, never "nothing new"."""
    found = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise Unreadable(f"{call}: no list of {name}", seen=Seen.NOT_READABLE)
    return found
