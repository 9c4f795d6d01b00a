"""A report's document, or a bare audit, without the numbers of few people."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rai_dash.core.texts import tr
from rai_dash.core.words import count
from rai_dash.report.suppressed.bounds import hide_until_safe
from rai_dash.report.suppressed.curves import hide_curves
from rai_dash.report.suppressed.marks import Json, Marker
from rai_dash.report.suppressed.others import hide_drivers, hide_policy, hide_run
from rai_dash.report.suppressed.profile import hide_profile
from rai_dash.report.suppressed.same_people import same_people
from rai_dash.report.suppressed.sections import hide_band, hide_groups, hide_intersections
from rai_dash.report.suppressed.sentences import closed_columns, hide_warnings
from rai_dash.report.suppressed.single import hide_single_people
from rai_dash.report.suppressed.views import everybody
from rai_dash.report.suppressed.within import hide_within


def suppress_document(document: Mapping[str, Any], *, fewest: int) -> Json:
    """Hide numbers of few people in a whole document, so that they cannot be found by subtraction either.

    Parameters
    ----------
    document : mapping
        ``rai-dash/report/1`` (with ``audit``, and ``profile``, ``drivers`` and ``policy`` where it has them) or
        ``rai-dash/audit/1``. It is not changed.
    fewest : int
        Fewest people of a number that is shown; 0 = everything is shown.

    Returns
    -------
    dict
        The same keys. An object from which numbers were taken has ``"suppressed": true``: what is null in it is hidden,
        not undefined. ``suppression`` says how many numbers were taken and why, in sentences.

    Notes
    -----
    Totals of everyone are told. Of a group, a count of 1 to ``fewest`` - 1 people is hidden with everything that it
    follows from; 0 is told. See ``docs/report.md``.
    """
    out: Json = copy.deepcopy(dict(document))
    if fewest <= 0 or "suppression" in out:
        return out
    audit = out.get("audit", out)
    counted = audit | (audit.pop("people", None) or {})
    people = everybody(counted)
    people = replace(people, relations=(*people.relations, *same_people(people.views)))
    mark = Marker(
        people=people, hidden=hide_until_safe(people, fewest=fewest), fewest=fewest, min_n=int(audit["min_n"])
    )
    hide_curves(audit, counted, mark)
    hide_groups(audit, mark)
    hide_band(audit, mark)
    hide_intersections(audit, mark)
    hide_within(audit, mark)
    single = hide_single_people(audit)
    closed = closed_columns(mark)
    closed |= hide_profile(out.get("profile"), mark, closed)
    hide_warnings(audit, mark, closed)
    hide_drivers(out.get("drivers"), mark)
    hide_policy(out.get("policy"), mark, closed)
    hide_run(out)
    out["suppression"] = {
        "fewest": fewest,
        "hidden": mark.taken,
        "rows_of_single_people": single,
        "notes": _notes(mark, single),
    }
    return out


def _notes(mark: Marker, single: int) -> list[str]:
    notes = []
    if mark.taken:
        notes.append(
            tr(
                "Numbers of 1 to {most} people of a group are hidden, and with them the numbers from which they would "
                "follow: {hidden} in all. Totals of everyone, and the number 0, are shown.",
                most=count(mark.fewest - 1),
                hidden=count(mark.taken),
            )
        )
    if single:
        notes.append(tr("Numbers of single applicants are left out: their scores and explanations."))
    return notes
