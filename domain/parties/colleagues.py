"""Who at a party answers a question: chosen by role, never a person who is away, and never against four eyes."""

from datetime import date, timedelta

from domain.errors import Invalid
from domain.parties.party import Absence, Contact, Partner, Role
from domain.questions.question import QuestionKind
from domain.text.mail_address import mailbox_of

ANSWERED_BY: dict[QuestionKind, Role] = {
    QuestionKind.SIGN_OFF: Role.SIGN_OFF,
    QuestionKind.FEWER_ALIKE: Role.CASEWORKER,
    QuestionKind.OFFER: Role.LETTING,
    QuestionKind.APPROVAL: Role.APPROVER,
    QuestionKind.ACCEPTANCE: Role.CASEWORKER,
    QuestionKind.MOVE_IN: Role.LETTING,
    QuestionKind.MONTH: Role.FINANCE,
    QuestionKind.CLAIM: Role.FINANCE,
    QuestionKind.CLAIM_SECOND: Role.COORDINATOR,
}
# Who answers at a party that names nobody with that role, in this order.
OR_ELSE: dict[QuestionKind, tuple[Role, ...]] = {
    QuestionKind.MONTH: (Role.COORDINATOR, Role.CHIEF),
    QuestionKind.CLAIM_SECOND: (Role.CHIEF, Role.FINANCE),
}


# These are asked of the person who flagged the family, whatever other role they have.
ASKED_OF_THE_FLAGGER = frozenset({QuestionKind.FEWER_ALIKE, QuestionKind.ACCEPTANCE})


def roles_for(kind: QuestionKind) -> tuple[Role, ...]:
    """The roles that answer such a question: the first that a party names."""
    return (ANSWERED_BY[kind], *OR_ELSE.get(kind, ()))


def who_answers(kind: QuestionKind, partner: Partner, *, barred: frozenset[str] = frozenset()) -> Contact | None:
    """The contact of a party who is asked; None when it names nobody who may answer."""
    return next(filter(None, (partner.first(role, barred=barred) for role in roles_for(kind))), None)


def still_answers(kind: QuestionKind, partner: Partner, contact_id: str) -> bool:
    """Whether a person who was asked may still answer: their party names them, with a role for such questions."""
    named = partner.contact(contact_id)
    return named is not None and (kind in ASKED_OF_THE_FLAGGER or named.role in roles_for(kind))


def absence(contact: Contact, *, on: date) -> Absence | None:
    """A person's absence on a day; None when they are at work."""
    return next((away for away in contact.away if away.from_day <= on <= away.until_day), None)


def standing_in(partner: Partner, contact: Contact, *, on: date) -> Contact:
    """Who answers for a person on a day: their deputy while they are away, else they themselves.

    A deputy's own absence is not followed: there are no chains.
    """
    away = absence(contact, on=on)
    return (partner.contact(away.deputy) or contact) if away else contact


def barred(kind: QuestionKind, partner: Partner, *, flagged_by: str, on: date) -> frozenset[str]:
    """Who may not answer: neither the person who flagged a family nor their deputy can sign it off."""
    return barred_after(partner, flagged_by, on=on) if kind is QuestionKind.SIGN_OFF else frozenset()


def barred_after(partner: Partner, first: str, *, on: date) -> frozenset[str]:
    """Who is no second pair of eyes on a day: the person who acted first, their deputy, and who has the same mailbox.

    The database refuses it too, and counts days in UTC: so yesterday's deputy is barred as well.
    """
    named = partner.contact(first)
    if named is None:
        return frozenset({first})
    day_before = on - timedelta(days=1)
    deputies = [away.deputy for away in named.away if away.from_day <= on and away.until_day >= day_before]
    alike = [one.id for one in partner.contacts if mailbox_of(one.email) == mailbox_of(named.email)]
    return frozenset({first, *deputies, *alike})


def colleagues(
    kind: QuestionKind, partner: Partner, *, of: str, on: date, barred: frozenset[str] = frozenset()
) -> tuple[Contact, ...]:
    """The colleagues to whom a person may pass a question on: with the same role, and at work that day."""
    return tuple(
        one
        for one in partner.contacts
        if one.role in roles_for(kind) and one.id not in barred | {of} and absence(one, on=on) is None
    )


def may_answer(partner: Partner, person: str, *, asked: str, on: date, barred: frozenset[str]) -> bool:
    """Whether a logged-in person may answer what another was asked: that person, or their deputy that day."""
    if person in barred:
        return False
    named = partner.contact(asked)
    return person == asked or (named is not None and standing_in(partner, named, on=on).id == person)


def faults_of_people(partner: Partner) -> list[Invalid]:
    """Every way in which one person is listed as two; empty when there is none. Four eyes are counted by contact."""
    found: list[Invalid] = []
    for number, contact in enumerate(partner.contacts):
        for other in partner.contacts[:number]:
            field = f"contacts.{contact.id}"
            if contact.id == other.id:
                found.append(Invalid(field, "stands twice"))
            if contact.subject is not None and contact.subject == other.subject:
                found.append(Invalid(f"{field}.subject", f"is that of {other.id} too"))
            flags_and_signs = {contact.role, other.role} == {Role.CASEWORKER, Role.SIGN_OFF}
            if flags_and_signs and mailbox_of(contact.email) == mailbox_of(other.email):
                found.append(Invalid(f"{field}.email", f"is that of {other.id} too, who must be somebody else"))
    return found


def faults_of_absences(partner: Partner) -> list[Invalid]:
    """Every fault in the list of deputies; empty when there is none."""
    found: list[Invalid] = []
    for contact in partner.contacts:
        for away in contact.away:
            field = f"contacts.{contact.id}.away"
            deputy = partner.contact(away.deputy)
            if away.until_day < away.from_day:
                found.append(Invalid(field, "until_day is before from_day"))
            if deputy is None or deputy.role is not contact.role or deputy.id == contact.id:
                found.append(Invalid(field, "deputy must be a colleague with the same role"))
            elif any(_overlap(away, other) for other in deputy.away):
                found.append(Invalid(field, f"{deputy.id} is away too: no chains of deputies"))
    return found


def _overlap(one: Absence, other: Absence) -> bool:
    return one.from_day <= other.until_day and other.from_day <= one.until_day
