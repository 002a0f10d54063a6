"""What each code of the domain is called, in Danish, translated like any text.

Codes of different kinds share their spelling (`sign_off` is a role and a question), so the names are kept by kind.
"""

from enum import StrEnum

from domain.anonymity.sending_days import Weekday
from domain.audit import Fault
from domain.books.compensation import BookingKind
from domain.errors import Seen
from domain.feeds.breaker import Trip
from domain.feeds.contract import FeedMode, FeedStatus
from domain.feeds.load import LoadKind, LoadStanding
from domain.homes.area import AreaStatus
from domain.homes.dwelling import LettingCriteria
from domain.parties.agreement import AnswerLevel, OnSilence, Shows
from domain.parties.party import PartyKind, Role
from domain.questions.question import Answer, FamilyAsked, GivenBy, PassedOnBy, QuestionKind, Standing
from domain.questions.returned_mail import Unreached
from domain.questions.urgency import Urgency
from domain.referrals.consent import ChildrenHeard, ConsentGiven, ConsentStanding, ConsentWithdrawn
from domain.referrals.household import FamilyAnswersBy, Language
from domain.referrals.lifecycle import Effect, Side, Status, WithdrawalReason
from domain.referrals.retention import Keeping


def marked(text: str) -> str:
    """The text itself; its use tells the extraction that this is a text to translate."""
    return text


