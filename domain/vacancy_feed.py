"""The feed contract `vacancy-feed/1`: one vacancy as an association delivers it, whatever its own format.

docs/vacancy-feed.md describes it for those who write one.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import (
    Annotated,
    Any,
    Literal,
    Required,  # pydantic asks for these before Python 3.12
)

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from typing_extensions import TypedDict

FORMAT = "vacancy-feed/1"
CODE_DIGITS = 4
MOST_PUSHED = 1_000

# No control characters, and none that turn the direction of a text; no replacement sign and no Â or Ã, which Danish
# lacks and a wrong encoding makes; and none of the signs by which a spreadsheet that somebody opens later would take a
# text for a formula.
_UNSEEN = r"\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
WRITTEN = rf"^[^=+@\-\ufffdÂÃ{_UNSEEN}][^\ufffdÂÃ{_UNSEEN}]*$"
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=WRITTEN)]
Uuid = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
    Field(json_schema_extra={"format": "uuid"}),
]
Digits = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\d{1,6}$")]


class FeedMode(StrEnum):
    """Whether a feed holds all that is vacant, or what changed since it was last read."""

    FULL = "full"
    DELTA = "delta"


class FeedStatus(StrEnum):
    """Whether a home can be had. One that is let or withdrawn may as well be missing from a full feed."""

    VACANT = "vacant"
    LET = "let"
    WITHDRAWN = "withdrawn"


def _told(description: str, *, updatable: bool = True, **rules: Any) -> Any:  # noqa: ANN401  # pydantic's own
    """A field as the published contract describes it; `updatable` says whether a later night may change it."""
    return Field(description=description, json_schema_extra={"updatable": updatable}, **rules)


class VacancyRow(TypedDict, total=False):
    """A vacancy (ledig bolig). Money is øre, sizes are whole square metres; a home without a status is vacant."""

    # A dict, and no object: a night validates a hundred thousand.

    __pydantic_config__ = ConfigDict(extra="ignore", hide_input_in_errors=True, title="Vacancy")  # type: ignore[misc]  # pydantic's own way

    external_id: Required[
        Annotated[Text, _told("The association's own id of the vacancy; it names it for ever", updatable=False)]
    ]
    lbf_number: Annotated[Digits | None, _told("The association's number at Landsbyggefonden")]
    department_number: Annotated[Digits | None, _told("The department's number at Landsbyggefonden")]
    unit_number: Annotated[Text | None, _told("The tenancy unit's number within the department")]
    dar_address_id: Annotated[Uuid | None, _told("The address's id in Danmarks Adresseregister")]
    department: Required[Annotated[Text, _told("The housing department's name")]]
    municipality: Required[
        Annotated[str, StringConstraints(pattern=r"^\d{4}$"), _told("The municipality's four-digit code, such as 0461")]
    ]
    area: Annotated[Text | None, _told("The name of the listed housing area that the home lies in")]
    rooms: Required[Annotated[int, _told("Rooms, the kitchen not counted", ge=1, le=12)]]
    size_m2: Required[Annotated[int, _told("Gross area in whole square metres", ge=10, le=400)]]
    rent_monthly_ore: Required[
        Annotated[int, _told("Rent a month in øre, without heating and water", ge=50_000, le=5_000_000)]
    ]
    deposit_ore: Annotated[int | None, _told("Deposit in øre", ge=0, le=50_000_000)]
    available_from: Required[
        Annotated[
            date,
            _told("The first day on which somebody can move in", ge=date(2000, 1, 1), le=date(2100, 1, 1)),
        ]
    ]
    floor: Annotated[int | None, _told("The floor; 0 is the ground floor, -1 the basement", ge=-3, le=40)]
    lift: Annotated[bool | None, _told("Whether a lift goes to the floor")]
    step_free: Required[Annotated[bool, _told("Whether the home is reached without a step")]]
    pets: Annotated[bool | None, _told("Whether pets are allowed")]
    persons_min: Annotated[int | None, _told("The fewest persons it is let to", ge=1, le=20)]
    persons_max: Annotated[int | None, _told("The most persons it is let to", ge=1, le=20)]
    # As their words, and not as members: a night would make a word of each again.
    letting: Required[
        Annotated[
            Literal["ordinary", "flexible_letting", "municipal_assignment"],
            _told("How it may be let: in turn, by criteria, by municipal assignment"),
        ]
    ]
    status: Annotated[Literal["vacant", "let", "withdrawn"], _told("Whether it can be had")]


FIELDS = tuple(VacancyRow.__annotations__)
MANDATORY = VacancyRow.__required_keys__


# A moment that every time zone and every database can hold.
Stamp = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2100, 1, 1, tzinfo=UTC))]


class FeedPage(BaseModel):
    """A page of a feed. `next` is the cursor of the page after it, null on the last one."""

    model_config = ConfigDict(title="Page of vacancies")

    format: Literal["vacancy-feed/1"]
    mode: FeedMode = FeedMode.FULL
    generated_at: Stamp | None = Field(
        default=None, description="When the association's own system wrote the feed; the same on every page"
    )
    vacancies: list[VacancyRow]
    next: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None


class FeedPush(BaseModel):
    """Vacancies that an association sends itself between two nights: new, changed, let or withdrawn."""

    model_config = ConfigDict(title="Vacancies sent by their association")

    format: Literal["vacancy-feed/1"]
    vacancies: Annotated[list[VacancyRow], Field(min_length=1, max_length=MOST_PUSHED)]


def published_schema() -> dict[str, object]:
    """The format as JSON Schema 2020-12, of a page and of the vacancies on it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "/schemas/vacancy-feed-1.json",
        **FeedPage.model_json_schema(),
    }


