"""What every stand-in has: a token, and the answers to its earlier writes, by idempotency key."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, TypeVar

from fastapi import Header, HTTPException

from deployments.standins.world import Sent

Bearer = Annotated[str, Header(alias="Authorization")]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1)]


@dataclass(slots=True)
class PartnerSystem:
    """A system of one party, and the counts of its writes and of their repeats."""

    token: str = field(repr=False)
    carried_out: dict[str, tuple[object, Sent]] = field(default_factory=dict)
    repeats: int = 0

    def once(self, key: str, asked: object, deed: Callable[[], Sent]) -> Sent:
        """Carry a write out, or give the answer that the key got before. A refusal is not stored."""
        if key not in self.carried_out:
            self.carried_out[key] = (asked, deed())
            return self.carried_out[key][1]
        before, answer = self.carried_out[key]
        if before != asked:
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, "the key was used for something else")
        self.repeats += 1
        return answer

    def counts(self) -> Sent:
        """How many writes were carried out, and how many were repeats of them."""
        return {"writes": len(self.carried_out), "repeats": self.repeats}


System = TypeVar("System", bound=PartnerSystem)


def admitted(systems: Mapping[str, System], name: str, authorization: str) -> System:
    """The system of that name, if the request has its token."""
    if name not in systems:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    if not secrets.compare_digest(authorization.encode(), f"Bearer {systems[name].token}".encode()):
        raise HTTPException(HTTPStatus.UNAUTHORIZED)
    return systems[name]
