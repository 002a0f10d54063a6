"""A finance system: postings in the order in which they came, and their sums; it may reject one, or say nothing yet."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
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
    account_string: str = ""


@dataclass(slots=True)
class FinanceSystem(PartnerSystem):
    """One municipality's finance system. `rejects` are the codes with which it rejects the next postings.

    While it `only_takes`, it answers a posting only when it is asked later.
    """

    postings: list[Posting] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    rejects: list[str] = field(default_factory=list)
    only_takes: bool = False
    verdicts: dict[str, Sent] = field(default_factory=dict)

    def post(self, posting: Posting, *, key: str) -> Sent:
        """Enter a posting, or reject it."""
        if self.rejects:
            self.verdicts[key] = {"rejected": self.rejects.pop(0)}
        else:
            self.postings.append(posting)
            self.keys.append(key)
            self.verdicts[key] = {"accepted": True, "amount_ore": posting.amount_ore}
        return {"taken": True} if self.only_takes else self.verdicts[key]

    def state(self) -> Sent:
        """The postings, the sum of each account, and the sum of all."""
        sums = Counter[str]()
        for posting in self.postings:
            sums[posting.account] += posting.amount_ore
        return {
            "postings": [told(posting) for posting in self.postings],
            "sums_ore": dict(sums),
            "sum_ore": sum(sums.values()),
            "rejected": sum("rejected" in one for one in self.verdicts.values()),
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
    return {"postings": [told(one) | {"key": key} for one, key in both if one.booked_on >= since]}


@router.get("/answers")
async def answers(system: Asked, since: str) -> Sent:  # noqa: ARG001  # the interface
    """What became of every posting."""
    return {"answers": [{"key": key} | verdict for key, verdict in system.verdicts.items()]}


@router.post("/postings")
async def post(system: Asked, posting: Posting, key: Key, response: Response) -> Sent:
    """Enter one side of a booking."""
    if system.only_takes:
        response.status_code = HTTPStatus.ACCEPTED
    return system.once(key, posting, lambda: system.post(posting, key=key))


def told(posting: Posting) -> Sent:
    """A posting as it was sent."""
    return posting.model_dump(exclude_defaults=True)
