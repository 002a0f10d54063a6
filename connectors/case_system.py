"""A case system (fagsystem) that speaks JSON over HTTP."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from connectors.flag_contract import USABLE_ID
from connectors.flag_reading import read_flag, read_withdrawal
from connectors.http import PartnerHttp
from domain.errors import PartnerRefused, Seen, Unreadable
from domain.household import FlagBatch, FlaggedFamily, FlaggedWithdrawal, RefusedFlag
from domain.ports import Receipt


@dataclass(frozen=True, slots=True)
class JsonCaseSystem:
    """`GET {url}/flags` for what is new, `POST {url}/receipts/{flag_id}` for what became of it."""

    serves: ClassVar[Literal["case_system"]] = "case_system"

    http: PartnerHttp

    async def flagged(self) -> FlagBatch:
        """Everything not yet acknowledged; what is malformed is refused by itself, the rest goes on."""
        answer = (await self.http.read("/flags")).json()
        flags, withdrawals = listed(answer, "flags"), listed(answer, "withdrawals")
        read = [
            *(read_flag(line, sent) for line, sent in enumerate(flags, start=1)),
            *(read_withdrawal(line, sent) for line, sent in enumerate(withdrawals, start=1)),
        ]
        return FlagBatch(
            families=tuple(found for found in read if isinstance(found, FlaggedFamily)),
            refused=tuple(found for found in read if isinstance(found, RefusedFlag)),
            withdrawals=tuple(found for found in read if isinstance(found, FlaggedWithdrawal)),
        )

    async def acknowledge(self, receipt: Receipt, *, key: str) -> None:
        """Tell what became of a flag or a withdrawal; one without a usable id is a person's to sort out."""
        if not USABLE_ID.fullmatch(receipt.flag_id):
            raise PartnerRefused("POST /receipts/{flag_id}: sent without a usable id, cannot be answered")
        told = {
            "accepted": receipt.accepted,
            "reference": receipt.reference,
            "field": receipt.field,
            "reason": receipt.reason,
        }
        await self.http.write("/receipts/{flag_id}", told, key=key, flag_id=receipt.flag_id)


def listed(answer: object, name: str) -> list[object]:
    """A list the answer must hold: one that is left out is a fault, never "nothing new"."""
    found = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise Unreadable(f"GET /flags: no list of {name}", seen=Seen.NOT_READABLE)
    return found
