"""A person has one open case in a municipality; with a case in another municipality, the second waits for staff."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from domain.questions.question import QuestionKind
from domain.referrals.household import FlaggedWithdrawal
from domain.referrals.lifecycle import Status
from storage.attention import AttentionItem
from storage.columns import id_of
from storage.parties.partners import partner_of
from storage.privacy.rights import corrected
from storage.referrals.flag_receipts import FlagReceipt
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import Referral
from storage.staff.attention import deal_with
from storage.vault.entries import VaultEntry
from storage.vault.person_digests import PersonDigest
from tasks.intake import intake
from tasks.intake.flagged import Flagged
from tasks.path.starting import LOOK_AT_THE_OTHER_AGAIN
from tests.tasks.intake.flagged_over_http import case_systems, sent
from tests.tasks.intake.same_number import AARHUS, FIRST, SECOND, open_items
from tests.world.at_once import all_at_once
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.orders import ALONE, USUAL, Order, agree_on
from tests.world.world import World


def statuses(world: World) -> list[Status]:
    return [one.status for one in world.rows(select(Referral).order_by(Referral.id))]


def flagged_twice(world: World) -> None:
    """Odense flags a person and signs off; then Aarhus flags the same person and signs off."""
    world.flag(family())
    world.flag(family(municipality=AARHUS), municipality=AARHUS)
    while world.questions(QuestionKind.SIGN_OFF):
        world.answer(QuestionKind.SIGN_OFF)
    world.settle()


def test_a_second_case_of_the_same_person_is_refused_to_its_own_municipality_by_its_field(world: World, tmp_path: Path):
    first = sent()
    number = str(dict(first["identity"])["cpr"])
    again = sent(1, identity={"cpr": number.replace("-", "")})
    with case_systems(world, tmp_path) as systems:
        systems.flag(first, again)
        receipt = systems.receipts()[str(again["flag_id"])]

        assert (receipt["accepted"], receipt["field"], receipt["reason"]) == (False, "identity.cpr", "already_known")
        assert number.replace("-", "") not in str(systems.receipts()).replace("-", "")

        systems.withdraw(str(first["case_id"]), "w-1")
        systems.flag(again | {"flag_id": "flag-again"})
        assert systems.receipts()["flag-again"]["accepted"]
    assert statuses(world) == [Status.WITHDRAWN, Status.RECEIVED]
    assert len(world.rows(select(VaultEntry))) == 2


def test_who_takes_it_off_the_list_without_deciding_is_asked_again_while_the_case_waits(sqlite_world: World):
    flagged_twice(sqlite_world)
    asked = (f"person:{SECOND}", "same_person")
    (item,) = [one for one in sqlite_world.rows(select(AttentionItem)) if (one.subject, one.code) == asked]
    with sqlite_world.platform.database.writing() as session:
        deal_with(session, id_of(item), again=False, by="x", now=sqlite_world.clock.now())
    assert open_items(sqlite_world) == []

    sqlite_world.clock.at += LOOK_AT_THE_OTHER_AGAIN
    sqlite_world.settle()

    assert open_items(sqlite_world) == [asked]


def test_another_municipalitys_case_is_asked_about_and_the_second_waits_signed_off(world: World):
    flagged_twice(world)

    assert statuses(world) == [Status.SEEKING, Status.RECEIVED]
    assert open_items(world) == [(f"person:{SECOND}", "same_person")]
    receipts = world.rows(select(FlagReceipt))
    assert [(one.municipality, one.field, one.reason) for one in receipts] == [
        ("0461", None, None),
        (AARHUS, None, None),
    ]
    # Both municipalities may hear of the item: it names neither the other municipality nor its case.
    (item,) = world.rows(select(AttentionItem))
    assert (item.detail, world.referral(SECOND).id) == ("", item.referral_id)
    assert not any(FIRST in text and SECOND in text for text in world.texts())


@pytest.fixture
def tilflyt(world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    return CommandLine(world, monkeypatch, capsys, tmp_path)


@pytest.mark.parametrize("order", [USUAL, ALONE], ids=str)
def test_staff_let_it_go_on(world: World, tilflyt: CommandLine, order: Order):
    agree_on(world, order)
    flagged_twice(world)
    assert f"{SECOND} │ received │ {FIRST} seeking" in tilflyt("person", "waiting")

    tilflyt("person", "goes-on", SECOND, "--by", "Maria Hansen")
    world.settle()

    assert statuses(world) == [Status.SEEKING, Status.SEEKING]
    assert open_items(world) == []
    (line,) = world.rows(select(HistoryLine).where(HistoryLine.deed == "same_person_goes_on"))
    assert line.actor.startswith("Maria Hansen (os: ")
    assert "nobody is asked" in tilflyt("person", "stops", SECOND, "--by", "Maria Hansen", code=1)


def test_a_case_that_one_person_decides_waits_for_staff_as_one_that_is_signed_off(sqlite_world: World):
    agree_on(sqlite_world, ALONE)
    flagged_twice(sqlite_world)
    assert statuses(sqlite_world) == [Status.SEEKING, Status.RECEIVED]
    asked = (f"person:{SECOND}", "same_person")
    (item,) = [one for one in sqlite_world.rows(select(AttentionItem)) if (one.subject, one.code) == asked]
    with sqlite_world.platform.database.writing() as session:
        deal_with(session, id_of(item), again=False, by="x", now=sqlite_world.clock.now())

    sqlite_world.clock.at += LOOK_AT_THE_OTHER_AGAIN
    sqlite_world.settle()

    assert open_items(sqlite_world) == [asked]
    assert statuses(sqlite_world) == [Status.SEEKING, Status.RECEIVED]


def test_staff_stop_it_and_its_caseworker_is_told_no_more_than_that(world: World, tilflyt: CommandLine):
    flagged_twice(world)
    tilflyt("person", "stops", SECOND, "--by", "Maria Hansen")
    world.settle()

    assert statuses(world) == [Status.SEEKING, Status.WITHDRAWN]
    assert open_items(world) == []


@pytest.mark.parametrize("decision", ["goes-on", "stops", None])
def test_a_familys_access_tells_nothing_of_another_case_of_the_same_number(
    world: World, tilflyt: CommandLine, tmp_path: Path, decision: str | None
):
    """The number may be another person's by mistake, and that person's case must not be disclosed."""
    flagged_twice(world)
    if decision:
        tilflyt("person", decision, SECOND, "--by", "Maria Hansen")
        world.settle()
    why = ("--purpose", "the family has asked", "--by", "dpo")
    tilflyt("rights", "access", SECOND, "--to", str(tmp_path / "second"), *why)
    told = (tmp_path / "second" / "access.json").read_text() + (tmp_path / "second" / "access.html").read_text()

    assert [word for word in ("same_person", "settled_by", "Maria Hansen", "Odense", FIRST) if word in told] == []
    held = json.loads((tmp_path / "second" / "access.json").read_text())
    assert held["known_again"] == "digest_of_cpr"
    assert "regnet ud af CPR-nummeret" in told
    assert "artikel 15, stk. 4" in told
    tilflyt("rights", "access", FIRST, "--to", str(tmp_path / "first"), *why)
    first = json.loads((tmp_path / "first" / "access.json").read_text())
    # A family without another case is told the same.
    assert first["known_again"] == held["known_again"]


def test_once_the_other_case_has_ended_nothing_holds_it_back(world: World):
    flagged_twice(world)
    world.case_system().withdrawals.append(FlaggedWithdrawal("w-1", "sag-0461-1", "case_withdrawn"))
    world.flag()
    world.settle()
    assert statuses(world) == [Status.WITHDRAWN, Status.RECEIVED]

    world.clock.move_on(LOOK_AT_THE_OTHER_AGAIN)
    world.settle()

    assert statuses(world) == [Status.WITHDRAWN, Status.SEEKING]
    assert open_items(world) == []


def test_of_many_intakes_at_the_same_instant_one_is_taken_in_a_municipality_and_one_waits(world: World):
    flags = [family(number) for number in range(1, 4)]
    same = [replace(one, identity=flags[0].identity) for one in flags]
    elsewhere = replace(family(1, municipality=AARHUS), identity=flags[0].identity)
    known = [(one, "0461") for one in same] + [(elsewhere, AARHUS)]
    world.flag(municipality=AARHUS)

    all_at_once([lambda one=one, at=at: take(world, one, at) for one, at in known])

    found = world.rows(select(Referral))
    assert sorted(one.sending_municipality for one in found) == ["0461", AARHUS]
    assert [
        one.asked_at is not None for one in world.rows(select(PersonDigest).order_by(PersonDigest.referral_id))
    ] == [
        False,
        True,
    ]
    refused = [one for one in world.rows(select(FlagReceipt)) if one.reason]
    assert {(one.field, one.reason) for one in refused} == {("identity.cpr", "already_known")}
    assert len(refused) == 2


def take(world: World, one, municipality: str):
    with world.platform.database.reading() as session:
        sender = partner_of(session, f"municipality:{municipality}")
    platform, now = world.platform, world.clock.now()
    (key,) = platform.vault.new_keys(1, now=now)
    mark = platform.vault.person_key(now=now).mark(one.identity.cpr)
    return intake._take(platform, Flagged(sender, one, key, mark), flow_run_id=None)


def test_a_number_that_is_put_right_is_known_again_too(world: World):
    world.flag(family(1))
    world.flag(family(2, municipality=AARHUS), municipality=AARHUS)
    now = world.clock.now()

    def put_right(number: str) -> None:
        with world.platform.database.writing() as session:
            corrected(session, world.platform.vault, world.referral(SECOND), "cpr", number, opened_for="dpo", now=now)

    put_right(family(1).identity.cpr)
    assert open_items(world) == [(f"person:{SECOND}", "same_person")]
    put_right(family(2).identity.cpr)
    assert open_items(world) == []
