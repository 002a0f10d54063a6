"""What we ask of the systems of others. A connector is one of these over a real transport.

Every call raises `PartnerUnavailable` (silence: try again) or `PartnerRefused` (a person must look).
A `key` is an idempotency key: the same call may be repeated with it, and is carried out once.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from email.message import Message
from typing import NamedTuple, Protocol

from domain.feeds.contract import FeedMode
from domain.referrals.household import FlagBatch


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a case system is told about a flag: taken in under a reference, or refused and why."""

    flag_id: str
    accepted: bool
    reference: str | None = None
    field: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class HeldReceipt:
    """A receipt that a case system holds, and the idempotency key under which it was told."""

    receipt: Receipt
    key: str


@dataclass(frozen=True, slots=True)
class AnsweredFlags:
    """What a case system has flagged or withdrawn and was answered, with the answers."""

    flags: FlagBatch
    receipts: tuple[HeldReceipt, ...]


class CaseSystem(Protocol):
    """A municipality's case system (fagsystem)."""

    async def flagged(self) -> FlagBatch:
        """What has been flagged or withdrawn and not yet acknowledged."""
        ...

    async def acknowledge(self, receipt: Receipt, *, key: str) -> None:
        """Tell what became of a flag or a withdrawal."""
        ...

    async def answered(self, since: datetime) -> AnsweredFlags:
        """What it was told since a moment, and what about. `PartnerRefused` when it cannot be asked."""
        ...


@dataclass(frozen=True, slots=True)
class FeedMark:
    """What a feed told of itself when it was last applied, so that it need not tell everything again."""

    etag: str | None = None
    last_modified: str | None = None
    generated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FeedHead:
    """What a feed tells of itself now. An `unchanged` one has no rows; `generated_at` is its own stamp."""

    mark: FeedMark = FeedMark()
    mode: FeedMode = FeedMode.FULL
    unchanged: bool = False


@dataclass(slots=True, eq=False)
class JsonPage:
    """A JSON document whose `vacancies` are rows of a feed, as it came, after `before` rows on earlier pages.

    `rows` are its rows' own bytes, once somebody has looked for them.
    """

    body: bytes = field(repr=False)
    before: int = 0
    rows: Sequence[bytes] | None = field(default=None, repr=False)


class RawVacancy(NamedTuple):
    """A row of a feed under the contract's field names, not yet validated. `line` counts from 1 in the feed.

    `source` is the row as it came: its bytes, its text, or the page that it stands on. A row that cannot be read has a
    `fault`, written as the contract's reasons are, and of its values at most its id.
    """

    line: int
    values: Mapping[str, object]
    source: bytes | str | JsonPage
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class FeedBatch:
    """Some rows of a feed, in its order. Every feed has at least one batch, be it without rows."""

    head: FeedHead
    rows: Sequence[RawVacancy] = ()


class VacancyFeed(Protocol):
    """Where an association publishes what it has vacant."""

    def batches(self, last: FeedMark) -> AsyncGenerator[FeedBatch]:
        """Every row of the feed, a bounded number at a time. A feed that ends too early raises, it never just stops."""
        ...


@dataclass(frozen=True, slots=True)
class Reservation:
    """What an association is told to reserve: its own unit, until when, under a name only it knows."""

    external_id: str
    pseudonym: str
    reserved_until: datetime


@dataclass(frozen=True, slots=True)
class Tenant:
    """The adult who signs the lease, told to the association after acceptance and never before."""

    external_id: str
    pseudonym: str
    name: str = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    # Whoever lets the home must keep its address from others (CPR-loven § 28).
    address_protection: bool = field(repr=False)


@dataclass(frozen=True, slots=True)
class HeldHome:
    """A home of which an association knows something of ours: held for a family, or who the family is, or both."""

    external_id: str
    pseudonym: str
    is_held: bool
    is_known: bool


