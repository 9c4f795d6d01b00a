"""Commands on single files: what is it, convert it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rai_dash.cli.reading import REFUSED, Reading, options_of
from rai_dash.cli.running import write_run
from rai_dash.cli.shared import written


def inspect(
    file: Annotated[Path, typer.Argument(help="A data or model file, or a folder that is one table.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002
    read: Reading = None,
) -> None:
    """Say what a file is and whether it would be accepted; exit status 2 when it would be refused."""
    from rai_dash.inspection import inspect_file

    found = inspect_file(file, options_of(read))
    if as_json:
        write_run(found.to_json(), None)
    else:
        typer.echo(f"{found.kind}, {found.what}: {found.verdict}")
        for message in found.messages:
            typer.echo(f"- {message['message']}")
    if found.verdict == "refuse":
        raise typer.Exit(REFUSED)


def convert(
    model: Annotated[Path, typer.Argument(help="A pickle or joblib file of your own, on your own machine.")],
    out: Annotated[Path, typer.Argument(help="The .skops file to write.")],
    check: Annotated[
        Path | None, typer.Option(help="A table on which both must give the same scores; made-up rows else.")
    ] = None,
) -> None:
    """Turn a pickled scikit-learn model into a .skops file. Opening a pickle runs its code: only use your own."""
    from rai_dash.data.read import read_dataset
    from rai_dash.models.convert import convert_pickle

    frame = None if check is None else read_dataset(check).frame
    done = convert_pickle(model, check=frame)
    with written(out):
        out.write_bytes(done.content)
    for text in done.warnings:
        typer.echo(f"Note: {text}", err=True)
    typer.echo(
        f"{out}: {done.family}, {len(done.features)} columns. Largest difference in prediction on {done.rows:,} "
        f"{'rows of the table' if check else 'made-up rows'}: {done.largest_difference:g}."
    )
