"""Checks of the way in: the address to which logins come back, and a proxy that tells the visitor's address."""

import secrets
from ipaddress import ip_network

import httpx

from approval_api.limits import counted_as, key_of
from connectors.http import trusted_authorities
from domain.parties.login_address import SHARED, one_provider_alone, to_register
from domain.parties.login_advice import letters_suffice
from domain.silence import why_silent
from storage.clock import clock_of
from storage.installation import opened_database
from storage.limits import tried
from storage.parties.agreements import newest_agreements
from storage.parties.partners import partners
from storage.settings import Settings

# The largest networks that may be trusted as proxies: in IPv4 one rack's, in IPv6 the smallest usual one.
LARGEST_PREFIX = {4: 24, 6: 64}
WITHIN_S = 5.0


def logins(settings: Settings) -> str:
    """The address that each party must have registered at its login provider."""
    with opened_database(settings).reading() as session:
        known = partners(session)
        advice = letters_suffice(newest_agreements(session), known)
    if open_ones := [one.party for one in known if one.login and one.login.in_the_open and settings.world != "demo"]:
        raise LookupError(f"{', '.join(open_ones)}: a login without encryption is for the demo world alone")
    addresses = [
        f"{partner.name} ({partner.party}): {address}" for partner, address in to_register(known, settings.origin)
    ]
    if not addresses:
        return "no party has a login"
    first = "each must be registered at its party's provider"
    if one_provider_alone(known):
        first = f"one provider alone: {SHARED} goes on; register these before a second one comes"
    return "\n".join([first, *addresses, *advice])


def proxies(settings: Settings) -> str:
    """Whether a visitor can choose the address by which they are counted: tried from outside, through the proxy."""
    wide = [
        one
        for one in map(ip_network, settings.trusted_proxies.replace(" ", "").split(","))
        if one.prefixlen < LARGEST_PREFIX[one.version]
    ]
    if wide:
        raise LookupError(f"TILFLYT_TRUSTED_PROXIES: {wide[0]} is a wide network: name the proxies' own addresses")
    if settings.world == "demo":
        return "the demo world has no proxy"
    # From the network that is reserved for documentation (RFC 3849).
    forged = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"
    try:
        answer = httpx.get(
            f"{settings.origin}/q/doctor",
            headers={"X-Forwarded-For": forged},
            timeout=WITHIN_S,
            trust_env=False,
            verify=trusted_authorities(),
        )
    except httpx.HTTPError as error:
        raise LookupError(f"{settings.origin} does not answer from here ({why_silent(error)}): not tried") from None
    if answer.status_code not in (404, 429):
        raise LookupError(f"{settings.origin} answers {answer.status_code} before us: not tried")
    with opened_database(settings).reading() as session:
        times, _ = tried(session, key_of("link", counted_as(forged)), now=clock_of(settings).now())
    if times:
        raise LookupError(
            "a visitor's own X-Forwarded-For is believed, so that they choose under which address they are counted: "
            "have the proxy overwrite it (docs/for-integration-staff.md)"
        )
    return f"a forged X-Forwarded-For is not believed; trusted: {settings.trusted_proxies}"
