"""The commands on the ledger: verify, export, checkpoint, erase."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from rai_dash.cli.reading import BROKEN
from rai_dash.cli.shared import write_json, written
from rai_dash.core.words import count

if TYPE_CHECKING:
    from rai_dash.govern.checkpoints import Checkpoint
    from rai_dash.govern.verify import Verdict

ledger_app = typer.Typer(no_args_is_help=True, help="The signed records.")
_STORE_HELP: Final = "SQLite file or database URL; empty = the configured store."
StoreName = Annotated[str, typer.Argument(help=_STORE_HELP)]
Out = Annotated[Path, typer.Option(help="File to write.")]


@ledger_app.command()
def verify(
    store: Annotated[
        str,
        typer.Argument(
            metavar="[STORE_OR_EXPORT]",
            help="SQLite file, database URL or exported JSON; empty = the configured store.",
        ),
    ] = "",
    *,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A checkpoint that was kept elsewhere; as often as needed."),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HEX_OR_FILE", help="Public key whose checkpoints count; as often as keys were changed."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the whole outcome as one JSON object.")
    ] = False,
) -> None:
    """Check that no signed record was edited, deleted, inserted, swapped, cut off or written anew; status 1 if so.

    Nothing is changed, and an exported file is checked without opening any database.
    """
    from rai_dash.govern.checkpoints import read_checkpoint, read_public_key

    expected = [read_checkpoint(path) for path in checkpoint or []]
    keys = [read_public_key(given) for given in key or []]
    verdict = _verdict(store, expected, keys)
    if as_json:
        typer.echo(json.dumps(_plain(verdict), ensure_ascii=False))
    else:
        for found in verdict.findings:
            typer.echo(json.dumps(asdict(found), ensure_ascii=False))
    if verdict.findings:
        raise typer.Exit(BROKEN)
    if not as_json:
        typer.echo(_words(verdict))


def _verdict(store: str, expected: Sequence[Checkpoint], keys: Sequence[str]) -> Verdict:
    if store and "://" not in store and _is_export(Path(store)):
        from rai_dash.govern.export import examine_export, read_export

        return examine_export(read_export(store), expected=expected, public_key=keys)
    from rai_dash.govern.examining import examine_store

    return examine_store(store, expected=expected, keys=keys)


def _is_export(path: Path) -> bool:
    """Look at the first bytes; a name can say anything. A file that cannot be read is told by who opens it."""
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except OSError:
        return path.suffix == ".json"
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def _plain(verdict: Verdict) -> dict[str, object]:
    checkpoint = verdict.checkpoint
    return {
        "intact": not verdict.findings,
        "records": verdict.n_records,
        "hashes_only": verdict.n_links,
        "checkpoint": None if checkpoint is None else {"n": checkpoint.n, "key_id": checkpoint.key_id},
        "findings": [asdict(found) for found in verdict.findings],
    }


def _words(verdict: Verdict) -> str:
    noun = "record" if verdict.n_records == 1 else "records"
    start = f"The chain of {count(verdict.n_records)} {noun} is whole; "
    hidden = ""
    if verdict.n_links:
        hidden = (
            f" Of {count(verdict.n_links)} only the hashes are shown: that they are about something else, and nothing "
            "later about this, only the whole ledger can show."
        )
    if verdict.checkpoint is None:
        return f"{start}it has no checkpoint.{hidden}"
    newest = verdict.checkpoint
    return f"{start}checkpoint at record {newest.n} by key {newest.key_id} holds.{hidden}"


@ledger_app.command()
def export(
    store: StoreName = "",
    *,
    out: Out,
    policy: Annotated[
        str | None, typer.Option(metavar="ID", help="Show this policy only; of all others only the hashes.")
    ] = None,
) -> None:
    """Write the ledger as one JSON file that can be checked without the app; the store is not changed."""
    from rai_dash.core.errors import InvalidChoice
    from rai_dash.govern.examining import export_of

    subject = None if policy is None else f"policy:{policy}"
    content = export_of(store, subject=subject)
    if subject is not None and not any(e.get("subject") == subject for e in content["entries"]):
        msg = f"There is no policy {policy} in this store. Check its name."
        raise InvalidChoice(msg)
    write_json(json.dumps(content, ensure_ascii=False, indent=1), out)


@ledger_app.command()
def checkpoint(store: StoreName = "", *, out: Out) -> None:
    """Sign the chain up to its last record and write the checkpoint to a file, to be kept elsewhere."""
    from rai_dash.govern.store import Store

    with Store(store) as opened:
        made = opened.checkpoint()
        with written(out):
            out.write_text(made.to_json(store=opened.name), encoding="utf-8")
    typer.echo(f"Checkpoint at record {made.n} by key {made.key_id} written to {out}.")


@ledger_app.command()
def erase(
    ref: Annotated[list[str], typer.Argument(metavar="REF...", help="References of sealed names or texts.")],
    reason: Annotated[str, typer.Option(metavar="CODE", help="Short code that stays, like gdpr-17.")],
    store: Annotated[str, typer.Option(help=_STORE_HELP)] = "",
) -> None:
    """Erase sealed names and texts for good; the chain stays whole and tells that they were erased."""
    from rai_dash.govern.store import Store

    with Store(store) as opened:
        record = opened.erase(ref, reason=reason, actor="operator")
    noun = "text" if len(set(ref)) == 1 else "texts"
    typer.echo(f"{len(set(ref))} sealed {noun} erased; record {record.seq} tells of it.")
