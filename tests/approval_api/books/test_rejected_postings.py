"""What a finance system took and rejected later is shown to its party, with what becomes of it; and what counts."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest

from domain.errors import PartnerRefused
from domain.ports.finance import PostingAnswer, PostingVerdict
from storage.books.bookkeeping.accepted import figures
from tests.approval_api.books.readers import FINANCE, HAVBLIK, NYBORG, ODENSE, named, rows_of
from tests.tasks.books.postings_of_a_world import (
    NO,
    TAKEN,
    YES,
    asked,
    corrects,
    finance_of,
    moves_in,
    number_of,
    settles,
    told,
)
from tests.world.commands import CommandLine
from tests.world.in_process import InProcessFinance
from tests.world.months import month_of
from tests.world.operators import look
from tests.world.served import browsing, serving, words
from tests.world.world import World


@pytest.fixture
def local(sqlite_world: World) -> Iterator[httpx.Client]:
    with serving(sqlite_world) as origin, browsing(origin) as visitor:
        yield visitor


def at_once(world: World) -> None:
    finance_of(world, ODENSE).says = [NO]
    moves_in(world)


def when_asked(world: World) -> None:
    system = finance_of(world, ODENSE)
    system.says = [TAKEN]
    moves_in(world)
    system.later = dict.fromkeys(system.said, NO)
    asked(world)


def by_telephone(world: World) -> None:
    finance_of(world, ODENSE).says = [TAKEN]
    moves_in(world)
    settles(world, number_of(world, ODENSE), "rejected")


def with_another_amount(world: World) -> None:
    finance_of(world, ODENSE).says = [PostingAnswer(PostingVerdict.ACCEPTED, amount_ore=-1)]
    moves_in(world)


def reads(world: World, http: httpx.Client, party: str, path: str = "/afregning") -> str:
    return words(look(http, path, named(world, party, FINANCE)))


BY_US = "Driften retter den og sender den igen"


@pytest.mark.parametrize(
    ("happens", "why", "follows"),
    [
        (at_once, "Økonomisystemets kode: account_closed", BY_US),
        (when_asked, "Økonomisystemets kode: account_closed", BY_US),
        (by_telephone, "Økonomiafdelingen siger, at den er afvist", BY_US),
        (with_another_amount, "Et andet beløb", "Driften spørger økonomiafdelingen, hvad der er rigtigt"),
    ],
)
def test_what_was_rejected_after_it_was_taken_is_shown_with_its_reason(
    sqlite_world: World, local: httpx.Client, happens: Callable[[World], None], why: str, follows: str
):
    happens(sqlite_world)

    own, *others = (reads(sqlite_world, local, party) for party in (ODENSE, NYBORG, HAVBLIK))

    assert f"-57.000 kr. {why}" in own
    assert follows in own
    assert "Hos " not in own
    assert all("Intet er afvist" in one for one in others)


def test_it_is_shown_that_it_was_corrected_and_what_became_of_it(world: World, http: httpx.Client):
    when_asked(world)
    world.clock.move_on(timedelta(days=1))

    key = corrects(world, number_of(world, ODENSE), account_string="5.33.41")
    waiting = reads(world, http, ODENSE)
    world.deliver()
    finance_of(world, ODENSE).later = {key: YES}
    asked(world)

    assert "Økonomisystemets kode: account_closed" in waiting
    assert "Rettet og sendt igen" in waiting
    assert BY_US not in waiting
    after = look(http, "/afregning?lang=en", named(world, ODENSE, FINANCE))
    assert ": accepted in the finance system" in words(after)


def test_an_association_reads_what_became_of_its_own_account_and_never_the_case(world: World, http: httpx.Client):
    finance_of(world, NYBORG).says = [NO, NO]
    moves_in(world)

    own, receivers = (look(http, "/afregning", named(world, party, FINANCE)) for party in (HAVBLIK, NYBORG))

    assert words(own).count("account_closed") == 1
    assert "Hos Nyborg Kommune" in words(own)
    assert "TF-" not in own.text
    assert words(receivers).count("account_closed") == 2


def test_what_was_refused_with_a_status_stays_known_after_it_was_corrected(
    sqlite_world: World, local: httpx.Client, monkeypatch
):
    post = InProcessFinance.post

    async def refused(self: InProcessFinance, posting, *, key: str):
        if not posting.account_string and posting.account == ODENSE:
            raise PartnerRefused("POST /postings: 422")
        return await post(self, posting, key=key)

    monkeypatch.setattr(InProcessFinance, "post", refused)
    moves_in(sqlite_world)
    before = reads(sqlite_world, local, ODENSE)
    sqlite_world.clock.move_on(timedelta(days=1))

    corrects(sqlite_world, told(sqlite_world, ODENSE)[0].row.key, account_string="5.33")
    sqlite_world.deliver()

    after = reads(sqlite_world, local, ODENSE)
    assert all("Økonomisystemet tog den ikke imod" in one for one in (before, after))
    assert ": godkendt i økonomisystemet" in after
    assert "Intet er afvist" in reads(sqlite_world, local, NYBORG)


def test_a_month_says_of_each_line_how_far_it_has_come_and_counts_as_the_figures_do(world: World, http: httpx.Client):
    moves_in(world)
    system = finance_of(world, NYBORG)
    system.says = [TAKEN, TAKEN]
    moves_in(world, 2)
    last_day = month_of(world)
    cookie = named(world, ODENSE, FINANCE)
    path = f"/afregning/{last_day:%Y-%m}"

    shown = [row[3] for row in rows_of(look(http, path, cookie))]
    theirs = [row[3] for row in rows_of(look(http, path, named(world, NYBORG, FINANCE)))]

    assert shown == ["Godkendt på begge sider", "Godkendt hos jer, mangler andre steder"]
    assert theirs == ["Godkendt på begge sider", "Sendt, mangler svar"]
    assert "Of it accepted by both sides DKK -57,000" in words(look(http, f"{path}?lang=en", cookie))
    assert "Heraf godkendt på begge sider -57.000 kr." in reads(world, http, ODENSE)
    with world.platform.database.reading() as session:
        counted = {one.party: one.accepted_ore for one in figures(session, after=None, until=last_day)}
    for party in (ODENSE, NYBORG, HAVBLIK):
        told_of = json.loads(look(http, f"{path}.json", named(world, party, FINANCE)).text)["statements"][0]
        assert told_of["counted_ore"] == counted[party]
    system.later = dict.fromkeys(system.said, NO)
    asked(world)
    assert rows_of(look(http, path, cookie))[1][3] == "Afvist i et økonomisystem"


def test_a_party_without_a_login_gets_it_as_a_file(sqlite_world: World, monkeypatch, capsys, tmp_path):
    when_asked(sqlite_world)
    corrects(sqlite_world, number_of(sqlite_world, ODENSE), account_string="5.33.41")
    finance_of(sqlite_world, ODENSE).says = [YES]
    sqlite_world.deliver()
    tilflyt = CommandLine(sqlite_world, monkeypatch, capsys, tmp_path)
    show = ("settlement", "show", f"{month_of(sqlite_world):%Y-%m}")

    one = json.loads(tilflyt(*show, "--party", ODENSE, "--rejected", "rejected.csv", "--json"))["statements"][0]
    shown = tilflyt(*show)

    (row,) = csv.DictReader(io.StringIO((tmp_path / "rejected.csv").read_text("utf-8-sig")), delimiter=";")
    assert (row["Beløb"], row["Årsag"], row["Derefter"]) == (
        "-57000,00",
        "koden account_closed",
        "Godkendt i økonomisystemet",
    )
    told_of = one["rejected"][0]
    assert (told_of["why"], told_of["state"], told_of["became"]) == ("account_closed", "corrected", "accepted")
    assert "account_closed" in shown
    # A later month without a line of theirs has it too: it is what stands now.
    later = json.loads(tilflyt("settlement", "show", "2019-01", "--party", ODENSE, "--json"))
    assert len(later["statements"][0]["rejected"]) == 1
