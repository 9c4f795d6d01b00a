"""What every page is built from: header, chips, controls bound to the choices, finding, chart, numbers.

Text given to these functions is shown as Markdown: wrap everything that comes from a file in
``rai_dash.ui.text.safe``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from rai_dash.case import Exposure, Judgement
from rai_dash.charts._base import Chart
from rai_dash.charts._layers import seen_spec
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import SOURCE, language, mark, spoken, tr
from rai_dash.core.types import Estimate, Notice, TargetKind
from rai_dash.core.words import NOTHING
from rai_dash.report.small_cells import GroupTable
from rai_dash.sandbox.lock import Level
from rai_dash.sandbox.selftest import self_test
from rai_dash.ui import exports, headers, meanings, pictures, state
from rai_dash.ui.rests_on import rows_words
from rai_dash.ui.slim import slim
from rai_dash.ui.state import View
from rai_dash.ui.text import badge_text, count, percent, percent_range, safe, sentence, together
from rai_dash.ui.tour import large

EXPOSURE_HELP = {
    Exposure.HELD_OUT: mark("Figures are reported on rows that the data mark as not used for training."),
    Exposure.OTHER_DATA: mark("The model was trained on another data set of this case."),
    Exposure.IN_SAMPLE: mark("The model was trained on these very rows: every figure here is too good."),
    Exposure.UNKNOWN: (
        mark(
            "Nobody said which rows the model was trained on. If it was these, every figure here is too "
            "good. Name a split column on the Start page."
        )
    ),
}
TARGET_WORDS = {
    TargetKind.OBSERVED: mark("observed outcome"),
    TargetKind.DECISION: mark("past decisions"),
    TargetKind.STAND_IN: mark("a stand-in for the outcome"),
    TargetKind.UNSTATED: mark("meaning of the target not stated"),
}
#: Pixels of a line that is read with ease; a panel of a window of 1,280 pixels has room for it and for a button.
READABLE = 640


def page_header(title: str, question: str, *, beside: Callable[[], None] | None = None) -> None:
    """Show the title and the one question that the page answers, with what is offered beside it."""
    st.title(title, anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(question)
        if beside is not None:
            beside()


def operator_banner() -> None:
    """Say on every page what the operator allowed, or the machine lacks, that weakens the door for files."""
    if get_settings().allow_pickle:
        st.warning(
            tr("The operator lets approved pickle files in. Opening one runs its code, in a locked process."),
            icon=":material/gpp_maybe:",
        )
    found = self_test()
    if found.level is not Level.FULL:
        st.warning(safe(found.words, limit=600), icon=":material/gpp_maybe:")


def rows_chip(view: View) -> None:
    """Show how many rows the figures are about, and of what they are a part."""
    st.badge(rows_words(view.judgement), icon=":material/group:", color="gray")


def chips(view: View) -> None:
    """Show rows, model, favourable outcome and whether the rows were seen in training."""
    judgement = view.judgement
    roles = judgement.roles
    with st.container(horizontal=True, gap="small"):
        rows_chip(view)
        st.badge(badge_text(_source_of_scores(judgement)), icon=":material/model_training:", color="gray")
        if roles.target:
            good = ", ".join(badge_text(f) for f in roles.favourable)
            st.badge(
                tr("Favourable: {target} = {good}", target=badge_text(roles.target), good=good),
                icon=":material/flag:",
                color="gray",
                help=meanings.meaning("favourable"),
            )
            kind = meanings.meaning("stand_in") if roles.target_kind is TargetKind.STAND_IN else None
            st.badge(tr(TARGET_WORDS[roles.target_kind]), icon=":material/info:", color="gray", help=kind)
        if judgement.has_scores:
            seen = judgement.exposure
            is_doubtful = seen in {Exposure.IN_SAMPLE, Exposure.UNKNOWN}
            st.badge(
                tr(seen.value),
                icon=":material/visibility:",
                color="orange" if is_doubtful else "gray",
                help=tr(EXPOSURE_HELP[seen]),
            )


def _source_of_scores(judgement: Judgement) -> str:
    if judgement.model is not None:
        return judgement.model.title
    column = judgement.roles.score
    return tr("Score column {column}", column=column) if column else tr("No model yet")


@dataclass(frozen=True, slots=True)
class Missing:
    """What a page lacks: the sentence and what the button that gets it says."""

    text: str
    button: str = mark("Go to Start")


def what_is_missing(view: View, needs: Sequence[str]) -> Missing | None:
    """Name the first thing that the page needs and the case does not have."""
    if needs and not view.case.data:
        return Missing(tr("This case has no data yet. Upload a file or open a bundled case."))
    for need in needs:
        missing = _CHECKS[need](view)
        if missing:
            return Missing(missing)
    return None


def _lacks_outcome(view: View) -> str:
    data = view.case.data_of(view.choices.data)
    if data.dataset.roles.target is None:
        return tr(
            "These data have no outcome column. Name the target and its favourable value on the Start page."
        )
    return ""


def _lacks_groups(view: View) -> str:
    data = view.case.data_of(view.choices.data)
    if not data.dataset.roles.sensitive:
        return tr(
            "No sensitive column is named, so there are no groups to compare. Choose some on the Start page."
        )
    return ""


def _lacks_scores(view: View) -> str:
    if view.judgement.has_scores:
        return ""
    return tr("There is nothing to judge yet: add a model or name a score column on the Start page.")


def _lacks_model(view: View) -> str:
    if view.case.models:
        return ""
    return tr("Explanations ask the model itself about changed applications. Add a model on the Start page.")


_CHECKS: dict[str, Callable[[View], str]] = {
    "data": lambda view: "" if view.case.data else tr("This case has no data yet."),
    "outcome": _lacks_outcome,
    "groups": _lacks_groups,
    "scores": _lacks_scores,
    "model": _lacks_model,
}


def missing_box(missing: Missing) -> None:
    """Say what is missing and offer the button that gets it."""
    st.info(missing.text, icon=":material/info:")
    if st.button(tr(missing.button), icon=":material/arrow_forward:"):
        st.switch_page("pages/start.py", query_params=state.choices().to_query())


def finding(text: str, *, warn: bool = False) -> None:
    """Show the finding in words, before any chart."""
    if warn:
        st.warning(together(text), icon=":material/priority_high:")
    else:
        st.info(together(text), icon=":material/lightbulb:")


def problem(text: str) -> None:
    """Show an error in one sentence."""
    st.error(together(text), icon=":material/error:")


def notice(text: str) -> None:
    """Show a warning about the data or the model."""
    st.warning(together(text), icon=":material/warning:")


def noticed(found: Sequence[Notice]) -> None:
    """Show what was noticed while reading and scoring, in one place."""
    if not found:
        return
    with st.expander(
        tr("Noticed while reading and scoring ({found})", found=len(found)), icon=":material/warning:"
    ):
        for item in found:
            st.markdown(sentence(item.message))


def heading(text: str, under: str = "", *, meaning: str | None = None) -> None:
    """Show the title of a section with its meaning on hover, and one line under it."""
    # A link to itself beside each heading would be one more stop for the keyboard.
    st.header(text, help=meaning, anchor=False)
    if under:
        st.caption(under)


def paragraph(text: str) -> None:
    """Show a paragraph."""
    st.markdown(together(text))


def note(text: str) -> None:
    """Show a small remark."""
    st.caption(together(text))


def how_to_read(text: str) -> None:
    """Show the line that says how to read the chart above it, with the door to its picture and its data."""
    line = tr(":material/visibility: **How to read it.** {text}", text=together(text))
    charts = pictures.taken()
    if not charts:
        st.caption(line)
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", gap="small"):
        # With a width of its own, the text has the door beside it where there is room, and below it where not.
        with st.container(width=READABLE):
            st.caption(line)
        pictures.door(charts)


def card(label: str, value: str, under: str = "", *, meaning: str | None = None) -> None:
    """Show one figure with its unit, its count, and its meaning on hover."""
    st.metric(
        label,
        value,
        under or None,
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
        help=meaning,
    )


def estimate_card(
    label: str, estimate: Estimate, *, meaning: str | None = None, no_interval: str | None = None
) -> None:
    """Show a rate with its interval or why it has none, and its count; or a dash with the reason."""
    with st.container(border=True, height="stretch", gap="small"):
        if not estimate.is_defined:
            st.metric(label, NOTHING, help=meaning)
            st.caption(safe(estimate.reason or tr("undefined"), limit=120))
            return
        st.metric(label, percent(estimate.value), help=meaning)
        if estimate.low is not None and estimate.high is not None:
            st.caption(f"{percent_range(estimate.low, estimate.high)}")
        if estimate.numerator is not None and estimate.denominator is not None:
            st.caption(
                tr(
                    "{numerator} of {denominator}",
                    numerator=count(estimate.numerator),
                    denominator=count(estimate.denominator),
                )
            )
        if no_interval:
            st.caption(tr("No interval: {why}.", why=safe(no_interval, limit=120)))


def draw(chart: Chart, *, key: str, title: str = "") -> None:
    """Draw a chart: a constant template fed with data.

    Parameters
    ----------
    chart : Chart
        What is drawn.
    key : str
        Unique on the page.
    title : str
        Tells it apart from other charts that share a line on how to read them.
    """
    pictures.drawn(chart, key=key, title=title)
    with st.container(key=f"chart_{key}"):
        spec = large.in_size(seen_spec(chart))
        st.vega_lite_chart(
            slim(chart.data),
            spec,
            alt=chart.alt,
            theme="streamlit",
            width="stretch",
            # Said here too, its place is kept before Vega has drawn it: what is below does not jump.
            # In presenter size it has a fraction, which is no height to Streamlit.
            height=round(spec["height"]),
        )


def numbers(
    make: Callable[[], pd.DataFrame],
    *,
    name: str,
    key: str,
    label: str = mark("The numbers"),
    more: str = "",
    people: str | GroupTable | None = None,
    about: Mapping[str, str] | None = None,
) -> None:
    """Show a table behind an expander, made only when it is opened, with downloads.

    Parameters
    ----------
    make : callable
        Makes the table.
    name : str
        What the file is called.
    key : str
        Unique on the page.
    label : str
        Text of the expander.
    more : str
        A line above the table.
    people : str or GroupTable, optional
        Column with the number of people of a group: the file then hides numbers of few people by default.
    about : mapping of str to str, optional
        What the file says about itself besides data and model, such as the threshold.
    """
    label = tr(label)
    with st.expander(label, icon=":material/table_rows:", on_change="rerun", key=f"numbers_{key}") as box:
        if not box.open:
            return
        if more:
            st.caption(more)
        frame = make()
        st.dataframe(headers.shown(frame), hide_index=True, alt=tr("Table: {label}", label=label))
        if language() != SOURCE:
            # Programs read the file: it is one and the same whoever saves it.
            with spoken(SOURCE):
                frame = make()
        exports.downloads(frame, name=name, key=key, label=label, people=people, about=about)


def next_step(text: str, page: str, *, label: str) -> None:
    """Offer the next page, keeping the choices in its address."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(text)
        if st.button(label, icon=":material/arrow_forward:", key=f"next_{page}"):
            st.switch_page(f"pages/{page}.py", query_params=state.choices().to_query())
