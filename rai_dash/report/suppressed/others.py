"""The parts of a report beside audit and profile: what drives the model, what was signed, how it was made."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from rai_dash.report.small_cells import is_small
from rai_dash.report.suppressed.marks import SUPPRESSED, Json, Marker

#: Keys of a signed policy under which numbers stand by group: of which rows, the document does not say.
_BY_GROUP: Final = ("groups", "by_group", "gaps", "disparities", "monitoring")


def hide_drivers(drivers: Json | None, mark: Marker) -> None:
    """Hide means by group where a group hides its decisions, and everything about single applicants."""
    if not drivers:
        return
    if means := drivers.get("groups"):
        view = mark.people.view(str(means.get("by")))
        rows = [mean.get("rows") or 0 for mean in means.get("means") or []]
        few = bool(is_small(np.array(rows, dtype=np.float64), mark.fewest).any())
        if view is None or few or not mark.shows_all(view.nodes, "decision"):
            drivers["groups"] = {"by": means.get("by"), SUPPRESSED: True}
    if one := drivers.get("column"):
        for each in one.values() if "column" not in one else [one]:
            _hide_column(each, mark)


def _hide_column(one: Json, mark: Marker) -> None:
    view = mark.people.view(str(one.get("column")))
    if view is not None and not mark.shows_all(view.nodes, "size"):
        name = one.get("column")
        one.clear()
        one.update({"column": name, SUPPRESSED: True})
        return
    if "single_applicants" in one:
        one["single_applicants"] = {SUPPRESSED: True}
    if isinstance(one.get("contribution"), dict):
        mark.take(one["contribution"])


def hide_policy(policy: Json | None, mark: Marker) -> None:
    """Hide every number by group of what was signed.

    They were counted at another time, on the same rows or on others. Where they are the same, the audit tells what may
    be told.
    """
    if policy:
        _walk(policy, mark)


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
