"""OpenID providers that the tests control."""

import pytest

from tests.approval_api.login.own_provider import own_provider


@pytest.fixture
def honest():
    """Nyborg's provider."""
    with own_provider() as found:
        yield found


@pytest.fixture
def elsewhere():
    """Another provider's server."""
    with own_provider() as found:
        yield found
