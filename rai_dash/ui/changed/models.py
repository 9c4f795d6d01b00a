"""Two models of the case, on the data that are looked at."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from rai_dash.case import CaseData, CaseModel, DataRole, held_out_rows
from rai_dash.charts.model_flips import MAX_GROUPS, Moved, largest, model_flips
from rai_dash.core.errors import RaiError
from rai_dash.core.memo import Recent
from rai_dash.core.texts import ntr, tr
from rai_dash.report.changed import Change
from rai_dash.report.changed.models import ScoredBoth, changed_models
from rai_dash.ui import controls, rests_on, widgets
from rai_dash.ui.changed import look
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain, safe, sentence

#: What is looked at first of the data that neither model was trained on.
_UNSEEN: Final = (DataRole.LIVING, DataRole.PRODUCTION)
#: Comparisons that are kept with a case.
_KEPT: Final = 16


def section(view: View) -> None:
    """Let the user pick two models, and draw what changed."""
    models = view.case.models
    if len(models) < 2:
        has = tr("one model") if models else tr("no model")
        widgets.missing_box(
            widgets.Missing(
                tr(
                    "This case has {has}. Add another one on the Start page, such as the one in use before.",
                    has=has,
                )
            )
        )
        return
    names = {m.key: plain(m.title) for m in models}
    picked = look.two_of(names, models[0].key, models[1].key)
    if picked is None:
        return
    by_key = {m.key: m for m in models}
    two = (by_key[picked[0]], by_key[picked[1]])
    data = _data(view, two) if view.case.data else None
    threshold = view.choices.threshold if data is None else controls.threshold_slider()
    if data is not None:
        rests_on.sample_note(data.dataset, tr("decisions are compared applicant by applicant"))
        _warn(data, two)
    found = _changed(view, two, data, threshold)
    look.draw(found, chart=partial(_chart, found.details.get("groups", ())))


def _data(view: View, two: tuple[CaseModel, CaseModel]) -> CaseData:
    """Let the user pick the data that both decide about; by default the best that neither was trained on."""
    case = view.case
    by_key = {d.key: d for d in case.data}
    trained = {m.trained_on for m in two}
    in_order = [d for role in _UNSEEN for d in case.data if d.role is role and d.key not in trained]
    marked = [d for d in case.data if held_out_rows(d.dataset) is not None]
    usual = next(iter([*in_order, *marked]), case.data_of(view.choices.data))
    names = {
        d.key: tr("{d}, {n_all} rows", d=plain(d.title), n_all=count(d.dataset.n_all)) for d in case.data
    }
    key = controls.pick(
        tr("Decisions about"), "tested", list(names), names,
        current=view.choices.tested if view.choices.tested in by_key else usual.key,
        meaning=tr("Where a column marks what was trained on, only the other rows count."),
    )  # fmt: skip
    return by_key[key]


def _warn(data: CaseData, two: tuple[CaseModel, CaseModel]) -> None:
    """Say which of the two was trained on these very rows."""
    if held_out_rows(data.dataset) is not None:
        return
    seen = [f"**{safe(m.title)}**" for m in two if m.trained_on == data.key]
    if seen:
        widgets.note(
            ntr(
                "{seen} was trained on these very rows.",
                "{seen} were trained on these very rows.",
                len(seen),
                seen=" and ".join(seen),
            )
        )


def _changed(view: View, two: tuple[CaseModel, CaseModel], data: CaseData | None, threshold: float) -> Change:
    """Compare the two, once for each threshold."""
    scored = None if data is None else _scored(view, two, data, threshold)
    models = tuple((m.key, m.model.info.fingerprint, m.model.model_class) for m in two)
    rows = None if data is None else (data.dataset.fingerprint, data.dataset.roles_fingerprint)
    # There is no end of thresholds, so that the last few are kept.
    kept: Recent = view.case.memo.get("changed models", lambda: Recent(_KEPT))
    return kept.get(
        (models, rows, threshold, scored is None),
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
    drawn = [told[i] for i in largest([g["flips"]["decided_by_both"] for g in told])]
    if len(drawn) < len(told):
        widgets.note(
            tr(
                "The {max_groups} largest of {told} groups are drawn.",
                max_groups=count(MAX_GROUPS),
                told=count(len(told)),
            )
        )
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
        tr(
            "Bars to the right are people whom the model after approves and the one before declines, as a "
            "share of the group; bars to the left are the other way round. Strong colour agrees with the "
            "outcome that is known, pale does not, grey has none. The number at the end is people."
        )
    )


def _moved(one: dict[str, Any]) -> Moved:
    return Moved(
        right=one["right"], wrong=one["wrong"], unknown=one["unknown"], low=one["low"], high=one["high"]
    )
