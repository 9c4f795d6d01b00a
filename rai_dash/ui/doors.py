"""The two doors of the Start page: a data file and a model file come in."""

from __future__ import annotations

import streamlit as st

from rai_dash.case import DataRole
from rai_dash.core.errors import RaiError
from rai_dash.metrics.table import metric_table
from rai_dash.ui import upload, widgets
from rai_dash.ui.state import View
from rai_dash.ui.text import count, number, safe

ROLE_WORDS = {
    DataRole.TRAINING: "training or test data",
    DataRole.PRODUCTION: "applications from production",
    DataRole.LIVING: "living test set",
    DataRole.COLLECTED: "newly collected data",
}
NEW_CASE = "new"
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
                f"The model ranks the wrong way round (AUC {number(auc, digits=3)}): is the favourable class right, "
                "both of the target and of the model?"
            )
    if item.model.info.has_class_labels or item.trained_on is not None:
        return
    classes = list(item.model.info.classes)
    chosen = st.selectbox(
        "Class of this model that is good for the applicant (its file does not say)",
        classes,
        index=classes.index(item.model.model_class),
        key=f"class_{item.key}_{item.model.model_class}",
    )
    if chosen != item.model.model_class:
        upload.turn_model(view.case, item.key, chosen)
        st.rerun()


def data_door(view: View) -> None:
    """Take a table in: a new case, or more data of this one."""
    uploads = [NEW_CASE, *DataRole]
    kind = st.selectbox(
        "These data are",
        uploads,
        format_func=lambda r: "a new case" if r == NEW_CASE else f"for this case: {ROLE_WORDS[DataRole(r)]}",
        key="upload_kind",
    )
    file = st.file_uploader("Data file", key="upload_data", help="CSV, CSV.gz or Parquet, up to 200 MB.")
    if file is None or not upload.is_new(file.file_id):
        return
    try:
        with st.status("Reading the table in its own process", expanded=False):
            if kind == NEW_CASE:
                upload.open_data(file.getvalue(), file.name)
            else:
                upload.add_data(view.case, file.getvalue(), file.name, DataRole(kind))
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
        return
    st.rerun()


def model_door(view: View) -> None:
    """Take a model in and score every row with it."""
    favourable = st.text_input(
        "Favourable class of the model (only if the file does not say)",
        key="upload_class",
        help="XGBoost files know only 0 and 1. Left empty, 1 is taken as favourable.",
    )
    file = st.file_uploader(
        "Model file",
        key="upload_model",
        help="XGBoost .ubj or .json, scikit-learn .skops. No pickle: it runs code.",
    )
    if file is None or not upload.is_new(f"{file.file_id} {favourable}"):
        return
    bar = st.progress(0.0, text="Loading the model in its own process")

    def report(done: int, total: int, note: str) -> None:
        bar.progress(done / total if total else 0.0, text=f"{count(done)} of {count(total)} {safe(note)}")

    try:
        upload.add_model(
            view.case,
            file.getvalue(),
            file.name,
            model_class=favourable.strip() or None,
            on_progress=report,
        )
    except RaiError as error:
        bar.empty()
        widgets.problem(safe(error.message, limit=600))
        return
    st.rerun()
