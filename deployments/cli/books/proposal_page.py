"""The page on which parties negotiate about proposed agreements: a file that stands alone, sent to all of them."""

from dataclasses import replace
from pathlib import Path

from sqlmodel import Session

from deployments.cli.books.proposal_replay import Replayed
from deployments.files import new_file
from domain.books.planning.replay import Replay, Row, folded
from domain.errors import Invalid
from domain.referrals.household import Language
from storage.areas.places import municipality_names
from storage.parties.partners import partners
from templates import document
from templates.bars import bars

# What rests on fewer families that have been is not told to all parties: a sum would say how many children one has.
LEAST_FAMILIES = 5
OTHERS = "*"


def names_of(session: Session) -> dict[str, str]:
    """The name of every municipality, and of every other party that is known here."""
    places = {f"municipality:{code}": name for code, name in municipality_names(session).items()}
    return places | {one.party: one.name for one in partners(session)}


def write_page(file: Path, found: Replayed, names: dict[str, str], language: Language) -> None:
    """Write the page to a file that is not there yet; `Invalid` when it would rest on too few families."""
    if not found.is_invented and found.replay.families < LEAST_FAMILIES:
        why = f"there are fewer than {LEAST_FAMILIES} families, and sums would tell of one: invent some with --families"
        raise Invalid("page", why)
    with new_file(file) as write:
        write(drawn_page(found, names, language).encode())


def drawn_page(found: Replayed, names: dict[str, str], language: Language) -> str:
    """The page; figures that rest on too few families that have been are put together."""
    replay, time = found.replay, found.time
    told = replay if found.is_invented else _folded(replay)
    rows = {"parties": told.by_party, "rules": told.by_rule, "months": told.by_month}
    moved = [sum(row.ores[column] for row in replay.by_rule) for column in range(1 + len(found.proposals))]
    return document(
        "simulation",
        language,
        proposals=[
            {"number": number, "called": one.file.name, "agreements": tuple(one.agreements.values())}
            for number, one in enumerate(found.proposals, start=1)
        ],
        families=replay.families,
        first=time.first,
        last=time.last,
        seed=time.seed if found.is_invented else None,
        names=names,
        rows_of=rows,
        charts={id_: bars([(row.name, row.ores) for row in of]) for id_, of in rows.items()},
        average=[round(ore / replay.families) if replay.families else 0 for ore in moved],
        all_have_terms=all(one.terms is not None for one in found.families),
        are_folded=told != replay,
        least=LEAST_FAMILIES,
    )


def _folded(replay: Replay) -> Replay:
    def told(rows: tuple[Row, ...]) -> tuple[Row, ...]:
        return folded(rows, least=LEAST_FAMILIES, name=OTHERS)

    return replace(replay, by_party=told(replay.by_party), by_rule=told(replay.by_rule), by_month=told(replay.by_month))
