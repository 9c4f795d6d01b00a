"""The profile of a table as JSON: columns, rows, findings and base rates. A public contract."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from rai_dash.core.estimates import plain
from rai_dash.data.alike_rows import AlikeRows, alike_rows
from rai_dash.data.column_facts import TableFacts, facts_of
from rai_dash.data.comparable import compared_columns, rows_seen_in_training
from rai_dash.data.conflicts import Conflicts, conflicts
from rai_dash.data.dataset import Dataset
from rai_dash.data.duplicates import count_repeats, row_hashes
from rai_dash.data.findings import findings
from rai_dash.data.near_duplicates import near_duplicates
from rai_dash.data.outcome_rows import outcome_rows_of
from rai_dash.data.portfolio.together import count_together
from rai_dash.data.profile import ColumnProfile, profile_of
from rai_dash.data.roles_json import roles_to_json
from rai_dash.data.time_order import TimeOrder, time_order
from rai_dash.metrics.base_rates import base_rates
from rai_dash.metrics.verdict import DEFAULT_TOLERANCE
from rai_dash.report.first_look import first_look
from rai_dash.report.rests_on_json import rests_on_json

SCHEMA: Final = "rai-dash/profile/1"
#: What is of the sampled rows where the table stays where it is.
_OF_SAMPLE: Final = ("rows.sample", "leaks", "findings that say so")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Everything that was found in a table; ``content`` is the JSON of the public contract."""

    content: Mapping[str, Any]

    def to_json(self, *, indent: int | None = 2) -> str:
        """Write the profile as JSON; undefined numbers are null."""
        return json.dumps(self.content, indent=indent, ensure_ascii=False, allow_nan=False)


def profile_dataset(
    dataset: Dataset,
    others: Sequence[Dataset] = (),
    *,
    min_n: int = 30,
    tolerance: float = DEFAULT_TOLERANCE,
) -> Profile:
    """Profile a table before any model exists.

    Parameters
    ----------
    dataset : Dataset
        All its rows are looked at, whatever the split.
    others : sequence of Dataset
        Other tables of the same story: rows that are in both are counted.
    min_n : int
        Groups with fewer rows enter no gap and no test.
    tolerance : float
        A difference of base rates that does not matter.

    Returns
    -------
    Profile
        ``leaks`` names the suspects that are not left out already. Of the cells it has the ends, mean and quantiles
        of numbers and the names of groups, nothing else. Of a portfolio all rows are counted; what compares single
        rows is of the sample, under ``rows.sample``, and null where it would be of all (see ``rests_on``).
    """
    columns = profile_of(dataset)
    facts = facts_of(dataset, lambda: columns)
    count_together(dataset, [c.name for c in columns if c.missing])
    rates = base_rates(dataset, min_n=min_n, tolerance=tolerance)
    told = findings(dataset, others, facts=facts)
    found = first_look(dataset, others, rates=rates, told=told, facts=facts)
    suspects = {n.column for n in told if n.code == "leak_suspect"} - set(dataset.roles.ignored)
    content = {
        "schema": SCHEMA,
        "data": {
            "name": dataset.name,
            "fingerprint": dataset.fingerprint,
            "rows": dataset.n_all,
            "roles": roles_to_json(dataset.roles),
        },
        "columns": {p.name: _column(p) for p in columns},
        "rows": _rows(dataset, facts),
        "leaks": None if dataset.roles.target is None else sorted(str(c) for c in suspects),
        "findings": [f.to_json() for f in found],
        "base_rates": {r.column: r.to_json() for r in rates},
    }
    if (rests_on := rests_on_json(dataset)) is not None:
        content["rests_on"] = rests_on | {"of_the_sample": _OF_SAMPLE}
    return Profile(content=content)


def _column(one: ColumnProfile) -> dict[str, object]:
    return {
        "kind": one.kind,
        "rows": one.n,
        "missing": one.missing,
        "missing_share": one.missing / one.n if one.n else None,
        "distinct": None if one.more_distinct else one.distinct,
        "low": one.low,
        "high": one.high,
        "mean": one.mean,
        "quantiles": list(one.quantiles),
        "fences": None if one.fences is None else list(one.fences),
        "outliers": None if one.fences is None else one.below + one.above,
    } | ({"distinct_above": one.distinct} if one.more_distinct else {})


