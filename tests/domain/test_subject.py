"""A subject is read from and written as exactly the text that is stored in tables and in the audit chain."""

import re
from pathlib import Path

import pytest

from domain.subject import About, Subject

HERE = Path(__file__).parents[2]
LAYERS = ("domain", "storage", "tasks", "flows", "approval_api", "templates")
# Every form that is stored today, in the attention list, the chain or a question.
STORED = {
    "agreement:faelles": About.AGREEMENT.of("faelles"),
    "announced:7": About.ANNOUNCED.of(7),
    "area_name:7": About.AREA_NAME.of(7),
    "areas": Subject(About.AREAS),
    "areas:association:havblik": About.AREAS.of("association:havblik"),
    "association:havblik": Subject(About.ASSOCIATION, "havblik"),
    "association:havblik/reservations": About.ASSOCIATION.of("havblik", "reservations"),
    "audit": Subject(About.AUDIT),
    "booking:TF-2026-00042/move_in": About.BOOKING.of("TF-2026-00042", "move_in"),
    "claim:TF-2026-00042/refurbishment_guarantee/1": About.CLAIM.of("TF-2026-00042", "refurbishment_guarantee", 1),
    "comment:7": About.COMMENT.of(7),
    "consent:TF-2026-00042": About.CONSENT.of("TF-2026-00042"),
    "contact:municipality:0450/chef": About.CONTACT.of("municipality:0450/chef"),
    "database": Subject(About.DATABASE),
    "feed:havblik": About.FEED.of("havblik"),
    "flag:0450-00ff": About.FLAG.of("0450-00ff"),
    "home:havblik/a-1": About.HOME.of("havblik", "a-1"),
    "home:havblik/12:3/4": About.HOME.of("havblik", "12:3/4"),
    "invoice:7": About.INVOICE.of(7),
    "key:vault:2026": About.KEY.of("vault:2026"),
    "lane:mail": About.LANE.of("mail"),
    "lane:municipality:0450/letters": About.LANE.of("municipality:0450/letters"),
    "left_area:TF-2026-00042": About.LEFT_AREA.of("TF-2026-00042"),
    "letter:7": About.LETTER.of(7),
    "mailbox:access": About.MAILBOX.of("access"),
    "mailbox:unread": About.MAILBOX.of("unread"),
    "month:2026-03": About.MONTH.of("2026-03"),
    "municipality:0450": Subject(About.MUNICIPALITY, "0450"),
    "operator:driften": Subject(About.OPERATOR, "driften"),
    "outbox:7": About.OUTBOX.of(7),
    "parties": Subject(About.PARTIES),
    "person:TF-2026-00042": About.PERSON.of("TF-2026-00042"),
    "posting:7": About.POSTING.of(7),
    "push:havblik": About.PUSH.of("havblik"),
    "question:7": About.QUESTION.of(7),
    "referral:7": About.REFERRAL.of(7),
    "referral:TF-2026-00042": About.REFERRAL.of("TF-2026-00042"),
    "retention:TF-2026-00042": About.RETENTION.of("TF-2026-00042"),
    "returned:7": About.RETURNED.of(7),
    "schedule:all": About.SCHEDULE.of("all"),
    "settings": Subject(About.SETTINGS),
    "vacancy:7": About.VACANCY.of(7),
    "vault": Subject(About.VAULT),
    "vault:TF-2026-00042": About.VAULT.of("TF-2026-00042"),
    "withdrawal:0450-00ff": About.WITHDRAWAL.of("0450-00ff"),
    # Texts of another version, and texts that are no subject of ours.
    "of_another_version:7": Subject("of_another_version", "7"),
    "": Subject(""),
    "feed:": Subject(About.FEED, ""),
}


@pytest.mark.parametrize(("text", "subject"), STORED.items(), ids=lambda one: str(one) or "nothing")
def test_a_subject_is_read_from_its_text_and_written_as_it(text: str, subject: Subject):
    assert str(subject) == text
    assert Subject.read(text) == subject
    assert hash(Subject.read(text)) == hash(subject)


def test_every_kind_stands_in_the_table():
    assert {subject.kind for subject in STORED.values()} >= set(About)


def test_only_a_number_is_the_number_of_a_row():
    assert Subject.read("question:7").number == 7
    for text in ("question:x", "question:", "question"):
        with pytest.raises(ValueError, match="invalid literal"):
            _ = Subject.read(text).number


BY_HAND = re.compile(rf"""f["'](?:{"|".join(About)}):\{{|\bsubject\.(?:r?partition|r?split|startswith)\(""")


def test_nobody_builds_a_subject_or_takes_one_apart_by_hand():
    files = [file for layer in LAYERS for file in (HERE / layer).rglob("*.py") if "migrations" not in file.parts]
    found = {file.name for file in files if BY_HAND.search(file.read_text(encoding="utf-8"))}

    # The subject of a mail is another thing.
    assert found == {"returned_mail.py"}
