"""What names of areas mean: the published lists' names, names that a person explained; and where addresses lie."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Index, bindparam, literal, text
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from domain.homes.area_names import AreaNames, areas_of
from domain.subject import About
from storage.areas.places import Area
from storage.attention import ask_for_attention
from storage.audit.states import chain_state
from storage.columns import UtcDateTime, id_of
from storage.dialect import only_where

# A party that renames every home's area would drown the person asked; the homes are held back all the same.
MOST_OPEN = 50
UNKNOWN_AREA = "unknown_area"
TOO_MANY_AREAS = "too_many_areas"
_OPEN = text("said_at IS NULL")


class AreaName(SQLModel, table=True):
    """A name that is no known area of its municipality, and what a person says it means; no `area_id` is no listed
    area.

    `compared` is the name in the form in which names are compared, `written` as it was first met, `asked_by` the party
    that wrote it. While `said_at` is None nobody has said anything. From then on `written` is empty, because a
    partner's name may hold a person's, and `compared` is enough to recognise it.
    """

    __tablename__ = "area_name"
    __table_args__ = (
        UniqueConstraint("municipality", "compared"),
        Index("area_name_asked", "asked_by", **only_where(_OPEN)),
        {"info": {"chained_parts": {"area_name": ("municipality", "compared", "area_id", "said_at", "said_by")}}},
    )

    id: int | None = Field(default=None, primary_key=True)
    municipality: str = Field(foreign_key="municipality.code")
    compared: str
    written: str
    asked_by: str
    asked_at: datetime = Field(sa_type=UtcDateTime)
    area_id: int | None = Field(default=None, foreign_key="area.id")
    said_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    said_by: str | None = None

    @property
    def called(self) -> str:
        """The name to show: as it was written, while that is kept."""
        return self.written or self.compared


class AreaAddress(SQLModel, table=True):
    """The area of an address, by the address's id in Danmarks Adresseregister; no `area_id` is no listed area."""

    __tablename__ = "area_address"

    dar_address_id: str = Field(primary_key=True)
    area_id: int | None = Field(default=None, foreign_key="area.id")


# In one statement, because every search asks for the names several times.
_KNOWN = sa_select(col(Area.municipality), col(Area.name), col(Area.id), literal(0)).union_all(
    sa_select(col(AreaName.municipality), col(AreaName.compared), col(AreaName.area_id), literal(1)).where(
        col(AreaName.said_at).is_not(None)
    )
)


def area_names(session: Session) -> AreaNames:
    """What every known name means."""
    areas, said = [], {}
    for municipality, name, area_id, by_a_person in session.connection().execute(_KNOWN):
        if by_a_person:
            said[municipality, name] = area_id
        else:
            areas.append((municipality, name, area_id))
    return AreaNames(areas_of(tuple(areas)), said)


# Names as they were written, by municipality and compared name.
Written = Mapping[tuple[str, str], str]


def not_known(written: Written, names: Callable[[], AreaNames]) -> dict[tuple[str, str], str]:
    """Which of these names have no known meaning."""
    if not written:
        return {}
    known = names()
    return {place: name for place, name in written.items() if not known.meaning(*place).is_known}


_OPEN_OF = sa_select(col(AreaName.id)).where(col(AreaName.asked_by) == bindparam("by"), _OPEN)
_ASK = text(
    "INSERT INTO area_name (municipality, compared, written, asked_by, asked_at)"
    " VALUES (:municipality, :compared, :written, :asked_by, :asked_at)"
    " ON CONFLICT (municipality, compared) DO NOTHING RETURNING id"
).bindparams(bindparam("asked_at", type_=UtcDateTime()))


def ask_about(session: Session, written: Written, *, asked_by: str, now: datetime) -> None:
    """Ask a person about unknown names, each once, whoever writes it and however many homes have it."""
    new = [place for place in written if _asked(session, place) is None]
    if not new:
        return
    room = MOST_OPEN - len(session.connection().execute(_OPEN_OF, {"by": asked_by}).scalars().all())
    for municipality, name in new[: max(0, room)]:
        place = {"municipality": municipality, "compared": name}
        told = place | {"written": written[municipality, name], "asked_by": asked_by, "asked_at": now}
        found = session.execute(_ASK, told).scalar_one_or_none()
        # None when another transaction has asked at the same moment.
        if found is not None:
            row = session.get_one(AreaName, found)
            chain_state(session, AreaName, row, now=now)
            have_it_said(session, row, now=now)
    if len(new) > room:
        ask_for_attention(session, About.AREAS.of(asked_by), TOO_MANY_AREAS, now=now)


def have_it_said(session: Session, row: AreaName, *, now: datetime) -> bool:
    """Put a name on the attention list; False when it stands there already."""
    detail = f"{row.municipality}, {row.asked_by}"
    return ask_for_attention(session, About.AREA_NAME.of(id_of(row)), UNKNOWN_AREA, now=now, detail=detail)


_IS_ASKED = sa_select(col(AreaName.id)).where(
    col(AreaName.municipality) == bindparam("municipality"), col(AreaName.compared) == bindparam("compared")
)


def _asked(session: Session, place: tuple[str, str]) -> int | None:
    values = dict(zip(("municipality", "compared"), place, strict=True))
    return session.connection().execute(_IS_ASKED, values).scalar_one_or_none()


def names_asked_about(session: Session, *, also_said: bool = False) -> list[tuple[AreaName, str | None]]:
    """The names that wait for a person; with `also_said`, those already answered too, each with its area."""
    query = select(AreaName, Area.name).join(Area, col(Area.id) == AreaName.area_id, isouter=True)
    if not also_said:
        query = query.where(_OPEN)
    return [(row, area) for row, area in session.exec(query.order_by(col(AreaName.id)))]
