"""The stand-ins' own interface for the demo and the tests, which the platform does not use."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field

from deployments.standins.mail.mail_sink import MailSink
from deployments.standins.systems.association import Association
from deployments.standins.systems.case_system import CaseSystem
from deployments.standins.systems.finance import FinanceSystem
from deployments.standins.systems.gate import CONTROL, Outages
from deployments.standins.systems.handover import HandoverDesk
from deployments.standins.world import Sent

router = APIRouter(prefix=CONTROL)


class Order(BaseModel):
    """An order to the stand-ins; an unknown field is an error, so that a misspelled one is noticed."""

    model_config = ConfigDict(extra="forbid")


class OutageOrder(Order):
    """An outage of every path that begins with a prefix."""

    prefix: str
    seconds: Annotated[float, Field(ge=0, le=3600)]
    status: Annotated[int, Field(ge=300, le=599)] | Literal["hang"] = 503


class WithdrawalOrder(Order):
    """A case to be withdrawn."""

    case_id: str
    reason: str
    withdrawal_id: str | None = None


class FinanceOrder(Order):
    """How a finance system answers from now on: the codes with which it rejects the next postings; only later."""

    rejects: list[str] = Field(default_factory=list)
    only_takes: bool = False


class AddressOrder(Order):
    """An address that the mail server does not know."""

    address: str


def case_system(request: Request, code: str) -> CaseSystem:
    """The case system of a municipality."""
    systems: Mapping[str, CaseSystem] = request.app.state.case_systems
    if code not in systems:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return systems[code]


@router.post("/outage")
async def outage(request: Request, order: OutageOrder) -> Sent:
    """Begin an outage; zero seconds end it."""
    outages: Outages = request.app.state.outages
    outages.begin(order.prefix, order.seconds, order.status)
    return {"until": order.seconds}


@router.post("/flags/{code}")
async def add_flags(request: Request, code: str, flags: list[Sent]) -> Sent:
    """Flag more families."""
    system = case_system(request, code)
    system.flags.extend(flags)
    return {"waiting": len(system.flags)}


@router.post("/withdraw/{code}")
async def withdraw(request: Request, code: str, order: WithdrawalOrder) -> Sent:
    """Have a case system flag a withdrawal."""
    return case_system(request, code).withdraw(order.case_id, order.reason, called=order.withdrawal_id)


@router.post("/finance/{code}")
async def finance(request: Request, code: str, order: FinanceOrder) -> Sent:
    """Have a finance system reject its next postings, or answer only when it is asked."""
    systems: Mapping[str, FinanceSystem] = request.app.state.finance
    if code not in systems:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    systems[code].rejects, systems[code].only_takes = list(order.rejects), order.only_takes
    return {"rejects": len(order.rejects)}


@router.post("/refuse-address")
async def refuse_address(request: Request, order: AddressOrder) -> Sent:
    """Refuse letters to an address from now on."""
    sink: MailSink = request.app.state.mail
    sink.refused_addresses.add(order.address.lower())
    return {"refused": len(sink.refused_addresses)}


@router.get("/state")
async def state(request: Request) -> Sent:
    """The state of every stand-in."""
    associations: Mapping[str, Association] = request.app.state.associations
    case_systems: Mapping[str, CaseSystem] = request.app.state.case_systems
    systems: Mapping[str, FinanceSystem] = request.app.state.finance
    handover: Mapping[str, HandoverDesk] = request.app.state.handover
    mail: MailSink = request.app.state.mail
    return {
        "case_systems": {code: system.state() for code, system in case_systems.items()},
        "associations": {name: association.state() for name, association in associations.items()},
        "finance": {code: system.state() for code, system in systems.items()},
        "handover": {code: desk.state() for code, desk in handover.items()},
        "mail": mail.state(),
    }
