"""What the records say to the eight principles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from rai_dash.core.words import count, many
from rai_dash.govern._question_facts import AnswerState, Evidence, Facts, Found, joined, no_policy
from rai_dash.govern._use_words import group_words, queue_words
from rai_dash.govern.policy import Policy
from rai_dash.govern.policy_words import amount_words, routes_words

EXPLAINED: Final = (
    Evidence(label="The reasons for one decision", page="Explain a decision"),
    Evidence(label="What moves the model", page="What drives the model"),
)
UNEXPLAINED: Final = "There is no model here, only scores at most, so the app cannot say how they came about."


def human_augmentation(facts: Facts) -> Found:
    """Say whether harm is stated and unsure cases go to a person."""
    subject = facts.subject
    if subject is None:
        return no_policy(facts)
    to_person = subject.policy.metrics.overall.review > 0
    told = [
        routes_words(subject.policy.metrics.overall),
        f"{subject.name} states what a wrong approval and a wrong refusal do to a person, and who answers for them."
        if subject.has_harm
        else f"{subject.name} does not state yet what a wrong decision does to a person and who answers for it.",
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
        words = f"{subject.name} holds no figures by group: no sensitive column was named."
        return Found(state=AnswerState.OPEN, words=words, evidence=(subject.draft,))
    columns = joined(dict.fromkeys(g.column for g in groups))
    small = sum(g.n < policy.settings.min_n for g in groups)
    words = (
        f"{subject.name} holds what happens to every group of {columns}: who is sent to a person, wrongly declined "
        f"and approved in the end. {count(small)} of {many(len(groups), 'group')} {'has' if small == 1 else 'have'} "
        f"fewer than {count(policy.settings.min_n)} rows and cannot be compared. "
        f"These figures are from before it is used. {group_words(facts.use)} {subject.signed_words}"
    )
    settled = facts.use.groups_settled
    pages = (Evidence(label="Groups in every measure", page="Fairness by group"),)
    return Found(
        state=subject.best(is_whole=0 < settled == facts.use.group_figures),
        words=words,
        evidence=(subject.draft, *subject.approvals, *facts.use.monitored, *pages),
    )


def explainability(facts: Facts) -> Found:
    """Say whether decisions can be explained."""
    if not facts.explains:
        return Found(state=AnswerState.OUTSIDE, words=f"{UNEXPLAINED} Load the model to change that.")
    words = (
        "The app names the reasons for a single decision in the columns of the application, how steady they are, and "
        "what would have changed it. No explanation is part of a signed record."
    )
    return Found(state=AnswerState.PARTLY, words=words, evidence=EXPLAINED)


def reproducible_operations(facts: Facts) -> Found:
    """Say what is named by its fingerprint, and what is not."""
    subject = facts.subject
    if subject is None:
        return no_policy(facts)
    missing = list(_unnamed(subject.policy))
    words = f"{subject.name} names data, model, program and libraries, by fingerprint or version."
    if missing:
        words = f"{subject.name} names what its figures rest on by fingerprint, but not {joined(missing)}."
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
        words = f"{subject.name} does not state yet what changes for the people who decided before."
        return Found(state=AnswerState.OPEN, words=words, evidence=(subject.draft,))
    words = f"{subject.name} states what changes for the people who decided before."
    after = subject.policy.people_after
    if after is not None and after.reviewers_needed is not None:
        words += f" It takes {many(after.reviewers_needed, 'reviewer')} on a mean day."
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
        "Nobody stated what an error costs, or the costs could not be added up."
        if per is None
        else f"By the costs that were stated an application costs {amount_words(per)}, errors and reviews included.",
        f"It was chosen under {many(len(limits), 'limit')}." if limits else "No limits were set.",
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
        f"deleted after {many(facts.kept_days, 'day')}"
        if facts.kept_days
        else "kept until somebody deletes it"
    )
    told = [
        "People have to sign in." if facts.sign_in else "Nobody has to sign in.",
        "Single applications are shown only to those who were given the right."
        if facts.rows_are_a_right
        else "Everybody who reaches the app may see single applications.",
        f"Applications are held in memory only, unless somebody keeps the case; a kept one is {kept}.",
        f"Rows of recorded batches and of review queues are kept for {many(facts.batch_days, 'day')}."
        if facts.batch_days
        else "Rows of batches are not kept, only counts.",
        "Names and texts of signers stand beside the chain of records and can be erased without breaking it.",
    ]
    state = AnswerState.PARTLY if facts.rows_are_a_right else AnswerState.OPEN
    return Found(
        state=state, words=" ".join(told), evidence=(Evidence(label="Sign-in, rights and retention"),)
    )


def data_risk_awareness(facts: Facts) -> Found:
    """Say how files and records are guarded."""
    locked = (
        "Every file is opened in a locked process that can reach neither the network nor other files."
        if facts.is_locked
        else "This machine cannot lock the process that opens files, or only in part: a harmful file could do harm."
    )
    chain = facts.finding or f"The chain of {many(facts.n_records, 'record')} is whole."
    if facts.checkpoint is not None and facts.finding is None:
        chain += f" A signed checkpoint holds it fast up to record {facts.checkpoint}."
    is_guarded = facts.is_locked and facts.finding is None
    return Found(
        state=AnswerState.PARTLY if is_guarded else AnswerState.OPEN,
        words=f"{locked} {chain}",
        evidence=(Evidence(label="The lock on files"), Evidence(label="The check of all records")),
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
