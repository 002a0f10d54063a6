"""Who stands in for whom, beside the questions, so that the database itself can keep four eyes."""

from datetime import date

from sqlalchemy import delete, insert
from sqlmodel import Field, Session, SQLModel, col

from domain.party import Partner


class Deputy(SQLModel, table=True):
    """That a colleague answers for somebody on some days, as the party's newest file says.

    Triggers on `question` read it: neither who flagged a family nor their deputy is asked to sign it off.
    """

    __tablename__ = "deputy"

    id: int | None = Field(default=None, primary_key=True)
    party: str = Field(index=True)
    contact_id: str
    deputy_id: str
    from_day: date
    until_day: date


def remember_deputies(session: Session, partner: Partner) -> None:
    """Put the deputies of a party's newest file in the place of those it had."""
    session.execute(delete(Deputy).where(col(Deputy.party) == partner.party))
    rows = [
        {
            "party": partner.party,
            "contact_id": contact.id,
            "deputy_id": away.deputy,
            "from_day": away.from_day,
            "until_day": away.until_day,
        }
        for contact in partner.contacts
        for away in contact.away
    ]
    if rows:
        session.execute(insert(Deputy), rows)
