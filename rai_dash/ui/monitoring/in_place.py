"""A batch that is counted where it lies: all of its rows, in the background, part by part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rai_dash.case import CaseData, CaseModel
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import written
from rai_dash.data.portfolio.jobs.running import Progress
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.govern.monitor.counting import BatchFacts, basis_of
from rai_dash.govern.monitor.counts import BatchCounts
from rai_dash.govern.monitor.parts import count_parts
from rai_dash.govern.policy import Policy
from rai_dash.ui.drivers import asked
from rai_dash.ui.state import View
from rai_dash.ui.text import count

COUNTING: Final = mark("Counting the batch where it lies")
_Told = Callable[[int, int, str], None]
_Counted = tuple[BatchFacts, BatchCounts]


def counted(
    view: View, policy: Policy, data: CaseData, model: CaseModel | None, scores: str
) -> _Counted | None:
    """Return the counts of all rows of a batch; until they are there, show the button or how far it is.

    Parameters
    ----------
    view : View
    policy : Policy
        Says what is counted.
    data : CaseData
        The batch, with its portfolio.
    model : CaseModel or None
        Scores the rows; None = a column holds the scores.
    scores : str
        That column; empty = the one of the policy.
    """
    portfolio = data.dataset.portfolio
    if portfolio is None:
        return None
    by = "" if model is None else f"{model.model.info.fingerprint} {model.model.model_class}"
    wanted: dict[str, object] = {
        "basis": basis_of(policy), "batch": portfolio.fingerprint, "by": by, "scores": scores,
    }  # fmt: skip
    n = count(portfolio.n_rows)
    found: _Counted | None = asked.by_button(
        view, "monitor batch", wanted, _work(policy, portfolio, model, scores), label=tr("Count all {n} rows", n=n),
        idle=tr("This batch is counted where it lies. All {n} rows are read once for the policy that is looked "
"at.", n=n),
        doing=tr(COUNTING), key="monitor_count",
    )  # fmt: skip
    return found


def _work(
    policy: Policy, portfolio: Portfolio, model: CaseModel | None, scores: str
) -> Callable[[_Told, Callable[[], bool]], _Counted]:
    def work(progress: _Told, cancelled: Callable[[], bool]) -> _Counted:
        def tell(so_far: Progress) -> None:
            progress(
                so_far.rows,
                so_far.all_rows,
                tr(
                    "{rows} of {all_rows} rows",
                    rows=written(f"{so_far.rows:,}"),
                    all_rows=written(f"{so_far.all_rows:,}"),
                ),
            )

        return count_parts(
            policy,
            portfolio,
            model=None if model is None else model.model,
            score_column=scores or None,
            on_progress=tell,
            cancelled=cancelled,
        )

    return work
