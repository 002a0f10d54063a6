"""What a partner says that it holds from us: by names and keys of our own, and never who a family is.

An answer that is not as agreed counts as no answer: a list read only in part would be taken for the whole.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from connectors.fields import Day, Id
from connectors.http_answers import Answer
from domain.errors import PartnerUnavailable
from domain.ports.case_system import HeldReceipt, Receipt
from domain.ports.finance import HeldPosting, LedgerPosting, PostingAnswer, PostingVerdict
from domain.ports.reservations import HeldHome
from domain.text.screening import holds_cpr_number

MOST_HELD = 200_000


def _nobodys_number(sent: str) -> str:
    if holds_cpr_number(sent):
        raise ValueError("a person's number")
    return sent


Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
# A lost case is taken in again under this reference, and the attention list repeats it.
Case = Annotated[str, StringConstraints(pattern=r"^TF-20[0-9]{2}-[0-9]{5,9}$")]
FlagId = Annotated[Id, AfterValidator(_nobodys_number)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.]{1,80}$")]
# A booking's kind, with its rule and its month where there is one.
BookedAs = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_./]{1,80}$")]
BookingName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_/.:-]{1,200}$")]
Pseudonym = Annotated[str, StringConstraints(pattern=r"^B-[A-Z2-7]{8}$")]
OurKey = Annotated[str, StringConstraints(max_length=200)]


class Held(BaseModel):
    """Nothing converted, nothing echoed. Fields that were not asked for are not read."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)


class HeldReceiptSent(Held):
    """The answer to a flag or a withdrawal."""

    flag_id: FlagId
    accepted: bool
    reference: Case | None = None
    field: Code | None = None
    reason: Code | None = None
    key: OurKey = ""

    def held(self) -> HeldReceipt:
        """The receipt in the domain's words."""
        return HeldReceipt(Receipt(self.flag_id, self.accepted, self.reference, self.field, self.reason), self.key)


class HeldPostingSent(Held):
    """One side of a booking."""

    booking: BookingName
    reference: Case
    account: Name
    amount_ore: Annotated[int, Field(ge=-(10**15), le=10**15)]
    booked_on: Day
    kind: BookedAs
    key: OurKey = ""

    def held(self) -> HeldPosting:
        """The posting in the domain's words."""
        told = (self.booking, self.reference, self.account, self.amount_ore, self.booked_on, self.kind)
        posting = LedgerPosting(*told)
        return HeldPosting(posting, self.key)


REASON = re.compile(r"[a-z0-9_.-]{1,64}")
UNSAID, ILLEGIBLE = "unsaid", "illegible"
LARGEST_ORE = 10**15


class AnsweredPostingSent(Held):
    """What became of a posting. `accepted` and `rejected` are judged by `answer_in`, whatever they are."""

    key: OurKey
    accepted: object = None
    rejected: object = None
    amount_ore: object = None


def answer_in(told: Mapping[str, object], *, unsaid: PostingVerdict) -> PostingAnswer:
    """What a finance system's answer says of a posting; `unsaid` when it says neither yes nor no.

    A rejection's reason that is no code, or may be a person's number, is not repeated.
    """
    amount = told.get("amount_ore")
    amount_ore = amount if type(amount) is int and abs(amount) <= LARGEST_ORE else None
    rejected, accepted = told.get("rejected"), told.get("accepted")
    if rejected in (None, False) and accepted is False:
        rejected = True
    if rejected in (None, False):
        verdict = PostingVerdict.ACCEPTED if accepted is True else unsaid
        return PostingAnswer(verdict, amount_ore=amount_ore)
    if accepted is True:
        return PostingAnswer(PostingVerdict.UNCLEAR, amount_ore=amount_ore)
    return PostingAnswer(PostingVerdict.REJECTED, _reason(rejected), amount_ore)


def _reason(rejected: object) -> str:
    if rejected is True:
        return UNSAID
    is_code = isinstance(rejected, str) and REASON.fullmatch(rejected) and not holds_cpr_number(rejected)
    return str(rejected) if is_code else ILLEGIBLE


class HeldHomeSent(Held):
    """A home that is held, or whose family is known."""

    external_id: Name
    pseudonym: Pseudonym
    held: bool
    tenant_known: bool

    def home(self) -> HeldHome:
        """The home in the domain's words."""
        return HeldHome(self.external_id, self.pseudonym, is_held=self.held, is_known=self.tenant_known)


class NewcomerSent(Held):
    """A case that was handed over, by its reference."""

    reference: Case


Kind = TypeVar("Kind", bound=Held)


def in_list(answer: Answer, name: str) -> list[object]:
    """The list that an answer must hold."""
    told = answer.json()
    found = told.get(name) if isinstance(told, dict) else None
    if not isinstance(found, list):
        raise PartnerUnavailable(f"{answer.call}: no list of {name}")
    return found


def read(kind: type[Kind], sent: list[object], answer: Answer) -> Iterator[Kind]:
    """Every item of a list, validated; `PartnerUnavailable` for the whole list when one is wrong."""
    if len(sent) > MOST_HELD:
        raise PartnerUnavailable(f"{answer.call}: more than {MOST_HELD:,}")
    for line, one in enumerate(sent, start=1):
        found = None
        # Raised outside the handler, or the error would carry what was sent.
        with suppress(ValidationError):
            found = kind.model_validate(one)
        if found is None:
            raise PartnerUnavailable(f"{answer.call}: not as agreed, at {line}")
        yield found
