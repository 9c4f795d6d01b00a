"""The parts of a report beside audit and profile: what drives the model, what was signed, how it was made."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from rai_dash.report.small_cells import is_small
from rai_dash.report.suppressed.marks import SUPPRESSED, Json, Marker
from rai_dash.report.suppressed.sentences import hide_sentences

#: Keys of a signed policy under which numbers stand by group: of which rows, the document does not say.
_BY_GROUP: Final = ("groups", "by_group", "gaps", "disparities", "monitoring")


def hide_drivers(drivers: Json | None, mark: Marker) -> None:
    """Hide numbers by group where a group hides its decisions, and everything about single applicants."""
    if not drivers:
        return
    means = drivers.get("groups") or {}
    view = mark.people.view(str(means.get("by")))
    are_shown = view is not None and mark.shows_all(view.nodes, "decision")
    if means and not (are_shown and _are_many(means.get("means"), mark)):
        drivers["groups"] = {"by": means.get("by"), SUPPRESSED: True}
    for level in (drivers.get("noise") or {}).get("levels") or []:
        # The document does not say by which column.
        are_shown = all(mark.shows_all(one.nodes, "decision") for one in mark.people.views)
        if level.get("groups") and not (are_shown and _are_many(level["groups"], mark)):
            level["groups"] = [{SUPPRESSED: True}]
            mark.taken += 1
    for one in drivers.get("column") or []:
        _hide_column(one, mark)
    if quantiles := (drivers.get("swarm") or {}).get("quantiles"):
        # The least and the most are those of one applicant each.
        mark.take(quantiles, *({"0", "1"} & quantiles.keys()))


def _are_many(groups: list[Json] | None, mark: Marker) -> bool:
    rows = np.array([one.get("rows") or 0 for one in groups or []], dtype=np.float64)
    return not bool(is_small(rows, mark.fewest).any())


def _hide_column(one: Json, mark: Marker) -> None:
    view = mark.people.view(str(one.get("column")))
    rows = np.array(one.get("rows") or [], dtype=np.float64)
    if view is not None and not (
        mark.shows_all(view.nodes, "size") and not is_small(rows, mark.fewest).any()
    ):
        name = one.get("column")
        one.clear()
        one.update({"column": name, SUPPRESSED: True})
        return
    if "single_applicants" in one:
        one["single_applicants"] = {SUPPRESSED: True}
    if isinstance(one.get("contribution"), dict):
        mark.take(one["contribution"])


def hide_policy(policy: Json | None, mark: Marker, closed: set[str]) -> None:
    """Hide every number by group of what was signed, and the warnings that came with it where they tell of few.

    They were counted at another time, on the same rows or on others. Where they are the same, the audit tells what may
    be told.
    """
    if policy:
        _walk(policy, mark)
        hide_sentences(policy.get("warnings") or [], mark, closed)


def _walk(value: Any, mark: Marker) -> None:
    for key, inside in value.items() if isinstance(value, dict) else enumerate(value):
        if key in _BY_GROUP and isinstance(inside, dict | list) and inside:
            _empty(inside, mark)
        elif isinstance(inside, dict | list):
            _walk(inside, mark)


def _empty(value: Any, mark: Marker) -> None:
    """Take every number out of a part of a document and mark each object that lost one."""
    if isinstance(value, list):
        for i, inside in enumerate(value):
            if _is_number(inside):
                value[i] = None
                mark.taken += 1
            elif isinstance(inside, dict | list):
                _empty(inside, mark)
        return
    if lost := [key for key, inside in value.items() if _is_number(inside)]:
        mark.take(value, *lost)
    for inside in value.values():
        if isinstance(inside, dict | list):
            _empty(inside, mark)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def hide_run(document: Json) -> None:
    """Take out the hash of the full result: whoever guesses what is hidden could confirm it."""
    for part in (
        document,
        document.get("audit") or {},
        document.get("profile") or {},
        document.get("drivers") or {},
    ):
        run = part.get("run")
        if run and run.get("result_sha256"):
            run["result_sha256"] = None
