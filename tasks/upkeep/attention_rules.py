"""The rules that close items of the attention list, however their reason passed.

The kind of an item's subject decides the rule; some codes have a further rule. Whoever adds a code says in `ABOUT`
what its items are about, and a new kind of subject needs a rule here.
"""

from domain.errors import Seen as Unreadably
from domain.feeds.breaker import Trip
from domain.subject import About
from storage.attention import AttentionItem
from tasks.upkeep.reasons.books import (
    claim_asks_somebody,
    invoice_has_moved_on,
    month_is_asked_anew,
    posting_has_moved_on,
)
from tasks.upkeep.reasons.delivery import lane_answers, was_posted, was_told
from tasks.upkeep.reasons.feeds import feed_is_gone, night_came_later
from tasks.upkeep.reasons.parties import contact_is_gone, is_polled_no_more
from tasks.upkeep.reasons.privacy import comment_is_sealed_anew, consent_is_settled, data_are_settled, entry_is_bound
from tasks.upkeep.reasons.questions import (
    digits_are_settled,
    is_answered_on_the_page,
    needs_no_answer,
    somebody_is_at_work,
)
from tasks.upkeep.reasons.referrals import has_moved, is_over, put_right_or_over, search_goes_on, somebody_is_asked
from tasks.upkeep.reasons.seen import Rule, Seen, by_a_person_alone
from tasks.upkeep.reasons.vacancies import home_is_not_held, name_is_known
from templates.words.attention import ATTENTION


def _bounced(seen: Seen) -> bool:
    """As its subject's rule says; for a letter to a family, a person says it.

    A family is written to about a refusal when its case is already over.
    """
    kind = seen.item.about.kind
    return False if kind == About.RETURNED else RULES[kind](seen)


