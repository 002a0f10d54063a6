"""Who stands in for whom, stored beside the questions so that the database itself can enforce four eyes."""

from datetime import date, datetime

from sqlalchemy import delete
from sqlmodel import Field, Session, SQLModel, col

from domain.parties.party import Partner
from storage.audit.states import chain_gone, chain_state


class Deputy(SQLModel, table=True):
    """A colleague who answers for another on some days, as the party's newest file says.

    Triggers on `question` read it: neither who flagged a family nor their deputy is asked to sign it off.
    """

    __tablename__ = "deputy"
    __table_args__ = {
        "info": {"chained_parts": {"deputy": ("party", "contact_id", "deputy_id", "from_day", "until_day")}}
    }

    id: int | None = Field(default=None, primary_key=True)
    party: str = Field(index=True)
    contact_id: str
    deputy_id: str
    from_day: date
    until_day: date


def remember_deputies(session: Session, partner: Partner, *, now: datetime) -> None:
    """Replace a party's deputies with those of its newest file."""
    had = delete(Deputy).where(col(Deputy.party) == partner.party).returning(col(Deputy.id))
    for (id_,) in session.exec(had).all():
        chain_gone(session, Deputy, {"id": id_}, now=now)
    for contact in partner.contacts:
        for away in contact.away:
            deputy = Deputy(
                party=partner.party,
                contact_id=contact.id,
                deputy_id=away.deputy,
                from_day=away.from_day,
                until_day=away.until_day,
            )
            session.add(deputy)
            session.flush()
            chain_state(session, Deputy, deputy, now=now)
