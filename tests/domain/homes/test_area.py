"""An area's status by the published lists."""

from datetime import date

from domain.homes.area import AreaStatus, Listing, designations


def test_an_area_is_what_the_newest_list_of_each_kind_says():
    newest = {AreaStatus.VULNERABLE: date(2024, 12, 1), AreaStatus.PARALLEL_SOCIETY: date(2020, 12, 1)}
    listings = [
        Listing(AreaStatus.VULNERABLE, date(2022, 12, 1)),
        Listing(AreaStatus.PARALLEL_SOCIETY, date(2020, 12, 1)),
    ]

    assert designations(listings, on=date(2026, 1, 1), newest=newest) == {AreaStatus.PARALLEL_SOCIETY}
