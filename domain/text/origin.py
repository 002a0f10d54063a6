"""A web address's scheme, host and port, read so strictly that no browser can read them otherwise."""

import re
from dataclasses import dataclass

LOOPBACK = ("localhost", "127.0.0.1")
PORTS = {"https": 443, "http": 80}
_HOST = r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?"
# No user part, which programs read differently, no fragment, and no sign that ends a word of a header.
_ADDRESS = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_HOST})(?::(?P<port>[0-9]{{1,5}}))?(?:[/?][a-z0-9._~!$&'()*+,;=:@%/?-]*)?",
    re.ASCII | re.IGNORECASE,
)
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Origin:
    """A scheme, a host in small letters and a port."""

    scheme: str
    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether the address says that it is this machine."""
        return self.host in LOOPBACK

    def __str__(self) -> str:
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"


def origin_of(address: object) -> Origin | None:
    """The origin of a web address; None for anything else, and for an address that can be read in two ways."""
    if not isinstance(address, str) or len(address) > LONGEST or not (found := _ADDRESS.fullmatch(address)):
        return None
    scheme = found["scheme"].lower()
    port = int(found["port"]) if found["port"] else PORTS[scheme]
    return Origin(scheme, found["host"].lower(), port) if 0 < port < 65_536 else None
