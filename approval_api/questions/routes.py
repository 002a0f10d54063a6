"""The routes of a question: from a link, and from the list of whoever has logged in."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from approval_api.endpoint import Endpoint
from approval_api.questions.answering import Answering
from approval_api.questions.form import FIELDS, FORM, NOT_FROM_OUR_PAGE, NOT_READ, read_form
from approval_api.undo.consent import CONSENT
from approval_api.undo.take_back import ACCEPTANCE
from approval_api.undo.undo import Undo, not_undone, undo_page, undone
from approval_api.visit import Visit, visit_of

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
# The form of a question, for the application's description; it is read by hand, within bounds.
SENT = {
    "required": True,
    "content": {
        FORM: {
            "schema": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in FIELDS},
                "required": ["answer", "nonce"],
            }
        }
    },
}


def question_routes(endpoint: Endpoint) -> APIRouter:
    """A page and its form at each address; GET and HEAD change nothing."""
    router = APIRouter()

    async def answered(request: Request, visit: Visit) -> Response:
        form = await read_form(request)
        if form is None or not endpoint.from_our_page(request):
            # Nothing is recorded: the page is shown again, and a person can answer on it.
            why = NOT_READ if form is None else NOT_FROM_OUR_PAGE
            return await run_in_threadpool(Answering(endpoint, visit).refused, why)
        return await run_in_threadpool(Answering(endpoint, visit).answered, form)

    @router.head("/q/{token}", include_in_schema=False)
    @router.get("/q/{token}")
    def ask(request: Request, token: str) -> Response:
        return Answering(endpoint, visit_of(request, token)).shown()

    @router.post("/q/{token}", openapi_extra={"requestBody": SENT})
    async def answer(request: Request, token: str) -> Response:
        return await answered(request, visit_of(request, token))

    for undo in (CONSENT, ACCEPTANCE):
        _add_undo_routes(router, endpoint, undo)

    @router.head("/mine/{number}", include_in_schema=False)
    @router.get("/mine/{number}")
    def ask_from_list(request: Request, number: Number) -> Response:
        return Answering(endpoint, visit_of(request, f"mine-{number}", listed=number)).shown()

    @router.post("/mine/{number}", openapi_extra={"requestBody": SENT})
    async def answer_from_list(request: Request, number: Number) -> Response:
        return await answered(request, visit_of(request, f"mine-{number}", listed=number))

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
