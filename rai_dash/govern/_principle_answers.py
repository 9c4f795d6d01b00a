"""What the records say to the eight principles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from rai_dash.core.texts import mark, ntr, tr
from rai_dash.core.words import count, many
from rai_dash.govern._question_facts import AnswerState, Evidence, Facts, Found, joined, no_policy
from rai_dash.govern._use_words import group_words, queue_words
from rai_dash.govern.policy import Policy
from rai_dash.govern.policy_words import amount_words, routes_words

EXPLAINED: Final = (
    Evidence(label="The reasons for one decision", page="Explain a decision"),
    Evidence(label="What moves the model", page="What drives the model"),
)
UNEXPLAINED: Final = mark(
    "There is no model here, only scores at most, so the app cannot say how they came about."
)


def human_augmentation(facts: Facts) -> Found:
    """Say whether harm is stated and unsure cases go to a person."""
    subject = facts.subject
    if subject is None:
        return no_policy(facts)
    to_person = subject.policy.metrics.overall.review > 0
    told = [
        routes_words(subject.policy.metrics.overall),
        tr(
            "{subject} states what a wrong approval and a wrong refusal do to a person, and who answers for "
            "them.",
            subject=subject.name,
        )
        if subject.has_harm
        else tr(
            "{subject} does not state yet what a wrong decision does to a person and who answers for it.",
            subject=subject.name,
        ),
        subject.signed_words,
        queue_words(facts.use),
    ]
    return Found(
        state=subject.best(is_whole=to_person and subject.has_harm),
        words=" ".join(told),
        evidence=(subject.draft, *subject.approvals, *facts.use.decided),
    )


def bias_evaluation(facts: Facts) -> Found:
    """Say which groups were compared, before use and in use."""
    subject = facts.subject
    if subject is None:
        return no_policy(facts)
    policy = subject.policy
    groups = policy.metrics.groups
    if not groups:
        words = tr(
            "{subject} holds no figures by group: no sensitive column was named.", subject=subject.name
        )
        return Found(state=AnswerState.OPEN, words=words, evidence=(subject.draft,))
    columns = joined(dict.fromkeys(g.column for g in groups))
    small = sum(g.n < policy.settings.min_n for g in groups)
    words = ntr(
        "{subject} holds what happens to every group of {columns}: who is sent to a person, wrongly "
        "declined and approved in the end. {small} of {groups} has fewer than {min_n} rows and cannot be "
        "compared. These figures are from before it is used. {group} {signed}",
        "{subject} holds what happens to every group of {columns}: who is sent to a person, wrongly "
        "declined and approved in the end. {small} of {groups} have fewer than {min_n} rows and cannot "
        "be compared. These figures are from before it is used. {group} {signed}",
        small,
        subject=subject.name,
        columns=columns,
        small=count(small),
        groups=many(len(groups), "group", "groups"),
        min_n=count(policy.settings.min_n),
        group=group_words(facts.use),
        signed=subject.signed_words,
    )
    settled = facts.use.groups_settled
    pages = (Evidence(label=tr("Groups in every measure"), page="Fairness by group"),)
    return Found(
        state=subject.best(is_whole=0 < settled == facts.use.group_figures),
        words=words,
        evidence=(subject.draft, *subject.approvals, *facts.use.monitored, *pages),
    )


def explainability(facts: Facts) -> Found:
    """Say whether decisions can be explained."""
    if not facts.explains:
        return Found(
            state=AnswerState.OUTSIDE,
            words=tr("{unexplained} Load the model to change that.", unexplained=tr(UNEXPLAINED)),
        )
    words = tr(
        "The app names the reasons for a single decision in the columns of the application, how steady "
        "they are, and what would have changed it. No explanation is part of a signed record."
    )
    return Found(state=AnswerState.PARTLY, words=words, evidence=EXPLAINED)


def reproducible_operations(facts: Facts) -> Found:
    """Say what is named by its fingerprint, and what is not."""
    subject = facts.subject
    if subject is None:
        return no_policy(facts)
    missing = list(_unnamed(subject.policy))
    words = tr(
        "{subject} names data, model, program and libraries, by fingerprint or version.", subject=subject.name
    )
    if missing:
        words = tr(
            "{subject} names what its figures rest on by fingerprint, but not {missing}.",
            subject=subject.name,
            missing=joined(missing),
        )
    return Found(
        state=subject.best(is_whole=not missing),
        words=f"{words} {subject.signed_words}",
        evidence=(subject.draft, *subject.approvals),
    )


def _unnamed(policy: Policy) -> list[str]:
    code = policy.code
    lacks = {
        "the model, whose scores came as a column": policy.score.source == "column",
        "the model": policy.score.source == "model" and policy.model.sha256 is None,
        "the state of the program’s source": code.git is None,
        "the changes that were made to the program’s source": code.git is not None
        and code.dirty is not False,
        "the list of libraries to install": code.lockfile_sha256 is None,
    }
    return [name for name, is_missing in lacks.items() if is_missing]


def displacement_strategy(facts: Facts) -> Found:
    """Say whether it is stated what changes for those who decided before."""
    subject = facts.subject
    if subject is None:
        return no_policy(facts)
    if subject.policy.people_before is None:
        words = tr(
            "{subject} does not state yet what changes for the people who decided before.",
            subject=subject.name,
        )
        return Found(state=AnswerState.OPEN, words=words, evidence=(subject.draft,))
    words = tr("{subject} states what changes for the people who decided before.", subject=subject.name)
    after = subject.policy.people_after
    if after is not None and after.reviewers_needed is not None:
        words += tr(
            " It takes {reviewers_needed} on a mean day.",
            reviewers_needed=many(after.reviewers_needed, "reviewer", "reviewers"),
        )
    return Found(
        state=subject.best(is_whole=True),
        words=f"{words} {subject.signed_words}",
        evidence=(subject.draft, *subject.approvals),
    )


def practical_accuracy(facts: Facts) -> Found:
    """Say whether errors are counted in what they cost here."""
    subject = facts.subject
    if subject is None:
        return no_policy(facts)
    cost = subject.policy.cost
    per = None if cost is None else cost.per_application
    limits = subject.policy.settings.limits
    told = [
        tr("Nobody stated what an error costs, or the costs could not be added up.")
        if per is None
        else tr(
            "By the costs that were stated an application costs {amount}, errors and reviews included.",
            amount=amount_words(per),
        ),
        tr("It was chosen under {limits}.", limits=many(len(limits), "limit", "limits"))
        if limits
        else tr("No limits were set."),
        subject.signed_words,
    ]
    return Found(
        state=subject.best(is_whole=per is not None),
        words=" ".join(told),
        evidence=(subject.draft, *subject.approvals),
    )


def trust_by_privacy(facts: Facts) -> Found:
    """Say who may see applicants, and what is kept."""
    kept = (
        tr("deleted after {kept_days}", kept_days=many(facts.kept_days, "day", "days"))
        if facts.kept_days
        else tr("kept until somebody deletes it")
    )
    told = [
        tr("People have to sign in.") if facts.sign_in else tr("Nobody has to sign in."),
        tr("Single applications are shown only to those who were given the right.")
        if facts.rows_are_a_right
        else tr("Everybody who reaches the app may see single applications."),
        tr(
            "Applications are held in memory only, unless somebody keeps the case; a kept one is {kept}.",
            kept=kept,
        ),
        tr(
            "Rows of recorded batches and of review queues are kept for {batch_days}.",
            batch_days=many(facts.batch_days, "day", "days"),
        )
        if facts.batch_days
        else tr("Rows of batches are not kept, only counts."),
        tr(
            "Names and texts of signers stand beside the chain of records and can be erased without breaking "
            "it."
        ),
    ]
    state = AnswerState.PARTLY if facts.rows_are_a_right else AnswerState.OPEN
    return Found(
        state=state, words=" ".join(told), evidence=(Evidence(label=tr("Sign-in, rights and retention")),)
    )


def data_risk_awareness(facts: Facts) -> Found:
    """Say how files and records are guarded."""
    locked = (
        tr("Every file is opened in a locked process that can reach neither the network nor other files.")
        if facts.is_locked
        else tr(
            "This machine cannot lock the process that opens files, or only in part: a harmful file could do "
            "harm."
        )
    )
    chain = facts.finding or tr(
        "The chain of {n_records} is whole.", n_records=many(facts.n_records, "record", "records")
    )
    if facts.checkpoint is not None and facts.finding is None:
        chain += tr(
            " A signed checkpoint holds it fast up to record {checkpoint}.", checkpoint=facts.checkpoint
        )
    is_guarded = facts.is_locked and facts.finding is None
    return Found(
        state=AnswerState.PARTLY if is_guarded else AnswerState.OPEN,
        words=f"{locked} {chain}",
        evidence=(Evidence(label=tr("The lock on files")), Evidence(label=tr("The check of all records"))),
    )


PRINCIPLES: Final[Mapping[int, Callable[[Facts], Found]]] = {
    1: human_augmentation,
    2: bias_evaluation,
    3: explainability,
    4: reproducible_operations,
    5: displacement_strategy,
    6: practical_accuracy,
    7: trust_by_privacy,
    8: data_risk_awareness,
}
