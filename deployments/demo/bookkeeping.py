"""A finance department in the demo: its system rejects a posting, and a person there corrects it."""

from collections.abc import Callable

from deployments.demo.stage import Stage
from domain.books.bookkeeping.posting_life import PostingState
from storage.staff.postings import postings

REJECTS, WHY_REJECTED = "0450", "account_unknown"
ACCOUNT_STRING = "5.33.41.4"


def reject_one_posting(stage: Stage) -> None:
    """Have a finance system reject the next posting that it gets."""
    stage.order(f"finance/{REJECTS}", {"rejects": [WHY_REJECTED]})


def correct_postings(stage: Stage, tell: Callable[[str], None]) -> None:
    """Name the account of what was rejected, from the command line."""
    with stage.database.reading() as session:
        rejected = [one for one in postings(session) if one.known and one.known.state is PostingState.REJECTED]
    for one in rejected:
        tell(f"{one.row.addressee} rejected {one.posting.booking}: its finance department corrects it.")
        words = (str(one.row.id), "--account-string", ACCOUNT_STRING, "--by", "Regnskab")
        stage.processes.carry_out("posting-correct", "deployments.cli.main", "posting", "correct", *words)
