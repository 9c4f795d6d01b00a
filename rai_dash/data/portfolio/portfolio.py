"""``Portfolio``: a table that stays where it is, with what is known of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.memo import Recent
from rai_dash.core.types import Notice
from rai_dash.data.portfolio.answers import Answer, plain_values
from rai_dash.data.portfolio.engines import Engine, ProcessEngine
from rai_dash.data.portfolio.ingest import Kind
from rai_dash.data.portfolio.places import SCORED
from rai_dash.data.portfolio.questions import Tally

#: Answers kept, and the most rows of one that is.
_ANSWERS, _KEPT_ROWS = 400, 100_000
#: Most rows of an answer that others are added up from.
_WIDE_ROWS = 20_000
_HEAD = 1 << 16


@dataclass(frozen=True, slots=True)
class Scoring:
    """What decides the scores of a table.

    Parameters
    ----------
    model : str
        Fingerprint of the model.
    favourable : str
        Label of its favourable class.
    columns : tuple of str
        Columns of the table that its inputs were taken for, in the order of the inputs.
    """

    model: str
    favourable: str
    columns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Portfolio:
    """A table too large to bring here: every count is made where it lies.

    Parameters
    ----------
    name : str
        To show.
    engine : Engine
        What counts it.
    fingerprint : str
        sha256 of what identifies the content, see ``rests_on``.
    source : str
        In words, such as "10 Parquet files".
    rests_on : str
        What the fingerprint is taken of, in words.
    notices : tuple of Notice
        Found while opening.
    scored_by : (str, str) or None
        Fingerprint of the model whose scores stand beside the rows, in the column ``SCORED``, and its favourable class.
    unscored : Portfolio or None
        The table that the scores stand beside; while it is held, so are copies that its engine may have made.
    scorings : dict of Scoring to Portfolio
        This table with the scores of a model beside it, where a model has scored all rows since.
    """

    name: str
    engine: Engine
    fingerprint: str
    source: str
    rests_on: str = ""
    notices: tuple[Notice, ...] = ()
    scored_by: tuple[str, str] | None = None
    unscored: Portfolio | None = field(default=None, repr=False)
    scorings: dict[Scoring, Portfolio] = field(default_factory=dict, repr=False)
    _heads: Recent = field(default_factory=lambda: Recent(_ANSWERS), repr=False)
    _answers: Recent = field(default_factory=lambda: Recent(_ANSWERS), repr=False)
    _picked: Recent = field(default_factory=lambda: Recent(1), repr=False)

    def rest(self) -> None:
        """End what counts it, where that is a process of its own and idle; it starts again on next use."""
        for portfolio in (self, *self.scorings.values()):
            if isinstance(portfolio.engine, ProcessEngine):
                portfolio.engine.close_if_idle()

    @property
    def n_rows(self) -> int:
        """Rows in all."""
        return sum(self.engine.part_rows)

    @property
    def kinds(self) -> dict[str, Kind]:
        """What each column holds; lists, records and raw bytes are left out, and so are the scores of a model."""
        return {n: kind for n, kind in self.engine.kinds.items() if kind is not None and n != SCORED}

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(self.kinds)

    def tally(self, question: Tally) -> Answer:
        """Answer a question; the last small answers are kept, and others are added up from them."""
        found: list[Answer] = []

        def make() -> Answer | None:
            found.append(self._added_up(question) or Answer(question, self.engine.tally(question)))
            return found[0] if found[0].table.num_rows <= _KEPT_ROWS else None

        kept = self._answers.get(question, make)
        if kept is not None:
            return kept
        return found[0] if found else Answer(question, self.engine.tally(question))

    def _added_up(self, question: Tally) -> Answer | None:
        """Answer a question from an answer to a wider one."""
        kept = (a for a in self._answers.kept() if isinstance(a, Answer) and a.table.num_rows <= _WIDE_ROWS)
        return next((mine for wide in kept if (mine := wide.narrowed(question)) is not None), None)

    def first_rows(self, columns: tuple[str, ...]) -> pd.DataFrame:
        """Return some columns of the first rows, as the engine finds them: a guide, nothing that is reported."""
        return self._heads.get(columns, lambda: plain_frame(self.engine.head(columns, _HEAD)))

    def batches(self, part: int, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        """Read some columns of a part in order, as plain tables of some ten thousand rows."""
        for batch in self.engine.batches(part, columns):
            yield plain_frame(pa.Table.from_batches([batch]))

    def pick(self, positions: NDArray[np.int64]) -> pd.DataFrame:
        """Bring some rows here by their place in the whole table, ascending; every column, in plain types.

        The last rows are kept and are not to be changed: a sample for other roles is mostly drawn of the same ones.
        """
        return self._picked.get(fingerprint_bytes(positions.tobytes()), lambda: self._pick(positions))

    def _pick(self, positions: NDArray[np.int64]) -> pd.DataFrame:
        ends = np.cumsum(self.engine.part_rows)
        starts = ends - self.engine.part_rows
        pieces = []
        for part, (start, end) in enumerate(zip(starts, ends, strict=True)):
            inside = positions[(positions >= start) & (positions < end)] - start
            if inside.size:
                pieces.append(self.engine.pick(part, inside).select(self.columns))
        if not pieces:
            return plain_frame(self.engine.head(self.columns, 0))
        return plain_frame(pa.concat_tables(pieces, promote_options="permissive"))


def plain_frame(table: pa.Table) -> pd.DataFrame:
    """Bring rows of an engine to int64, float64 and ``str``."""
    columns = {name: plain_values(table.column(name), name) for name in table.column_names}
    return pd.DataFrame(columns, index=range(table.num_rows))
