"""Whether the error of the machine can be promised: the badge beside it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from rai_dash.case import Exposure
from rai_dash.core.texts import tr
from rai_dash.review.guarantee import fixed_sequence
from rai_dash.review.nested import BandCounts, nested_bands
from rai_dash.review.promise import Guarantee
from rai_dash.ui import widgets
from rai_dash.ui.reviewing import history, words
from rai_dash.ui.reviewing.bench import Bench
from rai_dash.ui.reviewing.recent import recent
from rai_dash.ui.text import count, percent, safe


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The chain of bands fixed beforehand, and where the present band lies in it."""

    alpha: float
    delta: float
    counts: BandCounts
    found: Guarantee
    is_seen: bool
    position: int | None

    @property
    def holds(self) -> bool:
        """Whether the error of the present band may be promised."""
        p = None if self.position is None else self.found.p_values[self.position]
        return not self.is_seen and p is not None and p <= self.delta


def promise_of(bench: Bench) -> Promise:
    """Test the bands fixed beforehand around the threshold, the safest first."""
    chosen, judgement = bench.view.choices, bench.judgement
    alpha, delta = (min(max(x, 1), 50) / 100 for x in (chosen.alpha, chosen.delta))
    bands = nested_bands(bench.band.threshold)

    def make() -> BandCounts:
        return bench.automatic(bands)

    counts = recent(judgement, "nested_bands", bench.band.threshold, make)
    return Promise(
        alpha=alpha,
        delta=delta,
        counts=counts,
        found=fixed_sequence(counts.k, counts.n, alpha=alpha, delta=delta, bands=bands),
        is_seen=judgement.exposure in {Exposure.IN_SAMPLE, Exposure.UNKNOWN},
        position=bands.index(bench.band) if bench.band in bands else None,
    )


def badge(bench: Bench) -> None:
    """Show whether the error is certified, and why not."""
    found = promise_of(bench)
    goal = tr(
        "wrong at most {alpha} of the time, {delta} sure",
        alpha=percent(found.alpha, digits=0),
        delta=percent(1 - found.delta, digits=0),
    )
    if found.holds:
        # No badge: it would be cut where the screen is narrow.
        widgets.paragraph(tr(":green[:material/verified: **Certified: {goal}**]", goal=goal))
        widgets.note(
            tr(
                "One of a list of bands fixed beforehand, tested from the safest on; the promise holds if "
                "list, error and certainty were fixed before these rows were seen."
            )
        )
        return
    widgets.paragraph(tr(":red[:material/gpp_bad: **Not certified: picked on the same data**]"))
    widgets.note(why_not(found, goal))
    safest = None if found.is_seen else found.found.band
    if safest is not None:
        st.button(
            tr("Take the band that can be promised"),
            icon=":material/verified:",
            key="band_certified",
            on_click=history.take,
            args=(safest,),
        )


def why_not(found: Promise, goal: str) -> str:
    """Say why nothing is promised, and which band could be."""
    if found.is_seen:
        return tr(
            "Nothing can be promised on rows that the model may have been trained on: name the split "
            "column on the Start page, or judge other data."
        )
    text = tr("A band moved until its figures look well looks better here than on new applications.")
    if found.found.band is not None:
        ends = words.band_text(found.found.band)
        return tr(
            "{text} Of the bands fixed beforehand one can be promised to be {goal}: {ends}.",
            text=text,
            goal=goal,
            ends=ends,
        )
    needed = found.found.rows_needed
    more = (
        tr(" About {needed} automatic decisions with a known outcome would be needed.", needed=count(needed))
        if needed
        else ""
    )
    reason = safe(found.found.reason or "", limit=300)
    return tr(
        "{text} No band fixed beforehand can be promised to be {goal}.{more} {reason}",
        text=text,
        goal=goal,
        more=more,
        reason=reason,
    )
