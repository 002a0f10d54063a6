"""What is wrong with agreements and partners that are well written and yet cannot work: rules, each with its reason."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.registry import CONNECTORS
from deployments.parties.file import Fault, nearest
from domain.parties.agreement import Agreement, AnswerLevel, faults
from domain.parties.colleagues import faults_of_absences, faults_of_people
from domain.parties.party import Partner, PartyKind, Role, association, faults_of_names, municipality, parted, party_id
from domain.text.origin import origin_of

SYSTEMS: dict[PartyKind, tuple[str, ...]] = {
    PartyKind.MUNICIPALITY: ("case_system", "finance", "letters", "handover"),
    PartyKind.ASSOCIATION: ("vacancy_feed", "reservations"),
    PartyKind.OPERATOR: (),
}
LONGEST_ID, LARGEST_VERSION = 64, 2_147_483_647
IN_AN_ID = frozenset("-_.")


@dataclass(frozen=True, slots=True)
class Given:
    """What is judged: a file's agreements and partners, beside those in force.

    `environment` is what secrets are looked up in; None where they are not at hand. `named` are parties whose entries
    could not be read, and are told of by themselves. `codes` are the municipalities there are.
    """

    agreements: Sequence[Agreement]
    partners: Sequence[Partner]
    agreements_in_force: Sequence[Agreement] = ()
    partners_in_force: Sequence[Partner] = ()
    versions: Mapping[tuple[str, int], Agreement] | None = None
    named: frozenset[str] = frozenset()
    codes: frozenset[str] | None = None
    environment: Mapping[str, str] | None = None
    demo: bool = False

    @property
    def parties(self) -> dict[str, Partner]:
        """Every party as it is once the file is in."""
        return {one.party: one for one in (*self.partners_in_force, *self.partners)}

    @property
    def all_agreements(self) -> list[Agreement]:
        """Every agreement in its newest version once the file is in."""
        newest: dict[str, Agreement] = {}
        for one in sorted((*self.agreements_in_force, *self.agreements), key=lambda agreement: agreement.version):
            newest[one.id] = one
        return list(newest.values())

    def concerns(self, agreement: Agreement, party: str) -> bool:
        """Whether the file itself says something of an agreement or of a party of it."""
        return agreement in self.agreements or any(one.party == party for one in self.partners)


Rule = Callable[[Given], Iterator[Fault]]


def parties_of(agreement: Agreement) -> list[str]:
    """The parties that an agreement names."""
    codes = sorted({*agreement.sending, *agreement.receiving})
    return [*map(municipality, codes), *map(association, agreement.associations)]


def nobody_twice(given: Given) -> Iterator[Fault]:
    """A party that stands twice has two truths; so has a version of an agreement."""
    for party, times in Counter(one.party for one in given.partners).items():
        if times > 1:
            yield Fault(f"partner {party}", "", f"stands {times} times: keep one")
    for (name, version), times in Counter((one.id, one.version) for one in given.agreements).items():
        if times > 1:
            yield Fault(f"agreement {name}", "version", f"{version} stands {times} times: keep one")


def known_parties(given: Given) -> Iterator[Fault]:
    """A party is a municipality that there is, an association or an operator, by an id that may stand in an address."""
    for one in given.partners:
        kind, id_ = parted(one.party)
        if kind not in list(PartyKind):
            yield Fault(
                f"partner {one.party}", "party", f"must begin with one of {', '.join(f'{kind}:' for kind in PartyKind)}"
            )
        elif not _is_an_id(id_):
            yield Fault(f"partner {one.party}", "party", "behind the colon: letters, digits, hyphens, at most 64")
        elif kind == PartyKind.MUNICIPALITY and given.codes is not None and id_ not in given.codes:
            yield Fault(f"partner {one.party}", "", "unknown municipality: its code has four digits, such as 0461")
        for contact in one.contacts:
            if not _is_an_id(contact.id):
                yield Fault(f"partner {one.party}", "contacts id", "letters, digits and hyphens, at most 64")


def people(given: Given) -> Iterator[Fault]:
    """Nobody is two, whoever is away has a colleague, and names are names."""
    for one in given.partners:
        for fault in (*faults_of_people(one), *faults_of_absences(one), *faults_of_names(one)):
            yield Fault(f"partner {one.party}", fault.field, fault.reason)


def logins(given: Given) -> Iterator[Fault]:
    """A login without encryption is for the demo world alone."""
    for one in given.partners:
        if one.login is not None and one.login.in_the_open and not given.demo:
            yield Fault(f"partner {one.party}", "login.issuer", "must be reached over https outside the demo world")


def systems(given: Given) -> Iterator[Fault]:
    """Each system is one that the party's kind has, by a connector that serves it, at an address."""
    for one in given.partners:
        kind, _ = parted(one.party)
        known = SYSTEMS[PartyKind(kind)] if kind in list(PartyKind) else ()
        for system, at in one.systems.items():
            where = f"systems.{system}"
            if system not in known:
                near, has = nearest(system, known), ", ".join(known) or "none"
                hint = f"did you mean {near}?" if near else f"its systems are: {has}"
                yield Fault(f"partner {one.party}", where, f"is no system of such a party: {hint}")
            serving = [name for name, connector in CONNECTORS.items() if connector.serves == system]
            if at.connector not in CONNECTORS:
                near = nearest(at.connector, CONNECTORS)
                hint = f"did you mean {near}?" if near else f"one of {', '.join(serving or CONNECTORS)}"
                yield Fault(f"partner {one.party}", f"{where}.connector", f"unknown: {hint}")
            elif system in known and at.connector not in serving:
                serves = CONNECTORS[at.connector].serves
                yield Fault(
                    f"partner {one.party}", f"{where}.connector", f"serves {serves}: here one of {', '.join(serving)}"
                )
            if origin_of(at.url) is None:
                yield Fault(
                    f"partner {one.party}", f"{where}.url", "must be a whole address, such as https://host/path"
                )