def _rows(dataset: Dataset, facts: TableFacts) -> dict[str, object]:
    """Count the rows by outcome; single rows are compared where all of them are in memory, else under ``sample``."""
    bad, good, unknown = (int(n) for n in outcome_rows_of(dataset))
    known = bad + good
    compared = _compared(dataset, facts)
    if dataset.portfolio is not None:
        compared = dict.fromkeys(compared) | {"sample": {"n": dataset.n_rows} | compared}
    return {
        "n": known + unknown,
        "labelled": known,
        "favourable": good,
        "base_rate": good / known if known else None,
    } | compared


def _compared(dataset: Dataset, facts: TableFacts) -> dict[str, object]:
    """Compare the rows that are in memory one by one."""
    columns = compared_columns(dataset, facts)
    clash, near = conflicts(dataset, facts), near_duplicates(dataset, facts)
    alike = alike_rows(dataset, facts)
    return {
        "duplicates": count_repeats(row_hashes(columns, lambda c: c.hashes)) if columns else None,
        "compared": [c.name for c in columns],
        "in_training_and_test": rows_seen_in_training(dataset, facts),
        "conflicts": None if clash is None else _conflicts_json(clash),
        "near_duplicates": None if near is None else asdict(near) | {"by_column": dict(near.by_column)},
        "alike": None if alike is None else _alike(alike),
        "time": _time(time_order(dataset)),
    }


def _alike(found: AlikeRows) -> dict[str, object]:
    known = not found.reason
    return {
        "compared": found.compared,
        "rows": found.rows if known else None,
        "pairs": found.pairs if known else None,
        "by_chance": found.by_chance if known else None,
        "by_column": dict(found.by_column),
        "test": found.test,
        "test_rows": found.test_rows,
        "reason": found.reason or None,
    }


def _conflicts_json(clash: Conflicts) -> dict[str, object]:
    return {
        "rows": clash.rows,
        "patterns": clash.patterns,
        "most_right": clash.most_right,
        "best_accuracy": clash.best_accuracy,
    }


def _time(found: TimeOrder | None) -> dict[str, object] | None:
    if found is None:
        return None
    drift = found.drift
    return {
        "column": found.column,
        "reason": found.reason,
        "unread": found.unread,
        "periods": [
            {
                "period": period,
                "rows": int(found.n[i]),
                "labelled": int(found.labelled[i]),
                "favourable": int(found.favourable[i]),
                "share": plain(found.share[i]),
                "low": plain(found.low[i]),
                "high": plain(found.high[i]),
            }
            for i, period in enumerate(found.periods)
        ],
        "weighted": found.is_weighted,
        "verdict": None if drift is None else str(drift.verdict),
        "split_in_order": found.is_split_in_order,
    }


def limits_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """Arrange a profile so that limits of a gate can be put on its numbers.

    Parameters
    ----------
    content : mapping
        A profile.

    Returns
    -------
    dict
        ``overall`` by name, ``of`` by name and column, ``disparities`` by sensitive column.
    """
    rows, columns = content["rows"], content["columns"]
    overall = {
        "rows": rows["n"],
        "labelled": rows["labelled"],
        "base_rate": rows["base_rate"],
        "duplicates": rows["duplicates"],
        "in_training_and_test": rows["in_training_and_test"],
        "conflicts": (rows["conflicts"] or {}).get("rows"),
        "near_duplicates": (rows["near_duplicates"] or {}).get("rows"),
        "alike_rows": (rows["alike"] or {}).get("rows"),
        "leaks": None if content["leaks"] is None else len(content["leaks"]),
    }
    return {
        "overall": {k: {"value": v} for k, v in overall.items()},
        "of": {
            "missing": {c: p["missing_share"] for c, p in columns.items()},
            "distinct": {c: p["distinct"] for c, p in columns.items()},
            "outliers": {c: p["outliers"] for c, p in columns.items()},
        },
        "disparities": {c: {"base_rate": r["base_rate"]} for c, r in content["base_rates"].items()},
    }
