"""Rules for a file of agreements and partners that can be read and still cannot work."""

from collections import Counter
from collections.abc import Iterator

from domain.parties.agreement_rules import (
    agreed_parties,
    agreed_terms,
    answered_by_somebody,
    logged_in_somewhere,
)
from domain.parties.agreements.dates import one_agreement_a_pair, versions_in_order
from domain.parties.parties_file import Fault, Given, Rule
from domain.parties.partner_rules import books, known_parties, logins, people, secrets, systems


def nobody_twice(given: Given) -> Iterator[Fault]:
    """No party, and no version of an agreement, stands twice in the file."""
    for party, times in Counter(one.party for one in given.file.partners).items():
        if times > 1:
            yield Fault(f"partner {party}", "", f"stands {times} times: keep one")
    for (name, version), times in Counter((one.id, one.version) for one in given.file.agreements).items():
        if times > 1:
            yield Fault(f"agreement {name}", "version", f"{version} stands {times} times: keep one", version)


RULES: tuple[Rule, ...] = (
    nobody_twice,
    known_parties,
    people,
    logins,
    systems,
    books,
    secrets,
    agreed_terms,
    versions_in_order,
    one_agreement_a_pair,
    agreed_parties,
    answered_by_somebody,
    logged_in_somewhere,
)


def wrong_with(given: Given) -> list[Fault]:
    """Every fault, with its line: what cannot be read, and what cannot work beside what is in force."""
    found = (fault for rule in (*RULES, *given.here.rules) for fault in rule(given))
    return [*given.file.faults, *map(given.file.placed, found)]
