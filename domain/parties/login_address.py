"""Where people come back to from their party's login: an address for each party, registered at its provider."""

from collections.abc import Iterable
from urllib.parse import quote

from domain.parties.party import Partner, parted

# For installations with a single provider, which have only this address registered.
SHARED = "/login/back"


def own_address(party: str) -> str:
    """The path at which a party's people come back: `/login/back/municipality/0450`."""
    kind, id_ = parted(party)
    return f"{SHARED}/{kind}/{quote(id_, safe='')}"


def one_provider_alone(parties: Iterable[Partner]) -> bool:
    """Whether everybody logs in at the same provider, so that it cannot be mistaken for another."""
    return len({one.login.issuer for one in parties if one.login is not None}) == 1


def to_register(parties: Iterable[Partner], origin: str) -> list[tuple[Partner, str]]:
    """The address that each party with a login must have registered at its provider."""
    return [(one, f"{origin}{own_address(one.party)}") for one in parties if one.login is not None]
