"""The form in which an analyst states what is decided, and sends it to review."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.govern.drafting import HarmFacts
from rai_dash.govern.people import AppRole
from rai_dash.govern.policy import Policy, check_complete
from rai_dash.govern.standing import Standing
from rai_dash.report.sample_notice import sample_notice
from rai_dash.ui import rights, widgets
from rai_dash.ui.reviewing import warnings, words
from rai_dash.ui.reviewing.bench import Bench
from rai_dash.ui.signing import acting, desk, watching
from rai_dash.ui.signing.stating import Said, new_policy_id, policy_on_page
from rai_dash.ui.signing.watching import Watch
from rai_dash.ui.text import count, plain, sentence

_MOST: Final = 5_000
_MOST_TITLE: Final = 120


@dataclass(frozen=True, slots=True)
class _Sent:
    """What was typed, and which button was pressed."""

    said: Said
    watch: Watch
    to_review: bool


def section(bench: Bench, standing: Standing | None, *, known: bool) -> None:
    """Draw what is on the pages, and the form.

    Parameters
    ----------
    bench : Bench
        The band, and everything it is judged by.
    standing : Standing or None
        The policy that gets a new version; None = it will be a new policy.
    known : bool
        Whether it is known who somebody is; nobody without a name states anything.
    """
    _on_the_page(bench)
    if not known or not rights.can_do(AppRole.ANALYST, tr("Stating what is decided")):
        return
    latest = None
    if standing is not None:
        latest = desk.room().policy(standing.policy_id, standing.latest.version)
    before = Said.first(plain(bench.view.case.title)) if latest is None else Said.of(latest)
    sent = _form(before, standing)
    if sent is not None:
        _send(bench, sent, standing)


def _on_the_page(bench: Bench) -> None:
    """Draw the band in a few lines, with what was warned of."""
    judged = bench.judged()
    with st.container(border=True):
        widgets.heading(tr("What is on the page"), tr("Change it on the Review band page"))
        widgets.paragraph(words.routes_sentence(judged.overall.routes))
        widgets.paragraph(tr("**Band:** {band}, a person in between.", band=words.band_text(bench.band)))
        widgets.paragraph(words.alone_sentence(judged.overall.routes, exposure=bench.judgement.exposure))
        told = sample_notice(bench.judgement, plain=bench.view.judgement)
        if told is not None:
            widgets.note(f":material/colorize: {sentence(told.message)}")
        warnings.listed(bench)
        others = len([c for c in bench.view.case.bands if c.band != bench.band])
        if others == 1:
            widgets.note(tr("The other band that you kept goes along as an alternative."))
        elif others:
            widgets.note(
                tr("The {others} other bands that you kept go along as alternatives.", others=count(others))
            )
        else:
            widgets.note(tr("No other band was kept to choose from, so none goes along as an alternative."))


def _form(before: Said, standing: Standing | None) -> _Sent | None:
    """Draw the form; returns what was sent, None = nothing."""
    settings, harm = get_settings(), before.harm
    which = "" if standing is None else standing.policy_id
    with st.form(f"state_{which}", border=True):
        widgets.heading(
            tr("State what is decided"),
            tr("Those who sign read this first, and somebody will a year from now"),
        )
        left, right = st.columns([3, 1])
        title = left.text_input(
            tr("Title"), before.title, key=acting.key("title"), max_chars=_MOST_TITLE,
            help=tr("Name no person here: its short form stays in the records for good."),
        )  # fmt: skip
        environments = list(settings.environments)
        at = environments.index(before.environment) if before.environment in environments else 0
        environment = right.selectbox(
            tr("Meant for"), environments, at, key=acting.key("environment"), format_func=plain
        )
        wrong_yes = _text(tr("What does a wrong approval do to a person?"), harm.wrong_approval, "wrong_yes")
        wrong_no = _text(tr("What does a wrong refusal do to a person?"), harm.wrong_refusal, "wrong_no")
        answers = st.text_input(
            tr("Who answers for it?"), harm.answerable or "", key=acting.key("answers"), max_chars=_MOST_TITLE
        )
        people = _text(tr("What changes for the people who decided before?"), before.people_before, "before")
        months = st.number_input(
            tr("Valid for … months"), 1, 60, before.valid_months, key=acting.key("months"), width=220
        )
        watch = watching.fields(before.limits, suspends=before.suspend_on_breach)
        with st.container(horizontal=True):
            to_review = st.form_submit_button(tr("Send to review"), icon=":material/send:")
            keep = st.form_submit_button(tr("Keep as draft"), icon=":material/save:")
    if not (to_review or keep):
        return None
    said = Said(
        title=title, environment=environment, people_before=people, valid_months=int(months),
        suspend_on_breach=watch.suspend_on_breach,
        harm=HarmFacts(wrong_approval=wrong_yes, wrong_refusal=wrong_no, answerable=answers),
    )  # fmt: skip
    return _Sent(said, watch, to_review)


def _text(label: str, before: str | None, name: str) -> str:
    return st.text_area(label, before or "", key=acting.key(name), height=80, max_chars=_MOST)


def _send(bench: Bench, sent: _Sent, standing: Standing | None) -> None:
    done = tr("It is in review. Send the link below to those who are to sign it.")

    def do() -> None:
        name = new_policy_id(sent.said.title) if standing is None else standing.policy_id
        said = replace(sent.said, limits=sent.watch.limits())
        policy = policy_on_page(bench, said, name)
        if sent.to_review:
            # Before anything is written: a draft that cannot be sent is not what was asked for.
            check_complete(policy)
        _write(policy, to_review=sent.to_review)

    acting.act(do, done if sent.to_review else tr("It is kept as a draft. Nobody was asked to sign it."))


def _write(policy: Policy, *, to_review: bool) -> None:
    at = desk.acting_desk()
    status = at.draft(policy)
    desk.open_policy(status.policy_id)
    if to_review:
        at.submit(status.policy_id, status.version, content_hash=status.content_hash)
