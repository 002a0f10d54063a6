"""Proof that we told a party what it says it holds: the key that it hands back, or a person who believes it."""

from collections.abc import Iterator
from typing import NamedTuple

from domain.parties.party import party_id
from domain.ports.case_system import HeldReceipt
from domain.ports.finance import HeldPosting
from domain.told_once import is_our_posting, is_our_receipt
from tasks.restored.held_elsewhere import HeldElsewhere


class Proof(NamedTuple):
    """The vault's key under which we tell, and the parties that a person believes.

    A claim without our key may be a mistake or invented: it changes no case number, begins no case and stops no worker,
    but a person is told.
    """

    told_key: bytes
    believed: frozenset[str] = frozenset()

    def of_receipt(self, of: str, held: HeldReceipt) -> bool:
        """Whether we told a municipality's case system this receipt."""
        return is_our_receipt(self.told_key, party_id(of), held)

    def of_posting(self, held: HeldPosting) -> bool:
        """Whether we told this posting."""
        return is_our_posting(self.told_key, held)


class Reference(NamedTuple):
    """A case number that a party says it was told, and whether the claim counts."""

    of: str
    reference: str
    counts: bool


def references_in(held: HeldElsewhere, proof: Proof) -> Iterator[Reference]:
    """Every case number that a party says it was told. The municipality that a family moves to has no key to show."""
    for of, answered in held.flags.items():
        for one in answered.receipts:
            if one.receipt.reference:
                counts = of in proof.believed or proof.of_receipt(of, one)
                yield Reference(of, one.receipt.reference, counts)
    for of, postings in held.postings.items():
        for posted in postings:
            yield Reference(of, posted.posting.reference, of in proof.believed or proof.of_posting(posted))
    for of, references in held.newcomers.items():
        yield from (Reference(of, reference, of in proof.believed) for reference in references)
