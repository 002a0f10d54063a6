"""Sealed data are bound to their case's reference: with exchanged keys, two cases cannot be opened."""

import base64
from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from deployments.doctor.doctor import CHECKS
from domain.errors import VaultClosed
from domain.questions.question import QuestionKind
from storage.attention import AttentionItem
from storage.privacy import old_seals
from storage.privacy.old_seals import not_bound
from storage.privacy.rights import corrected
from storage.questions.comments import CANNOT_BE_READ, Comment, comments_on, keep_comment, sealing_key
from storage.questions.questions import Question
from storage.referrals.referrals import Referral
from storage.settings import load_settings
from storage.vault.cipher import seal, unseal
from storage.vault.entries import Door, VaultEntry
from storage.vault.key_encryption import KeyRing
from storage.vault.vault import Vault
from tasks.upkeep.seals import bind_to_references, lay_comments_to_rest
from tests.world.families import family
from tests.world.kept import world_after
from tests.world.new_world import KEY, keys_in
from tests.world.world import World

FIRST, SECOND = "TF-2026-00001", "TF-2026-00002"
SAID = "Skolen er fuld, ring til os"
NEXT_KEY = bytes(reversed(range(32)))


def live(world: World) -> None:
    """Two families, with a comment on each case."""
    world.flag(family(1), family(2))
    with world.platform.database.writing() as session:
        key = sealing_key(session)
        assert key is not None
        for question in session.exec(select(Question)):
            keep_comment(session, question, f"{SAID} {question.referral_id}", key=key, now=world.clock.now())
    lay_comments_to_rest(world.platform)


def live_before(world: World) -> None:
    """The same, sealed as before seals were bound to references."""
    live(world)
    vault = world.platform.vault
    for of in world.rows(select(Referral)):
        case_key, key = of.case_key, vault._data_key(of.case_key).key
        bound = f"vault_entry|{case_key}|{of.reference}|sealed_identity"
        with world.platform.database.writing() as session:
            entry = session.get_one(VaultEntry, case_key)
            identity = unseal(key, entry.sealed_identity, bound)
            entry.sealed_identity = seal(key, identity, f"vault_entry|{case_key}|sealed_identity")
            entry.bound_to_reference = False
            (question,) = session.exec(select(Question).where(Question.referral_id == of.id))
            comment = session.get_one(Comment, question.id)
            words = unseal(key, comment.sealed, f"comment|{question.key}|{of.reference}|sealed")
            comment.sealed = seal(key, words, f"comment|{question.key}|sealed")
            session.add_all([entry, comment])
        was = vault.keys.key(case_key)
        assert was is not None
        before = vault.encryption.wrap(key, bound_to=f"vault_entry|{case_key}|sealed_key")
        vault.keys.rewrap({case_key: (was, before)})


bound = world_after(live)
unbound = world_after(live_before)


def opened(world: World, reference: str, vault: Vault | None = None) -> str | None:
    """The name that a case's sealed identity opens to; None when it cannot be opened."""
    of, at = world.referral(reference), world.clock.now()
    with suppress(VaultClosed), world.platform.database.writing() as session:
        return (
            (vault or world.platform.vault)
            .open(session, of.case_key, Door.RIGHT_OF_ACCESS, reference=reference, opened_for="t", now=at)
            .adult_name
        )
    return None


def comments(world: World, reference: str) -> list[str]:
    with world.platform.database.writing() as session:
        of = world.referral(reference)
        found = comments_on(session, world.platform.vault, of, opened_for="t", now=world.clock.now())
        return [said for _, said in found]


def exchange_keys(world: World) -> None:
    """Exchange the keys of two cases, as an insider with the database could to open the other family."""
    one, other = world.referral(FIRST).case_key, world.referral(SECOND).case_key
    with world.platform.database.writing() as session:
        for was, becomes in ((one, "meanwhile"), (other, one), ("meanwhile", other)):
            change = text("UPDATE referral SET case_key = :becomes WHERE case_key = :was")
            session.execute(change, {"becomes": becomes, "was": was})


WHO = {FIRST: family(1).identity.adult_name, SECOND: family(2).identity.adult_name}


def test_cases_whose_keys_were_exchanged_open_nobody(bound: World):
    assert {reference: opened(bound, reference) for reference in WHO} == WHO

    exchange_keys(bound)

    assert [opened(bound, reference) for reference in WHO] == [None, None]
    exchange_keys(bound)
    assert {reference: opened(bound, reference) for reference in WHO} == WHO


