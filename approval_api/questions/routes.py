"""The routes of a question: from a link, and from the list of a person who has logged in."""

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from approval_api.endpoint import Endpoint
from approval_api.forms import Number
from approval_api.questions.answering import Answering
from approval_api.questions.form import NOT_FROM_OUR_PAGE, NOT_READ, SENT, read_form
from approval_api.visit import Visit, visit_of


def question_routes(endpoint: Endpoint) -> APIRouter:
    """The page of a question and its form, at both addresses; GET and HEAD change nothing."""
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

    @router.head("/mine/{number}", include_in_schema=False)
    @router.get("/mine/{number}")
    def ask_from_list(request: Request, number: Number) -> Response:
        return Answering(endpoint, visit_of(request, f"mine-{number}", listed=number)).shown()

    @router.post("/mine/{number}", openapi_extra={"requestBody": SENT})
    async def answer_from_list(request: Request, number: Number) -> Response:
        return await answered(request, visit_of(request, f"mine-{number}", listed=number))

    return router
