"""Whose decisions change, in which groups, rightly or not; and single ones for those who may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
import streamlit as st

from rai_dash.charts._base import Chart
from rai_dash.charts.contributions import Space, contributions
from rai_dash.charts.model_flips import MAX_GROUPS, Moved, largest, model_flips
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import FAVOURABLE, UNKNOWN, Explanation
from rai_dash.explain._base import LOG_ODDS, PROBABILITY
from rai_dash.metrics.paired_flips import GroupFlips, Moves
from rai_dash.report.models_explained import two_explanations
from rai_dash.report.models_found import Candidate
from rai_dash.report.models_work import FlippedRow, flipped_rows
from rai_dash.report.shared_json import id_of
from rai_dash.report.small_cells import GroupTable
from rai_dash.ui import controls, headers, rights, widgets
from rai_dash.ui.models import words
from rai_dash.ui.models.look import Look
from rai_dash.ui.text import count, percent, plain, safe

#: Applications that are listed; the file has more.
MOST_LISTED: Final = 200
_OF_FLIPS: Final = GroupTable(
    shares=(
        (mark("approved now"), mark("decided by both")),
        (mark("declined now"), mark("decided by both")),
        (mark("approved now, rightly"), mark("approved now")),
        (mark("approved now, wrongly"), mark("approved now")),
        (mark("declined now, rightly"), mark("declined now")),
        (mark("declined now, wrongly"), mark("declined now")),
    )
)
#: Columns of one application that are drawn.
_MOST_COLUMNS: Final = 10
_OUTCOMES: Final = {0: "unfavourable", FAVOURABLE: "favourable", UNKNOWN: mark("not known")}


def panel(look: Look) -> None:
    """Draw whose decisions change."""
    groups = look.pair.by_group[look.by].flips if look.by else (look.pair.flips,)
    widgets.paragraph(words.flips_sentence(look.pair.flips, look.by, groups if look.by else ()))
    drawn = [groups[g] for g in largest([g.rows for g in groups])]
    if len(drawn) < len(groups):
        widgets.note(
            tr(
                "The {max_groups} largest of {groups} groups are drawn; the table has all.",
                max_groups=count(MAX_GROUPS),
                groups=count(len(groups)),
            )
        )
    widgets.draw(
        model_flips(
            [g.group for g in drawn], [_moved(g.approved) for g in drawn], [_moved(g.declined) for g in drawn],
            decided=[g.decided for g in drawn],
        ),
        key="model_flips",
    )  # fmt: skip
    widgets.how_to_read(
        tr(
            "Bars to the right are people whom the candidate approves and the model used now declines, as a "
            "share of the group; bars to the left are the other way round. Strong colour agrees with the "
            "outcome that is known, pale does not, grey has none. The number at the end is people."
        )
    )
    widgets.numbers(lambda: flips_frame(groups), name="models_flips", key="model_flips", people=_OF_FLIPS)
    _single(look)


def _moved(moves: Moves) -> Moved:
    return Moved(
        right=moves.right,
        wrong=moves.wrong,
        unknown=moves.unknown,
        low=moves.share.low,
        high=moves.share.high,
    )


def flips_frame(groups: tuple[GroupFlips, ...]) -> pd.DataFrame:
    """Return one row a group: decisions that change, by direction and known outcome, with intervals."""
    return pd.DataFrame(
        [
            {
                "group": plain(g.group),
                "rows": g.rows,
                "decided by both": g.decided,
                "changed share": g.changed.value,
                "low": g.changed.low,
                "high": g.changed.high,
                "approved now": g.approved.rows,
                "approved now, rightly": g.approved.right,
                "approved now, wrongly": g.approved.wrong,
                "declined now": g.declined.rows,
                "declined now, rightly": g.declined.right,
                "declined now, wrongly": g.declined.wrong,
                "outcome not known": g.approved.unknown + g.declined.unknown,
                "few rows": g.is_small,
            }
            for g in groups
        ]
    )


def _single(look: Look) -> None:
    """List the applications for those who may see single ones, and explain one of them with both models."""
    with st.expander(
        tr("Single applications"), icon=":material/person_search:", key="models_rows", on_change="rerun"
    ) as box:
        if not box.open or not rights.rows_shown():
            return
        rights.require_rows()
        found = flipped_rows(look.found, look.pair)
        if not found:
            widgets.note(tr("No decision changes, so there is nobody to list."))
            return
        listed = found[:MOST_LISTED]
        st.dataframe(
            headers.shown(_listed(look, listed)),
            hide_index=True,
            alt=tr("Table: applications that are decided differently"),
        )
        if len(found) > len(listed):
            widgets.note(
                tr(
                    "The first {listed} of {found}, by how far the scores lie apart.",
                    listed=count(len(listed)),
                    found=count(len(found)),
                )
            )
        rows = [str(one.row) for one in listed]
        names = {str(one.row): _name(look, one) for one in listed}
        picked = controls.pick(tr("Explain one of them with both models"), "row", rows, names)
        _explained(look, int(picked))


def _listed(look: Look, rows: list[FlippedRow]) -> pd.DataFrame:
    dataset = look.found.data.dataset
    return pd.DataFrame(
        {
            "application": [_name(look, one) for one in rows],
            "decided now": [one.to for one in rows],
            "score of the one used now": [percent(one.current) for one in rows],
            "score of the candidate": [percent(one.candidate) for one in rows],
            "known outcome": [tr(_OUTCOMES[one.outcome]) for one in rows],
        }
        | {
            plain(c): [plain(str(v)) for v in dataset.frame[c].iloc[[one.row for one in rows]]]
            for c in look.found.columns
        }
    )


def _name(look: Look, one: FlippedRow) -> str:
    found = id_of(look.found.data.dataset, one.row)
    return plain(found) if found else tr("row {row}", row=count(one.row + 1))


def _explained(look: Look, row: int) -> None:
    """Draw the contributions of one application under both models, in one space and against the same people."""
    both = look.memo.get(
        ("two", look.pair.candidate, row),
        lambda: two_explanations(look.found, look.pair, row, space=LOG_ODDS),
    )
    own = {str(name): value for name, value in look.found.data.dataset.frame.iloc[row].items()}
    for place, one, side in zip(
        st.columns(2, gap="medium"), both, (look.current, look.candidate), strict=True
    ):
        with place:
            widgets.heading(
                safe(side.model.title),
                tr(
                    "Contributions in {space}, score {score}",
                    space=safe(one.space),
                    score=percent(_score(side, row)),
                ),
            )
            widgets.draw(_contributions(one, both, own), key=f"models_why_{side.key}")
    widgets.how_to_read(
        tr(
            "Both are against all compared applications, so that what differs is the models. Bars to the "
            "right speak for approval, bars to the left against it."
        )
    )


def _score(side: Candidate, row: int) -> float:
    return float(side.judgement.score[row])


def _contributions(one: Explanation, both: Sequence[Explanation], own: Mapping[str, object]) -> Chart:
    """Draw one of the two with the columns in one order."""
    size = {name: max(abs(e.values.get(name, 0.0)) for e in both) for e in both for name in e.values}
    order = [name for name in sorted(size, key=lambda n: -size[n]) if name in one.values][:_MOST_COLUMNS]
    space: Space = "probability" if one.space == PROBABILITY else "log-odds"
    return contributions(one.values, order=order, space=space, method=one.method, shown=own)
