"""A load of vacancies: how it came, and what happened to it."""

from enum import StrEnum


class LoadKind(StrEnum):
    """How rows came: fetched by us, sent by the association, or taken out of quarantine."""

    NIGHT = "night"
    PUSH = "push"
    REPLAY = "replay"


class LoadStanding(StrEnum):
    """What happened to a load."""

    FETCHING = "fetching"
    READY = "ready"
    HELD = "held"
    APPLIED = "applied"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    FAILED = "failed"
    SUPERSEDED = "superseded"
