"""Partners' systems and a mail server in the same process, for tests and for the path's benchmark; they can fail."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, MutableSequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default

from domain.errors import PartnerRefused
from domain.parties.party import Connection
from domain.ports.case_system import AnsweredFlags, HeldReceipt, Receipt
from domain.ports.finance import HeldPosting, LedgerPosting, PostingAnswer, PostingVerdict
from domain.ports.handover import Newcomer
from domain.ports.letters import FamilyLetter
from domain.ports.reservations import HeldHome, Reservation, Tenant
from domain.ports.vacancy_feed import FeedBatch, FeedHead, FeedMark, RawVacancy
from domain.referrals.household import FlagBatch, FlaggedFamily, FlaggedWithdrawal, RefusedFlag


@dataclass(slots=True)
class InProcessCaseSystem:
    """A case system: a flag stays until it is acknowledged."""

    families: list[FlaggedFamily] = field(default_factory=list)
    refused: list[RefusedFlag] = field(default_factory=list)
    withdrawals: list[FlaggedWithdrawal] = field(default_factory=list)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    async def flagged(self) -> FlagBatch:
        """The flags without a receipt."""
        return FlagBatch(
            tuple(family for family in self.families if family.flag_id not in self.receipts),
            tuple(flag for flag in self.refused if flag.flag_id not in self.receipts),
            tuple(stop for stop in self.withdrawals if stop.withdrawal_id not in self.receipts),
        )

    async def acknowledge(self, receipt: Receipt, *, key: str) -> None:
        """Store the receipt; the same key must come with the same receipt."""
        if self.receipts.setdefault(receipt.flag_id, receipt) != receipt:
            raise PartnerRefused(f"another receipt under {key}")
        self.keys.setdefault(receipt.flag_id, key)

    async def answered(self, since: datetime) -> AnsweredFlags:  # the interface
        """The flags with a receipt, and the receipts."""
        batch = FlagBatch(
            tuple(family for family in self.families if family.flag_id in self.receipts),
            tuple(flag for flag in self.refused if flag.flag_id in self.receipts),
            tuple(stop for stop in self.withdrawals if stop.withdrawal_id in self.receipts),
        )
        return AnsweredFlags(batch, tuple(HeldReceipt(one, self.keys[name]) for name, one in self.receipts.items()))


@dataclass(slots=True)
class InProcessDesk:
    """An association's reservations: one family for each unit, the tenants by unit, and the recalls."""

    held: dict[str, str] = field(default_factory=dict)
    tenants: dict[str, Tenant] = field(default_factory=dict)
    recalled: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    async def reserve(self, reservation: Reservation, *, key: str) -> None:
        """Hold a unit; refused when it is held for another pseudonym."""
        if self.held.setdefault(reservation.external_id, reservation.pseudonym) != reservation.pseudonym:
            raise PartnerRefused("held for another")
        self.keys.append(key)

    async def release(self, external_id: str, pseudonym: str, *, key: str) -> None:
        """Release a unit."""
        if self.held.get(external_id) == pseudonym:
            del self.held[external_id]
        self.keys.append(key)

    async def disclose_tenant(self, tenant: Tenant, *, key: str) -> None:
        """Store who the family is; refused unless the unit is held for it."""
        if self.held.get(tenant.external_id) != tenant.pseudonym:
            raise PartnerRefused("not held for this family")
        self.tenants[tenant.external_id] = tenant
        self.keys.append(key)

    async def recall(self, external_id: str, pseudonym: str, *, key: str) -> None:
        """Delete who the family is."""
        tenant = self.tenants.get(external_id)
        if tenant is not None and tenant.pseudonym == pseudonym:
            del self.tenants[external_id]
        self.recalled.append(external_id)
        self.keys.append(key)

    async def held_for_us(self) -> list[HeldHome]:
        """The units held, and whether the tenant of each was disclosed."""
        known = {(unit, tenant.pseudonym) for unit, tenant in self.tenants.items()}
        both = sorted(known | set(self.held.items()))
        return [HeldHome(*one, is_held=self.held.get(one[0]) == one[1], is_known=one in known) for one in both]


@dataclass(slots=True)
class InProcessHandover:
    """The cases that were handed over to a municipality, by reference, and those that were taken back."""

    newcomers: dict[str, Newcomer] = field(default_factory=dict)
    taken_back: list[str] = field(default_factory=list)

    async def hand_over(self, newcomer: Newcomer, *, key: str) -> None:  # the interface
        """Store who moves in."""
        self.newcomers[newcomer.reference] = newcomer

    async def take_back(self, reference: str, *, key: str) -> None:  # the interface
        """Delete who was to move in."""
        self.newcomers.pop(reference, None)
        self.taken_back.append(reference)

    async def known(self) -> list[str]:
        """The references of the cases handed over."""
        return list(self.newcomers)


