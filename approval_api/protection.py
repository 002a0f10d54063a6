"""How the families' data are protected, in counts, for data protection officers and auditors who have logged in."""

from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from approval_api.endpoint import Endpoint
from approval_api.forms import chosen_language
from approval_api.responses import drawn
from approval_api.sitting import Party, person_of
from domain.audit import Checkpoint
from domain.working_days import day_of
from storage.audit.checkpoints import last_checkpoint
from storage.operations.scopes import OVERSEERS, Viewer
from storage.parties.partners import partners
from storage.privacy.report import PrivacyReport, privacy_report
from templates.words.privacy import OPENED_FOR_STAFF

PERIODS = (30, 90, 365)
USUAL = 90


@dataclass(frozen=True, slots=True)
class ProtectionPage:
    """The report of a period, and how far the audit chain is signed."""

    person: str
    since: date
    until: date
    days: int
    report: PrivacyReport
    signed: Checkpoint | None
    periods: tuple[int, ...] = PERIODS

    @property
    def openings(self) -> list[tuple[str, int]]:
        """How often the vault was opened for each reason; the reasons are texts to translate."""
        return [(OPENED_FOR_STAFF[door], count) for door, count in sorted(self.report.openings.items())]


def protection_routes(endpoint: Endpoint) -> APIRouter:
    """The route; it changes nothing."""
    router = APIRouter()

    def shown(request: Request) -> Response:
        now, language = endpoint.clock.now(), chosen_language(request)
        with endpoint.database.reading() as session:
            person = person_of(session, request.cookies, now=now)
            if person is None or person.contact.role not in OVERSEERS:
                parties = tuple(Party(one.party, one.name) for one in partners(session) if one.login)
                return drawn("mine_login", language, HTTPStatus.FORBIDDEN, parties=parties)
            asked = request.query_params.get("days", "")
            days = next((known for known in PERIODS if str(known) == asked), USUAL)
            viewer, since = Viewer(person.party, person.contact.role), now - timedelta(days=days)
            facts = ProtectionPage(
                person=person.contact.name,
                since=day_of(since),
                until=day_of(now),
                days=days,
                report=privacy_report(session, viewer, since=since, until=now),
                signed=last_checkpoint(session),
            )
        return drawn("protection", language or person.contact.language, HTTPStatus.OK, protection=facts)

    @router.get("/beskyttelse")
    async def protection(request: Request) -> Response:
        return await run_in_threadpool(shown, request)

    return router
