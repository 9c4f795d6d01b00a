"""The contributions of everyone: all judged rows where that is cheap, a sample evenly over their scores where not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rai_dash.case import Case, Judgement
from rai_dash.explain._asking import SILENT, IntArray, Watch
from rai_dash.explain._players import JOINED_BY
from rai_dash.explain.client import shap_matrix
from rai_dash.explain.coalitions import ESTIMATE, EXACT
from rai_dash.explain.drivers._bins import spread_rows, texts_of
from rai_dash.explain.table import AttributionTable
from rai_dash.report.correlated import Blocks
from rai_dash.report.reference import feature_rows, model_of, reference_rows

#: Rows that are explained where each of them takes many answers of the model.
SAMPLE = 200
#: Longest time of one call, in seconds: a job can be cancelled, so it need not be stopped for being long.
LONGEST_S = 3600.0
#: Between the values of a block's columns.
_WITH = " · "
Explain = Callable[[pd.DataFrame], AttributionTable]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Everyone:
    """Contributions of all judged rows, or of a sample of them.

    Parameters
    ----------
    table : AttributionTable
        Of m rows.
    at : int64 (m,)
        Which of the judged rows, ascending.
    of : int
        Judged rows there are.
    """

    table: AttributionTable
    at: IntArray
    of: int

    @property
    def is_sample(self) -> bool:
        """Whether some judged rows are left out."""
        return len(self.at) < self.of


def asks_one_by_one(table: AttributionTable) -> bool:
    """Whether the values come from asking the model about many mixed rows an applicant."""
    return any(method.startswith((EXACT, ESTIMATE)) for method in table.methods)


def explainer_of(
    case: Case, judgement: Judgement, *, space: str, blocks: Blocks = (), watch: Watch = SILENT
) -> Explain:
    """Return what explains rows of a judgement against its reference rows, in the model's own process."""
    model, background = model_of(judgement).model, reference_rows(case, judgement)

    def explain(rows: pd.DataFrame) -> AttributionTable:
        return shap_matrix(
            model, rows.reset_index(drop=True), background, space=space, blocks=blocks, timeout=LONGEST_S,
            on_progress=watch.on_progress, cancelled=watch.cancelled,
        )  # fmt: skip

    return explain


def judged_explained(
    case: Case, judgement: Judgement, *, space: str, blocks: Blocks = (), watch: Watch = SILENT
) -> Everyone | None:
    """Explain all judged rows; made once a pair of data and model.

    Parameters
    ----------
    case, judgement : Case, Judgement
        The pair, and the case that has the model's training rows.
    space : str
        ``"log-odds"`` or ``"probability"``; ``Everyone.table.space`` says what it became.
    blocks : tuple of tuple of str
        Columns that count as one.
    watch : Watch
        Progress and stop.

    Returns
    -------
    Everyone or None
        None where each row takes many answers of the model: choose a sample, see `sample_explained`.
    """

    def make() -> Everyone | None:
        explain = explainer_of(case, judgement, space=space, blocks=blocks, watch=watch)
        rows = _prepared(judgement, watch)
        if asks_one_by_one(explain(rows.iloc[:1])):
            return None
        return Everyone(table=explain(rows), at=np.arange(len(rows)), of=len(rows))

    # Kept with the case too: the copies of a bundled case share what is made of it.
    return judgement.memo.get(("everyone", space, blocks), make)


def sample_explained(
    case: Case, judgement: Judgement, most: int, *, space: str, blocks: Blocks = (), watch: Watch = SILENT
) -> Everyone:
    """Explain at most so many judged rows, evenly over their scores; parameters as of `judged_explained`."""

    def make() -> Everyone:
        explain = explainer_of(case, judgement, space=space, blocks=blocks, watch=watch)
        rows = _prepared(judgement, watch)
        at = np.sort(spread_rows(judgement.score[judgement.positions], most))
        return Everyone(table=explain(rows.iloc[at]), at=at, of=len(rows))

    return judgement.memo.get(("everyone", space, blocks, most), make)


def _prepared(judgement: Judgement, watch: Watch) -> pd.DataFrame:
    watch.step(0, judgement.n_judged, "preparing the comparison with the reference rows")
    return judgement.data.dataset.frame.iloc[judgement.positions]


def explained_rows(judgement: Judgement, everyone: Everyone, blocks: Blocks) -> pd.DataFrame:
    """Return the explained rows' own values by name of the table's columns; a block's are its columns' put together."""

    def make() -> pd.DataFrame:
        rows = feature_rows(judgement).iloc[everyone.at].reset_index(drop=True)
        for block in blocks:
            parts = [texts_of(rows[name]) for name in block]
            rows[JOINED_BY.join(block)] = [_WITH.join(values) for values in zip(*parts, strict=True)]
        return rows

    # Samples of one size are the same rows.
    return judgement.memo.get(("explained_rows", blocks, len(everyone.at)), make)
