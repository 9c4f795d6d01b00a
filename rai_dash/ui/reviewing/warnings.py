"""What whoever chooses this band has to have seen: warnings to be ticked, which sign-off takes over."""

from __future__ import annotations

import streamlit as st

from rai_dash.case import Exposure
from rai_dash.core.texts import all_of, mark, ntr, tr
from rai_dash.core.types import Notice, TargetKind
from rai_dash.review.gaps import GAPS
from rai_dash.ui import widgets
from rai_dash.ui.reviewing import promise, words
from rai_dash.ui.reviewing.bench import Bench
from rai_dash.ui.text import count, points, safe

#: A gap between groups from which on it has to be ticked.
GAP = 0.05
_SEEN = "band_seen"
_GAPS = {
    "good_auto_rejected_gap": mark("good ones declined alone"),
    "review_rate_gap": mark("being sent to a person"),
}


def warnings_of(bench: Bench) -> dict[str, str]:
    """List what speaks against trusting the figures or taking the band, by key.

    Returns
    -------
    dict of str to str
        Sentences with names from the file in them: escape them where they are shown.
    """
    judgement = bench.judgement
    found: dict[str, str] = {}
    if judgement.exposure in {Exposure.IN_SAMPLE, Exposure.UNKNOWN}:
        found["seen"] = tr(
            "The model may have been trained on these rows, so it looks better here than it is."
        )
    elif not promise.promise_of(bench).holds:
        found["promise"] = tr("Nothing is certified: the band was picked on the rows that judge it.")
    if judgement.roles.target_kind is not TargetKind.OBSERVED:
        found["target"] = tr(
            "The outcome is not what applicants did but what was decided or assumed about them: an error "
            "here is a difference from that."
        )
    assumed = _assumed(bench)
    if assumed:
        found["people"] = assumed
    for column in bench.columns:
        text = _gaps(bench, column)
        if text:
            found[f"gaps:{column}"] = text
    for i, condition in enumerate(bench.view.case.always):
        # No warning of a fault, but part of what is signed.
        found[f"condition:{i}"] = tr(
            "These always go to a person, whatever their score: {words}.", words=condition.words()
        )
    return found


def _assumed(bench: Bench) -> str:
    """Say how much rests on what is assumed about people."""
    if not bench.reviewer.use_recorded:
        return tr("How well people decide is assumed, and so is everything after the person.")
    used, inside = bench.recorded_inside()
    if used == inside:
        return ""
    return tr(
        "Decisions of people are recorded for {used} of the {inside} applications that go to a person; "
        "for the others how well people decide is assumed.",
        used=count(used),
        inside=count(inside),
    )


def _gaps(bench: Bench, column: str) -> str:
    """Say how far the groups of a column lie apart, where that is far."""
    far = []
    for name, what in all_of(_GAPS).items():
        gap = bench.gap(name, column)
        if gap is not None and gap > GAP:
            far.append(_far(bench, column, GAPS[name][0], {"gap": points(gap), "what": what}))
    return (
        tr("Groups of {column} differ by {far}.", column=column, far=tr(" and by ").join(far)) if far else ""
    )


def _far(bench: Bench, column: str, share: str, told: dict[str, str]) -> str:
    """Say one gap, and whether chance alone may give it: of few good ones a gap is large by chance."""
    found = words.evidence_of(bench.judged(by=(column,)), column, share)
    if found is None or found.starred.any():
        return tr("{gap} in {what}", **told)
    return tr("{gap} in {what} (chance alone may give that)", **told)


def panel(bench: Bench) -> None:
    """Let the user tick every warning."""
    found = warnings_of(bench)
    if not found:
        return
    with st.container(border=True):
        widgets.heading(
            tr("Before you take it to sign-off"), tr("Tick what you have seen; sign-off lists it")
        )
        for name, text in found.items():
            key = f"{_SEEN}_{name}"
            st.session_state[key] = is_ticked(bench, text)
            st.checkbox(safe(text, limit=400), key=key, on_change=_tick, args=(bench.view.case.id, text, key))
        left = sum(not is_ticked(bench, text) for text in found.values())
        if left:
            widgets.note(
                ntr(
                    "{left} of {found} is not ticked yet.",
                    "{left} of {found} are not ticked yet.",
                    left,
                    left=left,
                    found=len(found),
                )
            )


def listed(bench: Bench) -> list[Notice]:
    """Draw the warnings with whether they were ticked; returns them as they are signed."""
    found = [(name, text, is_ticked(bench, text)) for name, text in warnings_of(bench).items()]
    for _, text, is_seen in found:
        icon = ":material/check_box:" if is_seen else ":material/check_box_outline_blank:"
        widgets.note(f"{icon} {safe(text, limit=400)}")
    if not all(is_seen for _, _, is_seen in found):
        widgets.note(tr("Unticked warnings are signed as not ticked; tick them on the Review band page."))
    return [
        Notice(f"band_{name.split(':')[0]}", f"{(tr('Ticked') if is_seen else tr('Not ticked'))}: {text}")
        for name, text, is_seen in found
    ]


def is_ticked(bench: Bench, text: str) -> bool:
    """Whether this very sentence was ticked in this session: with another number it is another warning."""
    return (bench.view.case.id, text) in st.session_state.get(_SEEN, set())


def _tick(case_id: str, text: str, key: str) -> None:
    seen = set(st.session_state.get(_SEEN, set()))
    change = seen.add if st.session_state[key] else seen.discard
    change((case_id, text))
    st.session_state[_SEEN] = seen
