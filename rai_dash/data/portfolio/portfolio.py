"""``Portfolio``: a table that stays where it is, with what is known of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from rai_dash.core.memo import Recent
from rai_dash.data.portfolio.answers import Answer, plain_values
from rai_dash.data.portfolio.engines import Engine
from rai_dash.data.portfolio.ingest import Kind
from rai_dash.data.portfolio.questions import Tally

#: Answers kept, and the most rows of one that is.
_ANSWERS, _KEPT_ROWS = 400, 100_000
_HEAD = 1 << 16


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
    scored_by : (str, str) or None
        Fingerprint of the model whose scores stand beside the rows, in the column ``SCORED``, and its favourable class.
    """

    name: str
    engine: Engine
    fingerprint: str
    source: str
    rests_on: str = ""
    scored_by: tuple[str, str] | None = None
    _heads: Recent = field(default_factory=lambda: Recent(_ANSWERS), repr=False)
    _answers: Recent = field(default_factory=lambda: Recent(_ANSWERS), repr=False)

    @property
    def n_rows(self) -> int:
        """Rows in all."""
        return sum(self.engine.part_rows)

    @property
    def kinds(self) -> dict[str, Kind]:
        """What each column holds; lists, records and raw bytes are left out."""
        return {name: kind for name, kind in self.engine.kinds.items() if kind is not None}

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(self.kinds)

    def tally(self, question: Tally) -> Answer:
        """Answer a question; the last small answers are kept."""
        found: list[Answer] = []

        def make() -> Answer | None:
            found.append(Answer(question, self.engine.tally(question)))
            return found[0] if found[0].table.num_rows <= _KEPT_ROWS else None

        kept = self._answers.get(question, make)
        if kept is not None:
            return kept
        return found[0] if found else Answer(question, self.engine.tally(question))

    def first_rows(self, columns: tuple[str, ...]) -> pd.DataFrame:
        """Return some columns of the first rows, as the engine finds them: a guide, nothing that is reported."""
        return self._heads.get(columns, lambda: plain_frame(self.engine.head(columns, _HEAD)))

    def batches(self, part: int, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        """Read some columns of a part in order, as plain tables of some ten thousand rows."""
        for batch in self.engine.batches(part, columns):
            yield plain_frame(pa.Table.from_batches([batch]))

    def pick(self, positions: NDArray[np.int64]) -> pd.DataFrame:
        """Bring some rows here by their place in the whole table, ascending; every column, in plain types."""
        ends = np.cumsum(self.engine.part_rows)
        starts = ends - self.engine.part_rows
        pieces = []
        for part, (start, end) in enumerate(zip(starts, ends, strict=True)):
            inside = positions[(positions >= start) & (positions < end)] - start
            if inside.size:
                pieces.append(self.engine.pick(part, inside).select(self.columns))
        return plain_frame(pa.concat_tables(pieces, promote_options="permissive"))


def plain_frame(table: pa.Table) -> pd.DataFrame:
    """Bring rows of an engine to int64, float64 and ``str``."""
    columns = {name: plain_values(table.column(name), name) for name in table.column_names}
    return pd.DataFrame(columns, index=range(table.num_rows))
