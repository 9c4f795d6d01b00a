"""The door of the Start page through which models come in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rai_dash.core.errors import RaiError
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.govern.people import AppRole
from rai_dash.metrics.table import metric_table
from rai_dash.models.endpoint.model import EndpointModel
from rai_dash.ui import rights, upload, widgets
from rai_dash.ui.state import View
from rai_dash.ui.text import count, number, plain, safe, sentence
from rai_dash.ui.upload import Problem

#: Below it a model is worse than guessing.
WRONG_WAY = 0.5


def class_door(view: View) -> None:
    """Let the user say which class is good, where the model's file does not; warn when the answer looks wrong."""
    judgement = view.judgement
    item = judgement.model
    if item is None:
        return
    if judgement.has_scores and judgement.roles.target is not None:
        auc = metric_table(judgement.counts(), 0.5, bootstrap=0, metrics=("auc",)).estimate("auc", 0).value
        if auc is not None and auc < WRONG_WAY:
            widgets.notice(
                tr(
                    "The model ranks the wrong way round (AUC {auc}): is the favourable class right, both of "
                    "the target and of the model?",
                    auc=number(auc, digits=3),
                )
            )
    is_said = item.model.info.has_class_labels or item.trained_on is not None
    if is_said or not rights.may(AppRole.ANALYST):
        return
    classes = list(item.model.info.classes)
    chosen = st.selectbox(
        tr("Class of this model that is good for the applicant (its file does not say)"),
        classes,
        index=classes.index(item.model.model_class),
        key=f"class_{item.key}_{item.model.model_class}",
    )
    if chosen != item.model.model_class:
        upload.turn_model(view.case, item.key, chosen)
        st.rerun()


def model_door(view: View) -> None:
    """Take a model in and score every row with it."""
    _endpoint_door(view)
    favourable = st.text_input(
        tr("Favourable class of the model (only if the file does not say)"),
        key="upload_class",
        help=tr("XGBoost and LightGBM files know only 0 and 1. Left empty, 1 is taken as favourable."),
    )
    allowed = rights.can_do(AppRole.ANALYST, upload.UPLOADING)
    file = st.file_uploader(
        tr("Model file"),
        key="upload_model",
        help=tr("scikit-learn .skops, XGBoost .ubj or .json, LightGBM .txt, .onnx. No pickle: it runs code."),
        disabled=not allowed,
    )
    if file is None or not allowed:
        return
    mark = f"{file.file_id} {favourable}"
    content = file.getvalue()
    if upload.is_new(mark):
        take_model(view, content, file.name, mark, model_class=favourable.strip() or None)
    problem = upload.problem_of(mark)
    if problem is not None:
        _mend(view, Arrival(content, file.name, mark, favourable.strip() or None), problem)


def _endpoint_door(view: View) -> None:
    """Offer the models behind an address that the operator listed, and say what the case has asked of them."""
    listed = {e.name: e.url for e in get_settings().model_endpoints}
    if not listed:
        return
    allowed = rights.can_do(AppRole.ANALYST, tr(upload.ASKING))
    name = st.selectbox(
        tr("Model behind an address"),
        list(listed),
        index=None,
        format_func=plain,
        key="endpoint",
        placeholder=tr("Choose a model"),
        help=tr(
            "The operator listed these. Rows of the table leave this server: the columns of the model, no "
            "others."
        ),
        disabled=not allowed,
    )
    asked = st.button(
        tr("Score the table with it"),
        icon=":material/cloud:",
        key="use_endpoint",
        disabled=name is None or not allowed,
    )
    if asked and name is not None:
        _take_endpoint(view, name, listed[name])
    for item in view.case.models:
        if isinstance(item.model, EndpointModel):
            account = item.model.account
            limits = account.endpoint
            widgets.note(
                tr(
                    ":material/cloud: This case asked {limits} for {rows} of {most_rows} rows, in {calls} of "
                    "{most_calls} calls.",
                    limits=safe(limits.name),
                    rows=count(account.rows),
                    most_rows=count(limits.most_rows),
                    calls=count(account.calls),
                    most_calls=count(limits.most_calls),
                )
            )


def _take_endpoint(view: View, name: str, url: str) -> None:
    """Open a model behind an address; what is wrong is said once, for a second try may work."""
    bar = st.progress(0.0, text=tr("Asking the model behind the address"))
    try:
        upload.add_endpoint(view.case, url, name, on_progress=_report(bar))
    except RaiError as error:
        bar.empty()
        widgets.problem(sentence(error.message))
        return
    st.rerun()


def _report(bar: DeltaGenerator) -> Callable[[int, int, str], None]:
    """Return what shows rows done on a bar."""

    def report(done: int, total: int, note: str) -> None:
        bar.progress(
            done / total if total else 0.0,
            text=tr("{done} of {total} {note}", done=count(done), total=count(total), note=safe(note)),
        )

    return report


@dataclass(frozen=True, slots=True)
class Arrival:
    """A model file that came in: its bytes, its name, a mark of its own, and the favourable class if it was given."""

    content: bytes
    name: str
    mark: str
    model_class: str | None


def _mend(view: View, arrival: Arrival, problem: Problem) -> None:
    """Say what is wrong with a model file and offer what mends it."""
    widgets.problem(sentence(problem.message))
    if problem.code == "unclear_class":
        widgets.note(tr("Write the class that is good for the applicant into the field above the file."))
    elif problem.code == "table_not_model":
        if st.button(tr("Open it as data"), icon=":material/table_chart:", key="as_data"):
            _open_as_data(arrival.content, arrival.name, arrival.mark)
    elif problem.code == "names_needed":
        names = _names_form(view)
        if names:
            take_model(
                view,
                arrival.content,
                arrival.name,
                arrival.mark,
                model_class=arrival.model_class,
                names=names,
            )
            st.rerun()


def take_model(
    view: View,
    content: bytes,
    name: str,
    mark: str,
    *,
    model_class: str | None = None,
    names: Sequence[str] | None = None,
) -> None:
    """Load a model and score every row; what is wrong with it stays on the page until another file is chosen."""
    bar = st.progress(0.0, text=tr("Loading the model in its own process"))
    try:
        upload.add_model(
            view.case, content, name, model_class=model_class, feature_names=names, on_progress=_report(bar)
        )
    except RaiError as error:
        bar.empty()
        upload.note_problem(mark, error)
        return
    upload.note_problem(mark, None)
    st.rerun()


def _open_as_data(content: bytes, name: str, mark: str) -> None:
    try:
        upload.open_data(content, name)
    except RaiError as error:
        upload.note_problem(mark, error)
    else:
        upload.note_problem(mark, None)
    st.rerun()


def _names_form(view: View) -> list[str]:
    """Ask for the columns of a model that has no names, in its order."""
    dataset = view.case.data_of(view.choices.data).dataset
    picked = st.multiselect(
        tr("Columns in the model's order"),
        list(dataset.columns),
        default=list(dataset.features),
        format_func=plain,
        key="model_columns",
        help=tr("Choose them in the order in which the model was trained."),
    )
    asked = st.button(
        tr("Use these columns"), icon=":material/check:", key="use_columns", disabled=not picked
    )
    return picked if asked else []
