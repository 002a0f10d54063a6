"""What is not yet sealed as it should be is sealed: comments that are fresh, and seals of earlier versions."""

from storage.privacy.old_seals import bind_some, not_bound
from storage.questions.comments import anything_fresh, lay_to_rest
from tasks.platform import Platform


def lay_comments_to_rest(platform: Platform) -> None:
    """Seal new comments under their cases' own keys."""
    with platform.database.reading() as session:
        waits = anything_fresh(session)
    reached: int | None = 0 if waits else None
    while reached is not None:
        with platform.database.writing() as session:
            reached = lay_to_rest(session, platform.vault, after=reached, now=platform.now())


def bind_to_references(platform: Platform) -> None:
    """Reseal, bound to the case's reference, what was sealed before seals were bound."""
    with platform.database.reading() as session:
        waits = not_bound(session) > 0
    reached: str | None = "" if waits else None
    while reached is not None:
        reached = bind_some(platform.database, platform.vault, after=reached, now=platform.now())
