"""The share outside the labour market after moves."""

import pytest

from domain.effect.share import Moves, share_after_pct


@pytest.mark.parametrize(
    ("residents", "share", "moves", "after"),
    [
        (1000, 40.0, Moves(), 40.0),
        (1000, 40.0, Moves(-10, -10), pytest.approx(39.39, abs=0.01)),
        (1000, 40.0, Moves(10, 0), pytest.approx(39.60, abs=0.01)),
        (None, 40.0, Moves(-10, -10), None),
        (1000, None, Moves(-10, -10), None),
        (5, 40.0, Moves(-5, -2), None),
    ],
)
def test_the_effect_on_an_area_is_known_or_unknown_but_never_zero(residents, share, moves, after):
    assert share_after_pct(residents, share, moves) == after
