"""A case, its statuses and the reasons for a no, in Danish."""

from enum import StrEnum

from domain.referrals.household import FamilyAnswersBy, Language
from domain.referrals.lifecycle import Effect, Side, Status, WithdrawalReason
from templates.words.marked import marked

NAMES: dict[type[StrEnum], dict[str, str]] = {
    Status: {
        Status.RECEIVED: marked("Modtaget"),
        Status.SEEKING: marked("Søger bolig"),
        Status.PROPOSED: marked("Bolig foreslået"),
        Status.APPROVED: marked("Godkendt af kommunen"),
        Status.ACCEPTED: marked("Familien har sagt ja"),
        Status.HOUSED: marked("Flyttet ind"),
        Status.CLOSED: marked("Afsluttet"),
        Status.WITHDRAWN: marked("Stoppet"),
    },
    Side: {
        Side.SENDER: marked("Afsenderkommunen"),
        Side.ASSOCIATION: marked("Boligorganisationen"),
        Side.MUNICIPALITY: marked("Modtagerkommunen"),
        Side.FAMILY: marked("Familien"),
    },
    Effect: {
        Effect.NONE: marked("Ingen virkning"),
        Effect.PARK: marked("Sagen venter"),
        Effect.EXCLUDE_HOME: marked("Boligen foreslås ikke igen"),
        Effect.EXCLUDE_ASSOCIATION: marked("Boligorganisationen spørges ikke igen"),
        Effect.EXCLUDE_MUNICIPALITY: marked("Kommunen spørges ikke igen"),
        Effect.REASSESS: marked("Sagen vurderes igen"),
        Effect.CLOSE: marked("Sagen afsluttes"),
    },
    WithdrawalReason: {
        WithdrawalReason.CONSENT_WITHDRAWN: marked("Familien har trukket sit samtykke tilbage"),
        WithdrawalReason.CASE_WITHDRAWN: marked("Kommunen har stoppet sagen"),
        WithdrawalReason.CONSENT_ENDED: marked("Familiens samtykke er udløbet"),
    },
    Language: {
        Language.DANISH: marked("Dansk"),
        Language.ENGLISH: marked("Engelsk"),
    },
    FamilyAnswersBy: {
        FamilyAnswersBy.LETTER: marked("Familien svarer selv"),
        FamilyAnswersBy.CASEWORKER: marked("Sagsbehandleren skriver familiens svar"),
    },
}


# Worded to fit both the family itself and the caseworker who records its reason.
REASONS: dict[str, str] = {
    "need_not_documented": marked("Behovet er ikke dokumenteret"),
    "other_solution_found": marked("Der er fundet en anden løsning"),
    "wait_for_others_alike": marked("Vent, til flere familier søger noget lignende"),
    "no_suitable_home": marked("Ingen af boligerne passer"),
    "homes_already_let": marked("Boligerne er allerede lejet ud"),
    "no_capacity_now": marked("Der kan ikke tages imod flere lige nu"),
    "area_under_pressure": marked("Området er under pres"),
    "schools_and_daycare_full": marked("Der er ikke plads i skoler og dagtilbud"),
    "quota_used": marked("Årets kvote er brugt"),
    "home_does_not_suit": marked("Boligen passer ikke"),
    "too_expensive": marked("Huslejen er for høj"),
    "too_far_away": marked("Boligen ligger for langt væk"),
    "not_now": marked("Det passer ikke lige nu"),
    "circumstances_changed": marked("Situationen er en anden nu"),
    "home_not_ready": marked("Boligen er ikke klar"),
    "lease_not_signed": marked("Lejekontrakten er ikke skrevet under"),
    "amount_wrong": marked("Et beløb er forkert"),
    "unknown_case": marked("Vi kender ikke en af sagerne"),
    "rule_wrong": marked("Beløbet følger ikke aftalen"),
    "not_our_party": marked("Posteringen hører til hos en anden part"),
    "evidence_missing": marked("Bilaget mangler eller viser ikke udgiften"),
    "not_covered": marked("Garantien dækker ikke udgiften"),
    "amount_too_high": marked("Beløbet er højere, end bilaget viser"),
    "no_answer": marked("Der kom ikke svar inden fristen"),
    "home_gone": marked("Boligen er ikke længere ledig"),
    "ceiling_reached": marked("Aftalens loft for året er nået"),
}

REASONS_TO_FAMILY: dict[str, str] = {
    "need_not_documented": marked("Vi kan ikke se i sagen, at I har brug for at flytte til en anden bolig."),
    "other_solution_found": marked("Vi har fundet en anden løsning til jer."),
    "area_under_pressure": marked("Kommunen siger, at området er under pres, og at flere ikke kan flytte dertil nu."),
    "schools_and_daycare_full": marked("Kommunen siger, at der ikke er plads i skoler og dagtilbud."),
    "quota_used": marked("Kommunen siger, at den ikke kan tage imod flere familier i år."),
    "no_answer": marked("Kommunen svarede ikke inden fristen, og boligen kan ikke holdes længere."),
}
