"""Reads what a case system sent, flag by flag: taken in or refused.

A refusal names the field and the rule (pydantic's name for it, or a code of ours) and never the value.
A flag without an id that can stand in a URL cannot be answered; it is named by its place in this poll,
`line:3` or `withdrawal:1`. No id that a case system can send has a colon.
"""

import json
import re

from pydantic import ValidationError

from connectors.case_system.contract import FlagSent, WithdrawalSent
from connectors.fields import USABLE_ID
from domain.referrals.household import FlaggedFamily, FlaggedWithdrawal, RefusedFlag
from domain.text.screening import holds_cpr_number, is_called_like, tells_whose, without_uuids

FIELD_NAME = re.compile(r"[a-z_]{1,40}")
CPR_DIGITS = 10
IDS = ("flag_id", "withdrawal_id", "case_id")


def read_flag(line: int, sent: object) -> FlaggedFamily | RefusedFlag:
    """A family, or why its flag is refused. Without consent nothing more of the flag is read."""
    flag_id = usable_id(sent, "flag_id")
    if flag_id is None:
        return _without_id(f"line:{line}", "flag_id", "not_usable", sent)
    if isinstance(sent, dict) and sent.get("consent") is None:
        return RefusedFlag(flag_id, "consent", "no_consent")
    if holds_cpr(sent, "case_id"):
        return RefusedFlag(flag_id, "case_id", "holds_cpr")
    try:
        family = FlagSent.model_validate_json(json.dumps(sent)).family()
    except ValidationError as error:
        return RefusedFlag(flag_id, *first_fault(error))
    if (found := _tells_who(family)) is not None:
        field, told = found
        # Its name in the refusal must not reveal it again.
        unnamed = _without_id(f"line:{line}", field, told, sent)
        return unnamed if field == "flag_id" else RefusedFlag(flag_id, field, told)
    return family


def _tells_who(family: FlaggedFamily) -> tuple[str, str] | None:
    """The first field outside the identity that reveals who the family is, and what it reveals.

    Free text in these fields stands in tables that all staff read.
    """
    looked_through = (
        # An id has no spaces and may still hold a name. Whole UUIDs are removed first, while they are whole.
        ("flag_id", re.sub("[-_]", " ", without_uuids(family.flag_id)), tells_whose),
        ("case_id", without_uuids(family.case_id), tells_whose),
        ("flagged_by", family.flagged_by, is_called_like),
        ("from_area", family.from_area or "", is_called_like),
        ("consent.given_to", family.consent.given_to, tells_whose),
    )
    for field, text, look in looked_through:
        if (told := look(text, family.identity)) is not None:
            return field, told
    return None


def read_withdrawal(line: int, sent: object) -> FlaggedWithdrawal | RefusedFlag:
    """A withdrawal, or why it is refused: then a person must look, because the case goes on meanwhile."""
    withdrawal_id = usable_id(sent, "withdrawal_id")
    if withdrawal_id is None:
        return _without_id(f"withdrawal:{line}", "withdrawal_id", "not_usable", sent, withdraws=True)
    try:
        stop = WithdrawalSent.model_validate_json(json.dumps(sent))
    except ValidationError as error:
        return RefusedFlag(withdrawal_id, *first_fault(error), withdraws=True)
    return FlaggedWithdrawal(stop.withdrawal_id, stop.case_id, stop.reason)


def _without_id(called: str, field: str, reason: str, sent: object, *, withdraws: bool = False) -> RefusedFlag:
    """A refusal without an id of its own; the ids as they came distinguish it, so that each is told separately."""
    ids = {name: sent.get(name) for name in IDS} if isinstance(sent, dict) else sent
    return RefusedFlag(called, field, reason, withdraws=withdraws, tells_apart=json.dumps(ids, sort_keys=True))


def usable_id(sent: object, name: str) -> str | None:
    """The id under which this flag can be answered; None when it has none."""
    given = sent.get(name) if isinstance(sent, dict) else None
    if not isinstance(given, str) or not USABLE_ID.fullmatch(given):
        return None
    # An id stands in URLs and tables, so it may hold nobody's CPR number.
    return None if holds_cpr(sent, name) or holds_cpr_number(given) else given


def holds_cpr(sent: object, name: str) -> bool:
    """Whether an id holds the family's CPR number, which may never be in URLs, logs and tables, as ids are."""
    match sent:
        case {"identity": {"cpr": str(cpr)}, **rest} if len(digits := re.sub("[^0-9]", "", cpr)) == CPR_DIGITS:
            return digits in str(rest.get(name)).replace("-", "")
    return False


def first_fault(error: ValidationError) -> tuple[str, str]:
    """The first faulty field and the rule that it breaks. An unknown field name is shown only if it is plain words."""
    fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
    parts = [str(part) if FIELD_NAME.fullmatch(str(part)) else "unknown" for part in fault["loc"]]
    return ".".join(parts) or "flag", fault["type"]
