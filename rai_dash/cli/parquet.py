"""``rai-dash parquet``: a text table, of any size, as Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rai_dash.cli.jobs import ProgressLine, Quiet, tell
from rai_dash.cli.reading import Reading, options_of
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.words import one_line


def parquet(
    data: Annotated[Path, typer.Argument(help="CSV or other text, also in gzip, or a folder of such files.")],
    out: Annotated[Path, typer.Argument(help="Folder to write, one Parquet file for each file.")],
    read: Reading = None,
    quiet: Quiet = False,  # noqa: FBT002 - an option of the command line
) -> None:
    """Write a text table as Parquet, which is counted ten times faster. The same command goes on after a stop."""
    from rai_dash.data.portfolio.copying import copy_texts
    from rai_dash.data.portfolio.jobs.folder import told_of
    from rai_dash.data.portfolio.places import Format, check_outside, find_place

    place = find_place(data)
    if place.format is Format.PARQUET:
        msg = f"`{data.name}` is Parquet already. Open it as it is."
        raise InvalidChoice(msg)
    check_outside(place.root, out)
    with told_of(out):
        out.mkdir(parents=True, exist_ok=True)
    with ProgressLine(quiet=quiet) as line:

        def told(done: int, total: int, part: str) -> None:
            line.counted(done, total, f"bytes read, {one_line(part)}")

        copy = copy_texts(place, out, options_of(read), on_progress=told)
    tell([notice.message for notice in copy.notices])
    files = len(place.parts)
    typer.echo(f"{files:,} Parquet {'file' if files == 1 else 'files'} in `{out}`.")
