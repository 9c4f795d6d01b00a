"""What somebody who answers for the business asks: is it still true, since when, by whom, what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import streamlit as st

from rai_dash.core.errors import RaiError
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.govern.monitor.lines import Held
from rai_dash.govern.policy import Policy
from rai_dash.govern.policy_words import error_words, guarantee_words, money_words, routes_words
from rai_dash.govern.standing import Standing, reminders, routing_mode
from rai_dash.govern.workflow import VersionStatus
from rai_dash.report.sample_notice import ROW_BY_ROW
from rai_dash.ui import rests_on, widgets
from rai_dash.ui.monitoring.recorded import Recorded, in_a_row, latest_words, runs_of
from rai_dash.ui.reviewing.bench import Bench, bench_of
from rai_dash.ui.signing import comparing, desk, words
from rai_dash.ui.signing.stating import changed_since
from rai_dash.ui.state import View
from rai_dash.ui.text import count, safe

#: Changes that are told on another page.
_BRIEF: Final = 5


def section(view: View, standing: Standing) -> None:
    """Draw the answer as a light, then what it rests on.

    The band that was signed is asked about, whatever the ends on the Review band page stand at.
    """
    status = words.decisive(standing)
    policy = desk.room().policy(status.policy_id, status.version)
    bench = bench_of(_at_the_band_of(policy, view))
    found = batches_of(status)
    if bench.is_sample_only:
        rests_on.sample_note(bench.judgement.data.dataset, ROW_BY_ROW)
    _light(bench, standing, status, policy, found)
    with st.container(border=True):
        widgets.heading(tr("What the monitor found"))
        for told in latest_words(found, status.version):
            # A suspension says the same above, as its reason.
            if told != status.suspended:
                widgets.paragraph(safe(told, limit=1_200))
    with st.container(border=True):
        widgets.heading(tr("What was decided"))
        for text in (
            routes_words(policy.metrics.overall),
            error_words(policy),
            guarantee_words(policy),
            money_words(policy),
        ):
            if text is not None:
                widgets.paragraph(safe(text, limit=600))
    with st.container(border=True):
        widgets.heading(tr("Who answers for it?"))
        answers(status, policy)
    _changes(bench, policy, status)


def _at_the_band_of(policy: Policy, view: View) -> View:
    lo, threshold, hi = policy.review_band.lo, policy.review_band.threshold, policy.review_band.hi
    ends = {"open_lo": lo is None, "open_hi": hi is None, "threshold": threshold}
    ends |= {name: end for name, end in (("lo", lo), ("hi", hi)) if end is not None}
    return replace(view, choices=view.choices.with_(**ends))


def in_brief(bench: Bench) -> None:
    """Draw the light and who approved it, for another page; what changed is told in a few lines."""
    view = bench.view
    data = view.case.data_of(view.choices.data).dataset.fingerprint
    standing = desk.looked_at(view, desk.on_offer(view), data=data)
    if standing is None:
        widgets.note(tr("Nobody has signed a band on these data yet: a person decides every application."))
        return
    status = words.decisive(standing)
    policy = desk.room().policy(status.policy_id, status.version)
    found = batches_of(status)
    _light(bench, standing, status, policy, found)
    for text in latest_words(found, status.version)[:1]:
        widgets.note(safe(text, limit=600))
    answers(status, policy)
    for change in changed_since(bench, policy)[:_BRIEF]:
        widgets.note(safe(change.words, limit=400))


def batches_of(status: VersionStatus) -> tuple[Recorded, ...]:
    """Return the batches in the record of a policy; none where they cannot be read, which the Monitor page tells."""
    try:
        return runs_of(status.policy_id)
    except RaiError:
        return ()


def _light(
    bench: Bench, standing: Standing, status: VersionStatus, policy: Policy, found: Sequence[Recorded]
) -> None:
    """Say whether it is still true: yes, with a reservation, or no."""
    line = safe(words.state_line(standing, status).text, limit=600)
    left = reminders(standing, desk.now(), get_settings().remind_days)
    if routing_mode(status) == "person":
        if status.state.is_over or status.suspended is not None:
            tail = "" if status.suspended is not None else tr(" A person decides every application.")
            st.error(tr("**No.** {line}{tail}", line=line, tail=tail), icon=":material/block:")
        else:
            st.info(
                tr("**Not yet.** {line} A person decides every application.", line=line),
                icon=":material/pending:",
            )
        return
    newest = in_a_row(found, status.version)
    verdict = newest[-1].run.verdict if newest else None
    if verdict is Held.BREACH:
        st.error(
            tr(
                "**No.** {line} The last batch says that it no longer holds, and the machine goes on "
                "deciding.",
                line=line,
            ),
            icon=":material/block:",
        )
        return
    changes = changed_since(bench, policy)
    if left or changes or verdict is Held.WATCH:
        why = [safe(text, limit=400) for text in left]
        if verdict is Held.WATCH:
            why.append(tr("The last batch is to be watched."))
        if changes:
            why.append(
                tr(
                    "What there is now differs in {differing}.",
                    differing=safe(words.differing_words(changes), limit=400),
                )
            )
        st.warning(
            tr("**With a reservation.** {line} {why}", line=line, why=" ".join(why)),
            icon=":material/priority_high:",
        )
        return
    st.success(
        tr("**Yes.** {line} What there is now is what was signed, figure by figure.", line=line),
        icon=":material/verified:",
    )


def answers(status: VersionStatus, policy: Policy) -> None:
    """Say who approved a version, when, and who answers for wrong decisions."""
    approved = [s for s in status.signatures if s.decision == "approve" and s.role in status.required_roles]
    for s in approved:
        widgets.paragraph(
            tr(
                ":green[:material/check_circle:] **{named}** approved it as {role} on {day}",
                named=safe(words.named(s.name)),
                role=safe(s.role),
                day=safe(words.day(s.at)),
            )
        )
    if not approved:
        widgets.note(tr("Nobody has approved it yet."))
    _dissent(status)
    if policy.harm.answerable is not None:
        widgets.paragraph(
            tr(
                "**Answers for wrong decisions:** {answerable}",
                answerable=safe(policy.harm.answerable, limit=400),
            )
        )


def _dissent(status: VersionStatus) -> None:
    """Say who was against a version: to the end, or before they approved it."""
    later = {s.person_ref for s in status.signatures if s.decision == "approve"}
    for s in status.dissent:
        who = f"{safe(words.named(s.name))} ({safe(s.role)})"
        if s.person_ref in later and s in status.earlier_signatures:
            widgets.note(
                tr(
                    "{who} rejected it on {day}, and approved it when it was put forward again.",
                    who=who,
                    day=safe(words.day(s.at)),
                )
            )
        else:
            widgets.paragraph(
                tr(":red[:material/cancel:] Against it was {who}; the reasons are kept.", who=who)
            )


def _changes(bench: Bench, policy: Policy, status: VersionStatus) -> None:
    with st.container(border=True):
        widgets.heading(
            tr("What changed since?"),
            tr(
                "Version {version} beside its own band on the data and the model looked at now",
                version=count(status.version),
            ),
        )
        comparing.listed(changed_since(bench, policy))