NAMES: dict[type[StrEnum], dict[str, str]] = {
    FeedMode: {FeedMode.FULL: marked("Hele listen"), FeedMode.DELTA: marked("Ændringer")},
    Keeping: {
        Keeping.KEEP: marked("Opbevares"),
        Keeping.WARN: marked("Makuleres snart"),
        Keeping.WAITS_FOR_ARCHIVE: marked("Venter på arkivet"),
        Keeping.SHRED: marked("Makuleres"),
    },
    FeedStatus: {
        FeedStatus.VACANT: marked("Ledig"),
        FeedStatus.LET: marked("Udlejet"),
        FeedStatus.WITHDRAWN: marked("Trukket tilbage"),
    },
    Trip: {
        Trip.EMPTY: marked("Listen er tom"),
        Trip.SHRUNK: marked("Listen er langt kortere end normalt"),
        Trip.QUARANTINED: marked("For mange rækker har fejl"),
        Trip.STRANGERS: marked("For få af boligerne er kendt fra sidst"),
        Trip.VANISHING: marked("For mange af boligerne er udlejet på én gang"),
        Trip.SHAPE: marked("Listen har andre kolonner end før"),
        Trip.STANDING_STILL: marked("Listen er ikke skrevet på ny i flere dage"),
    },
    Seen: {
        Seen.EMPTY: marked("En partner har svaret, men svaret er tomt"),
        Seen.PAGE: marked("En partner har svaret med en webside, for eksempel til login"),
        Seen.OTHER_FORM: marked("En partner har svaret med noget andet, end vi har aftalt"),
        Seen.NO_HEADER: marked("En liste har ingen overskrift med de kolonner, vi har aftalt"),
        Seen.NOT_WHOLE: marked("En partner har svaret, men svaret er ikke helt"),
        Seen.NOT_READABLE: marked("En partner har svaret, men svaret kan ikke læses"),
    },
    LoadKind: {
        LoadKind.NIGHT: marked("Hentet om natten"),
        LoadKind.PUSH: marked("Sendt af boligorganisationen"),
        LoadKind.REPLAY: marked("Taget ud af karantæne"),
    },
    LoadStanding: {
        LoadStanding.FETCHING: marked("Hentes nu"),
        LoadStanding.READY: marked("Venter på at blive brugt"),
        LoadStanding.HELD: marked("Holdt tilbage"),
        LoadStanding.APPLIED: marked("Brugt"),
        LoadStanding.UNCHANGED: marked("Uændret"),
        LoadStanding.REFUSED: marked("Afvist"),
        LoadStanding.FAILED: marked("Kunne ikke hentes"),
        LoadStanding.SUPERSEDED: marked("Afløst af en nyere"),
    },
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
    AreaStatus: {
        AreaStatus.PARALLEL_SOCIETY: marked("Parallelsamfund"),
        AreaStatus.TRANSFORMATION: marked("Omdannelsesområde"),
        AreaStatus.VULNERABLE: marked("Udsat boligområde"),
        AreaStatus.COMBINED_LETTING: marked("Område med kombineret udlejning"),
    },
    LettingCriteria: {
        LettingCriteria.ORDINARY: marked("Almindelig venteliste"),
        LettingCriteria.FLEXIBLE: marked("Fleksibel udlejning"),
        LettingCriteria.MUNICIPAL_ASSIGNMENT: marked("Kommunal anvisning"),
    },
    Role: {
        Role.CASEWORKER: marked("Sagsbehandler"),
        Role.SIGN_OFF: marked("Godkender af henvisninger"),
        Role.APPROVER: marked("Godkender af boliger"),
        Role.LETTING: marked("Udlejer"),
        Role.CHIEF: marked("Leder"),
        Role.OPERATIONS: marked("Driftsmedarbejder"),
        Role.AUDITOR: marked("Revisor"),
        Role.DATA_PROTECTION_OFFICER: marked("Databeskyttelsesrådgiver"),
    },
    PartyKind: {
        PartyKind.MUNICIPALITY: marked("Kommune"),
        PartyKind.ASSOCIATION: marked("Boligorganisation"),
        PartyKind.OPERATOR: marked("Driften"),
    },
    Language: {
        Language.DANISH: marked("Dansk"),
        Language.ENGLISH: marked("Engelsk"),
    },
    FamilyAnswersBy: {
        FamilyAnswersBy.LETTER: marked("Familien svarer selv"),
        FamilyAnswersBy.CASEWORKER: marked("Sagsbehandleren skriver familiens svar"),
    },
    QuestionKind: {
        QuestionKind.SIGN_OFF: marked("Godkendelse af henvisning"),
        QuestionKind.FEWER_ALIKE: marked("Søgning, selv om familien skiller sig ud"),
        QuestionKind.OFFER: marked("Tilbud om bolig"),
        QuestionKind.APPROVAL: marked("Godkendelse af bolig"),
        QuestionKind.ACCEPTANCE: marked("Familiens svar"),
        QuestionKind.MOVE_IN: marked("Indflytning"),
    },
    Answer: {
        Answer.YES: marked("Ja"),
        Answer.NO: marked("Nej"),
        Answer.WITHDRAW: marked("Samtykket trækkes tilbage"),
    },
    Standing: {
        Standing.OPEN: marked("Venter på svar"),
        Standing.ANSWERED: marked("Besvaret"),
        Standing.OVERDUE: marked("Fristen er overskredet"),
        Standing.REVOKED: marked("Trukket tilbage"),
    },
    GivenBy: {
        GivenBy.MEETING: marked("På et møde"),
        GivenBy.PHONE: marked("I telefonen"),
        GivenBy.LETTER: marked("I et brev"),
    },
    FamilyAsked: {
        FamilyAsked.THROUGH_CASEWORKER: marked("Gennem sagsbehandleren"),
        FamilyAsked.BY_LETTER_SYSTEM: marked("Med brev gennem kommunens brevsystem"),
        FamilyAsked.BY_POST: marked("Med brev, sendt med posten"),
        FamilyAsked.BY_EMAIL: marked("Med mail"),
        FamilyAsked.LETTER_WAITS: marked("Ikke endnu: brevet skal printes og sendes med posten"),
        FamilyAsked.ON_ITS_WAY: marked("Brevet er på vej"),
        FamilyAsked.REFUSED: marked("Ikke endnu: brevet kunne ikke sendes"),
    },
    PassedOnBy: {
        PassedOnBy.ADDRESSEE: marked("Sendt til en kollega"),
        PassedOnBy.DEPUTY_RULE: marked("Sendt til stedfortræderen"),
        PassedOnBy.STAFF: marked("Givet til en anden"),
        PassedOnBy.WRONG_DIGITS: marked("Sendt igen efter forkerte cifre"),
        PassedOnBy.PROTECTION: marked("Spurgt gennem sagsbehandleren"),
        PassedOnBy.LEFT: marked("Den, der var spurgt, svarer ikke længere her"),
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
    ConsentGiven: {
        ConsentGiven.IN_WRITING: marked("På skrift"),
        ConsentGiven.DIGITALLY: marked("Digitalt"),
        ConsentGiven.ORALLY: marked("Mundtligt"),
    },
    ChildrenHeard: {
        ChildrenHeard.HEARD: marked("Børnene er hørt"),
        ChildrenHeard.NO_CHILDREN: marked("Der er ingen børn"),
        ChildrenHeard.TOO_YOUNG: marked("Børnene er for små til at blive hørt"),
        ChildrenHeard.WOULD_HARM: marked("Det ville skade børnene at blive hørt"),
    },
    ConsentWithdrawn: {
        ConsentWithdrawn.CASE_SYSTEM: marked("I kommunens fagsystem"),
        ConsentWithdrawn.PAGE: marked("På familiens side"),
        ConsentWithdrawn.LETTER: marked("I et brev"),
        ConsentWithdrawn.PHONE: marked("I telefonen"),
        ConsentWithdrawn.IN_PERSON: marked("Ved et møde"),
        ConsentWithdrawn.ENDED: marked("Det er udløbet"),
    },
    ConsentStanding: {
        ConsentStanding.HOLDS: marked("Gælder"),
        ConsentStanding.ENDS_SOON: marked("Udløber snart"),
        ConsentStanding.ENDED: marked("Udløbet"),
    },
    Shows: {Shows.SENDER: marked("Hvem der sender"), Shows.HOUSEHOLD_BAND: marked("Husstandens størrelse, cirka")},
    Weekday: {
        Weekday.MONDAY: marked("Mandag"),
        Weekday.TUESDAY: marked("Tirsdag"),
        Weekday.WEDNESDAY: marked("Onsdag"),
        Weekday.THURSDAY: marked("Torsdag"),
        Weekday.FRIDAY: marked("Fredag"),
    },
    OnSilence: {
        OnSilence.BACK_TO_SEEKING: marked("Vi søger videre"),
        OnSilence.KEEP_WAITING: marked("Vi venter på svar"),
        OnSilence.NEVER: marked("Spørgsmålet står åbent"),
    },
    Fault: {
        Fault.CHANGED: marked("Ændret"),
        Fault.MISSING: marked("Mangler"),
        Fault.OUT_OF_ORDER: marked("Ikke på sin plads"),
        Fault.CUT_OFF: marked("Skåret af"),
        Fault.FORGED: marked("Ikke underskrevet med nøglen"),
        Fault.LEFT_OUT: marked("Udeladt"),
        Fault.UNSIGNED: marked("Ikke underskrevet"),
        Fault.EDITED: marked("Rettet i hånden"),
        Fault.UNKNOWN: marked("Skrevet i hånden"),
        Fault.GONE: marked("Slettet i hånden"),
    },
    Unreached: {
        Unreached.BOUNCED: marked("Mailen kunne ikke afleveres"),
        Unreached.AWAY: marked("Der kom et autosvar"),
    },
    AnswerLevel: {
        AnswerLevel.LINK: marked("Kun link"),
        AnswerLevel.LINK_AND_LOGIN: marked("Link og login"),
    },
    Urgency: {
        Urgency.OVERDUE: marked("Overskredet"),
        Urgency.TODAY: marked("I dag"),
        Urgency.SOON: marked("Snart"),
        Urgency.LATER: marked("Senere"),
    },
    BookingKind: {
        BookingKind.MOVE_IN: marked("Indflytning"),
        BookingKind.REVERSAL: marked("Tilbageførsel"),
    },
}


def name(code: StrEnum) -> str:
    """What a code is called."""
    return NAMES[type(code)][code]