def secrets(given: Given) -> Iterator[Fault]:
    """A secret is the name of an environment variable that is set; a token itself stands in no file and no database."""
    for one in given.partners:
        named = [(f"systems.{system}.secret", at.secret) for system, at in one.systems.items()]
        named += [("login.secret", one.login.secret)] if one.login else []
        named += [("push_secret", one.push_secret)] if one.push_secret is not None else []
        for where, name in named:
            if why := why_no_secret(name, given.environment):
                yield Fault(f"partner {one.party}", where, why)


def why_no_secret(name: str, environment: Mapping[str, str] | None) -> str | None:
    """Why what stands as a secret's name cannot be one. It is repeated only where it looks like no token."""
    is_a_name = name.isascii() and name.isidentifier()
    plain = is_a_name and name.isupper() and "_" in name
    if not is_a_name or (environment is not None and not plain and not environment.get(name)):
        return "must be the name of an environment variable, such as ODENSE_TOKEN: the token itself must not stand here"
    if environment is not None and not environment.get(name):
        return f"the environment variable {name} is not set: put the token there, or into .env"
    return None


def agreed_terms(given: Given) -> Iterator[Fault]:
    """An agreement's own terms can be kept, and a version that is here already says the same."""
    for one in given.agreements:
        for fault in faults(one):
            yield Fault(f"agreement {one.id}", "", fault)
        if not _is_an_id(one.id):
            yield Fault(f"agreement {one.id}", "id", "letters, digits and hyphens, at most 64")
        if not 0 < one.version <= LARGEST_VERSION:
            yield Fault(f"agreement {one.id}", "version", "a number from 1 on")
        before = (given.versions or {}).get((one.id, one.version))
        if before is not None and before != one:
            yield Fault(
                f"agreement {one.id}", "version", f"{one.version} is already here and differs: make it the next number"
            )


def agreed_parties(given: Given) -> Iterator[Fault]:
    """Whom an agreement names is a partner."""
    there = given.parties.keys() | given.named
    for one in given.agreements:
        for field, named in (("sending", one.sending), ("receiving", one.receiving)):
            for code in named:
                if municipality(code) not in there:
                    yield Fault(f"agreement {one.id}", field, f"{code} is no partner: add [[partner]] for it")
        for id_ in one.associations:
            if association(id_) not in there:
                near = nearest(id_, [party_id(party) for party in there if party == association(party_id(party))])
                hint = f"did you mean {near}?" if near else "add [[partner]] for it"
                yield Fault(f"agreement {one.id}", "associations", f"{id_} is no partner: {hint}")


def answered_by_somebody(given: Given) -> Iterator[Fault]:
    """Somebody at a receiving municipality approves, and somebody at an association offers homes."""
    parties = given.parties
    for one in given.all_agreements:
        needed = [(municipality(code), Role.APPROVER) for code in one.receiving]
        needed += [(association(id_), Role.LETTING) for id_ in one.associations]
        for party, role in needed:
            if given.concerns(one, party) and party in parties and parties[party].first(role) is None:
                yield Fault(f"agreement {one.id}", "", f"{party} has no contact with role {role}: nobody can answer")


def logged_in_somewhere(given: Given) -> Iterator[Fault]:
    """Where an agreement asks people to log in, each of its parties says where."""
    parties = given.parties
    for one in given.agreements:
        if one.answer_level is AnswerLevel.LINK_AND_LOGIN:
            lacking = [party for party in parties_of(one) if party in parties and parties[party].login is None]
            if lacking:
                yield Fault(f"agreement {one.id}", "answer_level", f"no login is known for {', '.join(lacking)}")


def _is_an_id(written: str) -> bool:
    return 0 < len(written) <= LONGEST_ID and all(sign.isalnum() or sign in IN_AN_ID for sign in written)


RULES: tuple[Rule, ...] = (
    nobody_twice,
    known_parties,
    people,
    logins,
    systems,
    secrets,
    agreed_terms,
    agreed_parties,
    answered_by_somebody,
    logged_in_somewhere,
)


def wrong_with(given: Given) -> list[Fault]:
    """Everything that is wrong."""
    return [fault for rule in RULES for fault in rule(given)]
