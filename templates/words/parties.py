"""The parties, their people and their agreements, in Danish."""

from enum import StrEnum

from domain.parties.agreement import AnswerLevel, OnSilence, Shows
from domain.parties.party import PartyKind, Role
from templates.words.marked import marked

NAMES: dict[type[StrEnum], dict[str, str]] = {
    Role: {
        Role.CASEWORKER: marked("Sagsbehandler"),
        Role.SIGN_OFF: marked("Godkender af henvisninger"),
        Role.APPROVER: marked("Godkender af boliger"),
        Role.LETTING: marked("Udlejer"),
        Role.CHIEF: marked("Leder"),
        Role.OPERATIONS: marked("Driftsmedarbejder"),
        Role.AUDITOR: marked("Revisor"),
        Role.DATA_PROTECTION_OFFICER: marked("Databeskyttelsesrådgiver"),
        Role.FINANCE: marked("Økonomimedarbejder"),
        Role.COORDINATOR: marked("Koordinator"),
    },
    PartyKind: {
        PartyKind.MUNICIPALITY: marked("Kommune"),
        PartyKind.ASSOCIATION: marked("Boligorganisation"),
        PartyKind.OPERATOR: marked("Driften"),
    },
    Shows: {Shows.SENDER: marked("Hvem der sender"), Shows.HOUSEHOLD_BAND: marked("Husstandens størrelse, cirka")},
    OnSilence: {
        OnSilence.BACK_TO_SEEKING: marked("Vi søger videre"),
        OnSilence.KEEP_WAITING: marked("Vi venter på svar"),
        OnSilence.NEVER: marked("Spørgsmålet står åbent"),
    },
    AnswerLevel: {
        AnswerLevel.LINK: marked("Kun link"),
        AnswerLevel.LINK_AND_LOGIN: marked("Link og login"),
    },
}
