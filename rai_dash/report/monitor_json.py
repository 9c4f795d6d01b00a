"""A batch held against a policy, as the JSON that leaves the app, and as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rai_dash.core.words import count, number, one_line, percent
from rai_dash.govern.monitor.lines import Family, Line, MonitorReport
from rai_dash.govern.policy import settings_fingerprint
from rai_dash.report.small_cells import GroupTable, reason, suppress

if TYPE_CHECKING:
    from rai_dash.govern.monitor.counting import BatchFacts
    from rai_dash.govern.policy import Policy

SCHEMA: Final = "rai-dash/monitor/1"
_PEOPLE: Final = GroupTable(people="rows", by=("group",), line=("name",))
_NUMBERS: Final = ("value", "low", "high", "numerator", "denominator")


def monitor_json(report: MonitorReport, policy: Policy, batch: BatchFacts, *, fewest: int) -> dict[str, Any]:
    """Put a report into plain values; the same batch and policy give the same ones.

    Parameters
    ----------
    report : MonitorReport
    policy, batch
        What it is about.
    fewest : int
        Fewest people of a number about a group that is shown; 0 = everything is shown.

    Returns
    -------
    dict
        ``{"schema", "policy", "batch", "verdict", "lines", "not_watched", "notices"}``, see docs/monitor.md.
    """
    found = report.to_json()
    found["policy"] |= {
        "fingerprint": settings_fingerprint(policy),
        "data": policy.data.sha256,
        "model": policy.model.sha256,
    }
    found["batch"] |= {"sha256": batch.sha256, "model": batch.model, "score_column": batch.score_column}
    hidden = _hidden(report, fewest)
    for line, content in zip(report.lines, found["lines"], strict=True):
        if line.key in hidden:
            _blank(content, fewest)
        content["items"] = [[name, None if 0 < rows < fewest else rows] for name, rows in line.items]
    return {"schema": SCHEMA, **found}


def _hidden(report: MonitorReport, fewest: int) -> frozenset[tuple[str, str, str]]:
    """Find the lines about groups that say something of few people; see `rai_dash.report.small_cells`."""
    import pandas as pd

    by_column: dict[str, list[Line]] = {}
    for line in report.of(Family.GROUPS):
        by_column.setdefault(line.column, []).append(line)
    hidden: set[tuple[str, str, str]] = set()
    for lines in by_column.values():
        rows = {x.group: x.batch.denominator or 0.0 for x in lines if x.name == "review_rate"}
        frame = pd.DataFrame(
            [
                {
                    "group": x.group, "name": x.name, "rows": rows.get(x.group, 0.0),
                    "numerator": x.batch.numerator, "denominator": x.batch.denominator,
                }
                for x in lines
            ]
        )  # fmt: skip
        out, _ = suppress(frame, _PEOPLE, fewest=fewest)
        if "suppressed" in out:
            at = np.flatnonzero(out["suppressed"].to_numpy() != "")
            hidden.update(lines[i].key for i in at)
    return frozenset(hidden)


def _blank(content: dict[str, Any], fewest: int) -> None:
    """Take every number of the batch off a line, and its state, which would give some of them away."""
    why = reason(fewest)
    content["batch"] = dict.fromkeys(_NUMBERS) | {"reason": why}
    content |= {"state": None, "reason": why, "p_value": None, "p_adjusted": None, "within_chance": False}


def told(content: Mapping[str, Any]) -> Iterator[str]:
    """Write what a person at a terminal needs: the sentence, and each line that lies outside its limits."""
    yield one_line(content["verdict"]["sentence"])
    for notice in content["notices"]:
        yield one_line(f"  note: {notice['message']}")
    for line in content["lines"]:
        if line["state"] in {"breach", "watch"}:
            yield one_line(_line_words(line, "signed" if content["policy"]["signed"] else "measured"))


def _line_words(line: Mapping[str, Any], past: str) -> str:
    where = " ".join(part for part in (line["name"], line["column"], line["group"]) if part)
    state = f"{line['state']}{' (by chance?)' if line['within_chance'] else ''}"
    batch, signed = line["batch"], line["signed"]
    if batch["value"] is None:
        return f"  {state}: {where}: {line['reason']}"
    if line["breach"] is not None:
        return f"  {state}: {where} {number(batch['value'], digits=3)}"
    write = number if line["family"] == "calibration" else percent
    rows = "" if batch["denominator"] is None else f", {count(batch['denominator'])} rows"
    return f"  {state}: {where} {write(batch['value'])}, {write(signed['value'])} was {past}{rows}"
