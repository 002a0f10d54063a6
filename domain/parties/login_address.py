"""Where people come back to from their party's login: an address for each party, which its provider must know."""

from collections.abc import Iterable
from urllib.parse import quote

from domain.parties.party import Partner, parted

# Of installations with one provider alone, which know no other.
SHARED = "/login/back"


def own_address(party: str) -> str:
    """The path at which a party's people come back: `/login/back/municipality/0450`."""
    kind, id_ = parted(party)
    return f"{SHARED}/{kind}/{quote(id_, safe='')}"


def one_provider_alone(parties: Iterable[Partner]) -> bool:
    """Whether all who log in do so at the same provider, which cannot be taken for another then."""
    return len({one.login.issuer for one in parties if one.login is not None}) == 1


def to_register(parties: Iterable[Partner], origin: str) -> list[tuple[Partner, str]]:
    """The address that each party with a login must have registered at its provider."""
    return [(one, f"{origin}{own_address(one.party)}") for one in parties if one.login is not None]
