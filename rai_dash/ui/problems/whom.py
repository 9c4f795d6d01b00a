"""The fields that ask whom a problem is about: by what people have in common, or one by one."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from rai_dash.core.errors import RaiError
from rai_dash.core.texts import mark, tr
from rai_dash.data.slices import Slice, TestPattern, parse_slice
from rai_dash.report.problem_cases import few_checked, opening_checked, pickable_rows, slice_rows
from rai_dash.ui import headers, identity, rests_on, rights, widgets
from rai_dash.ui.problems import flag
from rai_dash.ui.signing.acting import key
from rai_dash.ui.state import View
from rai_dash.ui.text import count, percent, plain, safe, sentence

WAYS = {"words": mark("By what they have in common"), "hand": mark("One by one")}
#: Columns that are named below an empty field.
MOST_NAMED = 20
EXPECTED = {
    "": mark("as it turned out"),
    "favourable": "approved",
    "unfavourable": "declined",
}


def whom(view: View, draft: flag.Draft, *, name: str = "problem") -> Slice | None:
    """Ask whom it is about; None = that cannot be read yet.

    Parameters
    ----------
    view : View
    draft : Draft
        What stands in the fields at first.
    name : str
        How the keys of the fields begin.
    """
    way = st.radio(
        tr("Whom it is about"),
        list(WAYS),
        int(draft.picked),
        format_func=lambda w: safe(tr(WAYS[w])),
        horizontal=True,
        key=key(f"{name}_way"),
    )
    try:
        of = _by_hand(view, draft, name) if way == "hand" else _by_words(view, draft, name)
        if of is None:
            return None
        opening_checked(view.judgement, of)
        few_checked(view.judgement, of, view.choices.threshold, identity.visitor())
        _counted(view, of)
    except RaiError as error:
        widgets.problem(sentence(error.message))
        return None
    return of


def _by_words(view: View, draft: flag.Draft, name: str) -> Slice | None:
    columns: Sequence[str] = view.judgement.data.dataset.columns
    text = st.text_input(
        tr('Conditions, joined by "and"'),
        "" if draft.picked else draft.words,
        key=key(f"{name}_words"),
        max_chars=1_000,
        placeholder=tr("age < 25 and outcome is favourable and score < 0.5"),
        help=tr(
            "COLUMN < 25, COLUMN between 25 and 35, COLUMN is A, COLUMN is one of A, B, COLUMN is blank; "
            "score and decision; outcome is favourable; everyone."
        ),
    )
    if not text.strip():
        more = "" if len(columns) <= MOST_NAMED else tr(" and more")
        named = ", ".join(safe(c, limit=40) for c in columns[:MOST_NAMED])
        widgets.note(tr("Columns: {named}{more}; also score, decision and outcome.", named=named, more=more))
        return None
    return parse_slice(text, columns=columns)


def _by_hand(view: View, draft: flag.Draft, name: str) -> Slice | None:
    rights.require_rows()
    text = st.text_input(
        tr("Their ids, with commas between (without an id column: places in the table, from 0)"),
        draft.words if draft.picked else "",
        key=key(f"{name}_rows"),
        max_chars=1_000,
    )
    ids = [part.strip() for part in text.split(",") if part.strip()]
    ids += [one for one in _from_table(view, name) if one not in ids]
    side = st.radio(
        tr("They should be"),
        list(EXPECTED),
        format_func=lambda side: safe(tr(EXPECTED[side])),
        horizontal=True,
        key=key(f"{name}_expected"),
    )
    return Slice(rows=tuple(TestPattern(row=one, expected=side or None) for one in ids)) if ids else None


def _from_table(view: View, name: str) -> list[str]:
    """Let the user mark rows in a table; return their ids."""
    with st.expander(
        tr("Pick them from a table"), icon=":material/checklist:", on_change="rerun", key=key(f"{name}_table")
    ) as box:
        if not box.open:
            return []
        rows = pickable_rows(view.judgement, view.choices.threshold, identity.visitor())
        of_sample = tr(" of the sample") if rests_on.is_sampled(view.judgement.data.dataset) else ""
        widgets.note(
            tr(
                "{rows} of {n_judged} rows{of_sample}, wrong decisions first: tick some.",
                rows=count(len(rows)),
                n_judged=count(view.judgement.n_judged),
                of_sample=of_sample,
            )
        )
        event = st.dataframe(
            _shown(rows), hide_index=True, on_select="rerun", selection_mode="multi-row",
            key=key(f"{name}_marked"), alt=tr("Table: rows to pick from, wrong decisions first"),
        )  # fmt: skip
    return marked(rows, event.selection.rows)


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    """Escape names of columns and texts."""
    shown = headers.shown(rows)
    texts = shown.select_dtypes(exclude=["number", "bool"]).columns
    return shown.assign(**{c: shown[c].map(lambda x: plain(x) if isinstance(x, str) else x) for c in texts})


def marked(rows: pd.DataFrame, places: Sequence[int]) -> list[str]:
    """Return the ids of rows by their places in the table; places that are not there any more are left out."""
    return [str(rows["row"].iloc[i]) for i in places if 0 <= i < len(rows)]


def _counted(view: View, of: Slice) -> None:
    """Say how many people it is about, as it is typed."""
    rows = slice_rows(view.judgement, of, view.choices.threshold)
    n, total = int(rows.sum()), view.judgement.n_judged
    share = percent(n / total) if total else percent(None)
    of_sample = tr(" of the sample") if rests_on.is_sampled(view.judgement.data.dataset) else ""
    text = tr(
        ":material/groups: {n} of {total} rows{of_sample} that are judged ({share}).",
        n=count(n),
        total=count(total),
        of_sample=of_sample,
        share=share,
    )
    if n == 0:
        text += tr(" Nobody: nothing can be measured then.")
    widgets.note(text)
