"""A finance system: postings in the order in which they came, and their sums."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict

from deployments.standins.systems.partner import Bearer, Key, PartnerSystem, admitted
from deployments.standins.world import Sent

router = APIRouter(prefix="/finance/{code}")


class Posting(BaseModel):
    """One side of a booking, in øre."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    booking: str
    reference: str
    account: str
    amount_ore: int
    booked_on: str
    kind: str


@dataclass(slots=True)
class FinanceSystem(PartnerSystem):
    """One municipality's finance system."""

    postings: list[Posting] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def post(self, posting: Posting, *, key: str) -> Sent:
        """Enter a posting."""
        self.postings.append(posting)
        self.keys.append(key)
        return {"posted": len(self.postings)}

    def state(self) -> Sent:
        """The postings, the sum of each account, and the sum of all."""
        sums = Counter[str]()
        for posting in self.postings:
            sums[posting.account] += posting.amount_ore
        return {
            "postings": [posting.model_dump() for posting in self.postings],
            "sums_ore": dict(sums),
            "sum_ore": sum(sums.values()),
            **self.counts(),
        }


def asked(request: Request, code: str, authorization: Bearer = "") -> FinanceSystem:
    """The finance system a request is for."""
    systems: Mapping[str, FinanceSystem] = request.app.state.finance
    return admitted(systems, code, authorization)


Asked = Annotated[FinanceSystem, Depends(asked)]


@router.get("/postings")
async def postings(system: Asked, since: str) -> Sent:
    """The postings from a day on."""
    both = zip(system.postings, system.keys, strict=True)
    return {"postings": [one.model_dump() | {"key": key} for one, key in both if one.booked_on >= since]}


@router.post("/postings")
async def post(system: Asked, posting: Posting, key: Key) -> Sent:
    """Enter one side of a booking."""
    return system.once(key, posting, lambda: system.post(posting, key=key))
