"""The route to which an association's own system sends vacancies, so that they need not wait for the night."""

import hashlib
import os
import re
from codecs import BOM_UTF8
from http import HTTPStatus

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError

from approval_api.bearer import shows
from approval_api.endpoint import Endpoint
from approval_api.limits import address_of
from domain.errors import Invalid
from domain.feeds.contract import FORMAT, MOST_PUSHED
from domain.feeds.load import LoadStanding
from domain.parties.party import Partner
from domain.ports.vacancy_feed import JsonPage, RawVacancy
from storage.columns import id_of
from storage.feeds.push import KeyUsedBefore, Pushed, TooMuchAtOnce, push
from storage.parties.partners import partners

PATH = "/api/v1/vacancies"
LARGEST_BODY_BYTES = 4_000_000
KEY = re.compile(r"[\x21-\x7e]{1,200}")


class WrongRow(BaseModel):
    """A vacancy that breaks the contract, by its place in what was sent; it is kept, and the others go on."""

    row: int
    reasons: list[str]


class Taken(BaseModel):
    """What became of what was sent: `ready` waits a moment, `applied` is on the market, `refused` has no good row."""

    load: int
    outcome: LoadStanding
    rows: int
    good: int
    wrong: list[WrongRow]


class Problem(BaseModel):
    """An error as RFC 9457 has it; it never repeats what was sent. `field` names what is wrong."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    field: str | None = None
    why: str | None = None


def push_routes(endpoint: Endpoint) -> APIRouter:
    """The route; its answers are for programs, in English, and errors as in RFC 9457."""
    router = APIRouter()

    @router.post(PATH, include_in_schema=False)
    async def take(request: Request) -> Response:
        authorization = request.headers.get("authorization", "")
        sender = await run_in_threadpool(_sender, endpoint, authorization, address_of(request))
        if isinstance(sender, Response):
            return sender
        try:
            rows, digest = await _read(request)
        except Invalid as error:
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, error.reason, field=error.field)
        key = request.headers.get("idempotency-key", "")
        if not KEY.fullmatch(key):
            return problem(HTTPStatus.BAD_REQUEST, "must be given, with at most 200 signs", field="Idempotency-Key")
        return await run_in_threadpool(_taken, endpoint, sender, rows, key, digest)

    return router


def problem(status: HTTPStatus, detail: str, *, field: str | None = None, why: str | None = None) -> JSONResponse:
    """An error as a response."""
    told = Problem(title=status.phrase, status=status, detail=detail, field=field, why=why)
    return JSONResponse(told.model_dump(exclude_none=True), status, media_type="application/problem+json")


def _sender(endpoint: Endpoint, authorization: str, address: str) -> Partner | Response:
    """The association whose token was sent, or the response to a token that is nobody's."""
    with endpoint.database.reading() as session:
        found = [one for one in partners(session) if _is_theirs(authorization, one.push_secret)]
    if len(found) == 1:
        return found[0]
    # Only wrong tokens are counted: associations that share a supplier share its address.
    if (wait := endpoint.limits.counted("push", address)) is not None:
        refused = problem(HTTPStatus.TOO_MANY_REQUESTS, "too many tokens that nobody has came from this address")
        refused.headers["Retry-After"] = str(int(wait.total_seconds()) + 1)
        return refused
    refused = problem(HTTPStatus.UNAUTHORIZED, "the bearer token is nobody's")
    refused.headers["WWW-Authenticate"] = 'Bearer realm="vacancies"'
    return refused


def _is_theirs(authorization: str, secret: str | None) -> bool:
    return secret is not None and shows(authorization, os.environ.get(secret, ""))


async def _read(request: Request) -> tuple[list[RawVacancy], str]:
    """The vacancies, not yet judged, and the body's digest; `Invalid` names what is wrong."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Invalid("Content-Type", "must be application/json")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY_BYTES:
            raise Invalid("body", f"must not be larger than {LARGEST_BODY_BYTES} bytes")
    read = await run_in_threadpool(read_rows, bytes(body))
    return read, hashlib.sha256(body).hexdigest()


def read_rows(body: bytes) -> list[RawVacancy]:
    """The vacancies of a body, not yet judged; `Invalid` names what is wrong."""
    # Some serialisers begin with a byte order mark, or two.
    body = body.removeprefix(BOM_UTF8).removeprefix(BOM_UTF8)
    try:
        sent = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Invalid("body", "must be JSON in UTF-8") from None
    if not isinstance(sent, dict) or sent.get("format") != FORMAT:
        raise Invalid("format", f"must be {FORMAT}")
    rows = sent.get("vacancies")
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_PUSHED:
        raise Invalid("vacancies", f"must be a list of 1 to {MOST_PUSHED}")
    page = JsonPage(body)
    return [RawVacancy(line, row if isinstance(row, dict) else {}, page) for line, row in enumerate(rows, 1)]


def _taken(endpoint: Endpoint, sender: Partner, rows: list[RawVacancy], key: str, digest: str) -> Response:
    try:
        found = push(
            endpoint.database, sender.id, rows, terms=sender.feed, key=key, digest=digest, now=endpoint.clock.now()
        )
    except KeyUsedBefore:
        detail = "came with other vacancies before"
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, field="Idempotency-Key")
    except IntegrityError:
        detail = "the same key is being taken in at this very moment; send it again to hear what became of it"
        return problem(HTTPStatus.CONFLICT, detail, field="Idempotency-Key")
    except TooMuchAtOnce as refused:
        detail = "takes too many homes off the market at once; the platform's staff have been told"
        return problem(HTTPStatus.CONFLICT, detail, field="vacancies", why=str(refused))
    return JSONResponse(_told(found).model_dump(), HTTPStatus.ACCEPTED)


def _told(found: Pushed) -> Taken:
    load, wrong = found.load, found.judged.rejected
    return Taken(
        load=id_of(load),
        outcome=load.standing,
        rows=load.rows,
        good=load.rows - load.quarantined,
        wrong=[WrongRow(row=one.line, reasons=one.reasons) for one in wrong],
    )
