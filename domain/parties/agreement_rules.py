"""Rules for an agreement that can be read and still cannot work, each with its reason."""

from collections.abc import Iterator

from domain.parties.agreement import Agreement, AnswerLevel, faults
from domain.parties.parties_file import Fault, Given
from domain.parties.partner_rules import is_an_id
from domain.parties.party import Role, association, municipality
from domain.text.nearest import nearest

LARGEST_VERSION = 2_147_483_647


def parties_of(agreement: Agreement) -> list[str]:
    """The parties that an agreement names."""
    codes = sorted({*agreement.sending, *agreement.receiving})
    return [*map(municipality, codes), *map(association, agreement.associations)]


def agreed_terms(given: Given) -> Iterator[Fault]:
    """An agreement's own terms can be kept, and a version that is here already says the same."""
    for one in given.file.agreements:
        for fault in faults(one):
            yield Fault(f"agreement {one.id}", "", fault, one.version)
        if not is_an_id(one.id):
            yield Fault(f"agreement {one.id}", "id", "letters, digits and hyphens, at most 64", one.version)
        if not 0 < one.version <= LARGEST_VERSION:
            yield Fault(f"agreement {one.id}", "version", "a number from 1 on", one.version)
        before = given.known.versions.get((one.id, one.version))
        if before is not None and before != one:
            reason = f"{one.version} is already here and differs: make it the next number"
            yield Fault(f"agreement {one.id}", "version", reason, one.version)


def agreed_parties(given: Given) -> Iterator[Fault]:
    """Everybody whom an agreement names is a known partner."""
    there = given.parties.keys() | given.file.named
    for one in given.file.agreements:
        for field, named in (("sending", one.sending), ("receiving", one.receiving)):
            for code in named:
                if municipality(code) not in there:
                    reason = f"{code} is no partner: add [[partner]] for it"
                    yield Fault(f"agreement {one.id}", field, reason, one.version)
        for id_ in one.associations:
            if association(id_) not in there:
                near = nearest(id_, [party.partition(":")[2] for party in there if party.startswith("association:")])
                hint = f"did you mean {near}?" if near else "add [[partner]] for it"
                yield Fault(f"agreement {one.id}", "associations", f"{id_} is no partner: {hint}", one.version)


def answered_by_somebody(given: Given) -> Iterator[Fault]:
    """Somebody at a receiving municipality approves, and somebody at an association offers homes."""
    parties = given.parties
    for one in given.all_agreements:
        needed = [(municipality(code), Role.APPROVER) for code in one.receiving]
        needed += [(association(id_), Role.LETTING) for id_ in one.associations]
        for party, role in needed:
            if given.concerns(one, party) and party in parties and parties[party].first(role) is None:
                reason = f"{party} has no contact with role {role}: nobody can answer"
                yield Fault(f"agreement {one.id}", "", reason, one.version)


def logged_in_somewhere(given: Given) -> Iterator[Fault]:
    """Where an agreement asks people to log in, each of its parties says where."""
    parties = given.parties
    for one in given.file.agreements:
        if one.answer_level is AnswerLevel.LINK_AND_LOGIN:
            lacking = [party for party in parties_of(one) if party in parties and parties[party].login is None]
            if lacking:
                reason = f"no login is known for {', '.join(lacking)}"
                yield Fault(f"agreement {one.id}", "answer_level", reason, one.version)
