"""The command line for the audit chain: `tilflyt audit`."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.cli.actor import COMMAND_LINE, carry_out
from deployments.cli.output import AsJson, By, main_settings, out, plain, table_of, tell
from deployments.files import NewFolder, new_folder, text_of
from domain.errors import Invalid
from storage.settings import Settings, WrongSettings

audit_app = typer.Typer(
    help="The chain of what was done: verify it, sign it, hand it to a stranger.", no_args_is_help=True
)
KEY_BYTES = 32


@audit_app.command()
def verify(
    public_key: Annotated[
        list[str] | None,
        typer.Option(help="A key that checkpoints may be signed with, beside those at hand; once for each."),
    ] = None,
    kept: Annotated[
        list[str] | None, typer.Option(help="An entry and its hash from a letter, ENTRY:HASH; once for each.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify the whole chain, and the rows that may change. Exit 1, with sentences, when anything is wrong."""
    import storage.tables  # noqa: F401  # what is chained is read from all tables
    from domain.audit import BOUND_WITHIN
    from storage.audit.restorations import restorations
    from storage.audit.verdict import verified
    from storage.clock import clock_of
    from storage.installation import opened_database

    settings = main_settings()
    before, letters = clock_of(settings).now() - BOUND_WITHIN, [_kept(one) for one in kept or ()]
    with closing(opened_database(settings)) as database, database.snapshot() as session:
        keys = known_keys(settings, public_key or ())
        verdict = verified(session, public_keys=keys, kept=letters, bound_before=before)
        put_back = restorations(session)
    sentences = [str(fault) for fault in verdict.faults]
    notes = [f"Entry {seq} as a letter has it was lost when a backup was put back." for seq in verdict.lost]
    notes += [
        f"A backup was put back: {one.by} wrote down on {one.at:%Y-%m-%d} that the chain goes on from entry "
        f"{one.back_to}. What an older letter says of a later entry was lost: `tilflyt restored --checkpoint`."
        for one in put_back
    ]
    told: dict[str, Any] = {"holds": verdict.holds, **asdict(verdict), "sentences": sentences, "notes": notes}
    rows = [
        ("holds", "yes" if verdict.holds else "no"),
        ("entries", verdict.entries),
        ("rows not yet in the chain", verdict.unchained),
        ("checkpoints", verdict.checkpoints),
        ("public keys that were asked for", len(keys)),
    ]
    tell(told, as_json, table_of(rows, "", ""))
    if not as_json:
        for sentence in sentences + notes:
            out.print(plain(sentence), soft_wrap=True)
    if not verdict.holds:
        raise typer.Exit(1)


def known_keys(settings: Settings, given: Iterable[str]) -> list[bytes]:
    """Every public key that checkpoints may be signed with: the vault's own, those of the settings, those given."""
    from storage.audit.checkpoints import verifying_keys

    known = [_public_key("public-key", one) for one in given]
    known += [_public_key("audit_public_keys", one) for one in settings.audit_public_keys.split(",") if one.strip()]
    try:
        known += verifying_keys(_vault(settings)).values()
    except WrongSettings:
        if not known:
            problem = "the vault's key is not at hand here, so give the key that `tilflyt audit key` told where it is"
            raise Invalid("public-key", problem) from None
    return known


