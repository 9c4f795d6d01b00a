"""The rebalancing job of a case, and its result in words and tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
import streamlit as st

from rai_dash.case import CaseModel, held_out_rows
from rai_dash.metrics.table import MetricTable, metric_table
from rai_dash.models.client import load_model
from rai_dash.report.small_cells import GroupTable
from rai_dash.trials.rebalance import Rebalanced, Recipe, Trained, all_rows, make_fold, rebalance
from rai_dash.ui import state, training, widgets
from rai_dash.ui.frames import optional
from rai_dash.ui.score_quality import AUC_MEANING, BRIER_MEANING, RATIO_MEANING
from rai_dash.ui.state import View
from rai_dash.ui.text import count, estimate_text, number, percent, plain, safe

_OVERALL = ("accuracy", "recall", "precision", "selection_rate", "auc", "brier", "mean_score", "base_rate")
#: Where the table of training cells keeps its people, for downloads.
OF_CELLS = GroupTable(people="training rows before", by=("cell",), shares=())
_BY_GROUP = ("recall", "precision", "selection_rate")
#: Scores that promise this many times what happens are worth a warning.
_TOO_MUCH = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The recipe on the page; ``test`` is the key of the data to judge on, empty = held-out rows."""

    by: str | None
    up: float
    down: float
    seed: int
    test: str


def key(view: View, wanted: Wanted) -> str:
    """Name the job of a recipe."""
    return training.job_key(view, "rebalance", asdict(wanted))


def start(view: View, wanted: Wanted) -> None:
    """Start the job of a recipe."""
    judgement = view.judgement
    dataset = judgement.data.dataset
    model = judgement.model.model if judgement.model else None
    test = view.case.data_of(wanted.test).dataset if wanted.test else None
    recipe = Recipe(by=wanted.by, up=min(wanted.up, wanted.down), down=wanted.down, seed=wanted.seed)

    def work(progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]) -> Rebalanced:
        fold = (
            all_rows(dataset)
            if test is not None
            else make_fold(dataset, held_out_rows(dataset), seed=wanted.seed)
        )
        return rebalance(
            dataset, model, recipe=recipe, fold=fold, test=test, progress=progress, cancelled=cancelled
        )

    training.start(key(view, wanted), work)


def _overall(trained: Trained, threshold: float) -> MetricTable:
    return metric_table(trained.everyone, threshold, metrics=_OVERALL)


def _ratio(table: MetricTable) -> float | None:
    mean, base = table.estimate("mean_score", 0).value, table.estimate("base_rate", 0).value
    return mean / base if mean is not None and base else None


def overstates(result: Rebalanced) -> bool:
    """Whether the resampled model's scores promise far more than happens."""
    ratio = _ratio(_overall(result.after, state.choices().threshold))
    return ratio is not None and ratio >= _TOO_MUCH


def finding(result: Rebalanced) -> str:
    """Say what changed in ranking, in the size of the scores and in the decisions."""
    threshold = state.choices().threshold
    before, after = (_overall(t, threshold) for t in (result.before, result.after))
    recalls = [estimate_text(t.estimate("recall", 0)) for t in (before, after)]
    aucs = [number(t.estimate("auc", 0).value, digits=3) for t in (before, after)]
    text = (
        f"Trained as it is, recall is {recalls[0]}; resampled, {recalls[1]}. "
        f"AUC goes from {aucs[0]} to {aucs[1]}. "
    )
    was, now = _ratio(before), _ratio(after)
    if was is not None and now is not None:
        text += (
            f"The scores promise **{number(now)} times** what happens, before it was {number(was)} times: "
            "resampling moves the scores, so a threshold chosen before no longer means the same."
        )
    return text


def cards(result: Rebalanced) -> None:
    """Show what does not depend on a threshold, before and after."""
    threshold = state.choices().threshold
    before, after = (_overall(t, threshold) for t in (result.before, result.after))
    auc, brier, ratio = st.columns(3)
    with auc:
        was, now = (number(t.estimate("auc", 0).value, digits=3) for t in (before, after))
        widgets.card("AUC", now, f"before: {was}", meaning=AUC_MEANING)
    with brier:
        was, now = (number(t.estimate("brier", 0).value, digits=3) for t in (before, after))
        widgets.card("Brier score", now, f"before: {was}", meaning=BRIER_MEANING)
    with ratio:
        widgets.card(
            "Mean score ÷ base rate",
            number(_ratio(after)),
            f"before: {number(_ratio(before))}",
            meaning=RATIO_MEANING,
        )


