"""The flag contract: a family or a withdrawal as a case system sends it, in JSON."""

from collections.abc import Callable
from typing import Annotated, Literal, get_type_hints

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from connectors.fields import Day, Id
from domain.errors import Invalid
from domain.referrals.consent import ChildrenHeard, Consent, ConsentGiven, ends_by_itself
from domain.referrals.household import FamilyAnswersBy, FlaggedFamily, Identity, Language, Need
from domain.referrals.lifecycle import WithdrawalReason
from domain.text.mail_address import mail_address
from domain.text.phone_number import phone_number
from domain.text.written import LINE, UNSEEN

Reference = Annotated[str, StringConstraints(max_length=64, pattern=rf"^[^{UNSEEN}]+$")]
# A text for letters and pages, in which a mail program finds no link.
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=LINE)]
Prose = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
# Ten digits and no more: numbers issued since 2007 need not satisfy modulus 11.
Cpr = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}-?[0-9]{4}$")]


def _of_a_form(form: Callable[[str], str]) -> Callable[[object], str]:
    """Reads a contact detail; empty, left out or null means that the family has none."""

    def read(value: object) -> str:
        if value is None or value == "":
            return ""
        if not isinstance(value, str):
            raise PydanticCustomError("string_type", "must be a text")
        try:
            return form(value)
        except ValueError:
            pass  # refused below without its text
        raise PydanticCustomError("string_pattern_mismatch", "cannot be used to reach anybody")

    return read


Email = Annotated[str, PlainValidator(_of_a_form(mail_address))]
Phone = Annotated[str, PlainValidator(_of_a_form(phone_number))]


class Strict(BaseModel):
    """Nothing unknown, nothing converted, nothing echoed."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class NeedSent(Strict):
    """What the home must offer, rent in øre a month."""

    persons: Annotated[int, Field(ge=1, le=20)]
    rooms_min: Annotated[int, Field(ge=1, le=10)]
    rent_max_monthly_ore: Annotated[int, Field(ge=100_000, le=5_000_000)]
    move_in_from: Day
    step_free: bool
    # By its name, such as Region Syddanmark. The intake checks that it exists and that homes lie in it.
    region: Line | None = None
    # How many of the persons are children; compensation may depend on it.
    children: Annotated[int, Field(ge=0, le=19)] = 0

    @field_validator("children")
    @classmethod
    def _one_is_grown_up(cls, children: int, read: ValidationInfo) -> int:
        if children >= read.data.get("persons", children + 1):
            raise PydanticCustomError("fewer_than_persons", "must be fewer than the persons")
        return children


class ConsentSent(Strict):
    """When the family consented, to whom and how, and whether its children were heard.

    The intake checks the days. Without a last day the consent holds for a year.
    """

    given_on: Day
    given_to: Line
    how: Literal["in_writing", "digitally", "orally"]
    children: Literal["heard", "no_children", "too_young", "would_harm"]
    ends_on: Day | None = None

    def consent(self) -> Consent:
        """The consent in the domain's words."""
        return Consent(
            given_on=self.given_on,
            given_to=self.given_to,
            how=ConsentGiven(self.how),
            children=ChildrenHeard(self.children),
            ends_on=self.ends_on or ends_by_itself(self.given_on),
        )


class IdentitySent(Strict):
    """Who the family is."""

    adult_name: Line = Field(repr=False)
    cpr: Cpr = Field(repr=False)
    # Whether a family must have one depends on who answers for it: the intake knows that.
    email: Email = Field(default="", repr=False)
    phone: Phone = Field(default="", repr=False)
    address: Line = Field(repr=False)
    note: Prose = Field(default="", repr=False)
    address_protection: bool = Field(default=False, repr=False)

    def sealed(self) -> Identity:
        """The identity with its CPR number as ten digits."""
        return Identity(**(self.model_dump() | {"cpr": self.cpr.replace("-", "")}))


def as_contracted(field: str, written: str) -> str | bool:
    """A field of who a family is, written by hand, in the form in which a flag would bring it.

    `Invalid` names the field and the rule, never what was written.
    """
    if field == "address_protection":
        if written not in ("yes", "no"):
            raise Invalid(field, "yes or no")
        return written == "yes"
    try:
        told: str = TypeAdapter(get_type_hints(IdentitySent, include_extras=True)[field]).validate_python(written)
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False, include_context=False)[0]["type"]
    else:
        return told.replace("-", "") if field == "cpr" else told
    raise Invalid(field, fault)


class FlagSent(Strict):
    """One flagged family."""

    flag_id: Id
    case_id: Reference
    flagged_by: Reference
    from_area: Line | None = None
    outside_labour_market: Annotated[int, Field(ge=0, le=20)]
    language: Literal["da", "en"]
    answers_by: Literal["letter", "caseworker"]
    need: NeedSent
    consent: ConsentSent
    identity: IdentitySent = Field(repr=False)

    def family(self) -> FlaggedFamily:
        """The flag in the domain's words."""
        return FlaggedFamily(
            flag_id=self.flag_id,
            case_id=self.case_id,
            flagged_by=self.flagged_by,
            from_area=self.from_area,
            outside_labour_market=self.outside_labour_market,
            language=Language(self.language),
            answers_by=FamilyAnswersBy(self.answers_by),
            need=Need(**self.need.model_dump()),
            consent=self.consent.consent(),
            identity=self.identity.sealed(),
        )


class WithdrawalSent(Strict):
    """One case that must stop."""

    withdrawal_id: Id
    case_id: Reference
    reason: WithdrawalReason
