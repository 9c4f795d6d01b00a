"""The rebalancing job of a case, and what may be kept of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from rai_dash.case import CaseModel, held_out_rows
from rai_dash.core.errors import RaiError
from rai_dash.models.client import load_model
from rai_dash.trials.rebalancing.comparing import compare_strategies
from rai_dash.trials.rebalancing.figures import Line, lines
from rai_dash.trials.rebalancing.results import Compared, Variant
from rai_dash.trials.rebalancing.strategies import STRATEGIES, Recipe
from rai_dash.ui import state, training, widgets
from rai_dash.ui.rebalance_words import behind
from rai_dash.ui.state import View
from rai_dash.ui.text import safe

OWN, OTHER = "own", "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be compared; ``test`` is the key of other data to judge on too, empty = held-out rows alone."""

    by: str | None
    up: float
    down: float
    seed: int
    test: str
    seeds: int
    strategies: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """The comparison on the test rows of the data themselves, and the one on other data where they were chosen."""

    own: Compared
    other: Compared | None

    def arena(self, which: str) -> Compared:
        """Return one of the two."""
        return self.other if which == OTHER and self.other is not None else self.own


def key(view: View, wanted: Wanted) -> str:
    """Name the job of what is wanted."""
    other = view.case.data_of(wanted.test).dataset if wanted.test else None
    seen = [] if other is None else [other.fingerprint, other.roles_fingerprint]
    return training.job_key(view, "rebalance", {**asdict(wanted), "judged": seen})


def start(view: View, wanted: Wanted) -> None:
    """Start the job."""
    judgement = view.judgement
    dataset = judgement.data.dataset
    model = judgement.model.model if judgement.model else None
    test = view.case.data_of(wanted.test).dataset if wanted.test else None
    recipe = Recipe(by=wanted.by, up=min(wanted.up, wanted.down), down=wanted.down, seed=wanted.seed)

    def work(progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]) -> Study:
        halves = 1 if test is None else 2

        def part(first: int) -> Callable[[int, int, str], None]:
            return lambda done, total, note: progress(first * total + done, halves * total, note)

        common: dict[str, Any] = {
            "recipe": recipe, "strategies": wanted.strategies, "seeds": wanted.seeds, "cancelled": cancelled,
            "held_out": held_out_rows(dataset),
        }  # fmt: skip
        own = compare_strategies(dataset, model, progress=part(0), **common)
        other = None
        if test is not None:
            other = compare_strategies(dataset, model, test=test, progress=part(1), **common)
        return Study(own=own, other=other)

    training.start(key(view, wanted), work)


def lines_of(view: View, wanted: Wanted, study: Study, which: str) -> tuple[Line, ...]:
    """Read off all strategies at the threshold of the choices, once."""
    threshold = state.choices().threshold
    memo_key = ("rebalance", key(view, wanted), which, threshold)
    return view.judgement.memo.get(memo_key, lambda: lines(study.arena(which), threshold))


def arena_title(view: View, wanted: Wanted, which: str) -> str:
    """Name the rows that are judged on; the title of a data set is as it was given."""
    return view.case.data_of(wanted.test).title if which == OTHER else "its own test rows"


def pick_arena(view: View, wanted: Wanted) -> str:
    """Let the user choose which of the two comparisons is shown in full; the other data come first."""
    chosen = st.segmented_control(
        "Shown below",
        [OTHER, OWN],
        default=OTHER,
        required=True,
        format_func=lambda which: safe(arena_title(view, wanted, which)),
        key="reb_arena",
    )
    return str(chosen)


def _recipe_json(view: View, compared: Compared, variant: Variant) -> str:
    """Write down how a variant was made, so that it can be made again."""
    run = variant.runs[0]
    data = view.judgement.data
    content = {
        "strategy": variant.strategy.key,
        "what": variant.strategy.what,
        "recipe": asdict(compared.recipe),
        "seed": run.seed,
        "kind": compared.kind,
        "is_stand_in": compared.is_stand_in,
        "trained": variant.trained,
        "trained_on": {"name": data.dataset.name, "sha256": data.dataset.fingerprint, "rows": run.train_rows},
        "fold": compared.fold,
        "cells": dict(run.cells),
        "share_favourable": {"before": run.prior, "after": run.prior_after},
        "prior_correction": "odds' = odds(p) * before / (1 - before) * (1 - after) / after"
        if variant.strategy.resamples
        else None,
    }
    return json.dumps(content, ensure_ascii=False, indent=2)


def _keep(view: View, compared: Compared, variant: Variant) -> None:
    """Add the model of a variant to the case, named by its recipe."""
    if variant.content is None:
        return
    what = compared.recipe.words if variant.strategy.key in {"joint", "weights"} else "by outcome"
    title = f"Rebalanced: {variant.strategy.title} ({what}), seed {compared.seeds[0]}"
    judgement = view.judgement
    own = judgement.model.model.model_class if judgement.model and not compared.is_stand_in else None
    model = load_model(variant.content, model_class=own)
    model_key = f"kept{len(view.case.models)}"
    note = f"{variant.strategy.what} {variant.trained} Rows: {compared.fold}."
    kept = CaseModel(key=model_key, title=title, model=model, trained_on=judgement.data.key, note=note)
    state.save(view.case.with_model(kept))
    state.choose(model=model_key)


def _download(view: View, compared: Compared, variant: Variant) -> None:
    """Offer the file of a variant's model, and its recipe."""
    if variant.content is None:
        return
    suffix = "skops" if variant.content[:2] == b"PK" else "ubj"
    st.download_button(
        "Download the model",
        data=variant.content,
        file_name=f"rebalanced_{variant.strategy.key}.{suffix}",
        on_click="ignore",
        icon=":material/download:",
        key="reb_download",
    )
    st.download_button(
        "Download its recipe",
        data=_recipe_json(view, compared, variant),
        file_name=f"rebalanced_{variant.strategy.key}.json",
        mime="application/json",
        on_click="ignore",
        icon=":material/receipt_long:",
        key="reb_recipe",
    )


def pick_variant(compared: Compared) -> Variant:
    """Let the user choose the strategy that is shown beside the model as it is."""
    options = [v.strategy.key for v in compared.variants if v.runs and v.strategy.key != "none"]
    chosen = st.selectbox(
        "Show beside the model as it is",
        options,
        index=options.index("joint"),
        format_func=lambda k: STRATEGIES[k].title,
        key="reb_shown",
    )
    variant = compared.variant(str(chosen))
    widgets.note(safe(variant.strategy.what, limit=300))
    return variant


def keep_box(view: View, compared: Compared, variant: Variant) -> None:
    """Offer to keep the model behind a variant, and its files."""
    chosen = _model_of(compared, variant)
    if chosen is not variant:
        widgets.note(behind(variant))
    try:
        with st.container(horizontal=True):
            if st.button("Keep this model in the case", icon=":material/bookmark_add:", key="reb_keep"):
                _keep(view, compared, chosen)
                st.rerun()
            _download(view, compared, chosen)
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))


def _model_of(compared: Compared, variant: Variant) -> Variant:
    """Return the variant whose model stands behind another one: a threshold or a correction has none of its own."""
    if variant.strategy.key == "threshold":
        return compared.variant("none")
    if variant.strategy.key == "corrected":
        return compared.variant("joint")
    return variant
