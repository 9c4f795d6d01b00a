"""The figures of each view of a model's drivers, as JSON: arrays become lists, and what is undefined null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.case import Judgement
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.explain.drivers.by_group import GapReasons, GroupMeans, gap_reasons, group_means
from rai_dash.explain.drivers.curves import Effect
from rai_dash.explain.drivers.dependence import partners
from rai_dash.explain.drivers.importance import Importance, shap_importance
from rai_dash.explain.drivers.interaction import Interactions
from rai_dash.explain.noise import Flips
from rai_dash.explain.table import AttributionTable
from rai_dash.report.correlated import Blocks, mates
from rai_dash.report.drivers_work import Shaken, flips_by_score, moved, usual_pair
from rai_dash.report.everyone import Everyone
from rai_dash.stats.means import Difference

#: Shares of the applicants below each quantile of a column's contributions.
QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Driven:
    """Contributions of the judged rows with the rows' own values, by name of the table's columns."""

    judgement: Judgement
    everyone: Everyone
    rows: pd.DataFrame

    @property
    def table(self) -> AttributionTable:
        """Contributions."""
        return self.everyone.table

    @cached_property
    def importance(self) -> Importance:
        """Mean absolute contribution of each column or block."""
        return shap_importance(self.table.values, self.table.names)

    @property
    def ranked(self) -> tuple[str, ...]:
        """Columns or blocks from the one that moves the scores most."""
        return tuple(self.table.names[i] for i in self.importance.order)


def plain(values: Sequence[float] | NDArray[np.generic]) -> list[object]:
    """Return an array as a list; NaN and infinity are None."""
    return [x if not isinstance(x, float) or np.isfinite(x) else None for x in np.asarray(values).tolist()]


def number(x: float) -> float | None:
    """Return a number; NaN and infinity are None."""
    return float(x) if np.isfinite(x) else None


def importance_json(found: Driven) -> dict[str, object]:
    """Write importance by contributions, with what was explained and how exactly."""
    table, everyone = found.table, found.everyone
    return _importance(found.importance) | {
        "space": table.space,
        "method": table.method,
        "background_rows": table.background_rows,
        "rows": len(everyone.at),
        "of": everyone.of,
        "estimated_rows": int((~table.exact).sum()),
        "largest_additivity_error": table.largest_error,
    }


def _importance(found: Importance) -> dict[str, object]:
    order = found.order
    return {
        "columns": [found.names[i] for i in order],
        "value": plain(found.value[order]),
        "low": plain(found.low[order]),
        "high": plain(found.high[order]),
        "reason": found.reason,
    }


def shuffled_json(found: Mapping[str, Importance]) -> dict[str, object]:
    """Write by measure what gets worse when a column is shuffled."""
    return {
        measure: _importance(one)
        | {
            "sd_between_shuffles": plain(one.repeat_sd[one.order]),
            "before": number(one.baseline),
            "rows": one.rows,
            "of": one.of,
            "shuffles": one.repeats,
        }
        for measure, one in found.items()
    }


def spread_json(found: Driven) -> dict[str, object]:
    """Write quantiles of each column's contributions, and the share it pushes up."""
    table, order = found.table, found.importance.order
    quantiles = np.quantile(table.values, QUANTILES, axis=0)
    return {
        "space": table.space,
        "columns": [table.names[i] for i in order],
        "quantiles": {
            f"{share:g}": plain(row[order]) for share, row in zip(QUANTILES, quantiles, strict=True)
        },
        "share_above_0": plain((table.values > 0).mean(axis=0)[order]),
    }


def groups_json(found: Driven, by: str, *, first: str | None, second: str | None) -> dict[str, object]:
    """Write what the gap between two groups' mean outputs is made of, and the means of all groups.

    Raises
    ------
    InvalidChoice
        A group that is not there, or that is compared with itself.
    """
    index, table = found.judgement.groups((by,)), found.table
    codes = index.codes[found.everyone.at]
    means = group_means(table.values, table.names, codes, index.groups)
    content: dict[str, object] = {"by": by, "space": table.space, "means": _means(means)}
    usual = usual_pair(means, table.output, codes)
    if usual is None:
        return content | {"gap": None, "reason": "all explained rows are in one group"}
    pair = [_place(index.groups, name, place) for name, place in zip((first, second), usual, strict=True)]
    gap = gap_reasons(
        table.values, table.names, table.output, codes, index.groups, first=pair[0], second=pair[1], frame=found.rows
    )  # fmt: skip
    return content | {"gap": _gap(gap)}


def _place(groups: Sequence[str], name: str | None, usual: int) -> int:
    if name is None:
        return usual
    if name not in groups:
        msg = tr(
            "There is no group {name}. Choose from {groups}.", name=f"{name!r}", groups=", ".join(groups)
        )
        raise InvalidChoice(msg)
    return groups.index(name)


