"""A case system: flags and withdrawals stay until they are acknowledged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request

from deployments.standins.systems.partner import Bearer, Key, PartnerSystem, admitted
from deployments.standins.world import Sent

router = APIRouter(prefix="/case/{code}")


@dataclass(slots=True)
class CaseSystem(PartnerSystem):
    """One municipality's case system."""

    flags: list[Sent] = field(default_factory=list)
    withdrawals: list[Sent] = field(default_factory=list)
    receipts: list[Sent] = field(default_factory=list)
    answered: dict[str, list[Sent]] = field(default_factory=lambda: {"flags": [], "withdrawals": [], "receipts": []})
    withdrawn: int = 0

    def withdraw(self, case_id: str, reason: str, *, called: str | None = None) -> Sent:
        """Flag a withdrawal, with a new number or the given id."""
        self.withdrawn += 1
        withdrawal_id = called or f"stop-{self.withdrawn}"
        withdrawal: Sent = {"withdrawal_id": withdrawal_id, "case_id": case_id, "reason": reason}
        self.withdrawals.append(withdrawal)
        return withdrawal

    def file(self, flag_id: str, receipt: Sent, *, key: str) -> Sent:
        """Store a receipt with its key and its flag, and stop sending that flag."""
        flags = [flag for flag in self.flags if flag.get("flag_id") != flag_id]
        withdrawals = [stop for stop in self.withdrawals if stop["withdrawal_id"] != flag_id]
        if len(flags) + len(withdrawals) == len(self.flags) + len(self.withdrawals):
            raise HTTPException(HTTPStatus.NOT_FOUND, "nothing is waiting under this id")
        self.answered["flags"] += [flag for flag in self.flags if flag not in flags]
        self.answered["withdrawals"] += [stop for stop in self.withdrawals if stop not in withdrawals]
        self.answered["receipts"].append({"flag_id": flag_id, **receipt, "key": key})
        self.flags, self.withdrawals = flags, withdrawals
        self.receipts.append({"flag_id": flag_id, **receipt})
        return {"filed": True}

    def state(self) -> Sent:
        """The flags that wait, and those that were acknowledged."""
        waiting = [flag.get("flag_id") for flag in self.flags]
        stops = [stop["withdrawal_id"] for stop in self.withdrawals]
        return {"flags": waiting, "withdrawals": stops, "receipts": self.receipts, **self.counts()}


def asked(request: Request, code: str, authorization: Bearer = "") -> CaseSystem:
    """The case system a request is for."""
    systems: Mapping[str, CaseSystem] = request.app.state.case_systems
    return admitted(systems, code, authorization)


Asked = Annotated[CaseSystem, Depends(asked)]


@router.get("/flags")
async def flags(system: Asked) -> Sent:
    """The flags and withdrawals that are not yet acknowledged."""
    return {"flags": system.flags, "withdrawals": system.withdrawals}


@router.get("/receipts")
async def receipts(system: Asked, since: str) -> Sent:  # noqa: ARG001  # a partner may tell more than was asked for
    """The acknowledged flags, and their receipts."""
    return dict(system.answered)


@router.post("/receipts/{flag_id}")
async def receipt(system: Asked, flag_id: str, receipt: Sent, key: Key) -> Sent:
    """Take a receipt: the outcome of a flag or a withdrawal."""
    return system.once(key, (flag_id, receipt), lambda: system.file(flag_id, receipt, key=key))
