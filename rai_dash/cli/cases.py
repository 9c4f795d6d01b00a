"""The command on what is kept for a while: delete kept cases and rows of batches whose time is over."""

from __future__ import annotations

from typing import Annotated

import typer

cases_app = typer.Typer(no_args_is_help=True, help="The kept cases.")


@cases_app.callback()
def cases() -> None:
    """Work on the cases that somebody chose to keep."""


@cases_app.command()
def purge(
    store: Annotated[
        str, typer.Argument(help="SQLite file or database URL; empty = the configured store.")
    ] = "",
) -> None:
    """Delete the kept cases and the rows of batches whose time is over.

    Their times are RAI_DASH_RETENTION_DAYS and RAI_DASH_BATCH_DAYS. The ledger tells of each case; of rows it keeps the
    hash and every count.
    """
    from rai_dash.core.errors import InvalidChoice
    from rai_dash.core.words import count
    from rai_dash.govern.database import sqlite_path, store_url
    from rai_dash.govern.kept import KeptCases
    from rai_dash.govern.retention import remove_expired_rows
    from rai_dash.govern.store import Store

    path = sqlite_path(store_url(store))
    if path is not None and not path.exists():
        msg = f"There is no store {path}. Name the file, or set RAI_DASH_DATA_DIR."
        raise InvalidChoice(msg)
    with Store(store) as opened:
        n = KeptCases(opened).purge()
        tables = remove_expired_rows(opened)
    typer.echo(f"{count(n)} kept {'case' if n == 1 else 'cases'} deleted.")
    if tables:
        typer.echo(f"{count(tables)} {'table' if tables == 1 else 'tables'} of rows of batches deleted.")
