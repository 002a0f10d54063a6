"""What the moves so far did to the areas that families left."""

from dataclasses import dataclass

from sqlalchemy import exists
from sqlmodel import Session, col, select

from domain.effect.share import Moves, share_after_pct
from domain.referrals.lifecycle import Status
from storage.areas.places import Area, AreaFigures
from storage.referrals.referrals import Referral
from storage.vacancies.offers import Offer, OfferStanding


@dataclass(frozen=True, slots=True)
class AreaEffect:
    """An area's share outside the labour market, in per cent, as published and after the moves; None is unknown."""

    area: str
    municipality: str
    households: int
    published_pct: float | None
    after_pct: float | None


def effects(session: Session) -> list[AreaEffect]:
    """Every area that housed families left, by name; a family who moved out within the guarantee is not counted."""
    moved = exists().where(col(Offer.referral_id) == Referral.id, col(Offer.standing) == OfferStanding.TAKEN)
    housed = session.exec(
        select(Area, Referral)
        .join(Area, col(Area.id) == Referral.from_area_id)
        .where(col(Referral.status).in_([Status.HOUSED, Status.CLOSED]), moved, col(Referral.moved_out_at).is_(None))
    ).all()
    areas = {area.id: area for area, _ in housed}
    return sorted(
        (
            _effect(session, area, [referral for left, referral in housed if left.id == area.id])
            for area in areas.values()
        ),
        key=lambda effect: effect.area,
    )


def _effect(session: Session, area: Area, left: list[Referral]) -> AreaEffect:
    figures = session.exec(
        select(AreaFigures).where(AreaFigures.area_id == area.id).order_by(col(AreaFigures.published).desc())
    ).first()
    moves = Moves(
        persons=-sum(referral.persons for referral in left),
        outside_labour_market=-sum(referral.outside_labour_market for referral in left),
    )
    share = figures.outside_labour_market_pct if figures else None
    after = share_after_pct(figures.residents if figures else None, share, moves)
    return AreaEffect(area.name, area.municipality, len(left), share, after)
