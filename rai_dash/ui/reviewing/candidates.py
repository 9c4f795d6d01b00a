"""Named bands kept with the case, up to four side by side with what sets them apart."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from rai_dash.case import BandCandidate
from rai_dash.charts._band_plane import Unit
from rai_dash.charts.band_candidates import MAX_BANDS, Measure, band_candidates
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import Estimate, ReviewBand
from rai_dash.review.stability import BandSpreads, Number, Spread, band_spreads
from rai_dash.ui import read_only, rights, state, widgets
from rai_dash.ui.reviewing import history, words
from rai_dash.ui.reviewing.bench import Bench
from rai_dash.ui.reviewing.recent import recent
from rai_dash.ui.text import plain, safe

_NAME, _COMPARED = "band_name", "band_compared"
_NOW, _BEFORE = mark("the present band"), mark("the band before")
_MEASURES: tuple[tuple[str, str, Unit], ...] = (
    (mark("Cost of an application"), "cost", "amount"),
    (mark("Sent to a person"), "review_rate", "share"),
    (mark("Wrong when it decides alone"), "auto_error_rate", "share"),
    (mark("Good ones declined alone"), "good_auto_rejected", "share"),
    (mark("Wrong after the person"), "post_error_rate", "share"),
)
_GAP: tuple[str, str, Unit] = (
    mark("Gap in good ones declined alone, by {column}"),
    "good_auto_rejected_gap",
    "points",
)


def panel(bench: Bench) -> None:
    """Let the user keep bands by name, and compare them with the present one."""
    _keep_row(bench)
    _kept(bench)
    others = _others(bench)
    if not others:
        widgets.note(tr("Keep a band, or move it, to compare the present one with what it was."))
        return
    with st.expander(
        tr("Compare side by side"), icon=":material/compare_arrows:", key="band_compare", on_change="rerun"
    ) as box:
        if box.open:
            _compare(bench, _picked(bench, others))


def _others(bench: Bench) -> dict[str, ReviewBand]:
    """Return what the present band may be compared with, by name: those kept, and the one before."""
    others = {c.name: c.band for c in bench.view.case.bands if c.band != bench.band}
    before = history.latest()
    if before is not None and before not in {bench.band, *others.values()}:
        others[_BEFORE] = before
    return others


def _picked(bench: Bench, others: dict[str, ReviewBand]) -> dict[str, ReviewBand]:
    """Let the user pick up to three others."""
    names, most = list(others), MAX_BANDS - 1
    stored = [name for name in st.session_state.get(_COMPARED, ()) if name in others]
    st.session_state[_COMPARED] = stored[:most] or names[-most:]
    st.multiselect(
        tr("Compare the present band with"), names, max_selections=most, key=_COMPARED, format_func=plain
    )
    return {_NOW: bench.band} | {name: others[name] for name in st.session_state[_COMPARED]}


def _keep_row(bench: Bench) -> None:
    if not rights.lasting(tr("Keeping a band")):
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            tr("Name of the present band"), key=_NAME, max_chars=60, placeholder=tr("Careful, Team of four …")
        )
        st.button(
            tr("Keep it"), icon=":material/bookmark_add:", key="band_keep", on_click=_keep,
            args=(bench.view.case.id, bench.band),
        )  # fmt: skip
    problem = st.session_state.pop("band_keep_problem", None)
    if problem:
        widgets.problem(safe(problem, limit=300))


def _keep(case_id: str, band: ReviewBand) -> None:
    """Add the band to the newest state of the case."""
    case = state.case_with(case_id)
    name = str(st.session_state.get(_NAME, "")).strip()
    if case is None:
        return
    if name in {_NOW, _BEFORE}:
        st.session_state["band_keep_problem"] = tr("The page calls another band so. Choose another name.")
        return
    try:
        state.save(case.with_band(BandCandidate(name=name or words.band_text(band), band=band)))
        st.session_state[_NAME] = ""
    except InvalidChoice as error:
        st.session_state["band_keep_problem"] = error.message


def _compare(bench: Bench, bands: dict[str, ReviewBand]) -> None:
    """Draw the bands side by side, and the differences from the present one on the same samples."""
    found = _spreads(bench, tuple(bands.values()))
    measures = [
        Measure(title, unit, [_estimate(values[number]) for values in found.values])
        for title, number, unit in _numbers(bench)
    ]
    widgets.draw(band_candidates([plain(name) for name in bands], measures), key="band_candidates")
    widgets.how_to_read(
        tr(
            "Dots are values with their 95 % intervals. Intervals that overlap do not say that two bands are "
            "alike: the table has the differences on the same repeated samples."
        )
    )
    widgets.numbers(
        lambda: difference_frame(list(bands), found, _numbers(bench)), name="band_candidates", key="band_candidates",
        label=tr("The differences, with paired intervals"),
    )  # fmt: skip


def _numbers(bench: Bench) -> list[tuple[str, Number, Unit]]:
    """List what is compared."""
    named = [(tr(title), Number(metric), unit) for title, metric, unit in _MEASURES]
    by = bench.by
    if by:
        title, metric, unit = _GAP
        named.append((tr(title, column=plain(by)), Number(metric, by), unit))
    return named


def _spreads(bench: Bench, bands: tuple[ReviewBand, ...]) -> BandSpreads:
    numbers = tuple(number for _, number, _ in _numbers(bench))
    key = (bench.cubes_key(), bands, numbers, bench.reviewer, bench.costs)

    def make() -> BandSpreads:
        return band_spreads(
            bench.cubes(*bands), bands, numbers=numbers, reviewer=bench.reviewer, costs=bench.costs,
            rows=bench.sampled(),
        )  # fmt: skip

    return recent(bench.judgement, "band_spreads", key, make)


def _estimate(spread: Spread) -> Estimate:
    return Estimate(value=spread.value, low=spread.low, high=spread.high, reason=spread.reason)


def difference_frame(
    names: list[str], found: BandSpreads, numbers: list[tuple[str, Number, Unit]]
) -> pd.DataFrame:
    """Return one row a number and band: the value, and how it differs from the present band."""
    rows = []
    for k, name in enumerate(names):
        for title, number, _ in numbers:
            value, difference = found.values[k][number], found.differences[k].get(number)
            rows.append(
                {
                    "number": title,
                    "band": plain(name),
                    "declined below": found.bands[k].lo,
                    "approved from": found.bands[k].hi,
                    "value": value.value,
                    "low": value.low,
                    "high": value.high,
                    "minus the present band": None if difference is None else difference.value,
                    "difference low": None if difference is None else difference.low,
                    "difference high": None if difference is None else difference.high,
                }
            )
    return pd.DataFrame(rows)


def _kept(bench: Bench) -> None:
    """List the kept bands, each to be taken or dropped."""
    for i, one in enumerate(bench.view.case.bands):
        is_now = one.band == bench.band
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                tr("Take"), key=f"band_take_{i}", on_click=history.take, args=(one.band,), disabled=is_now
            )
            st.button(
                tr("Drop"), key=f"band_drop_{i}", on_click=_drop, args=(bench.view.case.id, one.name),
                disabled=read_only.is_on(),
            )  # fmt: skip
            widgets.paragraph(
                f"**{safe(one.name)}**: {words.band_text(one.band)}{' (now)' if is_now else ''}"
            )


def _drop(case_id: str, name: str) -> None:
    case = state.case_with(case_id)
    if case is not None:
        state.save(replace(case, bands=tuple(c for c in case.bands if c.name != name)))
