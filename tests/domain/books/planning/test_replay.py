"""Families replayed under several terms: nothing is lost between the columns, and nobody can be picked out."""

from datetime import date
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from deployments.demo import world as demo
from deployments.parties.file import read
from domain.books.planning.invented import invented_families
from domain.books.planning.replay import Family, Row, counted, folded, replayed
from domain.parties.compensation.model import CompensationTerms
from tests.domain.books.models import MOVED_IN, models, move_ins

FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
AGREEMENTS = read(demo.HERE / "agreements.toml").agreements
FIGURES = st.tuples(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
PLAIN = CompensationTerms(4_500_000, 1_200_000, 180)


@given(st.lists(st.tuples(models(), move_ins()), max_size=4), models())
def test_what_one_party_receives_others_pay_under_all_terms(drawn, proposed):
    families = [Family(model, moved_in, moved_in) for model, moved_in in drawn]
    agreements = {moved_in.agreement: proposed for _, moved_in in drawn}

    found = replayed(families, [agreements, {}])

    for column in range(3):
        assert sum(row.ores[column] for row in found.by_party) == 0
    # A proposal that says nothing of an agreement leaves its families as they are.
    assert all(row.ores[0] == row.ores[2] for row in (*found.by_party, *found.by_rule, *found.by_month))
    assert [int(row.name) for row in found.by_month] == sorted(int(row.name) for row in found.by_month)


def test_a_family_for_which_no_agreement_holds_today_costs_nothing_today():
    found = replayed([Family(None, MOVED_IN, MOVED_IN)], [{"fyn": PLAIN}, {}])

    assert {row.name: row.ores for row in found.by_party} == {
        "association:havblik": (0, 1_200_000, 0),
        "municipality:0430": (0, 4_500_000, 0),
        "municipality:0461": (0, -5_700_000, 0),
    }
    assert found.by_rule == (Row("", (0, 5_700_000, 0), 1),)


@given(st.lists(st.tuples(st.integers(1, 9), FIGURES), max_size=8))
def test_no_row_rests_on_a_few_families_and_no_amount_is_lost(drawn):
    rows = [Row(str(number), ores, families) for number, (families, ores) in enumerate(drawn)]

    found = folded(rows, least=5, name="others")

    assert [sum(column) for column in zip(*(row.ores for row in found), strict=True)] == [
        sum(column) for column in zip(*(row.ores for row in rows), strict=True)
    ]
    if sum(row.families for row in rows) >= 5 and len(found) > 1:
        assert all(row.families >= 5 for row in found)
    assert [row.name for row in found if row.name != "others"] == [row.name for row in rows if row in found]


def test_invented_families_are_the_same_for_the_same_seed_and_keep_to_their_agreement():
    one, same, other = (
        invented_families(AGREEMENTS, 200, first=FIRST, last=LAST, chance=Random(seed)) for seed in (7, 7, 8)
    )

    assert one == same != other
    by_id = {agreement.id: agreement for agreement in AGREEMENTS}
    for family in one:
        agreement = by_id[family.agreement]
        assert family.sender in agreement.sending
        assert family.receiver in agreement.receiving
        assert family.association in agreement.associations
        assert FIRST <= family.on <= LAST
        assert 0 < (family.on - family.reserved_on).days <= agreement.reservation_days
    assert {family.agreement for family in one} == by_id.keys()
    assert all(before.on <= after.on for before, after in pairwise(one))


@given(st.lists(move_ins(), max_size=6))
def test_each_year_counts_from_none(moved_in):
    found = counted(moved_in)

    for year in {one.on.year for one in found}:
        of_year = [one for one in found if one.on.year == year]
        assert [one.received_before for one in of_year] == list(range(len(of_year)))
