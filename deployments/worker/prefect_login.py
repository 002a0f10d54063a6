"""Check of whether Prefect's API needs a login: without one, anybody can start and stop flows, and read all runs."""

import base64
import ipaddress
import socket
from collections.abc import Iterable
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx
from prefect.settings import get_current_settings

from domain.silence import why_silent
from storage.settings import WrongSettings

PATIENCE_S = 5.0
CLOSE_IT = "set PREFECT_SERVER_API_AUTH_STRING where the server runs and PREFECT_API_AUTH_STRING for the rest"


def prefect_address() -> str:
    """The address of Prefect's API. `WrongSettings` when the setting is no address."""
    url = get_current_settings().api.url
    parts = urlsplit(url or "http://nowhere")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WrongSettings("PREFECT_API_URL: must be an address such as http://127.0.0.1:4200/api")
    return url or ""


def prefect_api() -> str:
    """What answers, and whether it needs a login. `LookupError` when other machines can reach it without one."""
    api = get_current_settings().api
    if not prefect_address() or api.url is None:
        raise LookupError("PREFECT_API_URL is not set")
    known = api.auth_string.get_secret_value() if api.auth_string else ""
    headers = {"Authorization": f"Basic {base64.b64encode(known.encode()).decode()}"} if known else {}
    try:
        answer = _asked(api.url, headers)
    except httpx.HTTPError as error:
        raise LookupError(f"{api.url} does not answer ({why_silent(error)}): does the Prefect server run?") from None
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        raise LookupError("asks for a login: PREFECT_API_AUTH_STRING is not what the server has")
    answer.raise_for_status()
    if not _is_open(api.url):
        return f"server {answer.json()} answers, with a login"
    if reached := [address for address in _beyond_this_machine(api.url) if _is_open(address)]:
        raise LookupError(f"answers without login at {urlsplit(reached[0]).netloc}: {CLOSE_IT}")
    return f"server {answer.json()} answers, without login, but on this machine alone"


def _asked(api: str, headers: dict[str, str]) -> httpx.Response:
    return httpx.get(f"{api}/admin/version", headers=headers, timeout=PATIENCE_S, trust_env=False)


def _is_open(api: str) -> bool:
    try:
        return _asked(api, {}).is_success
    except httpx.HTTPError:
        return False


def _beyond_this_machine(api: str) -> Iterable[str]:
    """The addresses at which other machines may reach the same server."""
    parts = urlsplit(api)
    host = parts.hostname or ""
    if not _is_loopback(host):
        return [api]
    port = f":{parts.port}" if parts.port else ""
    return [parts._replace(netloc=f"{address}{port}").geturl() for address in own_addresses()]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def own_addresses() -> list[str]:
    """This machine's addresses on its networks."""
    named: set[str | int] = set()
    with suppress(OSError):
        named |= {found[4][0] for found in socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)}
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Nothing is sent: the system only chooses the address that it would send from, to a reserved one (RFC 5737).
        probe.connect(("192.0.2.1", 9))
        named.add(probe.getsockname()[0])
    # Without addresses that have a zone: they are valid on one link only.
    return sorted(_in_url(str(one)) for one in named if not _is_loopback(str(one)) and "%" not in str(one))


def _in_url(address: str) -> str:
    return f"[{address}]" if ":" in address else address