# What a row must be, by the name that pydantic has for what it is not; the braces are filled from the rule itself.
RULES: dict[str, str] = {
    "missing": "is missing",
    "dict_type": "must be an object with the format's fields",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} signs",
    "string_pattern_mismatch": "holds signs that do not belong there, or is not written as the format says",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number",
    "int_from_float": "must be a whole number",
    "finite_number": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "date_type": "must be a day, year-month-day",
    "date_parsing": "must be a day, year-month-day",
    "date_from_datetime_parsing": "must be a day, year-month-day",
    "date_from_datetime_inexact": "must be a day, year-month-day",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
}
OTHERWISE_WRONG = "is not as the format says"
UNKNOWN_MUNICIPALITY = "is the code of no municipality"
FEWER_THAN_MIN = "is fewer than persons_min"


def reasons(error: ValidationError) -> list[str]:
    """Why a row breaks the contract: each field with its rule, never the value."""
    faults = error.errors(include_url=False, include_input=False)
    return [f"{'.'.join(str(part) for part in fault['loc']) or 'row'}: {_rule(fault)}" for fault in faults]


def _rule(fault: Mapping[str, Any]) -> str:
    return RULES.get(fault["type"], OTHERWISE_WRONG).format_map(fault.get("ctx", {}))


ROW: TypeAdapter[VacancyRow] = TypeAdapter(VacancyRow)
validated: Callable[[object], VacancyRow] = ROW.validator.validate_python


def judged(values: object, *, municipalities: Collection[str]) -> tuple[VacancyRow | None, list[str]]:
    """A row when it satisfies the contract, else every reason why not. Municipalities must be known ones."""
    try:
        row = validated(values)
    except ValidationError as error:
        return None, list(dict.fromkeys([*reasons(error), *_more_reasons(values, municipalities)]))
    most, fewest = row.get("persons_max"), row.get("persons_min")
    # Seldom anything is wrong here, and a night asks a hundred thousand times.
    if (
        row["municipality"] in municipalities
        and not (most and fewest and most < fewest)
        and _is_written_as_a_day(values["available_from"])  # type: ignore[index]  # what is judged right is a mapping
    ):
        return row, []
    faults = _more_reasons(values, municipalities)
    if most and fewest and most < fewest:
        faults.append(f"persons_max: {FEWER_THAN_MIN}")
    return None, faults


_YEAR_DIGITS = 4


def _is_written_as_a_day(value: object) -> bool:
    """Whether a day is not written as a number, in digits or not: that would be read as seconds since 1970."""
    return value.find("-") == _YEAR_DIGITS if isinstance(value, str) else isinstance(value, date)


_ID: TypeAdapter[str] = TypeAdapter(Text)


def id_of(values: Mapping[str, object]) -> str | None:
    """The id of a row that may be wrong otherwise; None when it has none that the contract knows as one."""
    with suppress(ValidationError):
        return _ID.validate_python(values.get("external_id"))
    return None


def _more_reasons(values: object, municipalities: Collection[str]) -> list[str]:
    """What pydantic does not judge: whether a row names a municipality that there is not, or a day by a number.

    A number would be read as seconds since 1970; and what is no code at all has its own reason already.
    """
    if not isinstance(values, Mapping):
        return []
    code, faults = values.get("municipality"), []
    looks_right = isinstance(code, str) and len(code) == CODE_DIGITS and code.isdecimal()
    if looks_right and code not in municipalities:
        faults.append(f"municipality: {UNKNOWN_MUNICIPALITY}")
    if "available_from" in values and not _is_written_as_a_day(values["available_from"]):
        faults.append(f"available_from: {RULES['date_type']}")
    return faults
