"""What the records say to the eight questions that point at red flags."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from rai_dash.core.texts import tr
from rai_dash.core.words import count, many
from rai_dash.govern._principle_answers import EXPLAINED, UNEXPLAINED
from rai_dash.govern._question_facts import AnswerState, Evidence, Facts, Found, joined, no_policy
from rai_dash.govern._use_words import batch_words, problem_words, queue_words
from rai_dash.govern.events import Kind
from rai_dash.govern.monitor.lines import Held
from rai_dash.govern.policy_labels import SHARES
from rai_dash.govern.policy_words import error_words, guarantee_words, routes_words

#: What has to be known beyond the accuracy, each with its interval.
_MEASURES: Final = ("review_rate", "auto_error_rate", "good_auto_rejected", "bad_auto_approved")


def practical_benchmarks(facts: Facts) -> Found:
    """Say which measures are known with an interval."""
    subject = facts.subject
    if subject is None:
        return no_policy(facts)
    rates = subject.policy.metrics.overall.rates
    known = [n for n in _MEASURES if n in rates and None not in {rates[n].value, rates[n].low, rates[n].high}]
    lacking = [SHARES[n].lower() for n in _MEASURES if n not in known]
    told = [
        error_words(subject.policy),
        tr("Without a number and its interval: {lacking}.", lacking=joined(lacking))
        if lacking
        else tr(
            "Wrong refusals, wrong approvals and the share sent to a person stand beside it, each with its "
            "interval."
        ),
        guarantee_words(subject.policy),
        subject.signed_words,
    ]
    return Found(
        state=subject.best(is_whole=not lacking) if known else AnswerState.OPEN,
        words=" ".join(told),
        evidence=(subject.draft, *subject.approvals, Evidence(label=tr("Every measure"), page="Performance")),
    )


def trail_and_reasons(facts: Facts) -> Found:
    """Say whether there is a trail that people can read, and reasons."""
    subject = facts.subject
    trail = no_policy(facts).words
    evidence: tuple[Evidence, ...] = ()
    if subject is not None:
        trail = tr(
            "{events} of this policy say who decided what about it, when and why, in words; what the "
            "machine decides about single applicants is not recorded here. {queue}",
            events=many(len(subject.standing.events), "record", "records"),
            queue=queue_words(facts.use),
        )
        evidence = (subject.draft, *subject.approvals, *facts.use.decided)
    reasons = (
        tr("How the columns of an application lead to its result can be shown for each of them.")
        if facts.explains
        else tr(UNEXPLAINED)
    )
    is_any = facts.explains or subject is not None
    return Found(
        state=AnswerState.PARTLY if is_any else AnswerState.OPEN,
        words=f"{trail} {reasons}",
        evidence=evidence + (EXPLAINED if facts.explains else ()),
    )


def standing_for_people(facts: Facts) -> Found:
    """Say which rows the figures are of, and whether a change would be noticed."""
    subject = facts.subject
    if subject is None:
        return no_policy(facts)
    data, groups = subject.policy.data, subject.policy.metrics.groups
    small = [g for g in groups if g.n < subject.policy.settings.min_n]
    told = [
        tr(
            "The figures are of {rows_judged} of {rows} rows of {data} ({role}).",
            rows_judged=count(data.rows_judged),
            rows=count(data.rows),
            data=data.name,
            role=data.role,
        ),
        tr("Too few rows to speak for: {small}.", small=joined(f"{g.column} = {g.group}" for g in small))
        if small
        else "",
        batch_words(facts.use),
        subject.signed_words,
    ]
    is_watched = facts.use.newest is not None and facts.use.newest is not Held.UNSURE
    return Found(
        state=subject.best(is_whole=is_watched and not small),
        words=" ".join(filter(None, told)),
        evidence=(
            subject.draft,
            *subject.approvals,
            *facts.use.monitored,
            Evidence(label=tr("Two sets of data compared"), page="Then and now"),
        ),
    )


def versions_and_way_back(facts: Facts) -> Found:
    """Say which versions there are, and what one step back leads to."""
    subject = facts.subject
    if subject is None:
        return no_policy(facts)
    versions = many(len(subject.standing.versions), "version", "versions")
    back = subject.revert_to
    way = (
        tr(
            "There is no version to go back to; suspending the active one sends everything to a person at "
            "once."
        )
        if back is None
        else tr(
            "One step leads back to version {version}, which was approved and in force before.",
            version=back.version,
        )
    )
    return Found(
        state=AnswerState.PARTLY if back is None else AnswerState.ANSWERED,
        words=tr(
            "All that was decided is kept as {versions}, none of them ever changed. {way}",
            versions=versions,
            way=way,
        ),
        evidence=(subject.draft, *subject.events(Kind.ACTIVATE, Kind.STAGE, Kind.REVERT)),
    )


def granted_access(facts: Facts) -> Found:
    """Say who may see the data of applicants."""
    if facts.sign_in:
        words = tr("People sign in, and only the groups that the operator named may see single applications.")
        state = AnswerState.ANSWERED
    elif facts.rows_are_a_right:
        words = tr("Nobody may see single applications here, but nobody has to say who they are either.")
        state = AnswerState.PARTLY
    else:
        words = tr("Nobody has to sign in, and everybody who reaches the app may see single applications.")
        state = AnswerState.OPEN
    return Found(
        state=state, words=words, evidence=(Evidence(label=tr("Sign-in and the right to see rows")),)
    )


def review_by_impact(facts: Facts) -> Found:
    """Say whether the review follows from what a wrong decision does."""
    subject = facts.subject
    if subject is None:
        return no_policy(facts)
    policy = subject.policy
    others, warned = len(policy.alternatives), len(subject.status.warnings)
    told = [
        routes_words(policy.metrics.overall),
        tr("What a wrong decision does to a person is stated.")
        if subject.has_harm
        else tr("What a wrong decision does to a person is not stated yet."),
        tr("The band was weighed against {others}.", others=many(others, "other", "others"))
        if others
        else tr("No other band was weighed against it."),
        tr("Whoever approves has to tick {warned} first.", warned=many(warned, "warning", "warnings"))
        if warned
        else "",
        subject.signed_words,
        problem_words(facts.use),
    ]
    pages = (Evidence(label=tr("Every other band"), page="Review band"),)
    return Found(
        state=subject.best(is_whole=subject.has_harm and others > 0),
        words=" ".join(filter(None, told)),
        evidence=(subject.draft, *subject.approvals, *facts.use.tracked, *pages),
    )


def step_by_step(facts: Facts) -> Found:
    """Say how it was brought into use, and what is written about those whose work changes."""
    subject = facts.subject
    if subject is None:
        return no_policy(facts)
    steps = subject.events(Kind.ACTIVATE, Kind.STAGE)
    is_stated = subject.policy.people_before is not None
    told = [
        tr(
            "{subject} was brought into use in {steps}.",
            subject=subject.name,
            steps=many(len(steps), "step", "steps"),
        )
        if steps
        else tr(
            "{subject} has not been brought into use; it can begin in the shadow, or with a share of the "
            "cases.",
            subject=subject.name,
        ),
        tr("What changes for the people who decided before is stated.")
        if is_stated
        else tr("What changes for the people who decided before is not stated yet."),
    ]
    return Found(
        state=AnswerState.PARTLY if steps or is_stated else AnswerState.OPEN,
        words=" ".join(told),
        evidence=(subject.draft, *steps),
    )


def confidential_things(facts: Facts) -> Found:
    """Say whether access is limited and files keep confidential things to themselves."""
    told = [
        tr("People sign in, and what they may do depends on their role.")
        if facts.sign_in
        else tr("Nobody has to sign in, so whoever reaches the app may use it."),
        tr("What the server writes down about its own faults holds no values of applications."),
        tr(
            "Downloads hide numbers of fewer than {fewest} people unless somebody switches that off.",
            fewest=count(facts.fewest),
        )
        if facts.fewest
        else tr("Downloads hold every number, also of few people."),
    ]
    return Found(
        state=AnswerState.PARTLY if facts.sign_in else AnswerState.OPEN,
        words=" ".join(told),
        evidence=(Evidence(label=tr("Sign-in, roles and downloads")),),
    )


RED_FLAGS: Final[Mapping[int, Callable[[Facts], Found]]] = {
    1: practical_benchmarks,
    2: trail_and_reasons,
    3: standing_for_people,
    4: versions_and_way_back,
    5: granted_access,
    6: review_by_impact,
    7: step_by_step,
    8: confidential_things,
}
