"""What staff read in Prefect: the names of runs, and the message at the end of each."""

from dataclasses import replace

import pytest

import flows.legs
from domain.errors import PartnerUnavailable
from domain.feeds.load import LoadStanding
from domain.referrals.lifecycle import Status
from flows.legs import LegOfPath, chunks, run_name
from flows.partners import each_partner
from flows.referral_path import summary
from flows.vacancy_sync import summary as night_summary
from tasks.feeds.verdict import Night
from tasks.path.legs import LEGS
from tasks.path.moves import Due


def due(number: int, expected: Status = Status.PROPOSED) -> Due:
    return Due(number, f"TF-2026-{number:05d}", "0461", Status.SEEKING, expected)


@pytest.mark.parametrize(
    ("chunk", "name"),
    [
        ([due(42)], "TF-2026-00042: seeking → proposed"),
        ([due(42, Status.SEEKING)], "TF-2026-00042: seeking"),
        ([due(number) for number in range(1, 101)], "TF-2026-00001: seeking → proposed and 99 more"),
    ],
)
def test_a_task_run_says_which_referral_it_moves_from_where_to_where(chunk, name):
    assert run_name(chunk) == name


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, []), (1, [1]), (4, [1] * 4), (5, [5]), (120, [50, 50, 20]), (2500, [100] * 25)]
)
def test_a_leg_is_at_most_25_task_runs_and_leaves_nobody_out(count, sizes):
    found = [due(number) for number in range(count)]

    parts = chunks(found)

    assert [len(part) for part in parts] == sizes
    assert [one for part in parts for one in part] == found


@pytest.mark.parametrize(
    ("failed", "says"),
    [
        ({}, "40 looked at, none stayed behind"),
        ({"TF-1": ("a", "b"), "TF-2": ("a", "b")}, "2 of 40 need attention: TF-1, TF-2"),
        ({f"TF-{n}": ("a", "b") for n in range(7)}, "7 of 40 need attention: TF-0, TF-1, TF-2, TF-3, TF-4 …"),
    ],
)
def test_a_run_ends_with_one_sentence(failed, says):
    assert summary(40, failed) == says


APPLIED = Night("havblik", LoadStanding.APPLIED)
HELD = Night("skovbrynet", LoadStanding.HELD, why=("shrunk", "strangers"))


@pytest.mark.parametrize(
    ("nights", "silent", "well", "says"),
    [
        ([APPLIED, replace(APPLIED, outcome=LoadStanding.UNCHANGED)], [], True, "2 of 2 feeds applied"),
        ([APPLIED, HELD], [], False, "1 of 2 feeds applied; held back: skovbrynet (shrunk, strangers)"),
        ([APPLIED], ["b (partner_unavailable)"], False, "1 of 2 feeds applied; silent: b (partner_unavailable)"),
        ([], [], True, "0 of 0 feeds applied"),
    ],
)
def test_a_night_ends_with_one_sentence(nights, silent, well, says):
    assert night_summary(nights, silent) == (well, says)


def test_the_flow_knows_every_leg_by_its_name_and_no_other():
    named = {word: leg.name for word, leg in vars(flows.legs).items() if isinstance(leg, LegOfPath)}
    assert len(named) == 9
    assert list(named.values()) == list(named) == list(LEGS)


async def test_a_partner_that_is_silent_is_named_and_the_others_report():
    async def deed(partner: str) -> str:
        if partner == "b":
            raise PartnerUnavailable("GET /: 503")
        return partner.upper()

    assert await each_partner(deed, ["a", "b", "c"]) == (["A", "C"], ["b (partner_unavailable)"])


async def test_an_error_of_our_own_is_not_taken_for_a_partners():
    async def deed(_partner: str) -> str:
        raise LookupError

    with pytest.raises(LookupError):
        await each_partner(deed, ["a"])
