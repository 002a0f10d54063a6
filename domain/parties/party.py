"""The parties: municipalities and housing associations, and the people at work there."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar

from domain.errors import Invalid
from domain.feeds.breaker import FeedTerms
from domain.parties.bookkeeping import Bookkeeping
from domain.referrals.household import Language
from domain.text.mail_address import in_ascii, is_domain, mailbox_of
from domain.text.origin import Origin, origin_of
from domain.text.written import NO_LINE, is_line


class PartyKind(StrEnum):
    """What a party is; the operator (driften) runs the platform for the others."""

    MUNICIPALITY = "municipality"
    ASSOCIATION = "association"
    OPERATOR = "operator"


class Role(StrEnum):
    """What a contact does in the path."""

    CASEWORKER = "caseworker"
    SIGN_OFF = "sign_off"
    APPROVER = "approver"
    LETTING = "letting"
    CHIEF = "chief"
    OPERATIONS = "operations"
    AUDITOR = "auditor"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    FINANCE = "finance"
    COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True)
class Absence:
    """The first and last day on which a person is away, and the colleague who answers meanwhile."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    from_day: date
    until_day: date
    deputy: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A person who works at a party, and to whom questions are addressed.

    `subject` is the party's identity provider's name for them (OpenID Connect's `sub`).
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    id: str
    name: str
    email: str
    role: Role
    language: Language = Language.DANISH
    away: tuple[Absence, ...] = ()
    subject: str | None = None

    def __post_init__(self) -> None:
        if any(sign.isspace() for sign in self.email) or self.email.count("@") != 1:
            raise ValueError("email is not one address")


@dataclass(frozen=True, slots=True)
class Connection:
    """How one system of a party is reached. `secret` names the environment variable that holds its token."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    connector: str
    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class Login:
    """A party's OpenID provider. `secret` names the environment variable that holds our password there.

    `acr` are the assurance levels that suffice; an authentication counts for `minutes`. `hosts` are the provider's
    other hosts beside the issuer's own, such as `login.example.dk`, with a port where it is not 443.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    issuer: str
    client_id: str
    secret: str
    acr: tuple[str, ...]
    minutes: int = 60
    hosts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        origin = origin_of(self.issuer)
        if origin is None or "?" in self.issuer or not (origin.scheme == "https" or origin.is_loopback):
            raise ValueError("issuer must be reached over https, at an address without user, query and fragment")
        for host in self.hosts:
            found = origin_of(f"{origin.scheme}://{host}")
            if found is None or not (found.scheme == "https" or found.is_loopback) or {*host} & {*"/?"}:
                raise ValueError("hosts must be names such as login.example.dk, with a port where it is not 443")
        if not self.acr:
            raise ValueError("acr must name the assurance levels that suffice")

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Where the provider's endpoints may be: the issuer's own host, and the `hosts`."""
        origin = origin_of(self.issuer)
        named = (origin_of(f"{origin.scheme}://{host}") for host in self.hosts) if origin else ()
        return tuple(one for one in (origin, *named) if one)

    @property
    def in_the_open(self) -> bool:
        """Whether it is reached without encryption, on this machine: only in the demo world."""
        return any(one.scheme == "http" for one in self.origins)


@dataclass(frozen=True, slots=True)
class Partner:
    """A party with its people and its systems: `case_system`, `finance`, `letters`, `handover`,
    `vacancy_feed`, `reservations`.

    `party` is `municipality:<code>`, `association:<id>` or `operator:<id>`. `feed` is what is expected of an
    association's feed, and `push_secret` names the environment variable that holds the token with which it may send
    vacancies itself. `departments` are an association's department names as letters use them, by their number at
    Landsbyggefonden. `mail_domains` are the domains in which only the party gives out mail addresses: never the domain
    of a mail host where anybody can have an address. `bookkeeping` is in which form its books are told, where that is
    not JSON alone.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    party: str
    name: str
    phone: str
    contacts: tuple[Contact, ...]
    systems: dict[str, Connection]
    login: Login | None = None
    feed: FeedTerms = field(default_factory=FeedTerms)
    push_secret: str | None = None
    departments: dict[str, str] = field(default_factory=dict)
    mail_domains: tuple[str, ...] = ()
    bookkeeping: Bookkeeping | None = None

    @property
    def kind(self) -> PartyKind:
        """Municipality, association or operator."""
        return party_kind(self.party)

    @property
    def id(self) -> str:
        """The municipality's code, the association's or the operator's id."""
        return party_id(self.party)

    def contact(self, contact_id: str) -> Contact | None:
        """The contact with this id, if the party still names it."""
        return next((contact for contact in self.contacts if contact.id == contact_id), None)

    def who_is(self, subject: str) -> Contact | None:
        """The contact with this subject at the party's identity provider."""
        return next((contact for contact in self.contacts if contact.subject == subject), None)

    @property
    def keeper(self) -> Contact | None:
        """The contact who keeps the audit checkpoints; None for a party without people."""
        named = (self.first(role) for role in (Role.AUDITOR, Role.DATA_PROTECTION_OFFICER, Role.CHIEF))
        return next(filter(None, named), next(iter(self.contacts), None))

    def gives_out(self, address: str) -> bool:
        """Whether only the party can have given out this mail address."""
        domain = mailbox_of(address).rpartition("@")[2]
        return any(f".{domain}".endswith(f".{in_ascii(own).casefold()}") for own in self.mail_domains)

    def first(self, role: Role, *, barred: frozenset[str] = frozenset()) -> Contact | None:
        """The first contact with a role who is not barred."""
        return next((one for one in self.contacts if one.role is role and one.id not in barred), None)


def parted(party: str) -> tuple[str, str]:
    """The parts before and after the colon of a party's text, valid or not."""
    kind, _, id_ = party.partition(":")
    return kind, id_


def party_kind(party: str) -> PartyKind:
    """Municipality, association or operator; `ValueError` when a text is no party's."""
    return PartyKind(parted(party)[0])


def is_a(party: str, kind: PartyKind) -> bool:
    """Whether a text is that of a party of a kind; where all of a kind are meant, it may have no id."""
    return party.startswith(f"{kind}:")


def party_id(party: str) -> str:
    """The municipality's code, the association's or the operator's id."""
    return parted(party)[1]


def faults_of_names(partner: Partner) -> Iterator[Invalid]:
    """Names that must not stand in letters and pages."""
    names = [("name", partner.name), *((f"contacts {one.id} name", one.name) for one in partner.contacts)]
    names += [(f"departments {number}", name) for number, name in partner.departments.items()]
    yield from (Invalid(where, NO_LINE) for where, name in names if not is_line(name))
    for domain in partner.mail_domains:
        if not is_domain(domain):
            yield Invalid("mail_domains", "must be what stands behind the @, such as kommunen.dk")


def municipality(code: str) -> str:
    """The party of a municipality."""
    return f"{PartyKind.MUNICIPALITY}:{code}"


def association(association_id: str) -> str:
    """The party of a housing association."""
    return f"{PartyKind.ASSOCIATION}:{association_id}"