def _means(found: GroupMeans) -> list[dict[str, object]]:
    fields = ("value", "low", "high", "size", "size_low", "size_high")
    return [
        {
            "group": group,
            "rows": int(found.n[g]),
            "few_rows": bool(found.small[g]),
            "columns": list(found.names),
        }
        | {name: plain(getattr(found, name)[g]) for name in fields}
        for g, group in enumerate(found.groups)
    ]


def _gap(found: GapReasons) -> dict[str, object]:
    gap = found.gap
    content: dict[str, object] = {
        "first": found.first,
        "second": found.second,
        "rows": list(found.n),
        "value": number(float(gap.value)),
        "low": number(float(gap.low)),
        "high": number(float(gap.high)),
        "columns": list(found.names),
        "part": _difference(found.part, found.adjusted_p),
        "starred": [bool(s) for s in found.starred],
        "share": {
            "value": plain(found.share),
            "low": plain(found.share_low),
            "high": plain(found.share_high),
        },
        "size": _difference(found.size, found.size_adjusted_p),
        "same_value": None,
        "remainder": number(found.remainder),
        "reason": found.reason,
    }
    if found.same_value is not None and found.same_value_adjusted_p is not None:
        content["same_value"] = _difference(found.same_value, found.same_value_adjusted_p)
    return content


def _difference(found: Difference, adjusted_p: NDArray[np.float64]) -> dict[str, object]:
    return {
        "value": plain(found.value), "low": plain(found.low), "high": plain(found.high), "p_holm": plain(adjusted_p)
    }  # fmt: skip


def column_json(found: Driven, column: str, blocks: Blocks) -> dict[str, object]:
    """Write what one column did, and how the scores move when it is changed; columns of its block move along."""
    table, linked = found.table, mates(column, blocks)
    left = partners(table.values, table.names, found.rows, column)
    own = table.values[:, table.names.index(column)]
    found_moved = moved(found.judgement, column, linked)
    lines, local = found_moved.lines, found_moved.local
    low, high = lines.spread
    return {
        "column": column,
        "space": table.space,
        "contribution": {"least": number(own.min()), "most": number(own.max())},
        "left_at_same_value": number(left.left),
        "strongest_partner": left.strongest,
        "partners": dict(zip(left.names, plain(left.share), strict=True)),
        "moved_along": list(linked),
        "labels": list(lines.grid.labels),
        "rows": plain(lines.grid.counts),
        "left_out": lines.grid.left_out,
        "partial_dependence": _effect(lines.mean)
        | {"change": _effect(lines.change), "asked": len(lines.rows)},
        "single_applicants": {
            "positions": plain(found.judgement.positions[lines.rows]),
            "scores": lines.lines.tolist(),
            "change_10_percent": plain(low),
            "change_90_percent": plain(high),
        },
        "accumulated_local_effects": _effect(local.effect)
        | {"change": _effect(local.change), "asked": local.rows},
    }


def _effect(found: Effect) -> dict[str, object]:
    return {"value": plain(found.value), "low": plain(found.low), "high": plain(found.high)}


def pairs_json(found: Interactions) -> dict[str, object]:
    """Write how strongly pairs of columns act together, the strongest first."""
    order = found.order
    return {
        "pairs": [list(found.pairs[i]) for i in order],
        "size": plain(found.size[order]),
        "h2": plain(found.value[order]),
        "rows": found.rows,
        "of": found.of,
    }


def noise_json(found: Shaken) -> dict[str, object]:
    """Write which decisions flip under noise, by group and by score, and whether explanations hold."""
    by_score, steady = flips_by_score(found.shown), found.stability
    return {
        "moved_together": [list(block) for block in found.linked],
        "levels": [_flips(one) for one in found.flips],
        "by_score": {
            "noise": found.shown.eps,
            "edges": plain(by_score.edges),
            "rows": plain(by_score.rows),
            "flip": plain(by_score.share),
        },
        "explanations": {
            "space": found.space,
            "noise": steady.eps,
            "columns": steady.k,
            "rows": steady.rows,
            "copies_each": steady.draws,
            "stay_among_the_largest": asdict(steady.overlap),
            "all_stay": asdict(steady.same_set),
            "first_stays_first": asdict(steady.same_first),
        },
    }


def _flips(one: Flips) -> dict[str, object]:
    return {
        "noise": one.eps,
        "rows": len(one.rows),
        "of": one.of,
        "copies_each": one.draws,
        "flip": asdict(one.rate),
        "flip_near_threshold": asdict(one.near),
        "fragile": asdict(one.fragile),
        "mean_change": asdict(one.mean_shift),
        "p95_change": one.p95_shift,
        "groups": [
            {"group": g.name, "rows": g.n, "few_rows": g.small, "flip": asdict(g.rate)} for g in one.groups
        ],
    }
