"""On no day two agreements hold for a pair of municipalities; what is in force already was judged when it came."""

from dataclasses import replace
from datetime import date

import pytest

from domain.parties.agreement import Agreement, LegalBasis
from domain.parties.agreements.dates import one_agreement_a_pair, versions_in_order
from domain.parties.compensation.model import CompensationTerms
from domain.parties.parties_file import Given, Known, PartiesFile, Surroundings

ANY = Agreement(
    id="a",
    version=1,
    name="A",
    valid_from=date(2026, 1, 1),
    sending=("0461",),
    receiving=("0450",),
    associations=("havblik",),
    route=(),
    compensation=CompensationTerms(1, 1, 180),
    legal_basis=LegalBasis("da", "en", "jurist", date(2026, 1, 1)),
)


def of(id_: str, version: int, begins: str, ends: str | None = None, **changes: object) -> Agreement:
    last = date.fromisoformat(ends) if ends else None
    return replace(ANY, id=id_, version=version, valid_from=date.fromisoformat(begins), valid_until=last, **changes)


A, A2 = of("a", 1, "2026-01-01"), of("a", 2, "2026-07-01")


@pytest.mark.parametrize(
    ("known", "new", "said_of"),
    [
        ([], [A], []),
        ([], [A, A2], []),
        ([], [A, of("b", 1, "2026-01-01", receiving=("0430",))], []),
        ([], [A, of("b", 1, "2026-01-01", sending=("0450",), receiving=("0461",))], []),
        ([], [A, of("b", 1, "2027-01-01")], ["b valid_from"]),
        ([], [of("b", 1, "2027-01-01"), A], ["a valid_from"]),
        ([A], [of("b", 1, "2025-01-01", "2025-12-31")], []),
        ([A], [of("b", 1, "2025-01-01", "2026-01-01")], ["b valid_from"]),
        ([A], [of("a", 2, "2026-07-01", "2026-12-31"), of("b", 1, "2027-01-01")], []),
        ([A], [of("a", 2, "2026-07-01", receiving=("0430",)), of("b", 1, "2026-07-01")], []),
        ([A], [of("a", 2, "2026-07-01", receiving=("0430",)), of("b", 1, "2026-06-30")], ["b valid_from"]),
        ([A, of("b", 1, "2026-01-01")], [A, of("b", 1, "2026-01-01")], []),
        # The first version was never in force, because the second begins on the same day.
        ([A], [of("a", 2, "2026-01-01", receiving=("0430",)), of("b", 1, "2026-01-01")], []),
    ],
)
def test_a_pair_is_in_one_agreement_on_a_day(known: list[Agreement], new: list[Agreement], said_of: list[str]):
    assert told(one_agreement_a_pair, known, new) == said_of


@pytest.mark.parametrize(
    ("known", "new", "said_of"),
    [
        ([A], [A2], []),
        ([A], [of("a", 2, "2026-01-01")], []),
        ([A], [of("a", 2, "2025-12-31")], ["a valid_from"]),
        ([A2], [A], []),
        ([A2], [of("a", 1, "2026-07-02")], ["a valid_from"]),
        ([], [of("a", 1, "2026-07-02"), A2], ["a valid_from"]),
        ([], [A2, of("a", 1, "2026-07-02")], ["a valid_from"]),
        ([of("a", 1, "2026-07-02"), A2], [A2], []),
    ],
)
def test_a_later_version_begins_later(known: list[Agreement], new: list[Agreement], said_of: list[str]):
    assert told(versions_in_order, known, new) == said_of


def told(rule, known: list[Agreement], new: list[Agreement]) -> list[str]:
    versions = {(one.id, one.version): one for one in known}
    given = Given(PartiesFile("x.toml", new), Known(known, versions=versions), Surroundings({}, frozenset()))
    return [f"{fault.entry.removeprefix('agreement ')} {fault.field}" for fault in rule(given)]
