"""The training fold of a recipe before anything is trained: cell by cell, as it is and as it will be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd
import streamlit as st

from rai_dash.case import held_out_rows
from rai_dash.charts.cell_rows import cell_rows
from rai_dash.core.errors import RaiError
from rai_dash.core.texts import mark, tr
from rai_dash.data.cell_plan import CellTarget
from rai_dash.report.small_cells import GroupTable
from rai_dash.trials.rebalancing.folds import fold_of, looks
from rai_dash.trials.rebalancing.own_column import own_factor
from rai_dash.trials.rebalancing.preview import CellFacts, CellPreview, cautions, cell_facts, preview
from rai_dash.trials.training import features_of
from rai_dash.ui import controls, rebalancing, state, widgets
from rai_dash.ui.cell_codes import MOST, Place, read_cells, write_cells
from rai_dash.ui.rebalancing import Wanted
from rai_dash.ui.state import View
from rai_dash.ui.text import count, percent, plain, safe, sentence
from rai_dash.ui.tour.spots import spot

#: More sliders than this are no help; such a recipe is a JSON file for the command line.
MOST_CELLS: Final = 40
_STEP: Final = 5
HOW_TO_READ: Final = mark(
    "The thin grey bar is the training fold as it is, the thick one what the model will be trained on. "
    "Copies add no new people: a bar that grows a lot repeats the few that there are."
)
#: Where the table of the fold keeps its people, for downloads.
OF_FOLD = GroupTable(people=mark("training rows as they are"), by=("cell",), shares=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """The first fold, counted: its cells, how it was chosen, its test rows, and what the own column takes."""

    cells: tuple[CellFacts, ...]
    words: str
    test_rows: int
    own: str


def fold_panel(view: View, wanted: Wanted) -> tuple[Wanted, bool]:
    """Show the fold before and after, and the sliders of its cells.

    Returns
    -------
    Wanted
        With the targets of single cells.
    bool
        Whether it can be trained.
    """
    try:
        fold = first_fold(view, wanted)
        groups = [c.group for c in fold.cells if c.favourable and c.group is not None]
        wanted = replace(wanted, cells=_targets(wanted, groups))
        shown = preview(fold.cells, rebalancing.recipe_of(wanted))
    except RaiError as error:
        widgets.problem(sentence(error.message))
        _reset(wanted)
        return wanted, False
    with st.container(border=True):
        widgets.heading(
            tr("What the training fold will look like"),
            tr("First seed: {fold}", fold=safe(fold.words, limit=300)),
        )
        with spot("fold"):
            widgets.paragraph(_words(shown))
            names = [cell.facts.name for cell in shown]
            if len(names) <= MOST_CELLS:
                chart = cell_rows(names, [c.facts.rows for c in shown], [c.target for c in shown])
                widgets.draw(chart, key="training_fold")
                widgets.how_to_read(tr(HOW_TO_READ))
        _cautions(view, wanted, shown, fold)
        _editor(wanted, groups, shown)
        widgets.numbers(
            lambda: _frame(shown), name="training_fold", key="training_fold", label=tr("The cells in numbers"),
            people=OF_FOLD,
        )  # fmt: skip
    return wanted, True


def first_fold(view: View, wanted: Wanted) -> Fold:
    """Count the fold of the first seed, once."""
    judgement = view.judgement
    dataset, source = judgement.data.dataset, rebalancing.source_model(view)
    test = view.case.data_of(wanted.test).dataset if wanted.test else None
    features = features_of(dataset, source.model if source else None, without=wanted.column)

    def make() -> Fold:
        fold = fold_of(dataset, held_out_rows(dataset), test=test, seed=wanted.seed, features=features)
        own = ""
        if wanted.column is not None:
            factor = own_factor(dataset, wanted.column, fold.train)
            weighed = "" if set(factor.tolist()) <= {0.0, 1.0} else tr(", each with a weight of its own")
            own = tr(
                "takes {sum} of {size} training rows{weighed}.",
                sum=count(int((factor > 0).sum())),
                size=count(fold.train.size),
                weighed=weighed,
            )
        return Fold(
            cells=cell_facts(dataset, fold.train, looks(dataset, features), wanted.by),
            words=fold.words,
            test_rows=int(fold.test.size),
            own=own,
        )

    seen = () if test is None else (test.fingerprint, test.roles_fingerprint)
    return judgement.memo.get(("fold", wanted.seed, wanted.by, wanted.column, features, seen), make)


def _targets(wanted: Wanted, groups: Sequence[str]) -> tuple[CellTarget, ...]:
    """Read the targets of single cells from the address."""
    found = read_cells(state.choices().balance_cells, wanted.by or "", groups or [""])
    return tuple(
        CellTarget(group=groups[place] if groups else None, favourable=good, share=target / MOST)
        for (good, place), target in found.items()
    )


def _words(shown: Sequence[CellPreview]) -> str:
    before, after = sum(c.facts.rows for c in shown), sum(c.target for c in shown)
    if all(c.facts.rows == c.target for c in shown):
        return tr(
            "**This recipe changes nothing**: no cell of the {before} training rows grows or shrinks.",
            before=count(before),
        )
    good = [c for c in shown if c.facts.favourable]
    was, will = sum(c.facts.rows for c in good) / max(before, 1), sum(c.target for c in good) / max(after, 1)
    return tr(
        "**{before} training rows become {after}**; of them favourable: {was} as it is, {will} then. "
        "Test rows are not touched.",
        before=count(before),
        after=count(after),
        was=percent(was),
        will=percent(will),
    )


def _cautions(view: View, wanted: Wanted, shown: Sequence[CellPreview], fold: Fold) -> None:
    found = cautions(shown)
    if found:
        widgets.notice("\n\n".join(sentence(text) for text in found[:4]))
    if wanted.column is None:
        return
    widgets.note(
        tr(
            "Your own column {column} {own} The other strategies do not use it.",
            column=safe(wanted.column),
            own=safe(fold.own, limit=200),
        )
    )
    source = rebalancing.source_model(view)
    dataset = view.judgement.data.dataset
    if wanted.column in features_of(dataset, source.model if source else None):
        is_own = source is not None and source.model.info.can_refit
        widgets.notice(
            tr(
                "{column} is a feature of your model, which cannot be trained again without it: this "
                "strategy will not be tried. Choose another column.",
                column=safe(wanted.column),
            )
            if is_own
            else tr(
                "{column} was offered as a feature. It is left out of every model trained here.",
                column=safe(wanted.column),
            )
        )


def _editor(wanted: Wanted, groups: Sequence[str], shown: Sequence[CellPreview]) -> None:
    """Show a slider a cell; what is set there goes before the two percentages."""
    if len(shown) > MOST_CELLS:
        widgets.note(
            tr(
                "{shown} cells are too many for sliders. Set wider bins on the Start page, or give the "
                "command line a JSON file of cells.",
                shown=count(len(shown)),
            )
        )
        return
    with st.expander(tr("Set every cell on its own"), icon=":material/tune:"):
        widgets.note(
            tr(
                "In percent of the largest cell as it is. The two percentages above fill the sliders; a "
                "slider that you move stays where you put it."
            )
        )
        names, largest = list(groups) or [""], max(c.facts.rows for c in shown)
        for place, group in enumerate(names):
            cells = [c for c in shown if (c.facts.group or "") == group]
            for column, cell in zip(st.columns(2), cells, strict=True):
                with column:
                    _slider(wanted, names, place, cell, largest)
        if wanted.cells:
            _reset(wanted)


def _slider(wanted: Wanted, groups: list[str], place: int, cell: CellPreview, largest: int) -> None:
    good = cell.facts.favourable
    key = f"reb_cell_{int(good)}_{place}"
    quick = _on_grid(cell.quick, largest)
    controls.seed(key, (quick if cell.target == cell.quick else _on_grid(cell.target, largest)) / 10)
    st.slider(
        safe(cell.facts.name),
        0.0,
        100.0,
        step=_STEP / 10,
        format="%.1f %%",
        key=key,
        disabled=not cell.facts.rows,
        on_change=_commit,
        args=(key, wanted.by or "", groups, (good, place), quick),
    )


def _on_grid(rows: int, largest: int) -> int:
    """Write rows in thousandths of the largest cell, on the steps of a slider; a few rows are never shown as none."""
    wanted = _STEP * round(MOST * rows / max(largest, 1) / _STEP)
    return min(max(wanted, _STEP if rows else 0), MOST)


def _commit(key: str, column: str, groups: list[str], place: Place, quick: int) -> None:
    targets = read_cells(state.choices().balance_cells, column, groups)
    value = round(st.session_state[key] * 10)
    if value == quick:
        targets.pop(place, None)
    else:
        targets[place] = value
    state.choose(balance_cells=write_cells(column, groups, targets))


def _reset(wanted: Wanted) -> None:
    """Offer to forget the targets of single cells."""
    if wanted.cells:
        st.button(
            tr("Back to the two percentages"),
            icon=":material/undo:",
            key="reb_cells_reset",
            on_click=lambda: state.choose(balance_cells=""),
        )


def _frame(shown: Sequence[CellPreview]) -> pd.DataFrame:
    largest = max(c.facts.rows for c in shown)
    return pd.DataFrame(
        {
            "cell": [plain(c.facts.name) for c in shown],
            "training rows as they are": [c.facts.rows for c in shown],
            "of them different": [c.facts.distinct for c in shown],
            "trained on": [c.target for c in shown],
            "share of the largest": [percent(c.target / largest) if largest else "" for c in shown],
        }
    )
