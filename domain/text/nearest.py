"""The word that somebody most likely meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(written: str, known: Iterable[str]) -> str | None:
    """The known word that somebody most likely meant."""
    words = {word.casefold(): word for word in known}
    return next((words[one] for one in get_close_matches(written.casefold(), words, n=1, cutoff=0.6)), None)
