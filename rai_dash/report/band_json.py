"""A review band as plain values: judged, searched for, or all of a grid. The keys are a public contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.estimates import plain, plain_table
from rai_dash.core.review_cube import ReviewCube, edges_of
from rai_dash.core.texts import tr
from rai_dash.core.types import ReviewBand
from rai_dash.report.band_choices import PROMISES, BandChoices, BandReport
from rai_dash.report.band_head import SCHEMA, head_of
from rai_dash.report.band_promise import halves, picked_of, promise_of, some_rows, split_of
from rai_dash.report.band_rows import BandRows
from rai_dash.review.band import MEANINGS
from rai_dash.review.constraints import Constraint, parse_constraint
from rai_dash.review.evaluate import Evaluation, evaluate
from rai_dash.review.gaps import GAPS, eligible_groups, gap_values
from rai_dash.review.grid import Grid, band_grid
from rai_dash.review.limited import is_kept, value_of
from rai_dash.review.optimise import Optimum, feasible_bands, optimise
from rai_dash.review.people import POST_SHARES

__all__ = [
    "GRID_GAPS", "GRID_METRICS", "PROMISES", "SCHEMA", "BandChoices", "BandReport", "evaluate_band", "grid_bands",
    "limits_of", "optimise_band",
]  # fmt: skip
FloatArray = NDArray[np.float64]
Plane = tuple[str, str | None, FloatArray]
#: Numbers of a grid that are written unless others are named.
GRID_METRICS: Final = (
    "review_rate", "auto_approve_rate", "auto_reject_rate", "auto_error_rate", "error_per_application",
    "good_auto_rejected", "bad_auto_approved", "post_error_rate", "post_approval_rate", "cost",
)  # fmt: skip
#: And these of each sensitive column.
GRID_GAPS: Final = (
    "review_rate_gap",
    "good_auto_rejected_gap",
    "bad_auto_approved_gap",
    "post_approval_ratio",
)


def evaluate_band(rows: BandRows, choices: BandChoices) -> BandReport:
    """Judge the band as it is.

    Returns
    -------
    BandReport
        ``{"schema", "command": "evaluate", "data", "model", "score_column", "conditions", "notices", "band", "counts",
        "rates", "after_review", "cost", "theory_band", "capacity", "groups", "gaps", "settings", "disparities",
        "limits", "guarantee"}``; see docs/band.md.

    Raises
    ------
    RaiError
        When choices do not fit the rows.
    """
    cubes = rows.cubes(edges_of(choices.band))
    found, broken = _evaluated(cubes, choices, choices.band, _constraints(choices, cubes))
    content = head_of("evaluate", rows, choices) | found
    return BandReport(content=content | {"guarantee": promise_of(rows, choices).to_json()}, broken=broken)


def optimise_band(rows: BandRows, choices: BandChoices) -> BandReport:
    """Search the grid for the cheapest band within the limits.

    With a split promise it is searched on one half of the rows and everything else is about the other half.

    Returns
    -------
    BandReport
        ``"optimum"``: how it was found; and the keys of `evaluate_band` for the band found. Without one they are
        left out, but for the guarantee, which is None.

    Raises
    ------
    RaiError
        When choices do not fit the rows, or no row has an outcome.
    """
    if choices.promise not in {None, "split"}:
        msg = tr(
            "A band that was searched for on these rows cannot be promised by `{promise}`. Use split.",
            promise=choices.promise,
        )
        raise InvalidChoice(msg)
    searched = judged = rows
    content = head_of("optimise", rows, choices)
    seed = 0
    if choices.promise == "split":
        seed, first, second = halves(rows, choices)
        searched, judged = some_rows(rows, first), some_rows(rows, second)
        content["split"] = {"searched_rows": first.size, "judged_rows": second.size, "seed": seed}
    cubes = searched.cubes(choices.edges)
    constraints = _constraints(choices, cubes)
    optimum = optimise(_grid(cubes, choices), constraints, own=choices.band)
    content |= {"optimum": optimum.to_json(), "guarantee": None}
    if optimum.best is None:
        return BandReport(content=content, broken=(_blocked(optimum),))
    best = optimum.best.band
    found, broken = _evaluated(judged.cubes(edges_of(best)), choices, best, constraints)
    content |= found
    if choices.promise is None:
        content["guarantee"] = picked_of(rows, choices, best).to_json()
    else:
        content["guarantee"] = split_of(rows, choices, best, seed=seed).to_json()
    return BandReport(content=content, broken=broken)


def grid_bands(rows: BandRows, choices: BandChoices, metrics: Sequence[str] = ()) -> BandReport:
    """Compute numbers of every band of the grid.

    Parameters
    ----------
    rows, choices
        As of `evaluate_band`.
    metrics : sequence of str
        Names as in limits; by default `GRID_METRICS`, and `GRID_GAPS` of each sensitive column.

    Returns
    -------
    BandReport
        ``"grid": {"lo": [...], "threshold", "hi": [...], "planes": [{"metric", "column", "values": [lo][hi]}],
        "feasible": [lo][hi]}``, and ``table`` with the columns lo, threshold, hi, metric, column, value.

    Raises
    ------
    InvalidChoice
        When a name is none of a number.
    """
    cubes = rows.cubes(choices.edges)
    constraints = _constraints(choices, cubes)
    grid = _grid(cubes, choices)
    planes = [(name, column, grid.plane(name, column=column)) for name, column in _named(metrics, cubes)]
    feasible = feasible_bands(grid, constraints)
    content = head_of("grid", rows, choices) | {
        "limits": [constraint.to_json() for constraint in constraints],
        "grid": {
            "lo": list(grid.los),
            "threshold": grid.threshold,
            "hi": list(grid.his),
            "planes": [
                {"metric": name, "column": column, "values": plain_table(p)} for name, column, p in planes
            ],
            "feasible": feasible.tolist(),
        },
    }
    return BandReport(
        content=content, table=_long([*planes, ("feasible", None, feasible.astype(np.float64))], grid)
    )


def limits_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """Arrange a report so that limits of a gate (`rai_dash.gate`) can be put on its numbers.

    Returns
    -------
    dict
        ``overall``: every rate, what is expected after review, ``cost``, people needed, ``certified`` (1 or 0) and
        ``bound``; ``disparities`` by column.
    """
    after, people = content.get("after_review", {}), content.get("capacity") or {}
    promise = content.get("guarantee") or {}
    numbers = {name: rate["value"] for name, rate in content.get("rates", {}).items()}
    numbers |= {name: value for name, value in after.items() if name != "reasons"} | people
    numbers |= {"cost": content.get("cost", {}).get("cost"), "bound": promise.get("bound")}
    numbers["certified"] = int(bool(promise.get("certified")))
    overall = {name: {"value": value} for name, value in numbers.items()}
    return {"overall": overall, "disparities": content.get("disparities", {})}


def _constraints(choices: BandChoices, cubes: Mapping[str, ReviewCube]) -> list[Constraint]:
    groups = {column: cube.groups for column, cube in cubes.items() if cube.column}
    return [parse_constraint(text, columns=groups) for text in choices.limits]


def _evaluated(
    cubes: Mapping[str, ReviewCube], choices: BandChoices, band: ReviewBand, constraints: Sequence[Constraint]
) -> tuple[dict[str, object], tuple[str, ...]]:
    """Judge one band; returns its part of the report, and the limits that it breaks."""
    found = evaluate(
        cubes, band,
        reviewer=choices.reviewer, costs=choices.costs, workload=choices.workload, min_n=choices.min_n,
    )  # fmt: skip
    limits, broken = _limits(found, constraints)
    more = {"disparities": _disparities(found, cubes, choices.min_n), "limits": limits}
    return found.to_json() | more, broken


def _grid(cubes: Mapping[str, ReviewCube], choices: BandChoices) -> Grid:
    """Lay out all bands of the grid."""
    cuts: list[float | None] = [*choices.cuts.tolist()]
    return band_grid(
        cubes, cuts, choices.band.threshold, cuts,
        reviewer=choices.reviewer, costs=choices.costs, min_n=choices.min_n,
    )  # fmt: skip


def _limits(
    judged: Evaluation, constraints: Sequence[Constraint]
) -> tuple[list[dict[str, object]], tuple[str, ...]]:
    """Say which limits one band keeps."""
    found, broken = [], []
    for constraint in constraints:
        value = value_of(judged, constraint)
        kept = is_kept(value, constraint)
        found.append({**constraint.to_json(), "found": value, "kept": kept})
        if not kept:
            shown = "undefined, and a limit on an undefined number fails" if value is None else f"{value:.4f}"
            broken.append(f"{constraint.words()}: it is {shown}.")
    return found, tuple(broken)


def _blocked(optimum: Optimum) -> str:
    """Say that no band keeps all limits, and what stands in the way."""
    words = [block.constraint.words() for block in optimum.blocks]
    why = f" Each of these alone stands in the way: {'; '.join(words)}." if words else ""
    return f"None of the {optimum.n_candidates:,} bands keeps all limits.{why}"


def _named(metrics: Sequence[str], cubes: Mapping[str, ReviewCube]) -> Iterable[tuple[str, str | None]]:
    """List the numbers that are asked for, each gap once for every column."""
    columns = [column for column, cube in cubes.items() if cube.column]
    for metric in metrics or (*GRID_METRICS, *GRID_GAPS):
        yield from [(metric, column) for column in columns] if metric in GAPS else [(metric, None)]


def _long(planes: Sequence[Plane], grid: Grid) -> pd.DataFrame:
    """Write planes as one line a band and number."""
    lo, hi = np.meshgrid(np.array(grid.los, np.float64), np.array(grid.his, np.float64), indexing="ij")
    parts = [
        pd.DataFrame(
            {
                "lo": lo.ravel(),
                "threshold": grid.threshold,
                "hi": hi.ravel(),
                "metric": pd.Series([name] * plane.size, dtype="str"),
                "column": pd.Series([column] * plane.size, dtype="str"),
                "value": plane.ravel(),
            }
        )
        for name, column, plane in planes
    ]
    return pd.concat(parts, ignore_index=True)


def _disparities(found: Evaluation, cubes: Mapping[str, ReviewCube], min_n: int) -> dict[str, object]:
    """Compare every share between the groups of each column."""
    out: dict[str, object] = {}
    for column, figures in found.by_group.items():
        eligible, _ = eligible_groups(cubes[column], min_n)
        values = {name: figures.values(name) for name in (*MEANINGS, *POST_SHARES)}
        out[column] = {
            name: {
                "difference": None if v is None else plain(float(gap_values(v, eligible, "gap"))),
                "ratio": None if v is None else plain(float(gap_values(v, eligible, "ratio"))),
            }
            for name, v in values.items()
        }
    return out
