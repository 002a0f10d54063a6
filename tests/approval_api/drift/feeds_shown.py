"""What the tests of the feeds' pages share."""

from sqlmodel import select

from storage.feeds.quarantine import QuarantinedRow, RowStanding


def kept(world):
    return world.rows(select(QuarantinedRow).where(QuarantinedRow.standing == RowStanding.KEPT))
