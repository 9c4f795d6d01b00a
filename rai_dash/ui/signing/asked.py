"""What somebody is asked to sign, on one screen: every figure is the policy's own, from the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from rai_dash.charts.route_bars import route_bars
from rai_dash.core.texts import all_of, mark, tr
from rai_dash.core.types import Estimate
from rai_dash.core.words import NOTHING
from rai_dash.govern.monitoring_words import monitoring_words
from rai_dash.govern.policy import Policy
from rai_dash.govern.policy_labels import GROUP_SHARES
from rai_dash.govern.policy_words import (
    GroupLine,
    ShareLine,
    amount_words,
    band_words,
    error_words,
    gap_lines,
    group_lines,
    guarantee_words,
    money_words,
    people_words,
    routes_words,
    score_words,
)
from rai_dash.govern.signoff import SignedBand
from rai_dash.govern.workflow import VersionStatus
from rai_dash.ui import widgets
from rai_dash.ui.reviewing.tables import table
from rai_dash.ui.signing import people
from rai_dash.ui.signing.kept_limits import limit_lines
from rai_dash.ui.text import count, percent, safe, sentence

#: Short heads of the tables of groups, by the share: what a group bears, and where that comes from.
_BORNE: Final[Mapping[str, str]] = {
    "review_rate": mark("to a person"),
    "good_auto_rejected": mark("wrongly declined"),
    "post_approval_rate": mark("finally approved"),
}
_ALONE: Final[Mapping[str, str]] = {
    "auto_reject_rate": mark("declined alone"),
    "auto_error_rate": mark("wrong when alone"),
}
#: Shares of some people of a group: how many they are is not told by its size.
_OF_A_PART: Final = frozenset({"good_auto_rejected", "auto_error_rate"})
_KEPT: Final = {True: "yes", False: "**no**", None: mark("not known")}
_UNKNOWN: Final = Estimate.undefined(mark("it was not counted"))


def section(policy: Policy, status: VersionStatus, *, with_warnings: bool = True) -> None:
    """Draw a version.

    Parameters
    ----------
    policy : Policy
    status : VersionStatus
        How it stands.
    with_warnings : bool
        Whether the warnings are listed; a form to sign has them as boxes to tick.
    """
    _decided(policy)
    left, right = st.columns([3, 2])
    with left:
        _harm(policy)
    with right:
        people.section(status)
    _evidence(policy)
    _groups(policy)
    _weighed(policy)
    if with_warnings:
        _warnings(policy)
    _fingerprints(policy, status)


def _decided(policy: Policy) -> None:
    """Draw the three routes, and how often the machine is wrong: what has to be seen first."""
    overall = policy.metrics.overall
    with st.container(border=True):
        widgets.heading(tr("What is decided"))
        widgets.paragraph(f"**{safe(routes_words(overall), limit=400)}**")
        if overall.reject + overall.review + overall.approve > 0:
            routes = [[overall.reject, overall.review, overall.approve]]
            widgets.draw(route_bars((), routes), key="policy_routes")
            widgets.how_to_read(tr("The bar is everyone; its parts are what becomes of them."))
        widgets.paragraph(safe(f"{error_words(policy)} {band_words(policy)}", limit=1_000))
        widgets.note(_rests_on(policy))
        for condition in policy.conditions:
            widgets.note(tr("Always to a person: {condition}", condition=safe(condition.text, limit=300)))


def _rests_on(policy: Policy) -> str:
    """Say whose figures these are: the chips above the page are about the reader's own case."""
    data, model = policy.data, policy.model
    scores = tr("scores of {model}", model=safe(model.name))
    if policy.score.source == "column":
        scores = tr("scores in the column {model}", model=safe(model.name))
    return tr(
        "Judged on {rows_judged} of {rows} rows of {data}, {scores}. All figures below are of these rows.",
        rows_judged=count(data.rows_judged),
        rows=count(data.rows),
        data=safe(data.name),
        scores=scores,
    )


