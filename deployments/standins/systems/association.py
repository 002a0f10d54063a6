"""An association: its vacancies as a feed, and the interface for its reservations."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict

from deployments.standins.systems.feeds import csv_export, json_page, xml_export
from deployments.standins.systems.partner import Bearer, Key, PartnerSystem, admitted
from deployments.standins.world import Sent, StandInAssociation

router = APIRouter(prefix="/association/{association_id}")


class Told(BaseModel):
    """The fields of every call to an association; any other field is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    external_id: str
    pseudonym: str


class Reserved(Told):
    """A reservation, with the moment until which the home is held."""

    reserved_until: str


class Disclosed(Told):
    """A disclosure: the identity of the family."""

    name: str
    email: str
    phone: str
    address_protection: bool


@dataclass(slots=True)
class Association(PartnerSystem):
    """One association. A home is held until it is released, whatever date was promised."""

    let: StandInAssociation = field(default_factory=lambda: StandInAssociation("json", []))
    held: dict[str, Reserved] = field(default_factory=dict)
    tenants: dict[tuple[str, str], Disclosed] = field(default_factory=dict)
    recalls: list[Told] = field(default_factory=list)

    def reserve(self, told: Reserved) -> Sent:
        """Hold a home for a pseudonym, or say that it is held for another."""
        self._refuse_if_anothers(told)
        self.held[told.external_id] = told
        return {"reserved": True}

    def release(self, told: Told) -> Sent:
        """Release a home."""
        self._refuse_if_anothers(told)
        return {"released": self.held.pop(told.external_id, None) is not None}

    def meet(self, told: Disclosed) -> Sent:
        """Store for whom a home is held."""
        self._refuse_if_anothers(told)
        if told.external_id not in self.held:
            raise HTTPException(HTTPStatus.CONFLICT, "the home is not held")
        self.tenants[told.external_id, told.pseudonym] = told
        return {"known": True}

    def forget(self, told: Told) -> Sent:
        """Delete for whom a home was held."""
        self.tenants.pop((told.external_id, told.pseudonym), None)
        self.recalls.append(told)
        return {"deleted": True}

    def of_others(self) -> list[Sent]:
        """The homes that are held or disclosed, with their pseudonyms, without any family's identity."""
        held = {(told.external_id, told.pseudonym) for told in self.held.values()}
        return [
            {"external_id": unit, "pseudonym": name, "held": (unit, name) in held, "tenant_known": known}
            for unit, name in sorted(held | self.tenants.keys())
            for known in ((unit, name) in self.tenants,)
        ]

    def state(self) -> Sent:
        """The homes held, the families disclosed, and the disclosures recalled."""
        return {
            "reservations": [told.model_dump() for told in self.held.values()],
            "tenants": [told.model_dump() for told in self.tenants.values()],
            "recalls": [told.model_dump() for told in self.recalls],
            **self.counts(),
        }

    def version(self) -> str:
        """The version of the whole feed, as its ETag."""
        return f'"{blake2b(json.dumps(self.let.vacancies).encode(), digest_size=8).hexdigest()}"'

    def _refuse_if_anothers(self, told: Told) -> None:
        if all(told.external_id != vacancy.get("external_id") for vacancy in self.let.vacancies):
            raise HTTPException(HTTPStatus.NOT_FOUND, "no such unit")
        holder = self.held.get(told.external_id)
        if holder and holder.pseudonym != told.pseudonym:
            raise HTTPException(HTTPStatus.CONFLICT, "held for another")


def asked(request: Request, association_id: str, authorization: Bearer = "") -> Association:
    """The association a request is for."""
    associations: Mapping[str, Association] = request.app.state.associations
    return admitted(associations, association_id, authorization)


Asked = Annotated[Association, Depends(asked)]
KnownVersion = Annotated[str | None, Header()]


def show_only(association: Association, feed: str) -> None:
    """Answer 404 when an association is asked for a kind of feed that it does not have."""
    if association.let.feed != feed:
        raise HTTPException(HTTPStatus.NOT_FOUND)


def unless_known(body: bytes, media_type: str, version: str, known: str | None) -> Response:
    """A feed with its version as ETag, or 304 when the caller knows that version."""
    headers = {"ETag": version}
    if known == version:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


@router.get("/vacancies")
async def vacancies(association: Asked, cursor: str | None = None, if_none_match: KnownVersion = None) -> Response:
    """The feed in JSON, in pages."""
    show_only(association, "json")
    page = json.dumps(json_page(association.let.vacancies, cursor)).encode()
    return unless_known(page, "application/json", association.version(), if_none_match)


@router.get("/export/ledige-boliger.csv")
async def export(association: Asked, if_none_match: KnownVersion = None) -> Response:
    """The feed as a spreadsheet's export."""
    show_only(association, "csv")
    media_type = "text/csv; charset=windows-1252"
    return unless_known(csv_export(association.let.vacancies), media_type, association.version(), if_none_match)


@router.get("/export/ledige-boliger.xml")
async def document(association: Asked, if_none_match: KnownVersion = None) -> Response:
    """The feed as an export in the shape of the Huslejeregister."""
    show_only(association, "xml")
    return unless_known(xml_export(association.let.vacancies), "application/xml", association.version(), if_none_match)


@router.get("/reservations")
async def reservations(association: Asked) -> Sent:
    """The homes that are held or disclosed."""
    return {"reservations": association.of_others()}


@router.post("/reservations")
async def reserve(association: Asked, told: Reserved, key: Key) -> Sent:
    """Hold a home."""
    return association.once(key, ("reserve", told), lambda: association.reserve(told))


@router.post("/releases")
async def release(association: Asked, told: Told, key: Key) -> Sent:
    """Release a home."""
    return association.once(key, ("release", told), lambda: association.release(told))


@router.post("/tenants")
async def disclose(association: Asked, told: Disclosed, key: Key) -> Sent:
    """Store a family's identity."""
    return association.once(key, ("disclose", told), lambda: association.meet(told))


@router.post("/recalls")
async def recall(association: Asked, told: Told, key: Key) -> Sent:
    """Delete a family's identity."""
    return association.once(key, ("recall", told), lambda: association.forget(told))
