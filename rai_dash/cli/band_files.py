"""Tables that ``rai-dash band`` writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from rai_dash.cli.shared import written
from rai_dash.core.errors import InvalidChoice

if TYPE_CHECKING:
    import pandas as pd

    from rai_dash.core.types import ReviewBand
    from rai_dash.report.band_rows import BandRows

_KINDS: Final = (".csv", ".parquet")


def check_file(path: Path) -> None:
    """Refuse a file that is neither CSV nor Parquet, before any work is done for it.

    Raises
    ------
    InvalidChoice
        Naming the endings there are.
    """
    if path.suffix.lower() not in _KINDS:
        msg = f"`{path}` ends neither in {_KINDS[0]} nor in {_KINDS[1]}. Name one of these."
        raise InvalidChoice(msg)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV or Parquet, by the ending of the name; formulas in a CSV are neutralised.

    Raises
    ------
    InvalidChoice
        When the file cannot be written.
    """
    from rai_dash.report.tables import csv_bytes

    with written(path):
        if path.suffix.lower() == ".csv":
            path.write_bytes(csv_bytes(table))
        else:
            table.to_parquet(path, index=False)


def write_routes(rows: BandRows, band: ReviewBand | None, path: Path) -> None:
    """Write the route of every row of the table: row (from 0), id where there is one, score, route, reason, judged.

    ``judged`` is false for rows that the model was trained on. Without a band nothing is written.
    """
    if band is None:
        return
    import numpy as np
    import pandas as pd

    judgement = rows.judgement
    data, routes = judgement.data.dataset, rows.routes(band)
    columns: dict[str, object] = {"row": np.arange(data.n_rows)}
    if data.roles.id is not None:
        columns["id"] = data.frame[data.roles.id]
    columns |= {
        "score": judgement.score,
        "route": pd.Series(routes.route_names, dtype="str"),
        "reason": pd.Series(routes.reason_names, dtype="str"),
        "judged": judgement.judged,
    }
    write_table(pd.DataFrame(columns), path)
