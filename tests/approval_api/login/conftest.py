"""Providers of the tests' own."""

import pytest

from tests.approval_api.login.own_provider import own_provider


@pytest.fixture
def honest():
    """Nyborg's provider."""
    with own_provider() as found:
        yield found


@pytest.fixture
def elsewhere():
    """Somebody else's server."""
    with own_provider() as found:
        yield found
