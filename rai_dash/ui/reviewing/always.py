"""Applications that go to a person whatever their score: conditions typed as sentences, kept with the case."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from rai_dash.case import Case, Judgement
from rai_dash.core.errors import RaiError
from rai_dash.core.memo import Memo
from rai_dash.core.texts import tr
from rai_dash.data.dataset import Dataset
from rai_dash.report.band_rows import frozen_conditions
from rai_dash.review.conditions import Condition, Held, check_condition, hold, parse_condition
from rai_dash.review.row_rules import held_of_all, whole_under
from rai_dash.ui import controls, headers, rights, state, widgets
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain, safe

_TEXT, _PROBLEM = "band_always", "band_always_problem"


def judgement_under(view: View) -> Judgement:
    """Return what the band is judged on: rows that a condition holds have no score for the machine."""
    judgement, conditions = view.judgement, view.case.always
    if not conditions:
        return judgement

    def make() -> Judgement:
        score = np.where(held_of(judgement, conditions).rows, np.nan, judgement.score)
        whole = None if judgement.whole is None else whole_under(conditions, judgement.whole)
        return replace(judgement, score=score, whole=whole, memo=Memo())

    return judgement.memo.get(("under", _key(conditions)), make)


def held_of(judgement: Judgement, conditions: tuple[Condition, ...]) -> Held:
    """Apply the conditions to all rows of the data.

    Raises
    ------
    RaiError
        When these data lack a column that a condition asks for.
    """
    frame = judgement.data.dataset.frame
    return judgement.memo.get(("held", _key(conditions)), lambda: hold(conditions, frame))


def _key(conditions: tuple[Condition, ...]) -> tuple[str, ...]:
    return tuple(str(condition.to_json()) for condition in conditions)


def panel(view: View) -> None:
    """Let the user type conditions, and say how many applications each holds."""
    conditions = view.case.always
    with st.expander(
        tr("Always to a person"), icon=":material/front_hand:", key="band_always_box", on_change="rerun"
    ) as box:
        if not box.open and not conditions:
            return
        if _PROBLEM not in st.session_state:
            controls.seed(_TEXT, "\n".join(condition.words() for condition in conditions))
        st.text_area(
            tr("Whatever the score, one condition a line"),
            key=_TEXT,
            placeholder="amount > 50,000\nunseen category\nout of range\nblank input",
            help=tr(
                "A comparison (amount > 50,000), values (purpose in business, car), unseen category, out of "
                "range, blank input. A blank goes to a person too, unless the line ends in: unless blank."
            ),
            height=100,
        )
        allowed = rights.lasting(tr("Changing the conditions"))
        st.button(
            tr("Apply"), key="band_always_apply", icon=":material/check:", on_click=_read, args=(view,),
            disabled=not allowed,
        )  # fmt: skip
        problem = st.session_state.get(_PROBLEM)
        if problem:
            widgets.problem(safe(problem, limit=1000))
        if conditions:
            _said(view, conditions)


def _read(view: View) -> None:
    """Keep what was typed with the case, or say what is wrong with it."""
    lines = [line.strip() for line in str(st.session_state[_TEXT]).splitlines()]
    try:
        conditions = _conditions(view, [line for line in lines if line])
    except RaiError as error:
        st.session_state[_PROBLEM] = error.message
        return
    st.session_state.pop(_PROBLEM, None)
    case = state.case_with(view.case.id)
    if case is not None:
        state.save(replace(case, always=conditions))


def _conditions(view: View, lines: list[str]) -> tuple[Condition, ...]:
    """Read conditions and freeze what they have to know of the training rows."""
    judgement = view.judgement
    dataset, named = judgement.data.dataset, judgement.model
    read = [parse_condition(line, columns=dataset.columns) for line in lines]
    for condition in read:
        check_condition(condition, dataset.frame)
    training = _training(view.case, judgement)
    model = None if named is None else named.model
    found = tuple(frozen_conditions(read, dataset, model, training))
    hold(found, dataset.frame)
    return found


def _training(case: Case, judgement: Judgement) -> Dataset | None:
    key = None if judgement.model is None else judgement.model.trained_on
    return next((d.dataset for d in case.data if d.key == key and key != judgement.data.key), None)


def _said(view: View, conditions: tuple[Condition, ...]) -> None:
    """Say how many of the judged applications each condition holds."""
    judgement = view.judgement
    held, n = _held_judged(judgement, conditions)
    rows = [
        {
            "condition": plain(condition.words()),
            "applications": count(one["rows"]),  # type: ignore[arg-type]
            "by it alone": count(one["rows_by_it_alone"]),  # type: ignore[arg-type]
            "of these blank": count(one["blank_rows"]),  # type: ignore[arg-type]
        }
        for condition, one in zip(conditions, held.to_json(n), strict=True)
    ]
    st.dataframe(
        headers.shown(pd.DataFrame(rows)),
        hide_index=True,
        alt=tr("Table: how many applications each condition holds"),
    )
    widgets.note(
        tr(
            "{sum} of {n_counted} go to a person by these; they count as applications without a score, and "
            "the person decides without the model.",
            sum=count(int(n[held.rows].sum())),
            n_counted=count(judgement.n_counted),
        )
    )


def _held_judged(judgement: Judgement, conditions: tuple[Condition, ...]) -> tuple[Held, NDArray[np.int64]]:
    """Apply the conditions to the judged rows, or to what they are counted by, with the rows that each stands for."""
    whole = judgement.whole
    if whole is not None:
        return judgement.memo.get(("held of all", _key(conditions)), lambda: held_of_all(conditions, whole))
    held = held_of(judgement, conditions)
    return replace(held, hits=held.hits[:, judgement.judged]), np.ones(judgement.n_judged, np.int64)
