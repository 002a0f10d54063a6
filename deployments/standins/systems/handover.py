"""A municipality's system for cases that are handed over to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict

from deployments.standins.systems.partner import Bearer, Key, PartnerSystem, admitted
from deployments.standins.world import Sent

router = APIRouter(prefix="/handover/{code}")


class Recalled(BaseModel):
    """A recall: the case that will not be handed over after all."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    reference: str


class HandedOver(Recalled):
    """A handover: who moves in, and where; any other field is refused."""

    association: str
    department: str
    name: str
    cpr: str
    email: str
    phone: str
    address_protection: bool


@dataclass(slots=True)
class HandoverDesk(PartnerSystem):
    """One municipality's handover system."""

    newcomers: dict[str, HandedOver] = field(default_factory=dict)
    recalls: list[str] = field(default_factory=list)

    def meet(self, told: HandedOver) -> Sent:
        """Store who moves in."""
        self.newcomers[told.reference] = told
        return {"known": True}

    def forget(self, told: Recalled) -> Sent:
        """Delete who was to move in."""
        self.newcomers.pop(told.reference, None)
        self.recalls.append(told.reference)
        return {"deleted": True}

    def state(self) -> Sent:
        """The cases handed over, and those recalled."""
        newcomers = [told.model_dump() for told in self.newcomers.values()]
        return {"newcomers": newcomers, "recalls": list(self.recalls), **self.counts()}


def asked(request: Request, code: str, authorization: Bearer = "") -> HandoverDesk:
    """The handover system that a request is for."""
    desks: Mapping[str, HandoverDesk] = request.app.state.handover
    return admitted(desks, code, authorization)


Asked = Annotated[HandoverDesk, Depends(asked)]


@router.get("/newcomers")
async def newcomers(desk: Asked) -> Sent:
    """The references of the cases handed over."""
    return {"newcomers": [{"reference": reference} for reference in desk.newcomers]}


@router.post("/newcomers")
async def hand_over(desk: Asked, told: HandedOver, key: Key) -> Sent:
    """Store who moves in."""
    return desk.once(key, ("hand over", told), lambda: desk.meet(told))


@router.post("/recalls")
async def take_back(desk: Asked, told: Recalled, key: Key) -> Sent:
    """Delete who was to move in."""
    return desk.once(key, ("take back", told), lambda: desk.forget(told))
