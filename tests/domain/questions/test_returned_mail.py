"""Returned mail of each kind, as the mail systems in use write it. All addresses are invented."""

from email import message_from_string
from email.message import EmailMessage

import pytest

from domain.questions.returned_mail import Said, returned_mail, second_id
from tests.world.samples.returned_mail import (
    ABSENCES,
    ASKED,
    BOUNCES,
    FAILED,
    KEY,
    NOTHING,
    PLAIN,
    REF,
    REPLIES,
    REPLIES_TO,
    mail,
    report,
)


@pytest.mark.parametrize("name", BOUNCES)
def test_a_letter_that_could_not_be_delivered(name: str):
    found = returned_mail(message_from_string(BOUNCES[name]))
    assert found.said is Said.BOUNCED
    named = found.letters == (KEY,) or (found.references == (REF,) and ASKED in found.addresses)
    assert named, found


@pytest.mark.parametrize("name", ABSENCES)
def test_a_reader_who_is_away(name: str):
    found = returned_mail(message_from_string(ABSENCES[name]))
    assert (found.said, found.letters, found.addresses) == (Said.AWAY, (KEY,), {ASKED})


@pytest.mark.parametrize("name", REPLIES)
def test_a_person_who_writes(name: str):
    assert returned_mail(message_from_string(REPLIES[name])).said is Said.REPLIED


@pytest.mark.parametrize("name", NOTHING)
def test_a_machine_that_says_nothing_of_it(name: str):
    assert returned_mail(message_from_string(NOTHING[name])).said is Said.NOTHING


@pytest.mark.parametrize("subject", ["Sag 17 er oprettet", f"[#17] Re: Svar senest: {REF}"])
def test_what_a_system_sends_may_be_a_persons(subject: str):
    text = mail("Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All", REPLIES_TO, subject=subject)
    assert returned_mail(message_from_string(text)).said is Said.UNCLEAR


@pytest.mark.parametrize("named", [REPLIES_TO, f"References: {second_id(KEY, 'demo.invalid')}"])
def test_what_comes_by_a_list_and_answers_a_letter_of_ours_may_be_a_persons(named: str):
    """Our own mailbox may be a mailing list's member, and then each reply has the list's headers."""
    text = mail("List-Id: <tilflyt.demo.invalid>", "Precedence: list", named, subject="SV: Svar senest")
    assert returned_mail(message_from_string(text)).said is Said.UNCLEAR


@pytest.mark.parametrize("kinds", [BOUNCES, ABSENCES, REPLIES, NOTHING], ids=["bounces", "absences", "replies", "rest"])
def test_a_letters_lines_may_end_as_the_net_has_them(kinds: dict[str, str]):
    for text in kinds.values():
        assert returned_mail(message_from_string(text.replace("\n", "\r\n"))) == returned_mail(
            message_from_string(text)
        )


@pytest.mark.parametrize(
    "heads",
    [
        f"References: <{'a' * 32}@demo.invalid> {second_id(KEY, 'demo.invalid')} <01020304@eu-north-1.relay.invalid>",
        f"References: <{'a' * 32}@demo.invalid>\n {second_id(KEY, 'demo.invalid')}",
    ],
)
def test_the_second_sign_survives_a_relay_that_names_the_letter_anew(heads: str):
    replaced = "<01020304@eu-north-1.relay.invalid>"
    replied = returned_mail(message_from_string(mail(f"In-Reply-To: {replaced}", heads)))
    bounced = returned_mail(message_from_string(report(PLAIN, FAILED, ("text/rfc822-headers", f"{heads}\n"))))
    assert KEY in replied.letters
    assert KEY in bounced.letters


@pytest.mark.parametrize(
    ("subject", "references"),
    [
        (f"SV: Svar senest: {REF} – kan boligen godkendes?", (REF,)),
        ("SV: forespørgsel B-K7QX2MVA og TF-2026-00001", ("B-K7QX2MVA", "TF-2026-00001")),
        ("XTF-2026-00042, TF-2026-00042x, B-K7QX2MVAB, TF-26-1", ()),
    ],
)
def test_what_a_subject_calls_the_case(subject: str, references: tuple[str, ...]):
    message = EmailMessage()
    message["Subject"] = subject
    assert returned_mail(message_from_string(message.as_string())).references == references


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (f"Præst, Åse <{ASKED.upper()}>", {ASKED}),
        (f'"{ASKED}" <fremmed@andetsteds.invalid>', {"fremmed@andetsteds.invalid"}),
        (ASKED, {ASKED}),
        ("(" * 2_000 + ASKED, {ASKED}),
        ("ingen", set()),
    ],
)
def test_who_a_message_is_from(written: str, found: set[str]):
    assert returned_mail(message_from_string(f"From: {written}\n\n")).addresses == found


def test_who_wrote_shows_in_no_repr():
    assert ASKED not in repr(returned_mail(message_from_string(ABSENCES["RFC 3834"])))
