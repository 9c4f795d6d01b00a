"""Keeping a model of the comparison in the case, and its files."""

from __future__ import annotations

import json

import streamlit as st

from rai_dash.case import CaseModel
from rai_dash.core.errors import RaiError
from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.texts import tr
from rai_dash.govern.people import AppRole
from rai_dash.models.client import load_model
from rai_dash.trials.rebalancing.results import Compared, Variant
from rai_dash.trials.rebalancing.strategies import CORRECTED, JOINT, NONE, OWN, THRESHOLD, WEIGHTS
from rai_dash.ui import rebalancing, rights, state, widgets
from rai_dash.ui.offering import file_button
from rai_dash.ui.rebalance_words import behind
from rai_dash.ui.state import View
from rai_dash.ui.text import safe


def _recipe_json(view: View, compared: Compared, variant: Variant) -> str:
    """Write down how a variant was made, so that it can be made again."""
    run = variant.runs[0]
    data = view.judgement.data
    content = {
        "strategy": variant.strategy.key,
        "what": variant.strategy.what,
        "recipe": compared.recipe.to_json(),
        "warnings": list(compared.cautions),
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


def _what(compared: Compared, variant: Variant) -> str:
    """Say what a strategy went by."""
    recipe, key = compared.recipe, variant.strategy.key
    if key == OWN.key:
        return tr("column {column}", column=recipe.column)
    return recipe.words if key in {JOINT.key, WEIGHTS.key} else tr("by outcome")


def _keep(view: View, compared: Compared, variant: Variant, content: bytes) -> None:
    """Add the model of a variant to the case, named by its recipe; the page goes on looking at what it did."""
    rights.require_role(AppRole.ANALYST, tr("Keeping a model"))
    title = tr(
        "Rebalanced: {strategy} ({what}), seed {seeds}",
        strategy=variant.strategy.title,
        what=_what(compared, variant),
        seeds=compared.seeds[0],
    )
    source = rebalancing.source_model(view)
    own = source.model.model_class if source and not compared.is_stand_in else None
    key = f"{rebalancing.KEPT}{len(view.case.models)}.{source.key if source else ''}"
    note = tr(
        "{what} {trained} Rows: {fold}.",
        what=variant.strategy.what,
        trained=variant.trained,
        fold=compared.fold,
    )
    kept = CaseModel(
        key=key,
        title=title,
        model=load_model(content, model_class=own),
        trained_on=view.judgement.data.key,
        note=note,
    )
    state.save(view.case.with_model(kept))


def _kept(view: View, content: bytes) -> CaseModel | None:
    """Find the model in the case, if it was kept: the same file is the same model."""
    mark = fingerprint_bytes(content)
    return next((m for m in view.case.models if m.model.info.fingerprint == mark), None)


def _ways_on(kept: CaseModel) -> None:
    """Say that a model is kept, and offer to look at it elsewhere."""
    widgets.paragraph(
        tr(
            ":material/bookmark_added: Kept in the case as **{kept}**. This comparison stays here; the "
            "sidebar offers the model too.",
            kept=safe(kept.title, limit=200),
        )
    )
    query = state.choices().with_(model=kept.key).to_query()
    with st.container(horizontal=True):
        for page, label in (
            ("performance", tr("See it on Performance")),
            ("fairness", tr("See it on Fairness")),
        ):
            if st.button(label, icon=":material/arrow_forward:", key=f"reb_see_{page}"):
                st.switch_page(f"pages/{page}.py", query_params=query)


def _download(view: View, compared: Compared, variant: Variant, content: bytes) -> None:
    """Offer the file of a variant's model, and its recipe."""
    suffix = "skops" if content[:2] == b"PK" else "ubj"
    name = f"rebalanced_{variant.strategy.key}"
    file_button(
        tr("Download the model"),
        f"{name}.{suffix}",
        "application/octet-stream",
        lambda: content,
        key="reb_download",
    )
    file_button(
        tr("Download its recipe"),
        f"{name}.json",
        "application/json",
        lambda: _recipe_json(view, compared, variant),
        key="reb_recipe",
        icon=":material/receipt_long:",
    )


def keep_box(view: View, compared: Compared, variant: Variant) -> None:
    """Offer to keep the model behind a variant, and its files."""
    chosen = _model_of(compared, variant)
    if chosen is not variant:
        widgets.note(behind(variant))
    content = chosen.content
    if content is None:
        return
    kept = _kept(view, content)
    try:
        with st.container(horizontal=True):
            if kept is None and st.button(
                tr("Keep this model in the case"), icon=":material/bookmark_add:", key="reb_keep"
            ):
                _keep(view, compared, chosen, content)
                st.rerun()
            _download(view, compared, chosen, content)
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
    if kept is not None:
        _ways_on(kept)


def _model_of(compared: Compared, variant: Variant) -> Variant:
    """Return the variant whose model stands behind another one: a threshold or a correction has none of its own."""
    if variant.strategy.key == THRESHOLD.key:
        return compared.variant(NONE.key)
    if variant.strategy.key == CORRECTED.key:
        return compared.variant(JOINT.key)
    return variant
