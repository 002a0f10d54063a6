"""Rules for a party that can be read and still cannot work, each with its reason."""

from collections.abc import Iterator, Mapping

from domain.parties.bookkeeping import faults_of_bookkeeping
from domain.parties.colleagues import faults_of_absences, faults_of_people
from domain.parties.parties_file import Fault, Given
from domain.parties.party import Connection, Partner, PartyKind, faults_of_names, is_a
from domain.text.nearest import nearest
from domain.text.origin import origin_of

SYSTEMS: dict[PartyKind, tuple[str, ...]] = {
    PartyKind.MUNICIPALITY: ("case_system", "finance", "letters", "handover"),
    PartyKind.ASSOCIATION: ("vacancy_feed", "reservations"),
    PartyKind.OPERATOR: (),
}
LONGEST_ID = 64
IN_AN_ID = frozenset("-_.")


def is_an_id(written: str) -> bool:
    """Whether it may name a party, a person or an agreement: it stands in addresses."""
    return 0 < len(written) <= LONGEST_ID and all(sign.isalnum() or sign in IN_AN_ID for sign in written)


def known_parties(given: Given) -> Iterator[Fault]:
    """A party is a municipality that there is, an association or an operator, by an id that may stand in an address."""
    for one in given.file.partners:
        kind, _, id_ = one.party.partition(":")
        if kind not in list(PartyKind):
            yield Fault(
                f"partner {one.party}", "party", f"must begin with one of {', '.join(f'{kind}:' for kind in PartyKind)}"
            )
        elif not is_an_id(id_):
            yield Fault(f"partner {one.party}", "party", "behind the colon: letters, digits, hyphens, at most 64")
        elif kind == PartyKind.MUNICIPALITY and id_ not in given.codes:
            yield Fault(f"partner {one.party}", "", "unknown municipality: its code has four digits, such as 0461")
        for contact in one.contacts:
            if not is_an_id(contact.id):
                yield Fault(f"partner {one.party}", "contacts id", "letters, digits and hyphens, at most 64")


def people(given: Given) -> Iterator[Fault]:
    """Nobody is listed twice, every absent person has a deputy, and names are valid."""
    for one in given.file.partners:
        for fault in (*faults_of_people(one), *faults_of_absences(one), *faults_of_names(one)):
            yield Fault(f"partner {one.party}", fault.field, fault.reason)


def logins(given: Given) -> Iterator[Fault]:
    """A login without encryption is for the demo world alone."""
    for one in given.file.partners:
        if one.login is not None and one.login.in_the_open and not given.here.demo:
            yield Fault(f"partner {one.party}", "login.issuer", "must be reached over https outside the demo world")


def systems(given: Given) -> Iterator[Fault]:
    """Each system is one that the party's kind has, by a connector that serves it, at an address."""
    for one in given.file.partners:
        for system, connection in one.systems.items():
            for field, reason in _wrong_with_system(one, system, connection, given.here.connectors):
                yield Fault(f"partner {one.party}", f"systems.{system}{field}", reason)


def _wrong_with_system(
    of: Partner, system: str, connection: Connection, connectors: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Fields below the system's, each with its reason."""
    kind = of.party.partition(":")[0]
    known = SYSTEMS[PartyKind(kind)] if kind in list(PartyKind) else ()
    if system not in known:
        near, has = nearest(system, known), ", ".join(known) or "none"
        hint = f"did you mean {near}?" if near else f"its systems are: {has}"
        yield "", f"is no system of such a party: {hint}"
    serving = [id_ for id_, serves in connectors.items() if serves == system]
    if connection.connector not in connectors:
        near = nearest(connection.connector, connectors)
        hint = f"did you mean {near}?" if near else f"one of {', '.join(serving or connectors)}"
        yield ".connector", f"unknown: {hint}"
    elif system in known and connection.connector not in serving:
        yield ".connector", f"serves {connectors[connection.connector]}: here one of {', '.join(serving)}"
    if origin_of(connection.url) is None:
        yield ".url", "must be a whole address, such as https://host/path"


def books(given: Given) -> Iterator[Fault]:
    """Each party's books can be told in the form that it wants."""
    for one in given.file.partners:
        if one.bookkeeping is not None:
            is_municipality = is_a(one.party, PartyKind.MUNICIPALITY)
            for field, reason in faults_of_bookkeeping(one.bookkeeping, is_municipality=is_municipality):
                yield Fault(f"partner {one.party}", f"bookkeeping.{field}", reason)


def secrets(given: Given) -> Iterator[Fault]:
    """A secret is the name of an environment variable that is set; a token itself stands in no file and no database."""
    for one in given.file.partners:
        named = [(f"systems.{system}.secret", connection.secret) for system, connection in one.systems.items()]
        named += [("login.secret", one.login.secret)] if one.login else []
        named += [("push_secret", one.push_secret)] if one.push_secret is not None else []
        for where, name in named:
            if why := why_no_secret(name, given.here.environment):
                yield Fault(f"partner {one.party}", where, why)


def why_no_secret(name: str, environment: Mapping[str, str] | None) -> str | None:
    """Why a text cannot be a secret's name. The text is repeated only when it looks like no token."""
    is_a_name = name.isascii() and name.isidentifier()
    plain = is_a_name and name.isupper() and "_" in name
    if not is_a_name or (environment is not None and not plain and not environment.get(name)):
        return "must be the name of an environment variable, such as ODENSE_TOKEN: the token itself must not stand here"
    if environment is not None and not environment.get(name):
        return f"the environment variable {name} is not set: put the token there, or into .env"
    return None
