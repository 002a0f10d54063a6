"""The feed contract `vacancy-feed/1`: one vacancy as an association delivers it, whatever its own format.

docs/vacancy-feed.md describes it for those who write one.
"""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    Required,  # pydantic asks for these before Python 3.12
)

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
)
from typing_extensions import TypedDict

from domain.text.written import ID, NAME

FORMAT = "vacancy-feed/1"
MOST_PUSHED = 1_000

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=ID)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=NAME)]
Uuid = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
    Field(json_schema_extra={"format": "uuid"}),
]
Digits = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\d{1,6}$")]


class FeedMode(StrEnum):
    """Whether a feed holds everything that is vacant, or only what changed since it was last read."""

    FULL = "full"
    DELTA = "delta"


class FeedStatus(StrEnum):
    """Whether a home is vacant. A full feed may also leave out a home that is let or withdrawn."""

    VACANT = "vacant"
    LET = "let"
    WITHDRAWN = "withdrawn"


def _told(description: str, *, updatable: bool = True, **rules: Any) -> Any:  # noqa: ANN401  # pydantic's own
    """A field as the published contract describes it; `updatable` says whether a later night may change it."""
    return Field(description=description, json_schema_extra={"updatable": updatable}, **rules)


class VacancyRow(TypedDict, total=False):
    """A vacancy (ledig bolig). Money is øre, sizes are whole square metres; a home without a status is vacant."""

    # A dict and not an object, for speed: a night validates a hundred thousand rows.

    __pydantic_config__ = ConfigDict(extra="ignore", hide_input_in_errors=True, title="Vacancy")  # type: ignore[misc]  # pydantic's own way

    external_id: Required[
        Annotated[Text, _told("The association's own id of the vacancy; it names it for ever", updatable=False)]
    ]
    lbf_number: Annotated[Digits | None, _told("The association's number at Landsbyggefonden")]
    department_number: Annotated[Digits | None, _told("The department's number at Landsbyggefonden")]
    unit_number: Annotated[Text | None, _told("The tenancy unit's number within the department")]
    dar_address_id: Annotated[Uuid | None, _told("The address's id in Danmarks Adresseregister")]
    department: Required[Annotated[Name, _told("The housing department's name")]]
    municipality: Required[
        Annotated[str, StringConstraints(pattern=r"^\d{4}$"), _told("The municipality's four-digit code, such as 0461")]
    ]
    area: Annotated[Name | None, _told("The name of the listed housing area that the home lies in")]
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
    # As plain words and not as enum members: a night would turn each member back into its word.
    letting: Required[
        Annotated[
            Literal["ordinary", "flexible_letting", "municipal_assignment"],
            _told("How it may be let: in turn, by criteria, by municipal assignment"),
        ]
    ]
    status: Annotated[Literal["vacant", "let", "withdrawn"], _told("Whether it can be had")]


FIELDS = tuple(VacancyRow.__annotations__)
MANDATORY = VacancyRow.__required_keys__


class GoodRow(NamedTuple):
    """A row that satisfies the contract: its fields in the contract's order, None where it tells nothing."""

    external_id: str
    lbf_number: str | None
    department_number: str | None
    unit_number: str | None
    dar_address_id: str | None
    department: str
    municipality: str
    area: str | None
    rooms: int
    size_m2: int
    rent_monthly_ore: int
    deposit_ore: int | None
    available_from: date
    floor: int | None
    lift: bool | None
    step_free: bool
    pets: bool | None
    persons_min: int | None
    persons_max: int | None
    letting: str
    status: str


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
