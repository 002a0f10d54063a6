"""Who has approved a month stands on its page; claims stand on the pages of who made them and of who pays them."""

import httpx

from domain.questions.question import Answer
from tests.approval_api.books.readers import FINANCE, HAVBLIK, NYBORG, ODENSE, named
from tests.storage.books.claimed import accepted, claim, guaranteed_families, made
from tests.tasks.books.asked_months import answers, march_is_asked
from tests.world.operators import look
from tests.world.served import words
from tests.world.world import World


def test_a_month_says_who_has_approved_it_and_who_has_not(world: World, http: httpx.Client):
    march_is_asked(world)
    readers = {party: named(world, party, FINANCE) for party in (NYBORG, HAVBLIK, ODENSE)}
    assert "Ingen har godkendt måneden endnu" in words(look(http, "/afregning/2026-03", readers[NYBORG]))
    answers(world, ODENSE)
    answers(world, HAVBLIK, Answer.NO, "amount_wrong")

    told = {party: words(look(http, "/afregning/2026-03", cookie)) for party, cookie in readers.items()}

    assert "Godkendt af Odense Kommune" in told[NYBORG]
    assert "Havblik" not in told[NYBORG], "Nyborg settles nothing with it"
    assert "Godkendt af Odense Kommune (Økonomimedarbejder (opdigtet))" in told[ODENSE]
    assert ": et beløb er forkert" in told[ODENSE]
    theirs = look(http, "/afregning/2026-03.json", readers[NYBORG]).json()
    assert theirs["answers"].keys() == {ODENSE}
    assert [one["payable"] for one in theirs["statements"][0]["payments"]] == [False]


def test_a_claim_is_shown_to_who_made_it_and_to_who_pays_it(world: World, http: httpx.Client):
    guaranteed_families(world)
    made(world, claim(1, ore=1_234_567), claim(2, ore=500_000))
    accepted(world)

    claimant, payer, other = (
        look(http, "/afregning", named(world, party, FINANCE)) for party in (HAVBLIK, ODENSE, NYBORG)
    )

    assert "12.345,67 kr. Godkendt" in words(claimant)
    assert "TF-" not in claimant.text
    assert "-12.345,67 kr. Godkendt" in words(payer)
    assert "TF-2026-00001" in payer.text
    assert "Ingen krav" in words(other)
