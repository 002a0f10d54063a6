"""Delivery: when a partner is silent we try again, a refusal goes to a person, and nothing is lost or sent twice."""

import asyncio
from datetime import timedelta

from sqlmodel import select

from deployments.cli.families.looking import attention_list
from domain.errors import PartnerRefused, PartnerUnavailable
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from storage.lanes import Lane, claim
from storage.outbox import OutboxRow, OutboxStanding, Telling
from storage.staff.attention import deal_with
from tasks.delivery.lanes import deliver_lane, due_lanes
from tests.world.families import family
from tests.world.world import World

HAVBLIK = "http://partners.invalid/association/havblik"


def waiting(world: World) -> list[OutboxRow]:
    return world.rows(select(OutboxRow).where(OutboxRow.standing == OutboxStanding.WAITING))


def test_a_silent_mail_server_delays_the_letters_and_loses_none(world: World):
    world.flag(family(1), family(2))
    world.mail.down = PartnerUnavailable("smtp: ConnectionRefusedError")
    world.deliver()
    assert world.mail.letters == []
    assert {row.telling for row in waiting(world)} == {Telling.SIGN_OFF_REQUESTED}

    world.mail.down = None
    assert "mail" not in due_lanes(world.platform)
    world.clock.move_on(timedelta(minutes=1))
    world.deliver()

    assert len(world.mail.letters) == 2
    assert waiting(world) == []


def test_each_failure_in_a_row_waits_longer_and_an_answer_ends_the_row(world: World):
    world.flag(family())
    world.mail.down = PartnerUnavailable("smtp: 451")
    pauses = []
    for _ in range(5):
        world.deliver()
        lane = world.rows(select(Lane).where(Lane.name == "mail"))[0]
        pauses.append((lane.resting_until - world.clock.now()).total_seconds())
        world.clock.at = lane.resting_until
    world.mail.down = None
    world.deliver()

    assert pauses == sorted(pauses)
    assert pauses[-1] >= 8 * pauses[0] / 2
    assert world.rows(select(Lane.failures).where(Lane.name == "mail")) == [0]


def test_a_partner_that_asks_for_a_wait_gets_it(world: World):
    world.flag(family())
    world.mail.down = PartnerUnavailable("POST: 503", retry_after_s=3600)
    world.deliver()
    world.clock.move_on(timedelta(minutes=59))
    assert "mail" not in due_lanes(world.platform)

    world.clock.move_on(timedelta(minutes=1))
    assert "mail" in due_lanes(world.platform)


def test_a_partner_that_is_silent_delays_nobody_else(world: World):
    world.home("havblik")
    world.flag(family())
    world.until(QuestionKind.OFFER)
    world.partners.down[HAVBLIK] = PartnerUnavailable("POST /reservations: 503")
    world.answer(QuestionKind.OFFER)
    world.settle()

    assert world.referral().status is Status.PROPOSED
    assert [row.telling for row in waiting(world)] == [Telling.RESERVE]
    assert "godkende" in world.texts()[-1].lower()


def test_a_long_silence_is_shown_to_a_person_once(world: World):
    world.flag(family())
    world.mail.down = PartnerUnavailable("smtp: 451")
    for _ in range(9):
        world.deliver()
        world.clock.move_on(timedelta(hours=1))

    assert [(item["about"], item["why"]) for item in attention_list(world.platform.database)] == [
        ("lane:mail", "partner_unavailable")
    ]
    world.mail.down = None
    world.deliver()
    assert attention_list(world.platform.database) == []


def test_a_refusal_goes_to_the_attention_list_with_its_reason_and_the_rest_goes_on(world: World):
    world.home("havblik")
    world.flag(family())
    world.until(QuestionKind.OFFER)
    world.partners.down[HAVBLIK] = PartnerRefused("POST /reservations: 409")
    world.answer(QuestionKind.OFFER)
    world.settle()

    item = attention_list(world.platform.database)[0]
    assert (item["case"], item["why"]) == ("TF-2026-00001", "partner_refused")
    assert "409" in item["detail"]
    assert world.questions(QuestionKind.APPROVAL)


def test_what_was_refused_is_told_when_a_person_has_it_tried_again(world: World):
    world.home("havblik")
    world.flag(family())
    world.until(QuestionKind.OFFER)
    world.partners.down[HAVBLIK] = PartnerRefused("POST /reservations: 409")
    world.answer(QuestionKind.OFFER)
    world.settle()
    world.partners.down.clear()

    item = attention_list(world.platform.database)[0]
    with world.platform.database.writing() as session:
        deal_with(session, item["id"], again=True, by="command line", now=world.clock.now())
    world.settle()

    assert len(world.desk().held) == 1
    assert attention_list(world.platform.database) == []


def test_an_address_that_is_refused_puts_its_question_on_the_attention_list(world: World):
    world.mail.refused.add("teamleder@odense.invalid")
    world.flag(family())
    world.settle()

    item = attention_list(world.platform.database)[0]
    assert (item["about"], item["why"]) == (f"question:{world.questions()[0].id}", "address_refused")
    assert "teamleder" not in item["detail"]


def test_a_letter_whose_question_is_answered_is_not_sent_any_more(world: World):
    world.flag(family())
    world.carry()
    world.answer(QuestionKind.SIGN_OFF)
    world.deliver()

    assert world.mail.letters == []
    told = world.rows(select(OutboxRow.standing).where(OutboxRow.telling == Telling.SIGN_OFF_REQUESTED))
    assert told == [OutboxStanding.MOOT]


def test_a_letter_that_goes_out_twice_is_the_same_letter_with_the_same_link(world: World):
    world.flag(family())
    world.deliver()
    with world.platform.database.writing() as session:
        # The state after a crash between sending the letter and recording that it was sent.
        row = session.exec(select(OutboxRow).where(OutboxRow.telling == Telling.SIGN_OFF_REQUESTED)).one()
        row.standing = OutboxStanding.WAITING
        session.add(row)
    world.deliver()

    first, second = world.mail.letters
    assert first["Message-ID"] == second["Message-ID"]
    assert world.texts()[0] == world.texts()[1]


def test_two_workers_do_not_deliver_to_one_destination_at_once(world: World):
    world.flag(family(1), family(2))

    async def both() -> list[int]:
        return await asyncio.gather(*(deliver_lane(world.platform, "mail", worker=name) for name in ("a", "b")))

    told = asyncio.run(both())

    assert sorted(told) == [0, 2]
    assert len({letter["Message-ID"] for letter in world.mail.letters}) == len(world.mail.letters) == 2


def test_a_destination_whose_worker_died_is_taken_over_when_its_lease_ends(world: World):
    world.flag(family())
    with world.platform.database.writing() as session:
        lease = world.platform.delivery_lease
        assert claim(session, "mail", worker="dead", now=world.clock.now(), lease=lease)
    assert world.deliver() <= 1
    assert world.mail.letters == []

    world.clock.move_on(lease)
    world.deliver()

    assert len(world.mail.letters) == 1
