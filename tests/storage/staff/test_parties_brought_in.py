"""Staff import a file of parties: the chain holds who did it, and of a file with a fault nothing is stored."""

from dataclasses import replace

import pytest
from sqlmodel import select

from domain.parties.parties_file import Fault, PartiesFile, Surroundings, WrongFile
from domain.parties.party import Partner
from storage.audit.events import AuditEvent
from storage.parties.partners import PartnerVersion, partner_of
from storage.staff.parties import import_parties
from tests.world.world import World

WHO, ODENSE = "Maria Hansen", "municipality:0461"
# Connectors that we do not have.
CONNECTORS = {f"soap-{system}": system for system in ("case_system", "finance", "letters", "handover")}


@pytest.fixture
def file(sqlite_world: World) -> PartiesFile:
    with sqlite_world.platform.database.reading() as session:
        known = partner_of(session, ODENSE)
    connections = {name: replace(system, connector=f"soap-{name}") for name, system in known.systems.items()}
    return PartiesFile("parties.toml", partners=[replace(known, phone="00 00 00 00", systems=connections)])


def brought_in(world: World, file: PartiesFile, *rules) -> list[str]:
    here = Surroundings(CONNECTORS, codes=frozenset(), demo=True, rules=rules)
    with world.platform.database.writing() as session:
        done = import_parties(session, file, here, by=WHO, now=world.clock.now())
    return list(map(str, done.changes))


def in_force(world: World) -> Partner:
    with world.platform.database.reading() as session:
        return partner_of(session, ODENSE)


def test_what_changed_and_by_whom_is_in_the_chain(sqlite_world: World, file: PartiesFile):
    (change,) = brought_in(sqlite_world, file)

    assert "phone" in change
    assert in_force(sqlite_world) == file.partners[0]
    events = sqlite_world.rows(select(AuditEvent).where(AuditEvent.actor == WHO))
    assert [(event.deed, event.about, event.at) for event in events] == [
        ("parties_imported", "parties", sqlite_world.clock.now()),
        ("partner_changed", ODENSE, sqlite_world.clock.now()),
    ]


def test_of_a_file_with_a_fault_nothing_is_kept(sqlite_world: World, file: PartiesFile):
    before = sqlite_world.rows(select(PartnerVersion))

    with pytest.raises(WrongFile, match=r"(?s)parties\.toml: one fault.*partner x: never") as refused:
        brought_in(sqlite_world, file, lambda _: iter([Fault("partner x", "", "never")]))

    assert [str(fault) for fault in refused.value.faults] == ["partner x: never"]
    assert sqlite_world.rows(select(PartnerVersion)) == before
    assert sqlite_world.rows(select(AuditEvent).where(AuditEvent.actor == WHO)) == []