def remarks(result: Rebalanced) -> list[str]:
    """Say what was trained, on which rows, and judged on which."""
    trained = (
        f"Trained: {safe(result.kind, limit=200)}, on {safe(result.fold.words, limit=200)}; judged on "
        f"{count(result.test_rows)} untouched rows. {safe(result.after.recipe, limit=400)}"
    )
    stand_in = (
        "This case has no model that can be trained again, so a stand-in was used: it is not your model."
    )
    return [trained, stand_in] if result.is_stand_in else [trained]


def group_rates(
    view: View, result: Rebalanced
) -> tuple[list[str], list[float | None], list[float | None], list[float | None], list[float | None]]:
    """Return names, before, after and the interval of after, for recall and precision overall and by group."""
    del view
    threshold = state.choices().threshold
    names: list[str] = []
    columns: tuple[list[float | None], ...] = ([], [], [], [])
    for metric in ("recall", "precision"):
        for before, after in _pairs(result, threshold):
            label = [f"{metric}, {g}" for g in before.groups]
            names += label
            values = after.values[metric]
            for out, part in zip(
                columns, (before.values[metric].value, values.value, values.low, values.high), strict=True
            ):
                out.extend(optional(part))
    return names, *columns  # type: ignore[return-value]


def _pairs(result: Rebalanced, threshold: float) -> list[tuple[MetricTable, MetricTable]]:
    pairs = [(result.before.everyone, result.after.everyone)]
    if result.before.by_group is not None and result.after.by_group is not None:
        pairs.append((result.before.by_group, result.after.by_group))
    return [
        (
            metric_table(a, threshold, bootstrap=0, metrics=_BY_GROUP),
            metric_table(b, threshold, bootstrap=0, metrics=_BY_GROUP),
        )
        for a, b in pairs
    ]


def frame(result: Rebalanced, threshold: float) -> pd.DataFrame:
    """Return one row a figure with both models."""
    rows: list[dict[str, Any]] = []
    before, after = (_overall(t, threshold) for t in (result.before, result.after))
    rows += [_line("everyone", name, before, after, 0) for name in _OVERALL]
    rows.append(
        {
            "group": "everyone",
            "figure": "mean_score / base_rate",
            "before": _ratio(before),
            "after": _ratio(after),
        }
    )
    for was, now in _pairs(result, threshold)[1:]:
        for i, group in enumerate(was.groups):
            rows += [_line(plain(group), name, was, now, i) for name in _BY_GROUP]
    return pd.DataFrame(rows)


def _line(group: str, name: str, before: MetricTable, after: MetricTable, i: int) -> dict[str, Any]:
    was, now = before.estimate(name, i), after.estimate(name, i)
    return {
        "group": group,
        "figure": name,
        "before": was.value,
        "after": now.value,
        "after low": now.low,
        "after high": now.high,
        "numerator": now.numerator,
        "denominator": now.denominator,
        "undefined because": now.reason or "",
    }


def cells_frame(result: Rebalanced) -> pd.DataFrame:
    """Return the training rows a cell, before and after resampling."""
    names = list(dict.fromkeys([*result.before.cells, *result.after.cells]))
    return pd.DataFrame(
        {
            "cell": [plain(n) for n in names],
            "training rows before": [result.before.cells.get(n, 0) for n in names],
            "after": [result.after.cells.get(n, 0) for n in names],
        }
    )


def keep(view: View, wanted: Wanted, result: Rebalanced) -> None:
    """Add the resampled model to the case, named by its recipe."""
    by = f"outcome × {wanted.by}" if wanted.by else "outcome"
    title = f"Rebalanced: {by}, up {percent(wanted.up)}, down {percent(wanted.down)}, seed {wanted.seed}"
    judgement = view.judgement
    own = judgement.model.model.model_class if judgement.model and not result.is_stand_in else None
    model = load_model(result.after.content, model_class=own)
    key = f"kept{len(view.case.models)}"
    kept = CaseModel(
        key=key, title=title, model=model, trained_on=judgement.data.key, note=result.after.recipe
    )
    state.save(view.case.with_model(kept))
    state.choose(model=key)


def download(result: Rebalanced) -> None:
    """Offer the file of the resampled model."""
    suffix = "skops" if result.after.content[:2] == b"PK" else "ubj"
    st.download_button(
        "Download the model",
        data=result.after.content,
        file_name=f"rebalanced.{suffix}",
        on_click="ignore",
        icon=":material/download:",
        key="reb_download",
    )
