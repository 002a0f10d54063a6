"""Returned mail, from mail servers that misbehave and from people who reply by mail."""

from dataclasses import replace
from email.message import EmailMessage

import pytest

from domain.questions.question import QuestionKind
from domain.questions.returned_mail import second_id
from domain.referrals.lifecycle import WithdrawalReason
from storage.columns import id_of
from storage.outbox import Telling
from storage.parties.partners import partner_of, remember_partner
from storage.referrals.referrals import Referral, request_stop
from tasks.asking.returned_mail import read_returned_mail
from tests.tasks.asking.mail_to_us import ASKED, CASE, CHIEF, WORDS, letter, letters_put, listed, reply
from tests.world.families import family
from tests.world.samples.returned_mail import OOF, mail
from tests.world.servers.imap_server import Mailbox
from tests.world.world import World

AWAY = mail(*OOF, subject="Automatisk svar")


def key_of(found: EmailMessage) -> str:
    return str(found["Message-ID"]).strip("<>").partition("@")[0]


@pytest.mark.parametrize("trouble", ["keeps_seen", "stores", "read_only"])
def test_what_cannot_be_marked_is_looked_at_once_and_a_person_is_told_once(asked: World, box: Mailbox, trouble: str):
    setattr(box, trouble, trouble == "read_only")
    box.put(mail("Auto-Submitted: auto-replied", f"In-Reply-To: {letter(asked)['Message-ID']}"), AWAY)

    assert read_returned_mail(asked.platform) == (CASE,)
    assert box.times("UID FETCH") == 4  # for each message first its headers, and then all of it
    for _ in range(3):
        assert read_returned_mail(asked.platform) == ()
    assert box.times("UID FETCH") == 4

    why = "the folder is read-only" if box.read_only else "the server keeps them unread"
    assert [item[0] for item in listed(asked)] == ["away", "mail_not_marked"]
    assert listed(asked)[1] == ("mail_not_marked", "", why)

    # Once the server keeps marks, the item is no longer on the list.
    box.keeps_seen, box.stores, box.read_only = True, True, False
    box.put(AWAY)
    read_returned_mail(asked.platform)
    assert [item[0] for item in listed(asked)] == ["away"]
    assert 3 in box.seen


def test_a_run_that_is_cut_short_goes_on_where_it_ended(asked: World, box: Mailbox, monkeypatch):
    box.put(*[AWAY for _ in range(5)])
    monkeypatch.setattr("tasks.asking.returned_mail.MOST_AT_ONCE", 2)
    for looked_at in (2, 4, 5, 5):
        read_returned_mail(asked.platform)
        assert len(box.seen) == looked_at
    assert box.times("UID FETCH") == 10


def test_of_what_lay_there_before_us_only_what_nobody_had_read_is_ours(asked: World, box: Mailbox):
    away = mail("Auto-Submitted: auto-replied", f"In-Reply-To: {letter(asked)['Message-ID']}")
    box.put(away, AWAY, AWAY)
    box.seen = {1, 3}
    assert read_returned_mail(asked.platform) == ()
    assert box.times("UID FETCH 2 ") == 2
    assert box.times("UID FETCH") == 2

    # Later messages are read, also when a colleague has opened them before.
    box.put(away)
    box.seen.add(4)
    assert read_returned_mail(asked.platform) == (CASE,)

    # When the folder's numbering begins again, all messages are read again; what was reported is not reported again.
    box.numbered += 1
    box.seen.clear()
    assert read_returned_mail(asked.platform) == ()
    assert [item[0] for item in listed(asked)] == ["away"]


@pytest.mark.parametrize(
    ("subject", "sender", "noticed"),
    [
        ("Automatisk svar: Svar senest: TF-2026-00001 – kan boligen godkendes?", ASKED, True),
        # From another address of the same organisation, and not a stranger's with the same name.
        ("Automatisk svar: TF-2026-00001", "Boliganvisningen <anvisning-nyborg@nyborg.invalid>", True),
        ("Automatisk svar: TF-2026-00001", CHIEF, False),
        ("Automatisk svar: TF-2026-00001", "fremmed@andetsteds.invalid", False),
        ("Automatisk svar: TF-2026-00002", ASKED, False),
        ("Automatisk svar", ASKED, False),
    ],
)
def test_an_absence_that_names_no_letter_is_noticed_by_its_subject(asked, box, subject, sender, noticed):
    box.put(mail(*OOF, subject=subject, sender=sender))
    assert read_returned_mail(asked.platform) == ((CASE,) if noticed else ())
    assert [item[0] for item in listed(asked)] == (["away"] if noticed else [])
    assert len(letters_put(asked, Telling.ANSWER_OVERDUE)) == noticed


