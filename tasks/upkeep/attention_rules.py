"""What closes each item of the attention list, whichever way its reason passed.

What an item is about (the kind of its subject) says when that is. Some codes need more than their subject's rule.
Whoever adds a code says in `ABOUT` what its items are about, and a new kind of subject has a rule here.
"""

from domain.errors import Seen as Unreadably
from domain.feeds.breaker import Trip
from storage.attention import AttentionItem
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
    """By what it is about; of a family's letter a person says so.

    Why a family was refused is written to it when its case is over.
    """
    kind = seen.item.subject.partition(":")[0]
    return False if kind == "returned" else RULES[kind](seen)


RULES: dict[str, Rule] = {
    "question": needs_no_answer,
    "outbox": was_told,
    "letter": was_posted,
    "lane": lane_answers,
    "referral": has_moved,
    "consent": consent_is_settled,
    "retention": data_are_settled,
    "vacancy": home_is_not_held,
    "comment": comment_is_sealed_anew,
    "vault": entry_is_bound,
    "feed": feed_is_gone,
    "push": night_came_later,
    "municipality": is_polled_no_more,
    "association": put_right_or_over,
    "announced": put_right_or_over,
    "area_name": name_is_known,
    "areas": put_right_or_over,
    "booking": by_a_person_alone,
    "contact": contact_is_gone,
    "flag": put_right_or_over,
    "home": by_a_person_alone,
    "left_area": put_right_or_over,
    "mailbox": put_right_or_over,
    "person": put_right_or_over,
    "returned": put_right_or_over,
    "schedule": put_right_or_over,
    "withdrawal": put_right_or_over,
}
OF_CODES: dict[str, Rule] = {
    "nobody_at_work": somebody_is_at_work,
    "digits_guessed": digits_are_settled,
    "reassess": search_goes_on,
    "search_exhausted": somebody_is_asked,
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
OUR_ERRORS_STAND_AT = ("outbox", "referral")
# What the items of a code are about.
ABOUT: dict[str, tuple[str, ...]] = {
    **{str(trip): ("feed",) for trip in Trip},
    **{str(seen): ("feed", "lane", "outbox", "municipality") for seen in Unreadably},
    "too_much_at_once": ("push",),
    "gone_while_reserved": ("vacancy",),
    "partner_refused": ("outbox", "referral", "feed", "municipality"),
    "partner_unavailable": ("lane", "feed", "outbox", "mailbox"),
    "unexpected": ("feed", "mailbox", "municipality"),
    "letter_by_hand": ("letter",),
    "letter_printed": ("letter",),
    "address_refused": ("question", "outbox"),
    "bounced": ("question", "contact", "returned"),
    "away": ("question",),
    "no_answer": ("question",),
    "deadline_stuck": ("question",),
    "nobody_at_work": ("question",),
    "needs_person": ("outbox", "referral", "municipality", "question"),
    "reassess": ("referral",),
    "search_exhausted": ("referral",),
    "vault_closed": ("comment", "vault", "outbox", "referral"),
    "digits_guessed": ("question",),
    "consent_ends_soon": ("consent",),
    "archive_before_shredding": ("retention",),
    "archive_receipt_missing": ("retention",),
    "too_late_to_stop": ("referral",),
    "flag_without_id": ("flag",),
    "withdrawal_refused": ("withdrawal",),
    "same_person": ("person",),
    "replied_by_mail": ("question", "referral"),
    "mail_to_read": ("mailbox",),
    "mail_not_marked": ("mailbox",),
    "mailbox_refused": ("mailbox",),
    "unknown_area": ("area_name",),
    "too_many_areas": ("areas",),
    "left_area_unclear": ("left_area",),
    "announced_while_let": ("announced",),
    "schedule_not_run": ("schedule",),
    "schedule_refused": ("schedule",),
    "party_illegible": ("municipality", "association"),
    "restored_case": ("referral", "municipality"),
    "restored_home": ("home",),
    "restored_identity": ("referral", "home"),
    "restored_posting": ("booking",),
    "restored_party": ("municipality", "association"),
    "without_our_key": ("municipality",),
    "invalid": ("outbox", "referral", "feed"),
    "moved_meanwhile": ("referral",),
}


def rule_of(item: AttentionItem) -> Rule | None:
    """What closes an item; None where a person must. An error of our own is known by its name and has no text."""
    kind = item.subject.partition(":")[0]
    known = kind in ABOUT.get(item.code, ()) or (item.code not in ATTENTION and kind in OUR_ERRORS_STAND_AT)
    return (OF_CODES.get(item.code) or RULES[kind]) if known else None
