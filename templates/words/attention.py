"""What needs a person, in Danish, by its code."""

from domain.errors import Seen
from domain.feeds.breaker import Trip
from templates.words import feeds
from templates.words.marked import marked

# What needs a person, by its code; a code that is missing here is an internal error, and is shown as it is.
ATTENTION: dict[str, str] = {
    **{str(code): text for kind in (Trip, Seen) for code, text in feeds.NAMES[kind].items()},
    "too_much_at_once": marked("En boligorganisation ville tage for mange boliger ud på én gang"),
    "gone_while_reserved": marked("En bolig, vi holder til en familie, er udlejet til en anden"),
    "unknown_area": marked("Et boligområdes navn er ukendt: boligerne med det holdes tilbage, til nogen har svaret"),
    "too_many_areas": marked("Der er for mange ukendte navne på boligområder til at spørge om dem alle"),
    "left_area_unclear": marked("En henvisning siger ikke tydeligt, hvilket boligområde familien flytter fra"),
    "announced_while_let": marked("En bolig, vi har udlejet, er meldt ledig igen: er familien flyttet?"),
    "partner_refused": marked("En partner har sagt nej"),
    "partner_unavailable": marked("En partner svarer ikke"),
    "unexpected": marked("En liste fik vores program til at fejle"),
    "letter_by_hand": marked("Et brev til en familie skal printes og sendes med posten"),
    "letter_printed": marked("Et brev til en familie er printet: skriv, om det er sendt med posten"),
    "address_refused": marked("En mailadresse er afvist"),
    "bounced": marked("Et brev er kommet tilbage"),
    "away": marked("Den, der er spurgt, er væk"),
    "replied_by_mail": marked("Nogen har svaret på en mail i stedet for på siden"),
    "mail_to_read": marked("I postkassen ligger mail, som et menneske skal læse"),
    "mail_not_marked": marked("Læst post kan ikke mærkes som læst i postkassen"),
    "mailbox_refused": marked("Postkassen lukker os ikke ind"),
    "month_rejected": marked("En part godkender ikke sin afregning: ret fejlen i en åben måned, og spørg parten igen"),
    "month_asks_nobody": marked("En part har ingen, der kan godkende dens afregning"),
    "claim_asks_nobody": marked("Kommunen, der betaler, har ingen, der kan svare på et krav"),
    "no_answer": marked("Fristen er gået, og kun et menneske kan komme videre"),
    "deadline_stuck": marked("En frist kunne ikke passes"),
    "nobody_at_work": marked("Både den, der er spurgt, og stedfortræderen er væk"),
    "needs_person": marked("Parten har ingen til det næste skridt"),
    "reassess": marked("Familiens forhold har ændret sig"),
    "search_exhausted": marked("Tidligere afslag udelukker alle boliger"),
    "ceiling_reached": marked("Aftalens loft for året er nået: familien venter på plads"),
    "vault_closed": marked("En kommentar kan ikke åbnes med de nøgler, vi har"),
    "digits_guessed": marked("Nogen har gættet på cifrene til et link: spørg modtageren, før brevet sendes igen"),
    "consent_ends_soon": marked("Familiens samtykke udløber snart, og så stopper sagen"),
    "archive_before_shredding": marked("Sagens oplysninger makuleres snart, og arkivet har ikke overtaget sagen"),
    "archive_receipt_missing": marked("Sagens oplysninger skulle være makuleret, men arkivet har ikke overtaget sagen"),
    "too_late_to_stop": marked("Samtykket blev trukket tilbage efter indflytningen"),
    "same_person": marked("Samme person har måske en åben sag i forvejen: afgør, om denne sag må fortsætte"),
    "withdrawal_refused": marked("En tilbagekaldelse fra et fagsystem blev ikke udført: familiens sag kan køre videre"),
    "schedule_not_run": marked("Noget, der skal køre af sig selv, har ikke kørt til tiden"),
    "schedule_refused": marked("En tidsplan kan ikke bruges"),
    "party_illegible": marked("Det, vi har gemt om en part, kan ikke læses. Importér parten igen"),
    "flag_without_id": marked("Et fagsystem har sendt en henvisning, som ikke kan besvares"),
    "restored_home": marked(
        "En sikkerhedskopi er lagt tilbage: en bolig er reserveret hos den ene og ikke hos den anden"
    ),
    "restored_identity": marked(
        "En sikkerhedskopi er lagt tilbage: en modtager ved, hvem familien er, og det ved vi ikke"
    ),
    "restored_posting": marked("En sikkerhedskopi er lagt tilbage: der er bogført noget, som vi ikke har bogført"),
    "restored_case": marked("En sikkerhedskopi er lagt tilbage: sagen er begyndt forfra eller kan ikke findes igen"),
    "restored_party": marked("En sikkerhedskopi er lagt tilbage: parten kan ikke spørges, hvad den har fra os"),
    "without_our_key": marked("En part siger, at den har noget fra os, men kan ikke vise, at vi har sendt det"),
    "posting_rejected": marked("Et økonomisystem har afvist en postering: ret den, så den sendes igen"),
    "posting_disputed": marked("Et økonomisystem siger noget andet om en postering end før, eller et andet beløb"),
    "posting_unanswered": marked("Et økonomisystem har fået en postering og ikke svaret på den"),
    "invoice_rejected": marked("En køber har afvist en faktura: den forfalder igen og skal rettes"),
    "invoice_queried": marked("En køber spørger til en faktura, eller tager kun imod den på vilkår"),
    "invalid": marked("Noget, en partner har sendt, har fejl"),
    "booked_otherwise": marked("Der er bogført andre beløb i sagen, end aftalen siger; der bogføres ikke mere"),
    "moved_meanwhile": marked("To kørsler ramte hinanden; den ene blev sprunget over"),
}
