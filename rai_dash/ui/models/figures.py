"""Numbers of two models side by side: what differs for everyone, and in each group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from rai_dash.charts._base import Chart, fewest_people, people_of
from rai_dash.charts.model_metrics import MAX_ROWS, model_metrics
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import Estimate
from rai_dash.metrics.paired_table import PAIRED_BY_GROUP
from rai_dash.metrics.paired_verdict import PairedMetric, PairVerdict
from rai_dash.report.small_cells import GroupTable
from rai_dash.ui import controls, widgets
from rai_dash.ui.models import words
from rai_dash.ui.models.look import Look
from rai_dash.ui.reviewing.tables import table
from rai_dash.ui.text import count, plain, safe

_FEW: Final = frozenset({PairVerdict.TOO_FEW, PairVerdict.UNTESTED})
HOW: Final = mark(
    "A dot is the candidate less the model used now, on the same applications; the line is its paired 95 "
    "% interval, and the label says what it was and what it is. A filled dot with a star is a difference "
    "that holds after allowing for every number of every candidate (Holm); a hollow one is not shown, "
    "and inside the shaded band it may not matter. Approving more is neither better nor worse in itself."
)
#: Numbers of one group belong together; a line is one number.
_OF_GROUPS: Final = GroupTable(
    line=("metric",),
    shares=(
        (mark("now numerator"), mark("now denominator")),
        (mark("candidate numerator"), mark("candidate denominator")),
        (mark("decided differently"), mark("rests on")),
    ),
)


def everyone(look: Look) -> None:
    """Draw what differs for everyone."""
    shown = [m for name in words.DRAWN if (m := look.pair.metric(name)) is not None]
    widgets.draw(_chart(look, [words.plain_label(m.metric) for m in shown], shown), key="model_metrics")
    widgets.how_to_read(tr(HOW))
    _table(look.pair.metrics)
    widgets.numbers(
        lambda: metrics_frame(look), name="models", key="model_metrics", about=_about(look),
        more=tr("Each model with its own interval, and the difference on the applications that both decide about."),
    )  # fmt: skip


def by_group(look: Look) -> None:
    """Draw one number in each group, with what both models have and the paired difference."""
    if not look.by:
        widgets.note(
            tr("No sensitive column is named, so groups are not compared. Choose some on the Start page.")
        )
        return
    groups = look.pair.by_group[look.by]
    names = {str(name): words.plain_label(name) for name in PAIRED_BY_GROUP if name in words.DRAWN}
    metric = controls.pick(tr("Number"), "metric", list(names), names)
    at = list(map(str, PAIRED_BY_GROUP)).index(metric)
    found = [one[at] for one in groups.metrics]
    places = sorted(range(len(found)), key=lambda g: -found[g].n)[:MAX_ROWS]
    places.sort()
    if len(places) < len(found):
        widgets.note(
            tr(
                "The {max_rows} largest of {found} groups are drawn; the table has all.",
                max_rows=count(MAX_ROWS),
                found=count(len(found)),
            )
        )
    drawn = [found[g] for g in places]
    chart = _chart(look, [groups.groups[g] for g in places], drawn)
    people = fewest_people(
        [one.n for one in drawn], people_of([rate for one in drawn for rate in (one.a, one.b)])
    )
    widgets.draw(replace(chart, fewest=people), key="model_groups")
    widgets.how_to_read(
        tr(
            "One line for each group, as above: here a star allows for all groups of this number, not for "
            "the other numbers. Grey rings rest on fewer than {min_n} applications: nothing is said about "
            "them.",
            min_n=count(look.found.options.min_n),
        )
    )
    _gaps(look)
    widgets.numbers(
        lambda: groups_frame(look),
        name="models_groups",
        key="model_groups",
        people=_OF_GROUPS,
        about=_about(look),
    )


def _gaps(look: Look) -> None:
    """Say how far the groups lie apart under either model, and whether that is shown to change."""
    found = look.pair.by_group[look.by].gaps
    widgets.heading(tr("Gaps between the groups"))
    widgets.paragraph(words.gaps_sentence(found))
    table(
        [tr("Number"), tr("Gap now → candidate"), tr("Difference (paired 95 % interval)"), tr("Finding")],
        [
            [
                words.label(g.metric),
                words.gap_text(g),
                words.gap_difference(g),
                safe(g.reason if g.low is None and g.reason else tr(g.verdict), limit=120),
            ]
            for g in found
        ],
        grey=[i for i, g in enumerate(found) if g.low is None],
        words=(0, 1, 3),
    )
    widgets.note(
        tr(
            "A gap is the largest less the smallest share of the groups with enough applications, and lies "
            "between the lowest and the highest group. The interval follows all groups that may be the "
            "furthest apart; the finding allows for all columns and candidates (Holm). Whether a gap is more "
            "than chance is on the Fairness page."
        )
    )


def _chart(look: Look, names: Sequence[str], found: Sequence[PairedMetric]) -> Chart:
    return model_metrics(
        names,
        [m.a.value for m in found],
        [m.b.value for m in found],
        low=[m.low for m in found],
        high=[m.high for m in found],
        shown=[m.is_shown for m in found],
        few=[m.verdict in _FEW for m in found],
        finding=[m.words if m.difference is not None else m.reason or "undefined" for m in found],
        tolerance=look.found.options.tolerance,
        # An AUC and its like are no percentages.
        written=[
            (words.value_text(m.metric, m.a.value), words.value_text(m.metric, m.b.value)) for m in found
        ],
    )


def _table(metrics: Sequence[PairedMetric]) -> None:
    rows = [
        [
            words.label(m.metric),
            f"{words.value_text(m.metric, m.a.value)} → {words.value_text(m.metric, m.b.value)}",
            words.difference_text(m),
            safe(m.words, limit=100),
        ]
        for m in metrics
    ]
    grey = [i for i, m in enumerate(metrics) if m.verdict in {*_FEW, PairVerdict.UNDEFINED}]
    table(
        [tr("Number"), tr("Now → candidate"), tr("Difference (paired 95 % interval)"), tr("Finding")],
        rows,
        grey=grey,
        words=(0, 3),
    )


def _about(look: Look) -> dict[str, str]:
    """Say what the file is about."""
    return {
        "used now": plain(look.current.model.title),
        "candidate": plain(look.candidate.model.title),
        "thresholds": tr(
            "{threshold} and {candidate_threshold}",
            threshold=f"{look.current.threshold:g}",
            candidate_threshold=f"{look.candidate.threshold:g}",
        ),
        "test set": plain(look.found.data.title),
    }


def metrics_frame(look: Look) -> pd.DataFrame:
    """Return one row a number: both models with their own intervals, and the paired difference."""
    tables = [c.everyone for c in (look.current, look.candidate)]
    return pd.DataFrame([_row(m, [t.estimate(m.metric, 0) for t in tables]) for m in look.pair.metrics])


def groups_frame(look: Look) -> pd.DataFrame:
    """Return one row a group and number."""
    groups = look.pair.by_group[look.by]
    tables = [c.by_group[look.by] for c in (look.current, look.candidate)]
    return pd.DataFrame(
        [
            {"group": plain(group), "rows": int(tables[0].n[g])}
            | _row(m, [t.estimate(m.metric, g) for t in tables])
            for g, group in enumerate(groups.groups)
            for m in groups.metrics[g]
        ]
    )


def _row(one: PairedMetric, sides: Sequence[Estimate]) -> dict[str, object]:
    now, then = sides
    return {
        "metric": one.metric,
        "now": now.value,
        "now low": now.low,
        "now high": now.high,
        "now numerator": now.numerator,
        "now denominator": now.denominator,
        "candidate": then.value,
        "candidate low": then.low,
        "candidate high": then.high,
        "candidate numerator": then.numerator,
        "candidate denominator": then.denominator,
        "difference": one.difference,
        "difference low": one.low,
        "difference high": one.high,
        "rests on": one.n,
        "decided differently": one.discordant,
        "p": one.p_value,
        "p for all that was looked at": one.adjusted,
        "finding": one.words,
        "undefined because": one.reason or "",
    }