@dataclass(slots=True)
class InProcessFinance:
    """A finance system: each key is posted once. `says` are its answers to the next postings, `later` by key."""

    postings: dict[str, LedgerPosting] = field(default_factory=dict)
    said: dict[str, PostingAnswer] = field(default_factory=dict)
    says: list[PostingAnswer] = field(default_factory=list)
    later: dict[str, PostingAnswer] = field(default_factory=dict)

    async def post(self, posting: LedgerPosting, *, key: str) -> PostingAnswer:
        """Take a posting; the same key again is a repeat, and with another posting it is refused."""
        if key not in self.said and self.says:
            self.said[key] = self.says.pop(0)
        answer = self.said.setdefault(key, PostingAnswer(PostingVerdict.ACCEPTED))
        if answer.verdict is not PostingVerdict.REJECTED and self.postings.setdefault(key, posting) != posting:
            raise PartnerRefused("the key was used for something else")
        return answer

    async def answers(self, since: date) -> dict[str, PostingAnswer]:  # the interface
        """What became of postings, as far as it was decided later."""
        return self.later

    async def posted(self, since: date) -> list[HeldPosting]:
        """The postings of a day and later."""
        return [HeldPosting(one, key) for key, one in self.postings.items() if one.booked_on >= since]


@dataclass(slots=True)
class InProcessLetters:
    """A letter system: each key is sent once."""

    letters: dict[str, FamilyLetter] = field(default_factory=dict)

    async def send(self, letter: FamilyLetter, *, key: str) -> None:
        """Take a letter."""
        self.letters[key] = letter


@dataclass(slots=True)
class InProcessFeed:
    """A vacancy feed with given rows; with `fails`, it breaks off after them."""

    raw: list[RawVacancy] = field(default_factory=list)
    head: FeedHead = field(default_factory=FeedHead)
    rows_at_once: int = 1000
    fails: Exception | None = None
    asked: list[FeedMark] = field(default_factory=list)

    async def batches(self, last: FeedMark) -> AsyncGenerator[FeedBatch]:
        """All rows, or none when the caller knows the version."""
        self.asked.append(last)
        if last.etag and last.etag == self.head.mark.etag:
            yield FeedBatch(replace(self.head, unchanged=True))
            return
        for start in range(0, max(len(self.raw), 1), self.rows_at_once):
            await asyncio.sleep(0)  # other tasks run while a partner answers
            yield FeedBatch(self.head, self.raw[start : start + self.rows_at_once])
        if self.fails:
            raise self.fails


@dataclass(slots=True)
class InProcessMail:
    """A mail server: the letters that it took, and the addresses that it refuses."""

    taken: MutableSequence[Message] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    down: Exception | None = None
    _read: list[EmailMessage] = field(default_factory=list)

    @asynccontextmanager
    async def session(self) -> AsyncIterator["InProcessMail"]:
        """Connect."""
        if self.down:
            raise self.down
        yield self

    async def send(self, message: Message) -> None:
        """Take a letter."""
        if message["To"] in self.refused:
            raise PartnerRefused("550")
        self.taken.append(message)

    @property
    def letters(self) -> list[EmailMessage]:
        """The letters, parsed from their bytes as a mail program does."""
        self._read += [
            message_from_bytes(letter.as_bytes(), policy=default) for letter in self.taken[len(self._read) :]
        ]
        return self._read


System = InProcessCaseSystem | InProcessDesk | InProcessHandover | InProcessFinance | InProcessLetters | InProcessFeed
KINDS: dict[str, type[System]] = {
    "case_system": InProcessCaseSystem,
    "reservations": InProcessDesk,
    "handover": InProcessHandover,
    "finance": InProcessFinance,
    "letters": InProcessLetters,
    "vacancy_feed": InProcessFeed,
}


@dataclass(slots=True)
class InProcessPartners:
    """The systems of all partners, by address; `down` are the addresses that do not answer, with the error to raise."""

    systems: dict[tuple[str, str], System] = field(default_factory=dict)
    down: dict[str, Exception] = field(default_factory=dict)
    mail: InProcessMail = field(default_factory=InProcessMail)

    def connect(self, system: str, at: Connection) -> System:
        """The system at an address; made the first time it is asked for."""
        if at.url in self.down:
            raise self.down[at.url]
        return self.systems.setdefault((system, at.url), KINDS[system]())

    def of(self, system: str, party_id: str) -> System:
        """A party's system, by the demo world's addresses, whatever path follows."""
        found = [made for (kind, url), made in self.systems.items() if kind == system and f"/{party_id}" in url]
        return found[0] if found else KINDS[system]()
