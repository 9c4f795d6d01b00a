"""The living test set: its versions, how each model did on them, and letting more applications in."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

import pandas as pd
import streamlit as st

from rai_dash.case import Case
from rai_dash.charts.model_versions import MAX_VERSIONS, SERIES, VersionPoint, model_versions
from rai_dash.core.errors import InvalidChoice, RaiError
from rai_dash.core.texts import mark, tr
from rai_dash.data.read import read_dataset
from rai_dash.govern.living import DAYS, GROWING, LivingSet, LivingVersion
from rai_dash.govern.people import AppRole, Person
from rai_dash.report.models_growth import HEADLINE, grow_case, record_missing, taken_up
from rai_dash.ui import controls, rests_on, rights, state, widgets
from rai_dash.ui.models import decided, records, words
from rai_dash.ui.models.look import Look, thresholds
from rai_dash.ui.reviewing.tables import table
from rai_dash.ui.signing import acting
from rai_dash.ui.text import count, plain, safe

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

_FROM: Final = {
    "case": mark("data of the case"),
    "upload": mark("a file"),
    "review": mark("accepted review decisions"),
}


def panel(look: Look) -> None:
    """Show the versions and let the set grow."""
    acting.told()
    data = look.found.data
    if rests_on.is_sampled(data.dataset):
        widgets.note(
            tr(
                "A test set that grows is kept row by row, and these data are counted where they lie. Choose "
                "another test set, or open the rows that you need as a table of their own."
            )
        )
        return
    try:
        living = records.living_set(data.dataset.fingerprint)
        texts = {} if living is None else records.texts_of(living)
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
        return
    if living is None:
        widgets.paragraph(
            tr(
                "**{data}** has {n_rows} applications and no versions yet. When more applications with a "
                "known outcome join, every model is judged on all of them again, on record.",
                data=safe(data.title),
                n_rows=count(data.dataset.n_rows),
            )
        )
    else:
        _versions(look, living, texts)
        _picture(look, living)
    decided.panel(look)
    is_older = living is not None and living.latest.data != data.dataset.fingerprint
    _grow(look, is_older=is_older)


def _versions(look: Look, living: LivingSet, texts: dict[str, str | None]) -> None:
    now = living.version_of(look.found.data.dataset.fingerprint)
    number = living.latest.number if now is None else now.number
    widgets.paragraph(
        tr(
            "These are version **{number}** of {latest_number} of the living test set, {n_rows} applications.",
            number=count(number),
            latest_number=count(living.latest.number),
            n_rows=count(look.found.data.dataset.n_rows),
        )
    )
    if number < living.latest.number:
        widgets.notice(
            tr(
                "The set has grown since, to {rows} applications. The newest version is in the case of "
                "whoever let them in: ask them to share it. If it is lost, this one can grow instead.",
                rows=count(living.latest.rows),
            )
        )
        _offer_rows(look, living)
    header = [
        tr("Version"),
        tr("When"),
        tr("Who"),
        tr("From"),
        tr("Applications"),
        tr("Joined"),
        tr("Left out"),
        tr("Note"),
    ]
    table(header, [_line(v, texts) for v in reversed(living.versions)], words=(1, 2, 3, 7))
    widgets.numbers(
        lambda: results_frame(living),
        name="living_results",
        key="living_results",
        label=tr("The figures on record, by version and model"),
    )


def _offer_rows(look: Look, living: LivingSet) -> None:
    """Offer the rows of the newest version to whoever let them in, while the store holds them."""
    if not records.waits(living.latest):
        return
    if st.button(
        tr("Take up the newest version"), icon=":material/restore:", key=acting.key("models_take_up")
    ):
        acting.act(
            lambda: _take_up(look),
            tr("Version {number} is in this case again. Keep the case.", number=count(living.latest.number)),
        )
    widgets.note(
        tr(
            "You let its rows in, and no kept case holds them: the store has them for {days} days, for you "
            "alone.",
            days=count(DAYS),
        )
    )


def _take_up(look: Look) -> None:
    """Put the newest version into the case, in the place of the older one."""
    rights.require_role(AppRole.ANALYST, GROWING)
    state.save(taken_up(_newest(look), look.found.data.key, records.acting_sets()))


def _newest(look: Look) -> Case:
    case = state.case_with(look.view.case.id)
    if case is None:
        msg = "This case is gone. Open it again."
        raise InvalidChoice(msg)
    return case


def catch_up(look: Look) -> None:
    """Put figures of models on record that joined after the set grew, once somebody compares them who may."""
    if not (rights.may(AppRole.ANALYST) and acting.is_known()):
        return
    case, data = look.view.case, look.found.data
    # No page fails since something cannot be written down just now: the next visit tries again.
    with suppress(RaiError):
        if records.living_set(data.dataset.fingerprint) is None:
            return
        models = tuple((m.model.info.fingerprint, str(m.model.model_class)) for m in case.models)
        key = ("living caught up", data.key, data.dataset.fingerprint, models)
        cuts = thresholds(case, look.view.choices)
        case.memo.get(key, lambda: record_missing(case, data.key, records.acting_sets(), cuts))


def _line(version: LivingVersion, texts: dict[str, str | None]) -> list[str]:
    who = texts.get(version.actor)
    note = "" if version.note is None else safe(texts.get(version.note) or tr("erased"), limit=200)
    return [
        count(version.number),
        safe(f"{version.at:%Y-%m-%d %H:%M}"),
        "erased" if who is None else safe(Person.of_text(who).name),
        tr(_FROM[version.source]),
        count(version.rows),
        count(version.added),
        count(version.left_out),
        note,
    ]


def _picture(look: Look, living: LivingSet) -> None:
    """Draw the two models over the versions, as far as they are on record."""
    names = {str(m): words.plain_label(m) for m in HEADLINE if m in words.DRAWN}
    metric = controls.pick(tr("Over the versions"), "metric", list(names), names)
    sides = zip(map(tr, SERIES), (look.current, look.candidate), strict=True)
    rows = {v.number: v.rows for v in living.versions}
    points = [
        VersionPoint(
            series=series, version=r.version, rows=rows[r.version], value=f.value, low=f.low, high=f.high
        )
        for series, one in sides
        for r in living.results_of(one.model.model.info.fingerprint)
        for f in r.figures
        if f.metric == metric
        and r.threshold == one.threshold
        and r.version > living.latest.number - MAX_VERSIONS
    ]
    if not points:
        widgets.note(
            tr(
                "No figures of these two models at these thresholds are on record: they come when the set "
                "grows, and for a model that joins later when an analyst first compares it."
            )
        )
        return
    widgets.draw(model_versions(points, what=words.plain_label(metric)), key="model_versions")
    widgets.how_to_read(
        tr(
            "Each dot is one model on all applications of one version, with its own 95 % interval. Versions "
            "hold the same applications and more, so that neighbouring dots are not independent."
        )
    )


def results_frame(living: LivingSet) -> pd.DataFrame:
    """Return one row a version, model and figure."""
    return pd.DataFrame(
        [
            {
                "version": r.version,
                "model": r.model,
                "favourable class": plain(r.model_class),
                "threshold": r.threshold,
                "metric": f.metric,
                "value": f.value,
                "low": f.low,
                "high": f.high,
                "numerator": f.k,
                "denominator": f.n,
            }
            for r in living.results
            for f in r.figures
        ]
    )


def _grow(look: Look, *, is_older: bool) -> None:
    """Take a file with more applications."""
    with st.expander(tr("Let more applications join"), icon=":material/add:", key="models_grow"):
        if not rights.can_do(AppRole.ANALYST, GROWING):
            return
        acting.ask_for_a_name()
        if not acting.is_known():
            return
        with st.form(acting.key("models_grow"), border=False):
            file = st.file_uploader(
                tr("A table with the same columns and known outcomes"), key=acting.key("models_file"),
            )  # fmt: skip
            note = st.text_input(
                tr("Where do they come from?"), key=acting.key("models_note"), max_chars=500,
                placeholder=tr("Loans of the third quarter whose outcome is known by now"),
            )  # fmt: skip
            from_older = is_older and st.checkbox(
                tr("Let this older version grow; what joined since is not in the new one"),
                key=acting.key("models_older"),
            )
            is_sent = st.form_submit_button(tr("Let them join"), icon=":material/group_add:")
        widgets.note(
            tr(
                "No application joins twice: one id is one application, and without ids one that is alike in "
                "everything. Rows without a known outcome are left out."
            )
        )
    if is_sent:
        acting.act(
            lambda: _joined(look, file, note, from_older=from_older),
            tr("They joined, and every model was judged on the new version."),
        )


def _joined(look: Look, file: UploadedFile | None, note: str, *, from_older: bool) -> None:
    """Read the file, let its rows join, and put the new version into the case."""
    rights.require_role(AppRole.ANALYST, GROWING)
    if file is None:
        msg = "No file is chosen. Choose a table with the same columns as the test set."
        raise InvalidChoice(msg)
    case = _newest(look)
    offered = read_dataset(file.getvalue(), name=file.name)
    grown = grow_case(
        case, look.found.data.key, offered, records.acting_sets(), note=note,
        thresholds=thresholds(case, look.view.choices), from_older=from_older,
    )  # fmt: skip
    state.save(grown.case)