RULES: dict[str, Rule] = {
    About.QUESTION: needs_no_answer,
    About.OUTBOX: was_told,
    About.LETTER: was_posted,
    About.LANE: lane_answers,
    About.REFERRAL: has_moved,
    About.CONSENT: consent_is_settled,
    About.RETENTION: data_are_settled,
    About.VACANCY: home_is_not_held,
    About.COMMENT: comment_is_sealed_anew,
    About.VAULT: entry_is_bound,
    About.FEED: feed_is_gone,
    About.PUSH: night_came_later,
    About.MUNICIPALITY: is_polled_no_more,
    About.ASSOCIATION: put_right_or_over,
    About.ANNOUNCED: put_right_or_over,
    About.AREA_NAME: name_is_known,
    About.AREAS: put_right_or_over,
    About.BOOKING: by_a_person_alone,
    About.CONTACT: contact_is_gone,
    About.FLAG: put_right_or_over,
    About.HOME: by_a_person_alone,
    About.LEFT_AREA: put_right_or_over,
    About.MAILBOX: put_right_or_over,
    About.CLAIM: claim_asks_somebody,
    About.INVOICE: invoice_has_moved_on,
    About.MONTH: month_is_asked_anew,
    About.PERSON: put_right_or_over,
    About.POSTING: posting_has_moved_on,
    About.RETURNED: put_right_or_over,
    About.SCHEDULE: put_right_or_over,
    About.WITHDRAWAL: put_right_or_over,
}
OF_CODES: dict[str, Rule] = {
    "nobody_at_work": somebody_is_at_work,
    "digits_guessed": digits_are_settled,
    "reassess": search_goes_on,
    "search_exhausted": somebody_is_asked,
    "ceiling_reached": somebody_is_asked,
    "too_late_to_stop": is_over,
    "bounced": _bounced,
    "replied_by_mail": is_answered_on_the_page,
    "restored_case": by_a_person_alone,
    "restored_home": by_a_person_alone,
    "restored_identity": by_a_person_alone,
    "restored_party": by_a_person_alone,
    "restored_posting": by_a_person_alone,
    "without_our_key": by_a_person_alone,
    "party_illegible": put_right_or_over,
}
OUR_ERRORS_STAND_AT = (About.OUTBOX, About.REFERRAL)
# What the items of a code are about.
ABOUT: dict[str, tuple[str, ...]] = {
    **{str(trip): (About.FEED,) for trip in Trip},
    **{str(seen): (About.FEED, About.LANE, About.OUTBOX, About.MUNICIPALITY) for seen in Unreadably},
    "too_much_at_once": (About.PUSH,),
    "gone_while_reserved": (About.VACANCY,),
    "partner_refused": (About.OUTBOX, About.REFERRAL, About.FEED, About.MUNICIPALITY),
    "partner_unavailable": (About.LANE, About.FEED, About.OUTBOX, About.MAILBOX),
    "unexpected": (About.FEED, About.MAILBOX, About.MUNICIPALITY),
    "letter_by_hand": (About.LETTER,),
    "letter_printed": (About.LETTER,),
    "address_refused": (About.QUESTION, About.OUTBOX),
    "bounced": (About.QUESTION, About.CONTACT, About.RETURNED),
    "away": (About.QUESTION,),
    "no_answer": (About.QUESTION,),
    "month_rejected": (About.MONTH,),
    "month_asks_nobody": (About.MONTH,),
    "claim_asks_nobody": (About.CLAIM,),
    "deadline_stuck": (About.QUESTION,),
    "nobody_at_work": (About.QUESTION,),
    "needs_person": (About.OUTBOX, About.REFERRAL, About.MUNICIPALITY, About.QUESTION),
    "reassess": (About.REFERRAL,),
    "search_exhausted": (About.REFERRAL,),
    "ceiling_reached": (About.REFERRAL,),
    "vault_closed": (About.COMMENT, About.VAULT, About.OUTBOX, About.REFERRAL),
    "digits_guessed": (About.QUESTION,),
    "consent_ends_soon": (About.CONSENT,),
    "archive_before_shredding": (About.RETENTION,),
    "archive_receipt_missing": (About.RETENTION,),
    "too_late_to_stop": (About.REFERRAL,),
    "flag_without_id": (About.FLAG,),
    "withdrawal_refused": (About.WITHDRAWAL,),
    "same_person": (About.PERSON,),
    "replied_by_mail": (About.QUESTION, About.REFERRAL),
    "mail_to_read": (About.MAILBOX,),
    "mail_not_marked": (About.MAILBOX,),
    "mailbox_refused": (About.MAILBOX,),
    "unknown_area": (About.AREA_NAME,),
    "too_many_areas": (About.AREAS,),
    "left_area_unclear": (About.LEFT_AREA,),
    "announced_while_let": (About.ANNOUNCED,),
    "schedule_not_run": (About.SCHEDULE,),
    "schedule_refused": (About.SCHEDULE,),
    "party_illegible": (About.MUNICIPALITY, About.ASSOCIATION),
    "restored_case": (About.REFERRAL, About.MUNICIPALITY),
    "restored_home": (About.HOME,),
    "restored_identity": (About.REFERRAL, About.HOME),
    "restored_posting": (About.BOOKING,),
    "restored_party": (About.MUNICIPALITY, About.ASSOCIATION),
    "without_our_key": (About.MUNICIPALITY,),
    "posting_rejected": (About.POSTING,),
    "posting_disputed": (About.POSTING,),
    "posting_unanswered": (About.POSTING,),
    "invoice_rejected": (About.INVOICE,),
    "invoice_queried": (About.INVOICE,),
    "invalid": (About.OUTBOX, About.REFERRAL, About.FEED),
    "booked_otherwise": (About.REFERRAL,),
    "moved_meanwhile": (About.REFERRAL,),
}


def rule_of(item: AttentionItem) -> Rule | None:
    """The rule that closes an item; None where a person must. Our own errors are known by code and have no label."""
    kind = item.about.kind
    known = kind in ABOUT.get(item.code, ()) or (item.code not in ATTENTION and kind in OUR_ERRORS_STAND_AT)
    return (OF_CODES.get(item.code) or RULES[kind]) if known else None
