"""What every page needs: the settings, the database, the clock and the limits."""

from fastapi import Request

from approval_api.limits import Limits
from storage.clock import Clock
from storage.database import Database
from storage.settings import Settings


class Endpoint:
    """The database, the clock, the limits and our own origin, for as long as the process runs."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.database = Database(settings.database_url)
        self.clock = clock
        self.limits = Limits(settings, self.database, clock)
        self.origin = settings.origin

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def from_our_page(self, request: Request) -> bool:
        """Whether a form was sent from our own page; also when the browser says nothing of where it comes from."""
        origin = request.headers.get("origin")
        site = request.headers.get("sec-fetch-site")
        return origin in (None, self.origin) and site in (None, "same-origin")