def _public_key(field: str, written: str) -> bytes:
    try:
        key = base64.b64decode(written.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise Invalid(field, f"must be {KEY_BYTES} bytes in base64, as `tilflyt audit key` tells them")
    return key


def _kept(written: str) -> tuple[int, str]:
    seq, _, hash_ = written.partition(":")
    if not (seq.isascii() and seq.isdecimal()) or not hash_:
        raise Invalid("kept", "an entry and its hash, ENTRY:HASH")
    return int(seq), hash_


@audit_app.command()
def key(as_json: AsJson = False) -> None:
    """The public key with which checkpoints are signed now: keep it where nobody of ours can change it."""
    from storage.audit.checkpoints import verifying_keys

    vault = _vault(main_settings())
    written = {key_id: base64.b64encode(public).decode() for key_id, public in verifying_keys(vault).items()}
    now = written[vault.key_id]
    tell({"public_key": now, "of_keys_at_hand": written}, as_json, now)


@audit_app.command()
def checkpoint(as_json: AsJson = False) -> None:
    """Bind what waits, and sign the end of the chain."""
    from storage.clock import clock_of
    from storage.installation import opened_database
    from tasks.upkeep.chain import sign_now

    settings = main_settings()
    with closing(opened_database(settings)) as database:
        signed = sign_now(database, same_vault(settings, database), now=clock_of(settings).now())
    told = {"seq": signed.seq, "hash": signed.hash, "at": signed.at.isoformat()} if signed else {}
    tell(told, as_json, f"entry {signed.seq}: {signed.hash}" if signed else "nothing new since the last checkpoint")


@audit_app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet; only you may read it.")],
    by: By = COMMAND_LINE,
    as_json: AsJson = False,
) -> None:
    """Write the chain with its checkpoints and a verifier that needs only Python. The export is itself an entry."""
    with new_folder(folder) as made:
        entries, checkpoints = _exported(made, by)
    told = {"folder": str(folder), "entries": entries, "checkpoints": checkpoints}
    tell(
        told,
        as_json,
        f"{entries} entries and {checkpoints} checkpoints; verify with: python {folder}/verify.py --public-key …",
    )


def _exported(folder: NewFolder, by: str) -> tuple[int, int]:
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.operations import record_export
    from tasks.upkeep.chain import sign_now

    settings = main_settings()
    now = clock_of(settings).now()
    with closing(opened_database(settings)) as database:
        vault = same_vault(settings, database)
        carry_out(database, record_export, by=by, now=now)
        sign_now(database, vault, now=now)
        with folder.writing("chain.jsonl") as write:
            entries, signed = _written_by(write, database)
    folder.write("checkpoints.json", json.dumps(signed, indent=1).encode())
    folder.write("verify.py", _verifier())
    return entries, len(signed)


def _verifier() -> bytes:
    """The verifier in one file, so that an auditor has one file to read: our modules that it imports are copied in."""
    from deployments import audit_slice, audit_verifier, ed25519

    whole = text_of(Path(audit_verifier.__file__))
    for module in (audit_slice, ed25519):
        first, *others = re.split(rf"^from {module.__name__} import .*\n", whole, flags=re.MULTILINE)
        whole = first + text_of(Path(str(module.__file__))).partition('"""\n\n')[2] + "".join(others)
    return whole.encode()


def _written_by(write: Callable[[bytes], object], database: Any) -> tuple[int, list[dict[str, object]]]:  # noqa: ANN401  # imported where it is needed
    """Write the chain up to its newest checkpoint, as later entries are not signed yet; and return the checkpoints."""
    from domain.audit import canonical
    from storage.audit.chain import chain
    from storage.audit.checkpoints import kept_checkpoints

    entries = 0
    with database.snapshot() as session:
        checkpoints = kept_checkpoints(session)
        for link, facts in chain(session):
            if link.seq > checkpoints[-1].seq:
                break
            entry = {"seq": link.seq, "source": link.source, "previous": link.previous, "facts": facts}
            write(canonical({"entry": entry, "hash": link.hash}) + b"\n")
            entries += 1
    signed = [
        {
            "seq": one.seq,
            "hash": one.hash,
            "at": one.at.isoformat(timespec="microseconds"),
            "public_key": base64.b64encode(one.public_key).decode(),
            "signature": base64.b64encode(one.signature).decode(),
        }
        for one in checkpoints
    ]
    return entries, signed


def _vault(settings: Settings) -> Any:  # noqa: ANN401  # imported where it is needed
    from storage.vault.key_encryption import key_ring, key_store
    from storage.vault.vault import Vault

    return Vault(key_ring(settings), key_store(settings))


def same_vault(settings: Settings, database: Any) -> Any:  # noqa: ANN401  # imported where it is needed
    """The vault, if its keys are this installation's: a checkpoint that another key signed would not count as ours."""
    from storage.vault.key_checks import same_keys

    vault = _vault(settings)
    same_keys(database, vault, settings)
    return vault
