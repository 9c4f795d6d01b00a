"""What errors cost: the prices, the cost of every threshold, and how stable the cheapest one is."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from rai_dash.charts.cost_curve import cost_curve as draw_costs
from rai_dash.core.errors import RaiError
from rai_dash.core.texts import mark, tr
from rai_dash.metrics.cheapest import CostCurve, Cut, cost_at, theory
from rai_dash.metrics.stakes import Stakes
from rai_dash.ui import controls, costing, state, widgets
from rai_dash.ui.cost_words import (
    cheapest_finding,
    cost_remarks,
    flat_sentence,
    stability_sentence,
    theory_sentence,
)
from rai_dash.ui.costing import AMOUNT, FIXED, MOST, Priced
from rai_dash.ui.frames import optional
from rai_dash.ui.state import View
from rai_dash.ui.text import plain, safe

_KINDS = {FIXED: mark("the same for every loan"), AMOUNT: mark("by loan amount")}


def panel(view: View, threshold: float) -> None:
    """Draw the panel behind an expander; nothing is computed while it is closed."""
    with st.expander(
        tr("What errors cost"), icon=":material/payments:", key="cost_panel", on_change="rerun"
    ) as box:
        if box.open:
            _open_panel(view, threshold)


def _open_panel(view: View, threshold: float) -> None:
    prices(view)
    judgement = view.judgement
    price = costing.priced(judgement, state.choices())
    try:
        at_stake = costing.stakes(judgement, by_amount=price.by_amount)
        with st.spinner(tr("Drawing samples of the rows")):
            curve = costing.curve(judgement, price)
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
        return
    now = cost_at(at_stake, price.costs, threshold)
    widgets.finding(cheapest_finding(curve, threshold=threshold, now=now))
    said = [
        stability_sentence(curve),
        flat_sentence(curve),
        theory_sentence(theory(price.costs), curve.stability),
    ]
    widgets.paragraph(" ".join(text for text in said if text))
    _chart(view, curve, at_stake, price, (threshold, now))
    widgets.how_to_read(
        tr(
            "The lower the line, the cheaper. The pale band is the 95 % interval of each point alone; the "
            "shaded span holds the cheapest threshold in 95 % of repeated samples. Dashed are rules without "
            "a model."
        )
    )
    for text in cost_remarks(n_amount_missing=at_stake.n_amount_missing, unscored=at_stake.unscored):
        widgets.note(text)
    widgets.numbers(lambda: _frame(curve), name="costs", key="costs", label=tr("The cost of every threshold"))


def prices(view: View) -> None:
    """Let the user price the two errors; by loan amount only where there is one."""
    has_amount = view.judgement.roles.amount is not None
    left, middle, right = st.columns([1.2, 1, 1], gap="medium", vertical_alignment="bottom")
    by_amount = has_amount and state.choices().cost_by == AMOUNT
    with left:
        if has_amount:
            by_amount = _kind() == AMOUNT
        else:
            widgets.note(tr("Name the amount column on the Start page to price errors by loan amount."))
    most = 100 if by_amount else MOST
    under = (
        tr("Share of the loan amount")
        if by_amount
        else tr("In any one unit; only how the two compare matters")
    )
    with middle:
        field, label = (
            ("lost", tr("Lost on a wrong approval, %"))
            if by_amount
            else ("cost_fp", tr("A wrong approval costs"))
        )
        _price(label, field, most, under)
    with right:
        field, label = (
            ("margin", tr("Missed by a wrong refusal, %"))
            if by_amount
            else ("cost_fn", tr("A wrong refusal costs"))
        )
        _price(label, field, most, under)


def _kind() -> str:
    stored = state.choices().cost_by
    controls.seed("pick_cost_by", stored if stored in _KINDS else FIXED)
    st.segmented_control(
        tr("An error costs"),
        list(_KINDS),
        format_func=lambda kind: tr(_KINDS[kind]),
        required=True,
        key="pick_cost_by",
        on_change=_commit("cost_by", "pick_cost_by"),
    )
    return str(st.session_state["pick_cost_by"])


def _price(label: str, field: str, most: int, meaning: str) -> None:
    key = f"pick_{field}"
    controls.seed(key, min(max(int(getattr(state.choices(), field)), 0), most))
    st.number_input(label, 0, most, step=1, key=key, help=meaning, on_change=_commit(field, key))


def _commit(field: str, key: str) -> Callable[[], None]:
    return lambda: state.choose(**{field: st.session_state[key]})


def _chart(
    view: View, curve: CostCurve, at_stake: Stakes, price: Priced, now: tuple[float, float | None]
) -> None:
    best, found = curve.cheapest, curve.stability
    shown = None if best is None or best.threshold is None else (best.threshold, best.cost)
    stable = None if found is None else (_on_axis(found.low), _on_axis(found.high))
    rules = [(tr("refuse everyone"), None), (tr("approve everyone"), 0.0)]
    priced_rules = [(name, cost_at(at_stake, price.costs, cut)) for name, cut in rules]
    unit = (
        tr("in the unit of {amount}", amount=plain(view.judgement.roles.amount))
        if price.by_amount
        else tr("in the unit of the two costs")
    )
    chart = draw_costs(
        curve.threshold[:-1].tolist(),
        *(optional(values[:-1]) for values in (curve.cost, curve.low, curve.high)),
        now=now,
        cheapest=shown,
        stable=stable,
        unit=unit,
        baselines=[(name, cost) for name, cost in priced_rules if cost is not None],
    )
    widgets.draw(chart, key="costs")


def _on_axis(cut: Cut) -> float:
    """Place approving nobody at the right end of the axis."""
    return 1.0 if cut is None else cut


def _frame(curve: CostCurve) -> pd.DataFrame:
    names = [f"{t:.3f}" for t in curve.threshold[:-1]] + [tr("nobody approved")]
    return pd.DataFrame({"threshold": names, "cost": curve.cost, "low": curve.low, "high": curve.high})
