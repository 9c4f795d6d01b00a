"""One problem: whom it is about, what every model does about it, the people behind it, and its history."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from rai_dash.charts.problem_models import MAX_ROWS, ModelError, problem_models
from rai_dash.core.errors import RaiError
from rai_dash.core.texts import mark, ntr, tr
from rai_dash.core.words import NOTHING, capital
from rai_dash.govern.problems import Problem, State
from rai_dash.govern.problems.states import shown
from rai_dash.report.problem_cases import problem_cases
from rai_dash.report.problems_work import Evaluated
from rai_dash.report.small_cells import GroupTable
from rai_dash.ui import exports, headers, identity, rights, widgets
from rai_dash.ui.outcome_panels import markdown_table
from rai_dash.ui.problems import batches, words
from rai_dash.ui.problems.room import Found, line_here, pair_of
from rai_dash.ui.state import View
from rai_dash.ui.text import count, percent, plain, safe, sentence

_OF_PAIRS = GroupTable(
    people=mark("rows with an outcome"),
    by=("data", "model"),
    line=(),
    shares=(("wrong", mark("rows with an outcome")),),
    linked=False,
)
_ICONS = {
    State.FIXED: ":green[:material/check_circle:]",
    State.NOT_SHOWN: ":material/remove:",
    State.BETTER: ":orange[:material/trending_down:]",
    State.NOT_FIXED: ":red[:material/close:]",
    State.STILL_THERE: ":red[:material/close:]",
    State.REGRESSED: ":red[:material/replay:]",
    State.TOO_FEW: ":material/help:",
    State.NOTHING_TO_COMPARE: ":material/help:",
}


def detail(view: View, found: Found, problem: Problem) -> None:
    """Draw one problem."""
    widgets.heading(
        safe(problem.title, limit=200),
        f"{safe(tr(words.SOURCES[problem.source]))}, {safe(words.day(problem.opened_at))}",
    )
    widgets.paragraph(tr("**About:** {whom}", whom=safe(words.whom(problem), limit=600)))
    if problem.harmed:
        widgets.paragraph(tr("**Who is harmed:** {harmed}", harmed=safe(problem.harmed, limit=2000)))
    here = line_here(view, found, problem.id)
    _here(here, found, problem)
    _states(view, found, problem)
    for text in batches.said(found.history(problem.id)):
        widgets.note(safe(text, limit=400))
    _picture(view, found, problem)
    _numbers(view, found, problem)
    _cases(view, problem)
    _history(problem)


def _here(line: Evaluated | None, found: Found, problem: Problem) -> None:
    """Say what the model looked at does, on the data looked at."""
    if line is None:
        told = [s.why for s in found.table.skipped if s.problem_id in {None, problem.id}]
        why = f" {sentence(told[0])}" if told else ""
        widgets.notice(tr("It cannot be tried on the data and model that are looked at.{why}", why=why))
        return
    widgets.paragraph(f"{_ICONS[line.state]} **{safe(capital(line.state.value))}**. {sentence(line.why)}")
    n = line.found.rates.rows
    left, middle, right = st.columns(3)
    with left:
        widgets.card(
            tr("People affected"),
            percent(line.found.rates.share),
            ntr("{n} row", "{n} rows", n, n=count(n)),
            meaning=tr("Weight of the slice in all rows that are judged."),
        )
    with middle:
        picked = line.found.picked
        if picked is None:
            widgets.estimate_card(tr("Wrong decisions in the slice"), line.found.error)
        else:
            # Facts about these rows: an interval would speak of others.
            widgets.card(
                tr("Decided as expected"),
                tr("{right} of {decided}", right=count(picked.right), decided=count(picked.decided)),
            )
    with right:
        widgets.card(
            tr("Against the error of all"),
            safe(words.times(line.found.normalised)),
            tr("everybody: {overall}", overall=percent(line.found.overall.value)),
            meaning=tr("Error rate in the slice divided by the error rate of everybody."),
        )


def _states(view: View, found: Found, problem: Problem) -> None:
    """Show what each model does on each data set."""
    models = _models(view)
    rows = []
    for data in view.case.data:
        lines = [found.table.on(problem.id, data.key, key) for key, _ in models]
        if any(line is not None for line in lines):
            rows.append([f"{safe(data.title)}", *(_state(line) for line in lines)])
    if rows:
        widgets.paragraph(markdown_table([tr("Data"), *(safe(title) for _, title in models)], rows))


def _state(line: Evaluated | None) -> str:
    return NOTHING if line is None else f"{_ICONS[line.state]} {safe(line.state.value)}"


def _models(view: View) -> list[tuple[str | None, str]]:
    return [(m.key, m.title) for m in view.case.models] or [(None, tr("Score column"))]


def _picture(view: View, found: Found, problem: Problem) -> None:
    """Draw the error over models, on the data that are looked at; rows picked by hand are no sample to draw."""
    if problem.has_patterns:
        return
    data, _ = pair_of(view)
    drawn = [
        _mark(title, line, problem)
        for key, title in _models(view)[-MAX_ROWS:]
        if (line := found.table.on(problem.id, data, key)) is not None
    ]
    came = batches.marks(problem, found.history(problem.id))
    if not drawn and not came:
        return
    widgets.draw(problem_models([*drawn, *came][-MAX_ROWS:]), key="problem_models")
    below = (
        tr(
            " Below are the recorded batches, the newest last, each {decided_by}.",
            decided_by=_decided_by(found, problem),
        )
        if came
        else ""
    )
    widgets.how_to_read(
        tr(
            "On {data_of}.{below} A dot is the share of wrong decisions about these people under one model, "
            "the bar its 95 % interval, the short line across that of everybody else. A filled dot is shown "
            "to be worse than elsewhere. *Fixed* needs both: it fell on the same people, and nothing of it "
            "is shown any more; not shown alone is not fixed.",
            data_of=safe(view.case.data_of(data).title),
            below=below,
        )
    )


def _decided_by(found: Found, problem: Problem) -> str:
    names = batches.models(found.history(problem.id))
    return (
        tr("decided by {names}", names=safe(names[0], limit=80))
        if len(names) == 1
        else tr("with the model of its policy")
    )


def _mark(title: str, line: Evaluated, problem: Problem) -> ModelError:
    found = line.found
    return ModelError(
        name=plain(title),
        error=found.error,
        rest=found.rest,
        rows=found.error.denominator or 0.0,
        is_shown=shown(found.error, found.excess, problem.tolerance) is True,
        state=line.state.value,
    )


def _numbers(view: View, found: Found, problem: Problem) -> None:
    """Give the figures of every model on every data set."""
    titles = {d.key: d.title for d in view.case.data}
    models = dict(_models(view))

    def make() -> pd.DataFrame:
        here = [_figures(titles[x.data], models[x.model], x, problem) for x in found.table.of(problem.id)]
        return pd.DataFrame([*here, *batches.figures(found.history(problem.id))])

    widgets.numbers(
        make,
        name="problem",
        key="problem_numbers",
        label=tr("The numbers, for every model, data set and batch"),
        people=_OF_PAIRS,
        about={"problem": problem.title, "threshold": percent(found.table.threshold)},
    )


def _figures(data: str, model: str, line: Evaluated, problem: Problem) -> dict[str, object]:
    found = line.found
    drop = found.drop
    return {
        "data": data,
        "model": model,
        "state": line.state.value,
        "why": line.why,
        "seen in training": tr(line.exposure.value),
        "rows": found.rates.rows,
        "rows with an outcome": found.error.denominator,
        "wrong": found.error.numerator,
        "share of people": found.rates.share,
        "error": found.error.value,
        "error low": found.error.low,
        "error high": found.error.high,
        "error of all others": found.rest.value,
        "difference": found.excess.value,
        "difference low": found.excess.low,
        "difference high": found.excess.high,
        "fell by": None if drop is None else drop.value,
        "fell by, low": None if drop is None else drop.low,
        "fell by, high": None if drop is None else drop.high,
        "compared on the same rows": found.is_paired,
        "McNemar p": found.p_value,
        "error against all": found.normalised,
        "priority": line.priority(problem.harm),
    }


def _cases(view: View, problem: Problem) -> None:
    """List the people behind the problem, for those who may see them."""
    with st.expander(
        tr("The people behind it"), icon=":material/groups:", on_change="rerun", key="problem_cases"
    ) as box:
        if not box.open or not rights.rows_shown():
            return
        try:
            rows = problem_cases(view.judgement, problem, view.choices.threshold, identity.visitor())
        except RaiError as error:
            widgets.note(sentence(error.message))
            return
        n = len(rows)
        widgets.note(
            ntr("{n} row, wrong decisions first.", "{n} rows, wrong decisions first.", n, n=count(n))
        )
        st.dataframe(
            headers.shown(rows.assign(row=rows["row"].map(plain))),
            hide_index=True,
            alt=tr("Table: people behind the problem"),
        )
        exports.downloads(
            rows, name="problem_cases", key="problem_cases", label=tr("People behind the problem")
        )


def _history(problem: Problem) -> None:
    """Tell what was done, the last first."""
    title = tr("History ({history})", history=count(len(problem.history)))
    with st.expander(
        title, icon=":material/history:", key=f"problem_history_{problem.id}", on_change="rerun"
    ):
        for line in reversed(problem.history):
            who = f"**{safe(line.who)}** " if line.who else ""
            widgets.paragraph(f"{safe(words.day(line.at))}: {who}{safe(line.what, limit=300)}")
            if line.text:
                widgets.note(f"“{safe(line.text, limit=5_000)}”")
