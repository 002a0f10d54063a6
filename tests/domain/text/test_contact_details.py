"""Mail addresses and phone numbers are accepted however people write them, and nothing else is."""

import pytest

from domain.text.mail_address import as_sent_to, mail_address, mailbox_of
from domain.text.phone_number import phone_number

ADDRESSES = [
    "søren@bøgely.example",
    "soren@bøgely.example",
    "åse.præst+bolig@kommune.dk",
    "a_b-c@x",
    "o'hara@post.example",
    "familie00@opdigtet.invalid",
    "юрий@пример.example",
]
NO_ADDRESSES = [
    *("", "@", "a@", "@b.example", "a@b@c.example", "a b@c.example", "a.@b.example", ".a@b.example", "a..b@c.example"),
    *(
        "a@b..example",
        "a@b.example\n",
        "a\n@b.example",
        "a@b.example\r\nBcc: c@d.example",
        "<a@b.example>",
        "a@[1.2.3.4]",
    ),
    *(
        "a,b@c.example",
        "a@b.example, c@d.example",
        "x" * 65 + "@b.example",
        "a@" + "b." * 130 + "dk",
        "a@straße.example",
    ),
    *(
        "a@[1.2.3.4]",
        "a@straße.example",
        "a\u200b@b.example",
        "a@b\u202e.example",
        "a@b_c.example",
        "a@bø\u3002example..",
    ),
]


@pytest.mark.parametrize("written", ADDRESSES)
def test_an_address_in_the_letters_of_its_language_is_one(written: str):
    assert mail_address(f" {written}\u00a0") == written


@pytest.mark.parametrize("written", NO_ADDRESSES, ids=ascii)
def test_what_is_no_single_address_is_none(written: str):
    with pytest.raises(ValueError, match=r"mail address|too long"):
        mail_address(written)


@pytest.mark.parametrize(
    ("written", "sent_to"),
    [
        ("soren@bøgely.example", "soren@xn--bgely-vua.example"),
        ("soren@BØGELY.example", "soren@xn--bgely-vua.example"),
        ("søren@bøgely.example", "søren@xn--bgely-vua.example"),
        ("soren@kommune.dk", "soren@kommune.dk"),
        ("no address", "no address"),
    ],
)
def test_letters_go_to_a_domain_that_every_server_knows(written: str, sent_to: str):
    assert as_sent_to(written) == sent_to


def test_one_mailbox_written_in_two_ways_is_one():
    assert mailbox_of("Mette@bøgely.dk") == mailbox_of("mette@XN--BGELY-VUA.dk")
    assert mailbox_of("A\u030ase@x.dk") == mailbox_of("åse@x.dk")
    assert mailbox_of("mette@bogely.dk") != mailbox_of("mette@bøgely.dk")


NUMBERS = [
    *("12345678", "12.34.56.78", "12 34 56 78", "12-34-56-78", "12/34/56/78", "(12) 34 56 78", "1234 5678"),
    *("+45 12 34 56 78", "+4512345678", "0045 12.34.56.78", "(+45) 12345678", "12\u00a034\u00a056\u00a078"),
    *("12\u201134\u201156\u201178", "+46 70-123 45 67", "0046701234567", "+299 32 10 00", "00 55 00 97"),
    *("\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18", "+298 221 234", "+44 (0)20 7946 0958", "+1 (202) 555-0143"),
]
NO_NUMBERS = [
    *("", "x", "1234567", "123456789", "010190-1234", "0101901234", "+45 1234567", "+45 123456789", "0045 1234567"),
    *("12345678 lok. 9", "12345678\n", "12\n345678", "+", "+0012345678", "12+345678", "++4512345678", "+" + "1" * 16),
    *("12345678, 87654321", "1" * 41, "12\u200b345678"),
]


@pytest.mark.parametrize("written", NUMBERS, ids=ascii)
def test_a_number_is_taken_however_it_is_written(written: str):
    assert phone_number(f" {written} ") == written


@pytest.mark.parametrize("written", NO_NUMBERS, ids=ascii)
def test_what_nobody_can_be_called_by_is_none(written: str):
    with pytest.raises(ValueError, match="not a phone number"):
        phone_number(written)