def _evidence(policy: Policy) -> None:
    """Draw how sure the figures are, what may be promised, and what it takes."""
    with st.container(border=True):
        widgets.heading(tr("How sure is that, and what does it take?"))
        first, second, third = st.columns(3)
        with first:
            widgets.estimate_card(tr("Sent to a person"), _estimate(policy, "review_rate"))
        with second:
            widgets.estimate_card(tr("Wrong when it decides alone"), _estimate(policy, "auto_error_rate"))
        with third:
            _reviewers(policy)
        _promise(policy)
        cost = money_words(policy)
        if cost is not None:
            widgets.note(safe(cost, limit=300))
        watched = monitoring_words(policy)
        if watched is not None:
            widgets.note(safe(watched, limit=600))


def _estimate(policy: Policy, name: str) -> Estimate:
    rate = policy.metrics.overall.rates.get(name)
    return _UNKNOWN if rate is None else rate.estimate()


def _reviewers(policy: Policy) -> None:
    found, work, told = policy.people_after, policy.settings.workload, people_words(policy)
    if found is None or work is None or told is None:
        # A caption goes on in a second line, where the line under a figure is cut.
        with st.container(border=True, height="stretch", gap="small"):
            st.metric(tr("Reviewers"), NOTHING)
            st.caption(tr("nobody said how many applications come in"))
        return
    with st.container(border=True, height="stretch", gap="small"):
        st.metric(tr("Reviewers a day"), count(found.reviewers_needed), help=safe(told, limit=600))
        st.caption(
            tr("{busy_day_reviewers} on a busy day", busy_day_reviewers=count(found.busy_day_reviewers))
        )
        st.caption(tr("{volume_per_day} applications a day", volume_per_day=count(work.volume_per_day)))


def _promise(policy: Policy) -> None:
    promise = policy.guarantee
    if promise is None:
        widgets.note(safe(guarantee_words(policy), limit=300))
        return
    if promise.holds:
        st.badge(tr("Certified"), icon=":material/verified:", color="green")
    else:
        st.badge(tr("Not certified"), icon=":material/gpp_bad:", color="red")
    widgets.note(safe(promise.words, limit=400))


def _harm(policy: Policy) -> None:
    """Draw what a wrong decision does to a person, and who answers."""
    harm = policy.harm
    with st.container(border=True, height="stretch"):
        widgets.heading(tr("What a wrong decision does to a person"))
        _said(tr("A wrong approval"), harm.wrong_approval)
        _said(tr("A wrong refusal"), harm.wrong_refusal)
        _said(tr("Who answers for it"), harm.answerable)
        _said(tr("What changes for the people who decided before"), policy.people_before)


def _said(label: str, text: str | None) -> None:
    told = tr("not said yet") if text is None else text
    widgets.paragraph(f"**{label}:** {safe(told, limit=5_000)}")


def _groups(policy: Policy) -> None:
    """Draw one row a group; those with too few rows are grey."""
    found = group_lines(policy)
    if not found:
        return
    with st.container(border=True):
        widgets.heading(tr("Who bears it?"), tr("The same band, for each group, with its number of cases"))
        for column, lines in found.items():
            widgets.paragraph(f"**{safe(column)}**")
            _group_table(lines, all_of(_BORNE))
            widgets.note(safe(" ".join(gap_lines(policy, column)), limit=1_500))
        with st.expander(tr("What the machine does alone, for each group")):
            for column, lines in found.items():
                widgets.paragraph(f"**{safe(column)}**")
                _group_table(lines, all_of(_ALONE))


def _group_table(lines: Sequence[GroupLine], heads: Mapping[str, str]) -> None:
    grey = [i for i, line in enumerate(lines) if line.is_small]
    rows = []
    for line in lines:
        shares = dict(zip(GROUP_SHARES, line.shares, strict=True))
        few = tr(", too few to tell") if line.is_small else ""
        rows.append(
            [f"{safe(line.group)} ({count(line.n)}{few})", *(_share(name, shares[name]) for name in heads)]
        )
    table(["group", *heads.values()], rows, grey=grey)


