"""The lines of a batch: the chart on top, and part by part below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from rai_dash.charts.monitor_lines import ShareRow, monitor_lines
from rai_dash.charts.shift_bars import MAX_ROWS, shift_bars
from rai_dash.core.texts import mark, tr
from rai_dash.govern.monitor.lines import Family, Line, MonitorReport
from rai_dash.govern.policy import Policy
from rai_dash.report.small_cells import GroupTable
from rai_dash.ui import controls, rights, widgets
from rai_dash.ui.monitoring import column, words
from rai_dash.ui.monitoring.basis import Basis
from rai_dash.ui.monitoring.batches import Judged
from rai_dash.ui.monitoring.frames import group_frame, lines_frame
from rai_dash.ui.reviewing.tables import table
from rai_dash.ui.state import View
from rai_dash.ui.text import count, number, safe

VIEWS: Final = {
    "columns": mark("Score and columns"),
    "groups": mark("Groups and gaps"),
    "routes": mark("Routes and errors"),
    "calibration": mark("Outcomes and calibration"),
}
_FAMILIES: Final = {
    "routes": (Family.MODEL, Family.ROUTES, Family.APPROVAL, Family.ERROR),
    "groups": (Family.GROUPS, Family.GAPS),
    "columns": (Family.SCORE, Family.COLUMNS),
    "calibration": (Family.PRIOR, Family.CALIBRATION),
}
#: Lines about groups that are written out; the table has all of them.
_MOST_GROUPS: Final = 12


def headline(policy: Policy, report: MonitorReport) -> None:
    """Draw the shares that matter beside what was signed by a policy."""
    lines = words.headline_lines(report)
    with st.container(border=True):
        heading = tr("Beside what was signed") if report.signed else tr("Beside what would be signed")
        widgets.heading(heading, safe(words.counted_words(report), limit=300))
        widgets.draw(monitor_lines([share_row(line) for line in lines]), key="monitor_lines")
        widgets.how_to_read(
            tr(
                "The tick is the value of the signed rows, the pale bar how far a batch may lie from it, the "
                "mark is this batch with its 95 % interval. A breach is an interval that lies wholly outside "
                "the bar, by more than chance among so many lines. What lies outside and is not settled is "
                "to be watched. An empty mark rests on too few rows to say that all is well."
            )
        )
        if policy.monitoring is not None and policy.monitoring.weight is not None:
            widgets.note(
                tr(
                    "Rows carry weights: a share is of sums of weights, its interval of as many rows as they "
                    "are worth."
                )
            )
        widgets.numbers(lambda: lines_frame(lines), name="monitor", key="monitor_lines")


def share_row(line: Line) -> ShareRow:
    """Turn a line into a row of the chart."""
    low, high = line.limits
    return ShareRow(
        name=words.line_name(*line.key, short=True),
        signed=line.signed,
        batch=line.batch,
        low=0.0 if words.is_gap(line.name) and high is not None else low,
        high=high,
        state=words.look_of(line),
        told=words.state_words(line),
        # A breach is settled on however few rows.
        hollow=line.too_few and not line.counts,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What one part of the page is drawn from."""

    view: View
    basis: Basis
    judged: Judged
    lines: Sequence[Line]


def parts(view: View, basis: Basis, judged: Judged) -> None:
    """Draw one part of the lines, as chosen, once somebody opens them or comes by an address that names a part."""
    with st.expander(
        tr("Line by line"), icon=":material/format_list_bulleted:", key="monitor_parts", on_change="rerun",
        expanded=bool(view.choices.watched),
    ) as box:  # fmt: skip
        if not box.open:
            return
        which = controls.view(tr("Which lines"), "watched", VIEWS)
        lines = judged.report.of(*_FAMILIES[which])
        hidden = rights.hidden_columns(view)
        shown = [line for line in lines if line.column not in hidden]
        widgets.paragraph(safe(words.part_words(shown), limit=300))
        _DRAW[which](_Shown(view=view, basis=basis, judged=judged, lines=shown))


def _routes(shown: _Shown) -> None:
    _table(shown.lines)
    widgets.numbers(lambda: lines_frame(shown.lines), name="monitor_routes", key="monitor_part")


