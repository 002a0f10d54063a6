"""Every fault in an agreement is reported."""

from dataclasses import replace

import pytest

from domain.parties.agreement import FEWER_ALIKE, OnSilence, Shows, faults
from domain.parties.compensation.model import CompensationTerms
from domain.parties.sending_days import Weekday
from tests.domain.parties.agreed import AGREEMENT


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, []),
        ({"route": AGREEMENT.route[:4]}, ["route"]),
        ({"route": tuple(reversed(AGREEMENT.route))}, ["route"] * 6),
        ({"one_person_decides": True}, ["route"]),
        ({"route": (replace(AGREEMENT.route[0], remind_after_days=5), *AGREEMENT.route[1:])}, ["route.sign_off"]),
        (
            {"route": (replace(AGREEMENT.route[0], on_silence=OnSilence.BACK_TO_SEEKING), *AGREEMENT.route[1:])},
            ["route.sign_off"],
        ),
        ({"beside": ()}, ["beside"]),
        ({"beside": (replace(FEWER_ALIKE, on_silence=OnSilence.BACK_TO_SEEKING),)}, ["beside.fewer_alike"]),
        ({"beside": (replace(FEWER_ALIKE, remind_after_days=10),)}, ["beside.fewer_alike"]),
        ({"receiving": ()}, ["sending, receiving, associations"]),
        ({"compensation": CompensationTerms(-1, 1, 180)}, ["compensation"]),
        ({"reservation_days": 19}, ["reservation_days"]),
        ({"sending_days": ()}, ["sending_days"]),
        ({"sending_days": (Weekday.MONDAY, Weekday.MONDAY)}, ["sending_days"]),
        ({"sending_hour": 24}, ["sending_hour"]),
        ({"approval_shows": (Shows.SENDER, Shows.SENDER)}, ["approval_shows"]),
    ],
)
def test_an_agreement_says_everything_that_is_wrong_with_it(change, says):
    assert [fault.partition(":")[0] for fault in faults(replace(AGREEMENT, **change))] == says


def test_an_agreement_that_says_nothing_of_it_sends_twice_a_week_and_tells_no_municipality_more_than_it_must():
    assert (AGREEMENT.sending_days, AGREEMENT.sending_hour) == ((Weekday.TUESDAY, Weekday.FRIDAY), 10)
    assert AGREEMENT.approval_shows == ()