def test_no_letter_and_no_disclosure_goes_to_the_other_family_of_exchanged_keys(world: World):
    world.home()
    world.home()
    world.flag(family(1), family(2))
    world.until(QuestionKind.APPROVAL)
    world.mail.letters.clear()
    exchange_keys(world)

    while world.questions(QuestionKind.APPROVAL):
        world.answer(QuestionKind.APPROVAL)
        world.settle()

    families = {family(1).identity.email, family(2).identity.email}
    assert families & {letter["To"] for letter in world.mail.letters} == set()
    assert {item.code for item in world.rows(select(AttentionItem))} == {"vault_closed"}


def test_comments_do_not_move_to_another_case(bound: World):
    exchange_keys(bound)
    with bound.platform.database.writing() as session:
        session.execute(text("UPDATE question SET standing = 'revoked', referral_id = 3 - referral_id"))

    assert comments(bound, FIRST) == [CANNOT_BE_READ]
    assert comments(bound, SECOND) == [CANNOT_BE_READ]


def test_what_was_sealed_before_is_read_counted_and_sealed_anew_in_parts(unbound: World, monkeypatch, tmp_path):
    monkeypatch.setattr(old_seals, "AT_ONCE", 1)
    settings = load_settings(
        _env_file=None,
        database_url=unbound.platform.database.engine.url.render_as_string(hide_password=False),
        keys_url=keys_in(tmp_path),
        vault_key=base64.b64encode(KEY).decode(),
    )
    assert {reference: opened(unbound, reference) for reference in WHO} == WHO
    assert comments(unbound, FIRST) == [f"{SAID} 1"]
    with pytest.raises(LookupError, match="2 entries are not yet bound to their case's reference"):
        CHECKS["vault"](settings)

    bind_to_references(unbound.platform)

    with unbound.platform.database.reading() as session:
        assert not_bound(session) == 0
    assert "bound to its case's reference" in CHECKS["vault"](settings)
    assert {reference: opened(unbound, reference) for reference in WHO} == WHO
    assert (comments(unbound, FIRST), comments(unbound, SECOND)) == ([f"{SAID} 1"], [f"{SAID} 2"])
    exchange_keys(unbound)
    assert [opened(unbound, reference) for reference in WHO] == [None, None]


def test_an_old_seal_that_is_laid_back_and_marked_as_one_opens_nobody(unbound: World):
    entries = unbound.rows(select(VaultEntry).order_by(col(VaultEntry.case_key)))
    written = unbound.rows(select(Comment).order_by(col(Comment.question_id)))
    bind_to_references(unbound.platform)
    both = KeyRing({"k1": KEY, "k2": NEXT_KEY}, current="k2")
    rotated = Vault(both, unbound.platform.vault.keys)
    assert list(rotated.rotate()) == [2]
    assert opened(unbound, FIRST, rotated) == WHO[FIRST]

    with unbound.platform.database.writing() as session:
        for entry in entries:
            session.merge(VaultEntry(**entry.model_dump()))
        for comment in written:
            session.merge(Comment(**comment.model_dump()))
    for _ in ("as they are", "exchanged"):
        assert [opened(unbound, reference, rotated) for reference in WHO] == [None, None]
        exchange_keys(unbound)
    assert comments(unbound, FIRST) == [CANNOT_BE_READ]
    # Nor does the worker seal the data anew, which would make them readable again.
    bind_to_references(unbound.platform)
    assert [opened(unbound, reference, rotated) for reference in WHO] == [None, None]


def test_whatever_ends_it_in_between_every_family_can_be_opened_and_it_is_done_again(unbound: World, monkeypatch):
    class Killed(Exception):
        pass

    def killed(_vault: Vault, _case_keys: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Vault, "trust_the_reference_alone", killed)
        with pytest.raises(Killed):
            bind_to_references(unbound.platform)

    assert {reference: opened(unbound, reference) for reference in WHO} == WHO
    with unbound.platform.database.writing() as session:
        of, now = unbound.referral(FIRST), unbound.clock.now()
        corrected(session, unbound.platform.vault, of, "adult_name", "Ny Navn", opened_for="t", now=now)
    bind_to_references(unbound.platform)
    assert {reference: opened(unbound, reference) for reference in WHO} == WHO | {FIRST: "Ny Navn"}
    assert unbound.rows(select(VaultEntry.bound_to_reference)) == [True, True]


def test_one_that_cannot_be_opened_keeps_no_other_from_being_sealed_anew(unbound: World):
    with unbound.platform.database.writing() as session:
        entry = session.get_one(VaultEntry, unbound.referral(FIRST).case_key)
        entry.sealed_identity = entry.sealed_identity[:-1]
        session.add(entry)

    bind_to_references(unbound.platform)
    bind_to_references(unbound.platform)

    assert [item.code for item in unbound.rows(select(AttentionItem))] == ["vault_closed"]
    assert unbound.rows(select(VaultEntry.case_key).where(col(VaultEntry.bound_to_reference))) == [
        unbound.referral(SECOND).case_key
    ]