def test_at_a_mail_host_the_whole_address_tells_who_writes_and_a_domain_only_where_it_is_the_partys(asked, box):
    """Every Gmail user has the same domain as a party whose people use Gmail."""

    def asked_at(email: str, *domains: str) -> None:
        with asked.platform.database.writing() as session:
            at = partner_of(session, "municipality:0450")
            contacts = tuple(replace(one, email=email) if one.email == ASKED else one for one in at.contacts)
            known = replace(at, contacts=contacts, mail_domains=domains)
            remember_partner(session, known, now=asked.clock.now())

    def noticed(sender: str) -> bool:
        box.put(mail(*OOF, subject=f"Automatisk svar: {CASE}", sender=sender))
        return read_returned_mail(asked.platform) == (CASE,)

    asked_at("anvisning@posthus.example")
    assert not noticed("fremmed@posthus.example")
    asked_at("anvisning@posthus.example", "kommunen.example")
    assert not noticed("fremmed@posthus.example")
    assert not noticed("fremmed@snydekommunen.example")
    assert listed(asked) == []
    assert noticed("En kollega <hovedpost@afd.Kommunen.example>")


@pytest.mark.parametrize(("failed", "noticed"), [(ASKED, True), ("fremmed@andetsteds.invalid", False)])
def test_a_bounce_in_plain_words_is_a_bounce_and_names_its_case_by_its_subject(asked, box, failed, noticed):
    box.put(
        mail(
            f"X-Failed-Recipients: {failed}",
            "Auto-Submitted: auto-replied",
            subject=f"Undeliverable: {letter(asked)['Subject'].strip()}",
            sender="Mailer-Daemon@nyborg.invalid",
        )
    )
    assert read_returned_mail(asked.platform) == ((CASE,) if noticed else ())
    assert [item[0] for item in listed(asked)] == (["bounced"] if noticed else [])


def test_a_letter_that_a_relay_named_anew_is_found_all_the_same(asked: World, box: Mailbox):
    found = letter(asked)
    relayed = "<010f0193@eu-north-1.relay.invalid>"
    assert second_id(key_of(found), "demo.invalid") in found["References"]
    box.put(mail(*OOF, f"In-Reply-To: {relayed}", f"References: {found['References']} {relayed}", subject="Fravær"))
    assert read_returned_mail(asked.platform) == (CASE,)


def test_a_letter_to_the_chief_that_bounces_has_a_person_look_at_the_address_once(asked: World, box: Mailbox):
    box.put(mail("Auto-Submitted: auto-replied", f"In-Reply-To: {letter(asked)['Message-ID']}"))
    read_returned_mail(asked.platform)
    asked.deliver()
    bounced = mail(
        f"X-Failed-Recipients: {CHIEF}", f"In-Reply-To: {letter(asked, CHIEF)['Message-ID']}", subject="Ikke leveret"
    )
    box.put(bounced, bounced)
    assert read_returned_mail(asked.platform) == ()
    assert [item for item in listed(asked) if item[0] == "bounced"] == [
        ("bounced", "", "answer_overdue: municipality:0450/chef")
    ]


def test_that_a_request_is_recalled_comes_back_and_a_person_is_told(asked: World, box: Mailbox):
    asked.home()
    asked.flag(family(2))
    asked.settle()
    asked.answer(QuestionKind.SIGN_OFF)
    asked.settle()
    asked.sending_day()
    (question,) = asked.questions(QuestionKind.OFFER)
    with asked.platform.database.writing() as session:
        referral = session.get_one(Referral, question.referral_id)
        request_stop(session, id_of(referral), WithdrawalReason.CASE_WITHDRAWN, now=asked.clock.now())
    asked.settle()
    recalled = [found for found in asked.mail.letters if "lukket" in found["Subject"]][-1]
    box.put(
        mail(
            f"X-Failed-Recipients: {recalled['To']}", f"References: {recalled['References']}", subject="failure notice"
        )
    )
    read_returned_mail(asked.platform)
    assert ("bounced", "", f"request_recalled: {question.addressee}") in listed(asked)


def test_a_message_that_our_own_code_stumbles_over_keeps_no_other_waiting(asked: World, box: Mailbox, monkeypatch):
    def stumble(*_: object, **__: object) -> None:
        raise KeyError(WORDS)

    monkeypatch.setattr("tasks.asking.mail_notes.note_reply", stumble)
    box.put(reply(asked), mail("Auto-Submitted: auto-replied", f"In-Reply-To: {letter(asked)['Message-ID']}"))
    assert read_returned_mail(asked.platform) == (CASE,)
    assert [item[0] for item in listed(asked)] == ["unexpected", "away"]
    assert WORDS not in str(listed(asked))
