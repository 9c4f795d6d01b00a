"""Candidates on the same rows as plain values. The keys are a public contract."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from rai_dash.metrics._base import MetricTable
from rai_dash.metrics.paired_verdict import PairVerdict
from rai_dash.report.models_bands import BestBand
from rai_dash.report.models_explained import ExplainedPair
from rai_dash.report.models_found import Candidate, GroupPairs, ModelComparison, ModelPair
from rai_dash.report.models_overlap import SeenRows

SCHEMA: Final = "rai-dash/models/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsReport:
    """Candidates compared; ``content`` is the JSON of the public contract."""

    content: Mapping[str, Any]

    def to_json(self, *, indent: int | None = 2) -> str:
        """Write it as JSON; undefined numbers are null."""
        return json.dumps(self.content, indent=indent, ensure_ascii=False, allow_nan=False)


def models_report(
    found: ModelComparison,
    *,
    bands: Sequence[BestBand] = (),
    explained: Mapping[str, ExplainedPair] | None = None,
) -> ModelsReport:
    """Write a comparison down.

    Parameters
    ----------
    found : ModelComparison
    bands : sequence of BestBand
        One a candidate, where they were asked for.
    explained : mapping of str to ExplainedPair
        By key of the candidate, where explanations were asked for.

    Returns
    -------
    ModelsReport
        ``{"schema", "data", "rows", "tolerance", "min_n", "costs", "columns", "current", "models": {KEY: {...}},
        "pairs": {KEY: {...}}, "bands": {KEY: {...}} or null, "explanations": {KEY: {...}} or null}``; see
        docs/models_compared.md.
    """
    dataset, options = found.data.dataset, found.options
    content = {
        "schema": SCHEMA,
        "data": {
            "name": dataset.name,
            "rows": dataset.n_rows,
            "fingerprint": dataset.fingerprint,
            "roles_fingerprint": dataset.roles_fingerprint,
        },
        "rows": {"compared": found.n, "left_out": found.left_out},
        "tolerance": options.tolerance,
        "min_n": options.min_n,
        "costs": None if options.costs is None else asdict(options.costs),
        "columns": list(found.columns),
        "current": found.current.key,
        "models": {c.key: _model(c) for c in found.candidates},
        "pairs": {p.candidate: _pair(p) for p in found.pairs},
        "bands": {b.key: b.to_json() for b in bands} or None,
        "explanations": None if explained is None else {k: _explained(e) for k, e in explained.items()},
    }
    return ModelsReport(content=content)


def limits_of(report: ModelsReport, key: str) -> dict[str, Any]:
    """Return the numbers of one candidate that a limit can be put on; see `rai_dash.gate`.

    Parameters
    ----------
    report : ModelsReport
    key : str
        Of a candidate that is compared with the current model.

    Returns
    -------
    dict
        ``overall`` has the candidate's metrics, ``NAME_difference`` from the current model, ``changed`` (share of
        decisions), ``worse_shown`` and ``better_shown`` (how many numbers are, by more than the tolerance) and
        ``seen_rows``; ``disparities`` has the gaps of its groups.
    """
    model, pair = report.content["models"][key], report.content["pairs"][key]
    verdicts = [
        m["verdict"] for name, m in pair["metrics"].items() if name != "fnr" and not m["within_tolerance"]
    ]
    numbers: dict[str, Any] = dict(model["overall"])
    numbers |= {f"{name}_difference": {"value": m["difference"]} for name, m in pair["metrics"].items()}
    numbers |= {
        "changed": {"value": pair["flips"]["everyone"]["share"]},
        "worse_shown": {"value": verdicts.count(str(PairVerdict.WORSE))},
        "better_shown": {"value": verdicts.count(str(PairVerdict.BETTER))},
        "seen_rows": {"value": model["seen_rows"]["rows"]},
    }
    return {"overall": numbers, "disparities": model["disparities"]}


def _model(candidate: Candidate) -> dict[str, object]:
    info, named = candidate.model.model.info, candidate.model
    return {
        "title": named.title,
        "format": info.format,
        "family": info.family,
        "fingerprint": info.fingerprint,
        "favourable_class": named.model.model_class,
        "threshold": candidate.threshold,
        "exposure": candidate.exposure.value,
        "seen_rows": _seen(candidate.seen, candidate.n_seen),
        "overall": candidate.everyone.to_json(0),
        "groups": {column: _groups(table) for column, table in candidate.by_group.items()},
        "disparities": {
            column: {metric: gap.to_json() for metric, gap in gaps.items()}
            for column, gaps in candidate.gaps.items()
        },
    }


def _groups(table: MetricTable) -> dict[str, object]:
    return {group: table.to_json(i) for i, group in enumerate(table.groups)}


def _seen(seen: SeenRows, rows: int | None) -> dict[str, object]:
    return {
        "rows": rows,
        "same_id": seen.same_id,
        "by_chance": seen.by_chance,
        "training": seen.training or None,
        "reason": seen.reason,
    }


def _pair(pair: ModelPair) -> dict[str, object]:
    return {
        "current": pair.current,
        "rows": pair.n,
        "decided_by_both": pair.decided,
        "metrics": {m.metric: m.to_json() for m in pair.metrics},
        "flips": {
            "everyone": pair.flips.to_json(),
            "groups": {
                column: {f.group: f.to_json() for f in groups.flips}
                for column, groups in pair.by_group.items()
            },
        },
        "groups": {column: _by_group(groups) for column, groups in pair.by_group.items()},
        "gaps": {
            column: {g.metric: g.to_json() for g in groups.gaps} for column, groups in pair.by_group.items()
        },
    }


def _by_group(groups: GroupPairs) -> dict[str, object]:
    return {
        group: {"small": bool(groups.small[i])} | {m.metric: m.to_json() for m in groups.metrics[i]}
        for i, group in enumerate(groups.groups)
    }


def _explained(found: ExplainedPair) -> dict[str, object]:
    same = found.same_reason
    return {
        "space": found.space,
        "rows": found.rows,
        "of": found.of,
        "background_rows": found.background,
        "methods": list(found.methods),
        "same_strongest_column": {
            "value": same.value,
            "low": same.low,
            "high": same.high,
            "numerator": same.numerator,
            "denominator": same.denominator,
        },
        "columns": {c.column: _shift(asdict(c)) | {"steady": c.is_steady} for c in found.columns},
    }


def _shift(content: dict[str, Any]) -> dict[str, Any]:
    """Take the name out, which is the key."""
    return {k: v for k, v in content.items() if k != "column"}