class ReservationDesk(Protocol):
    """An association's interface for what happens to one of its vacancies."""

    async def reserve(self, reservation: Reservation, *, key: str) -> None:
        """Hold a home for a family known by its pseudonym."""
        ...

    async def release(self, external_id: str, pseudonym: str, *, key: str) -> None:
        """Let go of a home that was held."""
        ...

    async def disclose_tenant(self, tenant: Tenant, *, key: str) -> None:
        """Tell who the family is."""
        ...

    async def recall(self, external_id: str, pseudonym: str, *, key: str) -> None:
        """Ask the association to delete what it was told, and have it confirmed."""
        ...

    async def held_for_us(self) -> list[HeldHome]:
        """What it holds for us, and never who the families are. `PartnerRefused` when it cannot be asked."""
        ...


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who moves to a municipality: told to it after acceptance, with the case handed over (sagsoverdragelse).

    Never where the family lives now: nobody needs it to receive them, and some of them hide from somebody.
    """

    reference: str
    association: str
    department: str
    name: str = field(repr=False)
    cpr: str = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    address_protection: bool = field(repr=False)


class HandoverDesk(Protocol):
    """A municipality's interface for cases that are handed over to it."""

    async def hand_over(self, newcomer: Newcomer, *, key: str) -> None:
        """Tell who moves to the municipality."""
        ...

    async def take_back(self, reference: str, *, key: str) -> None:
        """Ask the municipality to delete what it was told, and have it confirmed."""
        ...

    async def known(self) -> list[str]:
        """The references of the cases it was told of. `PartnerRefused` when it cannot be asked."""
        ...


@dataclass(frozen=True, slots=True)
class LedgerPosting:
    """One side of a booking as a finance system receives it. Amount in øre."""

    booking: str
    reference: str
    account: str
    amount_ore: int
    booked_on: date
    kind: str


@dataclass(frozen=True, slots=True)
class HeldPosting:
    """A posting that a finance system holds, and the idempotency key under which it was told."""

    posting: LedgerPosting
    key: str


class FinanceSystem(Protocol):
    """A municipality's finance system (økonomisystem)."""

    async def post(self, posting: LedgerPosting, *, key: str) -> None:
        """Post one side of a booking."""
        ...

    async def posted(self, since: date) -> list[HeldPosting]:
        """What was posted from a day on. `PartnerRefused` when it cannot be asked."""
        ...


@dataclass(frozen=True, slots=True)
class FamilyLetter:
    """A letter to the adult of a family. Who that is never shows in a repr."""

    cpr: str = field(repr=False)
    name: str = field(repr=False)
    address: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    language: str


class LetterSystem(Protocol):
    """Where a municipality's letters to citizens go: Digital Post, or paper."""

    async def send(self, letter: FamilyLetter, *, key: str) -> None:
        """Hand over one letter."""
        ...


class MailSession(Protocol):
    """An open connection to a mail server."""

    async def send(self, message: Message) -> None:
        """Hand over one letter. `PartnerRefused` when its address is refused."""
        ...


class Mailer(Protocol):
    """The mail server."""

    def session(self) -> AbstractAsyncContextManager[MailSession]:
        """Connect, and be ready to send several letters."""
        ...


class OpenMailbox(Protocol):
    """A folder of a mailbox that we look into. Each of its messages has a number, a later one a higher."""

    @property
    def name(self) -> str:
        """What the numbers belong to: another name once messages are numbered anew."""
        ...

    @property
    def read_only(self) -> bool:
        """Whether nothing can be marked as read."""
        ...

    def numbers(self, *, above: int, up_to: int | None = None, unread: bool = False) -> list[str]:
        """The numbers of the messages that came after one, the oldest first; with `unread` those nobody has read."""
        ...

    def newest(self) -> int:
        """The number of the last message; 0 when there is none."""
        ...

    def message(self, number: str) -> Message | None:
        """One message, of a large one its heads alone; None when it is gone, `Invalid` when it is unreadable."""
        ...

    def mark_read(self, number: str) -> bool:
        """Let it be; False when it cannot be marked."""
        ...


class Mailbox(Protocol):
    """The mailbox behind the address that letters are sent from."""

    def opened(self) -> AbstractContextManager[OpenMailbox]:
        """Log in."""
        ...
