"""Two models of the case, on the data that are looked at."""

from __future__ import annotations

from functools import partial
from typing import Any

from rai_dash.case import CaseData, CaseModel
from rai_dash.charts.model_flips import MAX_GROUPS, Moved, model_flips
from rai_dash.core.errors import RaiError
from rai_dash.report.changed import Change
from rai_dash.report.changed.models import ScoredBoth, changed_models
from rai_dash.ui import controls, widgets
from rai_dash.ui.changed import look
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain, safe, sentence


def section(view: View) -> None:
    """Let the user pick two models, and draw what changed."""
    models = view.case.models
    if len(models) < 2:
        has = "one model" if models else "no model"
        widgets.missing_box(
            widgets.Missing(
                f"This case has {has}. Add another one on the Start page, such as the one in use before."
            )
        )
        return
    names = {m.key: plain(m.title) for m in models}
    picked = look.two_of(names, models[0].key, models[1].key)
    if picked is None:
        return
    by_key = {m.key: m for m in models}
    two = (by_key[picked[0]], by_key[picked[1]])
    data = view.case.data_of(view.choices.data) if view.case.data else None
    threshold = view.choices.threshold if data is None else controls.threshold_slider()
    if data is not None:
        widgets.note(
            f"Decisions are compared on {safe(data.title)}, {count(data.dataset.n_rows)} rows: the data chosen in the "
            "sidebar."
        )
    found = _changed(view, two, data, threshold)
    look.draw(found, chart=partial(_chart, found.details.get("groups", ())))


def _changed(view: View, two: tuple[CaseModel, CaseModel], data: CaseData | None, threshold: float) -> Change:
    """Compare the two, once for each threshold."""
    scored = None if data is None else _scored(view, two, data, threshold)
    models = tuple((m.key, m.model.info.fingerprint, m.model.model_class) for m in two)
    rows = None if data is None else (data.dataset.fingerprint, data.dataset.roles_fingerprint)
    return view.case.memo.get(
        ("changed models", models, rows, threshold, scored is None),
        lambda: changed_models(two[0].model, two[1].model, scored, names=(two[0].title, two[1].title)),
    )


def _scored(
    view: View, two: tuple[CaseModel, CaseModel], data: CaseData, threshold: float
) -> ScoredBoth | None:
    """Score the rows by both; None where one of them cannot, which is said."""
    try:
        first, second = (view.case.judge(data.key, m.key).score for m in two)
    except RaiError as error:
        widgets.problem(sentence(error.message))
        return None
    return ScoredBoth(dataset=data.dataset, first=first, second=second, threshold=threshold)


def _chart(groups: list[dict[str, Any]]) -> None:
    """Draw the flips by group."""
    told = [g for g in groups if g["flips"]["decided_by_both"]]
    if not any(g["flips"]["changed"] for g in told):
        return
    drawn = sorted(told, key=lambda g: -g["flips"]["decided_by_both"])[:MAX_GROUPS]
    drawn = [g for g in told if g in drawn]
    if len(drawn) < len(told):
        widgets.note(f"The {count(MAX_GROUPS)} largest of {count(len(told))} groups are drawn.")
    several = len({g["column"] for g in drawn}) > 1
    widgets.draw(
        model_flips(
            [f"{g['column']}: {g['group']}" if several else g["group"] for g in drawn],
            [_moved(g["flips"]["declined_to_approved"]) for g in drawn],
            [_moved(g["flips"]["approved_to_declined"]) for g in drawn],
            decided=[g["flips"]["decided_by_both"] for g in drawn],
        ),
        key="changed_models",
    )
    widgets.how_to_read(
        "Bars to the right are people whom the model after approves and the one before declines, as a share of the "
        "group; bars to the left are the other way round. Strong colour agrees with the outcome that is known, pale "
        "does not, grey has none. The number at the end is people."
    )


def _moved(one: dict[str, Any]) -> Moved:
    return Moved(
        right=one["right"], wrong=one["wrong"], unknown=one["unknown"], low=one["low"], high=one["high"]
    )
