"""What the page on candidates looks at: the test set, the two models, their thresholds, and what was found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import streamlit as st

from rai_dash.case import Case, CaseData, CaseModel, DataRole
from rai_dash.core.errors import RaiError
from rai_dash.core.memo import Memo
from rai_dash.core.texts import tr
from rai_dash.metrics.table import Costs
from rai_dash.report.models_found import Candidate, CompareOptions, ModelComparison, ModelPair
from rai_dash.report.models_work import MOST_MODELS, compare_models
from rai_dash.ui import controls, costing, meanings, state, widgets
from rai_dash.ui.choices import Choices
from rai_dash.ui.state import View
from rai_dash.ui.text import plain, safe

_CUT: Final = re.compile(r"[0-9]{1,4}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """One view of the page.

    Parameters
    ----------
    view : View
    found : ModelComparison
        All models of the case that fit the test set; the first is the one that is used now.
    pair : ModelPair
        The candidate that is looked at against that one.
    by : str
        Sensitive column to compare by; empty = there is none.
    """

    view: View
    found: ModelComparison
    pair: ModelPair
    by: str

    @property
    def current(self) -> Candidate:
        """The model that is used now."""
        return self.found.current

    @property
    def candidate(self) -> Candidate:
        """The one that is looked at."""
        return self.found.candidate(self.pair.candidate)

    @property
    def memo(self) -> Memo:
        """What is kept of this comparison."""
        return self.found.memo

    @property
    def here(self) -> View:
        """The view of other pages on the test set and the present model."""
        chosen = self.view.choices.with_(data=self.found.data.key, model=self.pair.current)
        return View(self.view.case, chosen)


def test_set(case: Case, chosen: Choices) -> CaseData:
    """Return the test set: the one that was named, else the living one of the case, else the data looked at."""
    by_key = {d.key: d for d in case.data}
    living = next((d for d in case.data if d.role is DataRole.LIVING), None)
    return by_key.get(chosen.tested) or living or case.data_of(chosen.data)


def thresholds(case: Case, chosen: Choices) -> dict[str, float]:
    """Return the threshold of each model; nonsense in the address is the threshold of all pages."""
    cuts = chosen.cuts.split(".") if chosen.cuts else []
    found = {}
    for i, model in enumerate(case.models):
        text = cuts[i] if i < len(cuts) else ""
        known = _CUT.fullmatch(text) is not None and int(text) <= 1000
        found[model.key] = int(text) / 1000 if known else chosen.threshold
    return found


def look_at(view: View) -> Look | None:
    """Let the user say what is compared with what; None = nothing can be, and the page says why."""
    case, chosen = view.case, state.choices()
    with st.container(border=True):
        data, pair = _picked(view)
        models = _fitting(case, data, pair)
        if models is None:
            return None
        _cuts(case, chosen, pair)
        by = _by(data)
        controls.switch(tr("Leave out applications that a model was trained on"), "unseen")
    chosen = state.choices()
    options = CompareOptions(
        thresholds=thresholds(case, chosen), threshold=chosen.threshold, costs=_costs(case, data, pair[0], chosen),
        tolerance=chosen.tolerance / 100, without_seen=chosen.unseen,
    )  # fmt: skip
    try:
        found = compare_models(case, data.key, models, options)
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
        return None
    looked_at = next(p for p in found.pairs if p.candidate == pair[1])
    return Look(view=View(case, chosen), found=found, pair=looked_at, by=by)


def _picked(view: View) -> tuple[CaseData, tuple[str, str]]:
    """Let the user pick the test set and a candidate; the model used now is the one of the sidebar."""
    case, chosen = view.case, view.choices
    model = case.model_of(chosen.model)
    now = case.models[0].key if model is None else model.key
    left, right = st.columns(2, gap="medium")
    with left:
        names = {d.key: plain(d.title) for d in case.data}
        key = controls.pick(
            tr("Test set"), "tested", list(names), names, current=test_set(case, chosen).key,
            meaning=tr("The same applications for every model."),
        )  # fmt: skip
    titles = {m.key: plain(m.title) for m in case.models if m.key != now}
    with right:
        rival = chosen.rival if chosen.rival in titles else next(iter(titles))
        candidate = controls.pick(
            tr("Candidate"), "rival", list(titles), titles, current=rival,
            meaning=tr("The model used now is the one that the sidebar looks at."),
        )  # fmt: skip
    return case.data_of(key), (now, candidate)


def _fitting(case: Case, data: CaseData, pair: tuple[str, str]) -> list[str] | None:
    """Return the models that can score the test set, the pair first; None where one of the pair cannot."""
    by_key = {m.key: m for m in case.models}
    fits = []
    for key in dict.fromkeys([*pair, *by_key]):
        problem = _problem(case, data, by_key[key])
        if problem is None:
            fits.append(key)
            continue
        text = tr(
            "{by_key} cannot score these applications: {problem}",
            by_key=safe(by_key[key].title),
            problem=safe(problem, limit=400),
        )
        if key in pair:
            widgets.problem(text)
            return None
        widgets.note(text)
    return fits[:MOST_MODELS]


def _problem(case: Case, data: CaseData, model: CaseModel) -> str | None:
    """Say why a model cannot score the test set; tried once."""

    def why() -> str | None:
        try:
            case.judge(data.key, model.key)
        except RaiError as error:
            return error.message
        return None

    key = ("models_fit", data.key, data.dataset.fingerprint, data.dataset.roles_fingerprint, model.key)
    return case.memo.get((*key, model.model.info.fingerprint, model.model.model_class), why)


def _cuts(case: Case, chosen: Choices, pair: tuple[str, str]) -> None:
    """Let the user give each model a threshold of its own."""
    own = thresholds(case, chosen)
    for place, key, label in zip(st.columns(2, gap="medium"), pair, ("now", "candidate"), strict=True):
        with place:
            name = f"models_cut_{label}"
            controls.seed(name, round(own[key] * 100, 1))
            title = (
                tr("Threshold of the one used now") if label == "now" else tr("Threshold of the candidate")
            )
            st.slider(
                title, 0.0, 100.0, step=0.5, format="%.1f %%", key=name, on_change=_commit_cut,
                args=(case, key, name), help=meanings.meaning("threshold"),
            )  # fmt: skip


def _commit_cut(case: Case, key: str, name: str) -> None:
    found = thresholds(case, state.choices()) | {key: round(st.session_state[name] * 10) / 1000}
    state.choose(cuts=".".join(str(round(found[m.key] * 1000)) for m in case.models))


def _by(data: CaseData) -> str:
    columns = list(data.dataset.roles.sensitive)
    if not columns:
        return ""
    return controls.pick(tr("Groups by"), "by", columns)


def _costs(case: Case, data: CaseData, key: str, chosen: Choices) -> Costs | None:
    """Return the costs of the Performance page where they are fixed ones."""
    price = costing.priced(case.judge(data.key, key), chosen)
    return None if price.by_amount else price.costs
