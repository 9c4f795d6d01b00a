"""What is loaded on the Start page: tables and models, what was noticed, and what is still missing."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from rai_dash.case import Case, CaseData, CaseModel
from rai_dash.core.errors import RaiError
from rai_dash.core.once import OncePer
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import Notice
from rai_dash.data.findings import findings
from rai_dash.data.missing import missing_suggestions
from rai_dash.govern.people import AppRole
from rai_dash.ui import model_door, reading_form, rests_on, rights, scoring, upload, widgets
from rai_dash.ui.doors import ROLE_WORDS
from rai_dash.ui.problems import flagging
from rai_dash.ui.profiling import known
from rai_dash.ui.state import View
from rai_dash.ui.text import count, many, safe, sentence

#: What changes every number on every page; shown without a click.
_FIRST = frozenset(
    {
        *("one_outcome", "leak_suspect", "rows_in_training_and_test", "personal_data"),
        *("fidelity", "matched_by_position", "unseen_category"),
    }
)
_MOST_FIRST = 5
_LOOKED = mark("what there is to notice is looked for in it. The Data page counts all rows")
#: Every run of the page comes by here, and new roles do not change the cells: the rows are looked through once.
_suggested = OncePer(missing_suggestions)


def loaded(view: View) -> None:
    """List tables and models, what was noticed about the ones looked at, and what the case lacks."""
    widgets.heading(tr("What is loaded"))
    for item in view.case.data:
        _table(item, is_told=bool(view.case.story))
    for model in view.case.models:
        _model(view, model)
    found = noticed(view)
    rests_on.sample_note(view.judgement.data.dataset, tr(_LOOKED))
    first = [n for n in found if n.code in _FIRST][:_MOST_FIRST]
    if view.judgement.data.source != upload.UPLOADED:
        first = []  # what there is to say of a bundled case is its story
    for place, notice in enumerate(first):
        widgets.notice(sentence(notice.message))
        if notice.code == "leak_suspect" and notice.column is not None:
            flagging.leak(notice.column, key=f"problem_of_leak_{place}")
    widgets.noticed([n for n in found if n not in first])
    _reading(view)
    model_door.class_door(view)
    scoring.door(view)
    for missing in _missing(view.case, view):
        widgets.note(f":material/radio_button_unchecked: {missing}")


def noticed(view: View) -> list[Notice]:
    """Collect what was found in the table, while reading it and while scoring it; what matters most comes first."""
    judgement = view.judgement
    dataset = judgement.data.dataset
    model = () if judgement.model is None else judgement.model.model.info.warnings
    # A profile of all rows takes longer than anybody waits here; the Data page makes it.
    told = _of_sample(view) if rests_on.is_sampled(dataset) else known.told(view)
    return [*told, *judgement.notices, *model, *dataset.warnings]


def _of_sample(view: View) -> tuple[Notice, ...]:
    """Look through the sample of a table that is counted where it lies, once."""
    judgement = view.judgement
    alone = replace(judgement.data.dataset, portfolio=None)
    return judgement.memo.get("findings of the sample", lambda: findings(alone))


def _table(item: CaseData, *, is_told: bool) -> None:
    """Name a table and say where it comes from, unless the story of the case has told it."""
    rows, columns = item.dataset.n_all, len(item.dataset.frame.columns)
    portfolio = item.dataset.portfolio
    if portfolio is not None:
        source = tr(
            "Counted where it lies, {source}; {n_rows} rows of it are in the sample. Its fingerprint is "
            "of {rests_on}.",
            source=portfolio.source,
            n_rows=count(item.dataset.n_rows),
            rests_on=portfolio.rests_on,
        )
    elif item.source == upload.UPLOADED:
        source = tr("Uploaded.")
    else:
        source = "" if is_told else item.source
    widgets.paragraph(
        f":material/table: **{safe(item.title)}**, {tr(ROLE_WORDS[item.role])}: {many(rows, 'row', 'rows')}, "
        f"{many(columns, 'column', 'columns')}. {safe(source, limit=300)}"
    )


def _model(view: View, item: CaseModel) -> None:
    info = item.model.info
    widgets.paragraph(
        tr(
            ":material/model_training: **{item}**: {family}, {features} columns. {note}",
            item=safe(item.title),
            family=safe(info.family),
            features=count(len(info.features)),
            note=sentence(item.note),
        )
    )
    _fidelity(view, item)


def _fidelity(view: View, item: CaseModel) -> None:
    """Say how the model's scores compare with the score column of the data that are looked at."""
    judgement = view.judgement
    found = judgement.fidelity
    if found is None or judgement.model is None or judgement.model.key != item.key:
        return
    verdict = tr("practically equal") if found.holds else tr("not the same")
    of_sample = tr(" of the sample") if rests_on.is_sampled(judgement.data.dataset) else ""
    widgets.note(
        tr(
            ":material/compare: Its scores and the column {score} are {verdict}: they differ by at most "
            "{largest} on {rows} rows{of_sample} and decide {flips} of them differently at this threshold.",
            score=safe(judgement.roles.score),
            verdict=safe(verdict),
            largest=safe(f"{found.largest:.2g}"),
            rows=count(found.rows),
            of_sample=of_sample,
            flips=count(found.flips(view.choices.threshold)),
        )
    )


def _reading(view: View) -> None:
    """Let the user read an uploaded table another way."""
    item = view.case.data_of(view.choices.data)
    if item.content is None or item.dataset.portfolio is not None or not rights.may(AppRole.ANALYST):
        return
    frame = item.dataset.frame
    with st.expander(tr("How {item} was read", item=safe(item.title)), icon=":material/tune:"):
        try:
            options = reading_form.reading_form(
                item.dataset.fingerprint[:12],
                item.options,
                parts=item.parts,
                frame=frame,
                suggested=_suggested(frame),
            )
            if options is None:
                return
            upload.reread(view.case, item.key, options)
        except RaiError as error:
            widgets.problem(sentence(error.message))
            return
    st.rerun()


def _missing(case: Case, view: View) -> list[str]:
    """List what the case still lacks, in plain words."""
    roles = view.judgement.roles
    lacks = []
    if roles.target is None:
        lacks.append(tr("No target yet: without an outcome there is no precision and no recall."))
    if not roles.sensitive:
        lacks.append(tr("No sensitive column yet: without one there are no groups to compare."))
    if not case.models:
        lacks.append(tr("No model yet: explanations and rebalancing with your own model need it."))
    if not view.judgement.has_scores:
        lacks.append(tr("No scores yet: add a model or name a score column."))
    return lacks
