"""The panel on proxies: whether the other columns give a sensitive one away, trained on a button."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from rai_dash.charts.proxy_bars import proxy_bars
from rai_dash.core.texts import tr
from rai_dash.report.small_cells import GroupTable
from rai_dash.trials.proxies import FOLDS, ROWS, proxies, proxy_features
from rai_dash.trials.proxy_result import Proxies
from rai_dash.ui import controls, proxy_words, rests_on, training, widgets
from rai_dash.ui.problems import flagging
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain

MOST_DRAWN = 12
_OF_GROUPS = GroupTable(linked=False)


def proxies_panel(view: View) -> None:
    """Show how well the other columns together, and each alone, tell the groups of a sensitive column apart.

    Parameters
    ----------
    view : View
        The case and the pair of data and model. Nothing is trained until the button is pressed.
    """
    sensitive = list(view.judgement.roles.sensitive)
    with st.container(border=True):
        widgets.heading(
            tr("Proxies"),
            tr("Can a sensitive column be guessed from the others, even if a model never reads it?"),
        )
        if not sensitive:
            widgets.notice(tr("No sensitive column is named. Choose some on the Start page."))
            return
        rests_on.sample_note(view.judgement.data.dataset, tr("a model is trained to guess the column"))
        left, right = st.columns([2, 1], vertical_alignment="bottom")
        with left:
            column = controls.pick(tr("Sensitive column"), "by", sensitive)
        with right:
            seed = controls.seed_input()
        features = read_columns(view, column)
        wanted: dict[str, object] = {"column": column, "features": list(features), "seed": seed}
        key = training.job_key(view, "proxies", wanted)
        if training.start_button(tr("Look for proxies"), icon=":material/model_training:", key="proxies_go"):
            _start(view, key, column, features, seed)
        idle = tr(
            "Guesses the column from {features} others, on up to {rows} rows, in {folds} folds. Nothing "
            "is trained until you start.",
            features=count(len(features)),
            rows=count(ROWS),
            folds=count(FOLDS),
        )
        job = training.finished(key, idle=idle)
        if job is not None:
            _result(view, job.result)


def read_columns(view: View, column: str) -> tuple[str, ...]:
    """Name the columns that are guessed from: what the model reads, else the features of the data; never ``column``."""
    judgement = view.judgement
    dataset = judgement.data.dataset
    read = None if judgement.model is None else judgement.model.model.info.feature_names
    if read is not None:
        known = set(dataset.columns)
        read = tuple(f for f in read if f in known)
    return proxy_features(dataset, column, read)


def _start(view: View, key: str, column: str, features: tuple[str, ...], seed: int) -> None:
    dataset = view.judgement.data.dataset

    def work(progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]) -> Proxies:
        return proxies(dataset, column, features=features, seed=seed, progress=progress, cancelled=cancelled)

    training.start(key, work)


def _result(view: View, found: Proxies) -> None:
    model = view.judgement.model
    is_feature = model is not None and found.column in model.model.info.feature_names
    widgets.finding(proxy_words.finding(found), warn=found.is_shown)
    for text in (proxy_words.best_group(found), proxy_words.alone(found)):
        if text:
            widgets.paragraph(text)
    for text in proxy_words.remarks(found, is_feature=is_feature):
        widgets.note(text)
    flagging.proxy(found)
    _picture(found)
    widgets.numbers(
        lambda: proxy_words.proxy_frame(found), name="proxies", key="proxies", label=tr("Column by column"),
        about=rests_on.of_sample(view.judgement.data.dataset),
    )  # fmt: skip
    widgets.numbers(
        lambda: proxy_words.group_frame(found),
        name="proxies_by_group",
        key="proxies_groups",
        label=tr("Group by group"),
        people=_OF_GROUPS,
        about=rests_on.of_sample(view.judgement.data.dataset),
    )


def _picture(found: Proxies) -> None:
    drawn = found.carriers[:MOST_DRAWN]
    if len(drawn) < len(found.carriers):
        of = count(len(found.carriers))
        widgets.note(
            tr(
                "The {drawn} of {of} columns that carry most are drawn; the table has all.",
                drawn=count(len(drawn)),
                of=of,
            )
        )
    estimates = [found.auc, *(c.auc for c in drawn)]
    chart = proxy_bars(
        [tr("all together"), *(plain(c.name) for c in drawn)],
        [e.value for e in estimates],
        low=[e.low for e in estimates],
        high=[e.high for e in estimates],
        share=[None, *(c.share for c in drawn)],
        shown=[found.is_shown, *(c.is_shown for c in drawn)],
    )
    widgets.draw(chart, key="proxies")
    widgets.how_to_read(
        tr(
            "One dot is the AUC of guessing the group: 0.5 is guessing, 1 is knowing. The bar is its 95 % "
            "interval, widened for the cross-validation. At the top all columns together, below each alone, "
            "with its share of what the columns together say (mean absolute SHAP, log-odds). Grey rings are "
            "not shown to be better than guessing. A column can carry much only together with others, or be "
            "good alone and carry little because another says the same."
        )
    )
