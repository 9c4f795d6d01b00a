"""Problems as plain values, for pipelines: in the order in which to look at them, with what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from rai_dash.data.slices import slice_words
from rai_dash.govern.problems import Basis, Problem, ProblemResult, Rates, State, Triaged, triage
from rai_dash.report._problem_table import Evaluated, Measured, ProblemTable
from rai_dash.review.terms import utc_text

SCHEMA: Final = "rai-dash/problems/1"


def problems_json(
    problems: Sequence[Problem],
    table: ProblemTable | None = None,
    *,
    pair: tuple[str, str | None] | None = None,
    with_rows: bool = False,
) -> dict[str, Any]:
    """Write problems as plain values; undefined = None.

    Parameters
    ----------
    problems : sequence of Problem
    table : ProblemTable, optional
        What was measured now; without it there is only what is on record.
    pair : (str, str or None), optional
        Keys of the data set and the model by which problems are put in order; None = by what is on record.
    with_rows : bool
        Whether hand-picked rows are named, for those who may see single rows.

    Returns
    -------
    dict
        ``schema``, ``threshold``, ``problems`` (the highest priority first) and ``skipped``.
    """
    order = recorded_triage(problems) if table is None or pair is None else table.triaged(problems, *pair)
    by_id = {p.id: p for p in problems}
    return {
        "schema": SCHEMA,
        "threshold": None if table is None else table.threshold,
        "problems": [_problem(by_id[one.id], one, table, with_rows=with_rows) for one in order],
        "skipped": [] if table is None else [_plain(skip) for skip in table.skipped],
    }


def recorded_triage(problems: Sequence[Problem]) -> list[Triaged]:
    """Put problems in order by the newest figures on record of each."""
    return triage(_recorded(p) for p in problems)


def _recorded(problem: Problem) -> Triaged:
    rates = problem.results[-1].rates if problem.results else None
    return Triaged(
        name=problem.title,
        id=problem.id,
        harm=problem.harm,
        share=None if rates is None else rates.share,
        error=None if rates is None else rates.error,
        overall=None if rates is None else rates.overall,
    )


def is_regressed(problem: Problem, table: ProblemTable | None = None) -> bool:
    """Whether it came back: by what was measured now, else by the newest measurement on record."""
    if table is not None:
        return any(line.state is State.REGRESSED for line in table.of(problem.id))
    last = max((r.seq for r in problem.results), default=0)
    return any(r.state is State.REGRESSED for r in problem.results if r.seq == last)


def _problem(
    problem: Problem, place: Triaged, table: ProblemTable | None, *, with_rows: bool
) -> dict[str, Any]:
    return {
        "id": problem.id,
        "title": problem.title,
        "slice": _slice(problem, with_rows=with_rows),
        "source": problem.source.value,
        "cause": problem.cause,
        "harm": problem.harm,
        "harmed": problem.harmed or None,
        "status": problem.status.value,
        "until": _time(problem.until),
        "last_day": None if problem.last_day is None else problem.last_day.isoformat(),
        "owner": problem.owner,
        "tolerance": problem.tolerance,
        "data": sorted(problem.scope.data),
        "policy_id": problem.scope.policy_id,
        "seen_on": _plain(problem.basis),
        "opened_at": _time(problem.opened_at),
        "share": place.share,
        "error": place.error,
        "overall_error": place.overall,
        "normalised_error": place.normalised,
        "priority": place.priority,
        "regressed": is_regressed(problem, table),
        "results": [] if table is None else [_line(x, problem) for x in table.of(problem.id)],
        "on_record": [_result(result) for result in problem.results],
        "history": [
            {"at": _time(h.at), "who": h.who, "what": h.what, "text": h.text} for h in problem.history
        ],
    }


def _slice(problem: Problem, *, with_rows: bool) -> dict[str, Any]:
    of = problem.slice
    if not problem.has_patterns:
        return {"words": None if of is None else slice_words(of), **({} if of is None else of.to_json())}
    n = None if of is None else len(of.rows)
    told: dict[str, Any] = {"words": "rows picked by hand", "picked": n}
    return told | of.to_json() if of is not None and with_rows else told


def _line(line: Evaluated, problem: Problem) -> dict[str, Any]:
    found = line.found
    return {
        "data": line.data,
        "model": line.model,
        **_plain(line.basis, prefix="sha256_"),
        "exposure": line.exposure.value,
        "state": line.state.value,
        "why": line.why,
        "is_first": line.is_first,
        "rows": found.rates.rows,
        "share": found.rates.share,
        "error": found.error.to_json(),
        "rest_error": found.rest.to_json(),
        "overall_error": found.overall.to_json(),
        "excess": found.excess.to_json(),
        "normalised_error": found.normalised,
        "priority": line.priority(problem.harm),
        **_change(found),
    }


def _change(found: Measured) -> dict[str, Any]:
    picked = found.picked
    return {
        "drop": None if found.drop is None else found.drop.to_json(),
        "drop_of": None if found.drop is None else "everybody" if found.of_everybody else "slice",
        "paired": found.is_paired,
        "p_value": found.p_value,
        "picked": None
        if picked is None
        else {"right": picked.right, "decided": picked.decided, "of": picked.of},
    }


def _result(result: ProblemResult) -> dict[str, Any]:
    return {
        **_plain(result.basis, prefix="sha256_"),
        "state": result.state.value,
        "at": _time(result.at),
        "record": result.seq,
        **_rates(result.rates),
    }


def _rates(rates: Rates) -> dict[str, Any]:
    return _plain(rates) | {"error": rates.error}


def _plain(noun: object, *, prefix: str = "") -> dict[str, Any]:
    """Return the fields of a flat noun; those that are fingerprints under a prefix."""
    fields: tuple[str, ...] = tuple(noun.__dataclass_fields__)  # type: ignore[attr-defined]
    hashes = {"data", "model"} if isinstance(noun, Basis) else set()
    return {f"{prefix}{f}" if f in hashes else f: getattr(noun, f) for f in fields}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else utc_text(moment)
