"""The sets of field names in a batch, each once."""

import json

from domain.ports.vacancy_feed import RawVacancy
from storage.feeds.staging import Ground, judge


def test_every_set_of_names_is_told_also_that_of_a_first_row_without_any():
    values = [{}, {"rooms": 1}, {"rooms": 2}, {"rooms": 3, "area": "a"}, {"rooms": 4}]
    rows = [RawVacancy(line, row, json.dumps(row)) for line, row in enumerate(values, 1)]

    found = judge(rows, Ground(frozenset(), {}, dict))

    assert found.kinds == {(), ("rooms",), ("rooms", "area")}
