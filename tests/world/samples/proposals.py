"""The page of a proposal with invented families: one proposal, two side by side, and one with past families."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

from deployments.cli.books.proposal_page import drawn_page
from deployments.cli.books.proposal_replay import Proposal, Replayed, Time
from deployments.demo import world as demo
from deployments.parties.file import read
from domain.books.planning.invented import invented_families
from domain.books.planning.replay import Family, replayed
from domain.parties.compensation.model import CompensationTerms
from domain.referrals.household import Language

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
TODAY = {one.id: one for one in read(demo.HERE / "agreements.toml").agreements}
DEARER = {id_: replace(one, compensation=CompensationTerms(9_000_000, 2_400_000, 180)) for id_, one in TODAY.items()}
NAMES = {
    "municipality:0461": "Odense Kommune",
    "municipality:0751": "Aarhus Kommune",
    "municipality:0430": "Faaborg-Midtfyn Kommune",
    "municipality:0450": "Nyborg Kommune",
    "municipality:0710": "Favrskov Kommune",
    "association:havblik": "Boligforeningen Havblik",
    "association:kloeverlykken": "Kløverlykkens Almene Boliger",
    "association:skovbrynet": "Skovbrynets Boligselskab",
}


def drawn(*proposals: Proposal, families: int, seed: int | None = 3) -> Callable[[Language], str]:
    agreements = [*TODAY.values()]
    moved_in = invented_families(agreements, families, first=FIRST, last=LAST, chance=Random(seed or 3))
    replay_of = [Family(TODAY[one.agreement].compensation, one, one) for one in moved_in]
    terms = [{id_: one.compensation for id_, one in proposal.agreements.items()} for proposal in proposals]
    time = Time(FIRST, LAST, None if seed is None else families, seed or 0)
    found = Replayed(time, proposals, replay_of, replayed(replay_of, terms))
    return lambda language: drawn_page(found, NAMES, language)


ONE, OTHER = Proposal(Path("forslag-efteraar.toml"), TODAY), Proposal(Path("forslag-dyrere.toml"), DEARER)
PROPOSALS = {
    "proposal": drawn(OTHER, families=200),
    "proposals_side_by_side": drawn(ONE, OTHER, families=60),
    "proposal_of_few_past_families": drawn(OTHER, families=9, seed=None),
}
