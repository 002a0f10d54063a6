"""A file of parties is checked against given connectors, secrets and municipalities, and by additional rules."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.parties.file_rules import wrong_with
from domain.parties.parties_file import Fault, Given, Known, PartiesFile, Surroundings
from domain.parties.party import Connection, Partner

HERE = Surroundings({"soap-finance": "finance", "soap-letters": "letters"}, codes=frozenset({"0461"}))


def odense(**systems: str) -> Partner:
    connections = {system: Connection(id_, "https://odense.invalid/x", "X_TOKEN") for system, id_ in systems.items()}
    return Partner("municipality:0461", "Odense", "00 00 04 61", (), connections)


def told(partner: Partner, here: Surroundings = HERE, known: Known | None = None) -> list[str]:
    return list(map(str, wrong_with(Given(PartiesFile("x.toml", partners=[partner]), known or Known(), here))))


def test_a_connector_that_there_is_serves_its_system_alone():
    assert told(odense(finance="soap-finance", letters="soap-letters")) == []
    assert told(odense(finance="soap-letters")) == [
        "partner municipality:0461 systems.finance.connector: serves letters: here one of soap-finance"
    ]


@pytest.mark.parametrize(
    ("written", "hint"), [("soap-financ", "did you mean soap-finance?"), ("x", "one of soap-finance")]
)
def test_an_unknown_connector_is_named_with_a_hint(written: str, hint: str):
    assert told(odense(finance=written)) == [
        f"partner municipality:0461 systems.finance.connector: unknown: {hint}",
    ]


def test_the_municipalities_in_force_come_before_those_of_the_reference_facts():
    assert told(odense(), known=Known(codes=frozenset({"0461", "0101"}))) == []
    (said,) = told(odense(), known=Known(codes=frozenset({"0101"})))
    assert "unknown municipality" in said


def test_a_rule_that_is_given_is_judged_after_ours():
    def never(given: Given) -> Iterator[Fault]:
        yield from (Fault(f"partner {one.party}", "", "never") for one in given.file.partners)

    assert told(odense(finance="x"), replace(HERE, rules=(never,)))[1:] == ["partner municipality:0461: never"]
