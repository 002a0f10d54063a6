"""The command line for the audit chain: `tilflyt audit`."""

import base64
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.acting import COMMAND_LINE
from deployments.files import NewFolder, chunks_of, new_folder
from deployments.telling import AsJson, By, main_settings, table_of, tell
from domain.errors import Invalid
from storage.settings import Settings

audit_app = typer.Typer(
    help="The chain of what was done: verify it, sign it, hand it to a stranger.", no_args_is_help=True
)


@audit_app.command()
def verify(
    public_key: Annotated[
        list[str] | None, typer.Option(help="A key that checkpoints may be signed with; give it once for each.")
    ] = None,
    kept: Annotated[
        list[str] | None, typer.Option(help="An entry and its hash from a letter, ENTRY:HASH; once for each.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read the whole chain. Exit 1, and the first entry that is wrong, when anything was changed."""
    from storage.audit import verified
    from storage.database import Database

    keys = [base64.b64decode(key) for key in public_key or ()]
    with Database(main_settings().database_url).reading() as session:
        verdict = verified(session, public_keys=keys, kept=[_kept(one) for one in kept or ()])
    told: dict[str, Any] = {"holds": verdict.holds, **asdict(verdict)}
    broken = verdict.broken
    where = f"entry {broken.seq} ({broken.source} {broken.row_id}): {broken.fault}" if broken else "–"
    rows = [
        ("holds", "yes" if verdict.holds else "no"),
        ("entries", verdict.entries),
        ("first wrong entry", where),
        ("rows not yet in the chain", verdict.unchained),
        ("checkpoints", verdict.checkpoints),
    ]
    tell(told, as_json, table_of(rows, "", ""))
    if not verdict.holds:
        raise typer.Exit(1)


def _kept(written: str) -> tuple[int, str]:
    seq, _, hash_ = written.partition(":")
    if not seq.isdecimal() or not hash_:
        raise Invalid("kept", "an entry and its hash, ENTRY:HASH")
    return int(seq), hash_


@audit_app.command()
def key(as_json: AsJson = False) -> None:
    """The public key with which checkpoints are signed now: keep it where nobody of ours can change it."""
    from storage.audit import verifying_key

    written = base64.b64encode(verifying_key(_vault(main_settings()))).decode()
    tell({"public_key": written}, as_json, written)


@audit_app.command()
def checkpoint(as_json: AsJson = False) -> None:
    """Bind what waits, and sign where the chain is now."""
    from storage import audit
    from storage.clock import clock_of
    from storage.database import Database

    settings = main_settings()
    database, now = Database(settings.database_url), clock_of(settings).now()
    with database.writing() as session:
        signed = audit.bind_and_sign(session, _vault(settings), now=now)
    told = {"seq": signed.seq, "hash": signed.hash, "at": signed.at.isoformat()} if signed else {}
    tell(told, as_json, f"entry {signed.seq}: {signed.hash}" if signed else "nothing new since the last checkpoint")


@audit_app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet; only you may read it.")],
    by: By = COMMAND_LINE,
    as_json: AsJson = False,
) -> None:
    """Write the chain with its checkpoints and a verifier that needs only Python. That it was is itself an entry."""
    with new_folder(folder) as made:
        entries, checkpoints = _exported(made, by)
    told = {"folder": str(folder), "entries": entries, "checkpoints": checkpoints}
    tell(told, as_json, f"{entries} entries and {checkpoints} checkpoints; verify with: python {folder}/verify.py")


def _exported(folder: NewFolder, by: str) -> tuple[int, int]:
    from deployments import audit_verifier
    from domain.audit import canonical
    from storage import audit
    from storage.clock import clock_of
    from storage.database import Database

    settings = main_settings()
    database = Database(settings.database_url)
    with database.writing() as session:
        now = clock_of(settings).now()
        audit.write_event(session, "audit_exported", actor=by, about="audit", at=now)
    with database.writing() as session:
        audit.bind_and_sign(session, _vault(settings), now=now)
    entries = 0
    with database.reading() as session, folder.writing("chain.jsonl") as write:
        # Before the chain: one that is signed while it is written would seem to be about what was cut off.
        checkpoints = audit.kept_checkpoints(session)
        for link, facts in audit.chain(session):
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
    folder.write("checkpoints.json", json.dumps(signed, indent=1).encode())
    folder.write("verify.py", *chunks_of(Path(audit_verifier.__file__)))
    return entries, len(signed)


def _vault(settings: Settings) -> Any:  # noqa: ANN401  # imported where it is needed
    from storage.key_encryption import key_ring, key_store
    from storage.vault import Vault

    return Vault(key_ring(settings), key_store(settings))