def _share(name: str, share: ShareLine) -> str:
    """Write a share; with its count where that is of fewer than the whole group."""
    has_count = name in _OF_A_PART and len(share.rest) > 1
    return safe(f"{share.value} ({share.rest[-1]})" if has_count else share.value)


def _weighed(policy: Policy) -> None:
    """Draw the other bands that were considered, and the limits."""
    limits = list(limit_lines(policy))
    with st.container(border=True):
        widgets.heading(tr("What it was weighed against"))
        if policy.alternatives:
            _alternatives(policy)
        else:
            widgets.note(tr("No other band was put forward beside it."))
        if limits:
            rows = [[safe(x.limit, limit=300), safe(x.value), tr(_KEPT[x.is_kept])] for x in limits]
            table(["limit", "here", "kept"], rows, words=(0, 2))
        else:
            widgets.note(tr("No limits were set."))


def _alternatives(policy: Policy) -> None:
    own = policy.metrics.overall.rates
    cost = None if policy.cost is None else policy.cost.per_application
    review, wrong = own.get("review_rate"), own.get("auto_error_rate")
    rows = [
        [
            tr("**this one**, {ends}", ends=_ends(policy.band)),
            percent(None if review is None else review.value, digits=1),
            percent(None if wrong is None else wrong.value, digits=1),
            NOTHING if cost is None else safe(amount_words(cost)),
        ]
    ]
    rows += [
        [
            f"{safe(a.name)}, {_ends(a.band)}",
            percent(a.review_rate.value, digits=1),
            percent(a.auto_error_rate.value, digits=1),
            NOTHING if a.cost is None else safe(amount_words(a.cost)),
        ]
        for a in policy.alternatives
    ]
    # The ends stand with the name: five columns are wider than a telephone.
    table(["band", tr("to a person"), tr("wrong alone"), "cost"], rows)


def _ends(band: SignedBand) -> str:
    return safe(
        tr("{score} to {score_words_hi}", score=score_words(band.lo), score_words_hi=score_words(band.hi))
    )


def _warnings(policy: Policy) -> None:
    if not policy.warnings_shown:
        return
    with st.expander(
        tr("Warnings that came with it ({warnings_shown})", warnings_shown=len(policy.warnings_shown)),
        icon=":material/warning:",
    ):
        for warning in policy.warnings_shown:
            widgets.paragraph(sentence(warning.message))


def _fingerprints(policy: Policy, status: VersionStatus) -> None:
    """Draw what the figures rest on, to be compared by eye."""
    data, model, code = policy.data, policy.model, policy.code
    dirty = tr(", changed since") if code.dirty else ""
    with st.expander(tr("What the figures rest on, with fingerprints"), icon=":material/fingerprint:"):
        widgets.paragraph(
            tr(
                "**Data:** {data}, {role}, {rows_judged} of {rows} rows judged, {columns} columns. sha256 "
                "{sha256}",
                data=safe(data.name),
                role=safe(data.role),
                rows_judged=count(data.rows_judged),
                rows=count(data.rows),
                columns=count(data.columns),
                sha256=safe(data.sha256),
            )
        )
        widgets.paragraph(
            tr(
                "**Model:** {model} ({format}). sha256 {sha256}",
                model=safe(model.name),
                format=safe(model.format),
                sha256=safe(model.sha256 or NOTHING),
            )
        )
        widgets.paragraph(
            tr(
                "**Program:** version {version}, commit {git}{dirty}",
                version=safe(code.version),
                git=safe(code.git or NOTHING),
                dirty=dirty,
            )
        )
        widgets.paragraph(
            tr("**This version:** sha256 {content_hash}", content_hash=safe(status.content_hash))
        )
        widgets.paragraph(
            tr(
                "**Policy:** {policy_id}, version {version}",
                policy_id=safe(status.policy_id),
                version=count(status.version),
            )
        )
