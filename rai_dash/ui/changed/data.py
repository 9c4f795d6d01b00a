"""Two data sets of the case."""

from __future__ import annotations

from functools import partial

from rai_dash.case import Case, CaseData
from rai_dash.core.texts import tr
from rai_dash.data.personal import personal_columns
from rai_dash.report.changed import Change
from rai_dash.report.changed.datasets import changed_data
from rai_dash.ui import rights, shift, widgets
from rai_dash.ui.changed import look
from rai_dash.ui.shift import Pair
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain


def section(view: View) -> None:
    """Let the user pick two data sets, and draw what changed."""
    data = view.case.data
    if len(data) < 2:
        has = tr("one data set") if data else tr("no data set")
        widgets.missing_box(
            widgets.Missing(
                tr(
                    "This case has {has}. Add another one, such as last month’s applications, on the Start "
                    "page.",
                    has=has,
                )
            )
        )
        return
    looked_at = view.case.data_of(view.choices.data).key
    names = {d.key: tr("{d}, {n_all} rows", d=plain(d.title), n_all=count(d.dataset.n_all)) for d in data}
    # Data sets stand in the order in which they came.
    after = looked_at if looked_at != data[0].key else data[1].key
    picked = look.two_of(names, data[0].key, after)
    if picked is None:
        return
    two = Pair(view.case.data_of(picked[0]), view.case.data_of(picked[1]))
    found = _changed(view.case, two)
    look.draw(found, chart=partial(_chart, view.case, two, found), hidden=_hidden(view.case, two))


def _key(*sides: CaseData) -> tuple[tuple[str, str], ...]:
    return tuple((d.dataset.fingerprint, d.dataset.roles_fingerprint) for d in sides)


def _changed(case: Case, two: Pair) -> Change:
    """Compare the two, once; what moved is shared with the page of then and now."""
    return case.memo.get(
        ("changed data", *_key(two.then, two.now)),
        lambda: changed_data(
            two.then.dataset,
            two.now.dataset,
            drift=shift.drift_of(case, two),
            shared=shift.shared_of(case, two),
        ),
    )


def _hidden(case: Case, two: Pair) -> frozenset[str]:
    """Name the columns of either whose values only those see who may see single applications."""
    if rights.may_see_rows():
        return frozenset()

    def find() -> frozenset[str]:
        sides = (two.then.dataset, two.now.dataset)
        ids = {d.roles.id for d in sides if d.roles.id}
        return frozenset(ids.union(*(personal_columns(d.frame, d.roles) for d in sides)))

    return case.memo.get(("columns that name people", *_key(two.then, two.now)), find)


def _chart(case: Case, two: Pair, found: Change) -> None:
    drift = shift.drift_of(case, two)
    if found.is_same or not drift.columns:
        return
    if len(drift.columns) > shift.DRAWN:
        widgets.note(
            tr(
                "The first {drawn} of {columns} columns are drawn.",
                drawn=count(shift.DRAWN),
                columns=count(len(drift.columns)),
            )
        )
    widgets.draw(shift.bars(drift), key="changed_data")
    widgets.how_to_read(
        tr(
            "A bar is how far a column has moved: the population stability index over tenths of the data "
            "before, or over categories. The tick is what chance alone gives for so many rows; a star is a "
            "test that holds after allowing for all columns. Then and now has each column by itself."
        )
    )
