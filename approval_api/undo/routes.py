"""The routes of the pages on which an answer or a consent is taken back, below the address of a question."""

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from approval_api.endpoint import Endpoint
from approval_api.questions.answering import Answering
from approval_api.questions.form import NOT_FROM_OUR_PAGE, NOT_READ, SENT, read_form
from approval_api.undo.consent import CONSENT
from approval_api.undo.take_back import ACCEPTANCE
from approval_api.undo.undo import Undo, not_undone, undo_page, undone
from approval_api.visit import visit_of


def undo_routes(endpoint: Endpoint) -> APIRouter:
    """A page and its form for a consent and for an acceptance; GET and HEAD change nothing."""
    router = APIRouter()
    for undo in (CONSENT, ACCEPTANCE):
        _add_undo_routes(router, endpoint, undo)
    return router


def _add_undo_routes(router: APIRouter, endpoint: Endpoint, undo: Undo) -> None:
    @router.head(f"/q/{{token}}/{undo.name}", include_in_schema=False)
    @router.get(f"/q/{{token}}/{undo.name}")
    def look(request: Request, token: str) -> Response:
        return undo_page(Answering(endpoint, visit_of(request, token)), undo)

    @router.post(f"/q/{{token}}/{undo.name}", openapi_extra={"requestBody": SENT})
    async def choose(request: Request, token: str) -> Response:
        answering, form = Answering(endpoint, visit_of(request, token)), await read_form(request)
        if form is None or not endpoint.from_our_page(request):
            why = NOT_READ if form is None else NOT_FROM_OUR_PAGE
            return await run_in_threadpool(not_undone, answering, undo, why)
        return await run_in_threadpool(undone, answering, undo, form)
