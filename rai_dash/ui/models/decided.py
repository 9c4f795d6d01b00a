"""How many rows of a test set rest on decisions of people, and the figures without them."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.texts import tr
from rai_dash.core.types import Estimate
from rai_dash.report.models_growth import HEADLINE
from rai_dash.report.observed_alone import ObservedAlone, observed_alone
from rai_dash.ui import widgets
from rai_dash.ui.models import words
from rai_dash.ui.models.look import Look
from rai_dash.ui.reviewing.tables import table
from rai_dash.ui.text import count, percent, safe


def tell(look: Look) -> None:
    """Say how many of the compared rows people decided, where there are any."""
    found = _found(look)[0]
    if found is None:
        return
    share = percent(found.decided / found.rows)
    verb = tr("is a decision") if found.decided == 1 else tr("are decisions")
    widgets.note(
        tr(
            "{decided} of {rows} outcomes ({share}) {verb} of people and not what happened: on those a model "
            "is judged by how far it agrees with people.",
            decided=count(found.decided),
            rows=count(found.rows),
            share=share,
            verb=verb,
        )
    )


def panel(look: Look) -> None:
    """Show each model's figures on all rows and on the observed ones alone."""
    both = _found(look)
    if both[0] is None:
        return
    with st.expander(tr("Figures without the decisions of people"), icon=":material/fact_check:"):
        names = [one.model.title for one in (look.current, look.candidate)]
        sides = [(name, one) for name, one in zip(names, both, strict=True) if one is not None]
        header = ["model", "figure", tr("all rows"), tr("observed alone")]
        table(header, [_line(name, one, m) for name, one in sides for m in HEADLINE], words=(0, 1))


def _line(name: str, found: ObservedAlone, metric: str) -> list[str]:
    return [
        safe(name),
        words.label(metric),
        _cell(metric, found.everyone.estimate(metric, 0)),
        _cell(metric, found.observed.estimate(metric, 0)),
    ]


def _cell(metric: str, one: Estimate) -> str:
    if one.low is None or one.high is None:
        return words.value_text(metric, one.value)
    value, low, high = (words.value_text(metric, x) for x in (one.value, one.low, one.high))
    return tr("{value} ({low} to {high})", value=value, low=low, high=high)


def _found(look: Look) -> tuple[ObservedAlone | None, ObservedAlone | None]:
    return _one(look, look.pair.current), _one(look, look.pair.candidate)


def _one(look: Look, key: str) -> ObservedAlone | None:
    one = look.found.candidate(key)
    return look.memo.get(("observed_alone", key), lambda: observed_alone(one.judgement, one.threshold))