def _groups(shown: _Shown) -> None:
    groups = [line for line in shown.lines if line.family is Family.GROUPS]
    gaps = [line for line in shown.lines if line.family is Family.GAPS]
    outside = [line for line in shown.lines if words.look_of(line) in {"breach", "watch"}]
    _table(sorted(outside, key=lambda line: words.RANK[words.look_of(line)])[:_MOST_GROUPS])
    if len(outside) > _MOST_GROUPS:
        widgets.note(
            tr(
                "{most_groups} of {outside} lines outside are written out.",
                most_groups=count(_MOST_GROUPS),
                outside=count(len(outside)),
            )
        )
    widgets.note(
        tr(
            "A gap is the highest less the lowest share of the groups that have enough rows then and now; "
            "only one that has grown is held against the policy."
        )
    )
    widgets.numbers(
        lambda: group_frame(groups), name="monitor_groups", key="monitor_part", label=tr("All groups"),
        people=GroupTable(people="rows", by=("group",), line=("figure",)),
    )  # fmt: skip
    widgets.numbers(lambda: lines_frame(gaps), name="monitor_gaps", key="monitor_gaps", label=tr("All gaps"))


def _columns(shown: _Shown) -> None:
    for text in words.outside_sentences(shown.lines):
        widgets.paragraph(safe(text, limit=600))
    _drift(shown)
    _rows_words(shown)
    hidden = rights.hidden_columns(shown.view)
    column.section(shown.basis.policy, shown.judged.counts, hidden)
    widgets.numbers(
        lambda: lines_frame(shown.lines),
        name="monitor_columns",
        key="monitor_part",
        label=tr("All lines on columns"),
    )
    _not_watched(shown.judged.report, hidden)


def _drift(shown: _Shown) -> None:
    """Draw the index of the score and of every column."""
    drift = [line for line in shown.lines if line.name == "psi" and line.batch.value is not None]
    if not drift:
        return
    top = sorted(drift, key=lambda line: -(line.batch.value or 0.0))[:MAX_ROWS]
    widgets.draw(
        shift_bars(
            [line.column or tr("the score") for line in top],
            [line.batch.value for line in top],
            chance=[line.by_chance for line in top],
            shown=[line.counts for line in top],
            finding=[words.state_words(line) for line in top],
        ),
        key="monitor_drift",
    )
    first = top[0]
    widgets.how_to_read(
        tr(
            "A bar is the population stability index over tenths of the signed rows, or over categories. The "
            "tick is what chance alone gives for so many rows; a star is a breach that counts. Signed is: "
            "watched from {watch}, a breach from {breach}.",
            watch=number(first.watch),
            breach=number(first.breach),
        )
    )


def _rows_words(shown: _Shown) -> None:
    """Say what could not be compared because rows of one side are not at hand."""
    lacking = [line for line in shown.lines if line.name == "ks" and line.reason and line.batch.value is None]
    if lacking:
        why = "; ".join(dict.fromkeys(str(line.reason) for line in lacking))
        widgets.note(
            tr(
                "The exact distance of two distributions (KS) needs the rows of both sides: {why}. The PSI "
                "needs counts alone.",
                why=safe(why, limit=200),
            )
        )


def _not_watched(report: MonitorReport, hidden: frozenset[str]) -> None:
    told = [f"{name} ({why})" for name, why in report.not_watched.items() if name not in hidden]
    if told:
        widgets.note(tr("Not watched: {told}.", told=safe(", ".join(told), limit=600)))


def _calibration(shown: _Shown) -> None:
    _table(shown.lines)
    widgets.note(
        tr(
            "Intercept 0 and slope 1 mean that a score can be read as a probability; a Brier score is the "
            "mean squared distance of score and outcome, lower is better. All need outcomes."
        )
    )
    widgets.numbers(lambda: lines_frame(shown.lines), name="monitor_calibration", key="monitor_part")


def _table(lines: Sequence[Line]) -> None:
    """Write lines out, those that rest on too little in grey."""
    if not lines:
        return
    rows = [
        [
            safe(words.line_name(*line.key, short=True), limit=120),
            safe(words.limit_words(line), limit=120),
            safe(_now(line), limit=120),
            f"{_ICONS[words.look_of(line)]} {safe(words.short_state(line), limit=200)}",
        ]
        for line in lines
    ]
    grey = [i for i, line in enumerate(lines) if words.look_of(line) == "few"]
    table([tr("Line"), tr("Signed"), tr("Batch"), tr("Finding")], rows, grey=grey, words=(0, 3))


def _now(line: Line) -> str:
    value, batch = words.value_words(line.name, line.batch.value), line.batch
    if batch.denominator is not None and words.is_share(line.name):
        value += tr(" of {denominator}", denominator=count(batch.denominator))
    return value if batch.low is None else f"{value} ({words.span_words(line.name, batch)})"


_ICONS: Final = {
    "ok": ":material/check_circle:",
    "watch": ":material/visibility:",
    "breach": ":red[:material/error:]",
    "few": ":material/radio_button_unchecked:",
}
_DRAW: Final[dict[str, Callable[[_Shown], None]]] = {
    "routes": _routes,
    "groups": _groups,
    "columns": _columns,
    "calibration": _calibration,
}
