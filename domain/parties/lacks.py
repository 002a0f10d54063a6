"""What parties may lack until it stops a family: roles, systems and a mailbox that are missing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.parties.agreement import Agreement
from domain.parties.parties_file import Known, PartiesFile
from domain.parties.party import Partner, PartyKind, Role, association, municipality
from domain.text.origin import origin_of


@dataclass(frozen=True, slots=True)
class InForce:
    """The parties and the agreements as they are, and whether a mailbox is read."""

    agreements: Sequence[Agreement]
    partners: Sequence[Partner]
    mailbox: bool

    def sending(self) -> list[Partner]:
        """The municipalities that send."""
        return self._of({municipality(code) for one in self.agreements for code in one.sending})

    def receiving(self) -> list[Partner]:
        """The municipalities that receive."""
        return self._of({municipality(code) for one in self.agreements for code in one.receiving})

    def associations(self) -> list[Partner]:
        """The associations that are asked for homes."""
        return self._of({association(id_) for one in self.agreements for id_ in one.associations})

    def _of(self, parties: set[str]) -> list[Partner]:
        return [one for one in self.partners if one.party in parties]


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that is missing, and the consequence; `stops` when a family cannot go on without it."""

    told: str
    stops: bool = False

    def __str__(self) -> str:
        return self.told


Rule = Callable[[InForce], Iterator[Lack]]

CALLED = {"letters": "letter system", "case_system": "case system"}


def senders(given: InForce) -> Iterator[Lack]:
    """What a municipality that sends families lacks."""
    roles = {
        Role.CASEWORKER: "a flag must name one, so that none can be taken in",
        Role.SIGN_OFF: "nobody signs off what it flags, and no family goes further",
    }
    systems = {
        "case_system": "no family that it flags comes to us",
        "letters": "families who answer by letter must be printed for by hand",
        "finance": "what it owes cannot be posted: a person must book it",
    }
    signed_off = {code for one in given.agreements if not one.one_person_decides for code in one.sending}
    for one in given.sending():
        yield from _roles(one, roles if one.id in signed_off else {Role.CASEWORKER: roles[Role.CASEWORKER]})
        yield from _systems(one, systems)


def receivers(given: InForce) -> Iterator[Lack]:
    """What a municipality that receives families lacks."""
    systems = {
        "finance": "what it is owed cannot be posted: a person must book it",
        "handover": "the sending caseworker must tell it who comes",
    }
    for one in given.receiving():
        yield from _systems(one, systems)


def associations(given: InForce) -> Iterator[Lack]:
    """What an association lacks."""
    for one in given.associations():
        if "vacancy_feed" not in one.systems and one.push_secret is None:
            yield Lack(f"{one.party} has no vacancy feed and no push_secret: no home of its own is known")
        if "reservations" not in one.systems:
            yield Lack(f"{one.party} has no reservations system: no home can be held for a family there", stops=True)


def chiefs(given: InForce) -> Iterator[Lack]:
    """A person whose deadline passes has a chief who is told."""
    asked = (*given.sending(), *given.receiving(), *given.associations())
    if lacking := sorted({one.party for one in asked if one.first(Role.CHIEF) is None}):
        who = ", ".join(lacking)
        yield Lack(f"no contact with role {Role.CHIEF} at {who}: nobody is told when a deadline has passed there")


def operator(given: InForce) -> Iterator[Lack]:
    """There is an operator."""
    operators = [one for one in given.partners if one.kind is PartyKind.OPERATOR]
    able = [one for one in operators if one.login and (one.first(Role.OPERATIONS) or one.first(Role.CHIEF))]
    if given.partners and not able:
        yield Lack(
            f"no operator:<id> with a login and a contact with role {Role.OPERATIONS}: nobody can open the operations "
            "page (/drift)"
        )


def mailbox(given: InForce) -> Iterator[Lack]:
    """Returned letters are read."""
    if given.partners and not given.mailbox:
        yield Lack("TILFLYT_IMAP_HOST is not set: nobody sees a letter that comes back, or an absence")


def in_the_open(given: InForce) -> Iterator[Lack]:
    """Calls to a partner's system beyond this machine are encrypted."""
    for one in given.partners:
        for system, connection in one.systems.items():
            where = origin_of(connection.url)
            if where is not None and where.scheme == "http" and not where.is_loopback:
                yield Lack(f"{one.party} systems.{system} is reached without encryption (http)")


RULES: tuple[Rule, ...] = (senders, receivers, associations, chiefs, operator, mailbox, in_the_open)


def lacks(given: InForce) -> list[Lack]:
    """A sentence for everything that is missing, first what stops a family."""
    return sorted((found for rule in RULES for found in rule(given)), key=lambda lack: not lack.stops)


def lacking(file: PartiesFile, known: Known, *, mailbox: bool) -> list[Lack]:
    """What is missing once a file is in."""
    return lacks(InForce(known.agreements_with(file), list(known.parties_with(file).values()), mailbox))


def _roles(of: Partner, needed: Mapping[Role, str]) -> Iterator[Lack]:
    for role, so in needed.items():
        if of.first(role) is None:
            yield Lack(f"{of.party} has no contact with role {role}: {so}", stops=True)


def _systems(of: Partner, needed: Mapping[str, str]) -> Iterator[Lack]:
    for system, so in needed.items():
        by_file = system == "finance" and of.bookkeeping is not None and of.bookkeeping.takes_files
        if system not in of.systems and not by_file:
            yield Lack(f"{of.party} has no {CALLED.get(system, f'{system} system')}: {so}")
