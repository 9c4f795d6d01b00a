"""Explaining every row of a table that stays where it is, part by part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.stopping import CancelCheck
from rai_dash.data.columns import require_columns
from rai_dash.data.portfolio.jobs.plan import Piece, Plan, pieces_for, versions
from rai_dash.data.portfolio.jobs.running import OnProgress, run_job
from rai_dash.data.portfolio.portfolio import Portfolio, plain_frame
from rai_dash.explain._base import INTERVENTIONAL, LOG_ODDS
from rai_dash.explain._players import Blocks, players_of
from rai_dash.explain.rows import BATCH_ROWS, ERROR, result_columns
from rai_dash.models.client import Model
from rai_dash.models.portfolio_scores import file_engine, score_marks
from rai_dash.models.row_worker import RowWorker, check_columns
from rai_dash.sandbox.arrow import frame_to_ipc

#: A single file of more rows is cut: minutes of work, not hours, are lost with a part.
PIECE_ROWS: Final = 250_000
#: Rows of the table itself that its rows are compared with where no others are given.
MOST_REFERENCE: Final = 100_000
_ASK, _EXPLAIN = (f"rai_dash.explain.ops:{name}" for name in ("ask_all", "explain_pieces"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapOptions:
    """How every row is explained.

    Parameters
    ----------
    space, perturbation, blocks, background_rows, seed
        As for `rai_dash.explain.client.shap_values`.
    kept : tuple of str
        Columns of the table that are written beside the results.
    piece_rows : int
        A single file of more rows is cut into outputs of so many.
    """

    space: str = LOG_ODDS
    perturbation: str = INTERVENTIONAL
    blocks: Blocks = ()
    background_rows: int | None = None
    seed: int = 0
    kept: tuple[str, ...] = ()
    piece_rows: int = PIECE_ROWS

    def asked(self, favourable_index: int) -> dict[str, Any]:
        """Write what is asked as plain values (see `rai_dash.explain.rows.RowQuestion.of`)."""
        return {
            "favourable_index": favourable_index,
            "space": self.space,
            "perturbation": self.perturbation,
            "blocks": [list(block) for block in self.blocks],
            "limit": self.background_rows,
            "seed": self.seed,
        }


def reference_rows(
    portfolio: Portfolio, columns: Sequence[str], most: int | None = MOST_REFERENCE
) -> pd.DataFrame:
    """Return rows of a table that its applicants are compared with, evenly from its start to its end.

    Parameters
    ----------
    portfolio : Portfolio
        A table of files.
    columns : sequence of str
        To read.
    most : int or None
        Every row where there are no more; None = every row.
    """
    every = 1 if most is None else max(1, -(-portfolio.n_rows // most))
    pieces, at = [], 0
    for part in range(len(portfolio.engine.part_rows)):
        for batch in portfolio.engine.batches(part, columns):
            pieces.append(batch.take(pa.array(np.arange(-at % every, batch.num_rows, every))))
            at += batch.num_rows
    return plain_frame(pa.Table.from_batches(pieces))


def explain_parts(
    portfolio: Portfolio,
    model: Model,
    folder: Path,
    reference: pd.DataFrame,
    options: ShapOptions | None = None,
    *,
    on_progress: OnProgress | None = None,
    cancelled: CancelCheck | None = None,
) -> dict[str, Any]:
    """Explain all rows into a folder of Parquet parts, one for each part of the table; a second run goes on.

    Parameters
    ----------
    portfolio : Portfolio
        A table of files.
    model : Model
        Its inputs must be columns of the table.
    folder : Path
        Made where it is not there.
    reference : DataFrame (m, columns)
        Who every row is compared with. Where the trees of a model are explained exactly, all of them count.
    options : ShapOptions, optional
        How to explain.
    on_progress, cancelled : callable, optional
        Told how far it is; asked whether to stop.

    Returns
    -------
    dict
        The manifest; ``about`` says space, method and reference rows used.

    Raises
    ------
    RaiError
        With what to do; finished parts stay.
    """
    how, place, names = options or ShapOptions(), file_engine(portfolio).place, list(model.info.feature_names)
    players = players_of(names, how.blocks).names
    check_columns(portfolio.columns, model.info, how.kept, result_columns(players))
    require_columns(reference, names)
    background, asked = frame_to_ipc(reference[names]), how.asked(model.favourable_index)
    marks = score_marks(model, how.kept)
    marks["options"] |= asked | {"background": fingerprint_bytes(background)}
    marks["program"] |= versions("numba")
    with ExitStack() as stack:
        worker = stack.enter_context(RowWorker(model, place))
        form = worker.ask(_ASK, asked, [background]).data
        plan = Plan(
            job="explain",
            place=place,
            pieces=pieces_for(portfolio.engine.part_rows, how.piece_rows),
            marks=marks,
            summed=tuple(result_columns(players)),
            name=portfolio.name,
            table=portfolio.fingerprint,
            about=form,
        )
        del background

        def results(pieces: Sequence[Piece]) -> Iterator[pa.RecordBatch]:
            columns = list(dict.fromkeys([*names, *how.kept]))
            return worker.results(
                _EXPLAIN, pieces, columns, size=BATCH_ROWS, cancelled=cancelled, kept=list(how.kept)
            )

        return run_job(plan, folder, results, on_progress=on_progress, cancelled=cancelled)


def largest_error(manifest: dict[str, Any]) -> float:
    """Return the largest additivity error of all rows."""
    return float(manifest["sums"][ERROR].get("largest", 0.0))
