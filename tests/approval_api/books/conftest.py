"""A visitor of the endpoint on a test's own world."""

from collections.abc import Iterator

import httpx
import pytest

from tests.world.served import browsing, serving
from tests.world.world import World


@pytest.fixture
def http(world: World) -> Iterator[httpx.Client]:
    with serving(world) as origin, browsing(origin) as visitor:
        yield visitor
