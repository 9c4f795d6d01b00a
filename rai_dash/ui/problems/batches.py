"""Problems on the batches of production that are on record: what a page says about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rai_dash.charts.problem_models import ModelError
from rai_dash.core.errors import RaiError
from rai_dash.core.texts import ntr, tr
from rai_dash.core.words import count
from rai_dash.govern.problems import Problem, ProblemResult
from rai_dash.govern.problems.states import shown
from rai_dash.report.problem_batches import (
    BatchHistory,
    Tried,
    batch_history,
    kept_rows_tried,
    recorded_error,
    result_on_batch,
)
from rai_dash.ui.monitoring import batches
from rai_dash.ui.monitoring.recorded import log_of
from rai_dash.ui.signing import desk
from rai_dash.ui.state import View
from rai_dash.ui.text import plain

if TYPE_CHECKING:
    from rai_dash.govern.monitor.log import MonitorRun

#: Batches that are drawn, the newest.
MOST_DRAWN: Final = 20


def histories(view: View, problems: Sequence[Problem]) -> dict[str, BatchHistory]:
    """Say of every problem how it came out on batches, trying it where the rows are in the case, or kept."""
    runs = _runs(view) if problems else []
    room = desk.room()

    def signed(run: MonitorRun) -> str:
        return room.policy(run.policy_id, run.version).data.sha256

    if not runs:
        return {}
    trying = _Trying(view)
    return {p.id: batch_history(p, runs, trying, data_of=signed) for p in problems}


class _Trying:
    """Tries a problem on the rows of a batch once: those of the case, else those that are kept."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._own = {d.dataset.fingerprint: d for d in view.case.data}
        self._kept = kept_rows_tried(log_of(acts=False), desk.room().policy)

    def __call__(self, problem: Problem, run: MonitorRun) -> ProblemResult | None:
        about = (problem.id, problem.slice_hash, problem.tolerance, len(problem.results), problem.fixed_at)
        found = self._view.case.memo.get(
            ("problem on batch", about, run.seq), lambda: self._outcome(problem, run)
        )
        if isinstance(found, RaiError):
            raise found
        return found

    def _outcome(self, problem: Problem, run: MonitorRun) -> ProblemResult | RaiError | None:
        try:
            data = self._own.get(run.batch_sha256)
            if data is None:
                return self._kept(problem, run)
            policy = desk.room().policy(run.policy_id, run.version)
            rows = batches.rows_of(self._view, policy, data)
            return result_on_batch(problem, policy, rows, batches.exposure(self._view, policy, data))
        except RaiError as error:
            return error


def _runs(view: View) -> list[MonitorRun]:
    """Return the newest run of each batch of the policies that may be opened from here, in the order of time."""
    log, known = log_of(acts=False), desk.on_offer(view).standings
    runs = [run for policy in log.policies() if policy in known for run in log.series(policy)]
    if all(run.period is not None for run in runs):
        return sorted(runs, key=lambda run: (run.period or "", run.seq))
    return sorted(runs, key=lambda run: run.seq)


def marks(problem: Problem, history: BatchHistory) -> list[ModelError]:
    """Return the newest batches as marks of the picture, the first first."""
    drawn = history.tried[-MOST_DRAWN:]
    # Its name is told once where it is the same for all: there is little room beside a row.
    names_model = len({_model(one.run) for one in drawn}) > 1
    return [_mark(problem, one, names_model=names_model) for one in drawn]


def models(history: BatchHistory) -> list[str]:
    """Return the names of the models that decided about the batches, each once."""
    return list(dict.fromkeys(_model(one.run) for one in history.tried[-MOST_DRAWN:]))


def _mark(problem: Problem, one: Tried, *, names_model: bool) -> ModelError:
    error, rest, excess = recorded_error(one.result.rates)
    return ModelError(
        name=plain(one.run.label, limit=60)
        + (f": {plain(_model(one.run), limit=40)}" if names_model else ""),
        error=error,
        rest=rest,
        rows=one.result.rates.n,
        is_shown=shown(error, excess, problem.tolerance) is True,
        state=one.result.state.value,
    )


def _model(run: MonitorRun) -> str:
    return desk.room().policy(run.policy_id, run.version).model.name


def figures(history: BatchHistory) -> list[dict[str, object]]:
    """Return a line of the table for each batch."""
    return [_figures(one) for one in history.tried]


def _figures(one: Tried) -> dict[str, object]:
    rates = one.result.rates
    error, rest, excess = recorded_error(rates)
    return {
        "data": tr("batch {run}", run=one.run.label),
        "model": _model(one.run),
        "state": one.result.state.value,
        "rows": rates.rows,
        "rows with an outcome": rates.n,
        "wrong": rates.wrong,
        "share of people": rates.share,
        "error": error.value,
        "error low": error.low,
        "error high": error.high,
        "error of all others": rest.value,
        "difference": excess.value,
        "difference low": excess.low,
        "difference high": excess.high,
    }


def said(history: BatchHistory) -> list[str]:
    """Say how batches came out, and which ones a problem could not be tried on; labels of users are not in it."""
    told = []
    if history.tried:
        states = [one.result.state.value for one in history.tried]
        each = ", ".join(
            tr("{state} on {state_2}", state=state, state_2=count(states.count(state)))
            for state in dict.fromkeys(states)
        )
        n = len(states)
        told.append(
            ntr(
                "Tried on {n} recorded batch of production: {each}.",
                "Tried on {n} recorded batches of production: {each}.",
                n,
                n=count(n),
                each=each,
            )
        )
    if history.not_kept:
        told.append(_lost(history.not_kept))
    if history.closed:
        n = history.closed
        told.append(
            ntr(
                "The rows of {n} earlier batch is kept: it is tried on them when somebody looks who may see "
                "single applications.",
                "The rows of {n} earlier batches are kept: it is tried on them when somebody looks who may "
                "see single applications.",
                n,
                n=count(n),
            )
        )
    return [*told, *history.refused[:2]]


def _lost(n: int) -> str:
    return ntr(
        "Rows of {n} earlier batch were not kept, so it cannot be tried there (the operator's setting is "
        "RAI_DASH_KEEP_BATCH_ROWS).",
        "Rows of {n} earlier batches were not kept, so it cannot be tried there (the operator's setting "
        "is RAI_DASH_KEEP_BATCH_ROWS).",
        n,
        n=count(n),
    )
