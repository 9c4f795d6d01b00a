"""What changed from one policy to another, in words and numbers.

The same comparison says what changed since sign-off: the signed policy against one drafted from what is on the page
today. The words hold names as they were typed; a page escapes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rai_dash.core.texts import ntr, tr
from rai_dash.core.words import count, percent
from rai_dash.govern._changed_basis import basis_changes
from rai_dash.govern._changed_figures import figure_changes
from rai_dash.govern._changed_monitoring import monitoring_changes
from rai_dash.govern._policy_change import (
    Change,
    amount_of,
    came_and_went,
    listing,
    moved_words,
    told,
    yes_words,
)
from rai_dash.govern._policy_conditions import PolicyCondition
from rai_dash.govern._policy_parts import PolicyAlternative, PolicyGuarantee
from rai_dash.govern.policy import Policy, same_policy
from rai_dash.govern.policy_labels import COSTS, HARM, REVIEWER, WORKLOAD
from rai_dash.govern.policy_words import amount_words, score_words
from rai_dash.govern.sealed import ERASED

__all__ = ["Change", "compare"]


def compare(old: Policy, new: Policy) -> list[Change]:
    """Say what changed from one policy to another.

    Parameters
    ----------
    old, new : Policy
        Of whatever version; the number of the version and the time it was written down are no change.

    Returns
    -------
    list of Change
        In the order: what it rests on, what it does, what was assumed and written, what came out. Empty when nothing
        changed.
    """
    found = [
        *_labels(old, new),
        *basis_changes(old, new),
        *_band(old, new),
        *_assumed(old, new),
        *_written(old, new),
        *figure_changes(old, new),
        *_promised(old, new),
        *_listed(old, new),
    ]
    return found or list(_other(old, new))


def _labels(old: Policy, new: Policy) -> Iterator[Change]:
    yield from _rewritten("title", "Title", old.title, new.title)
    yield from told("environment", "Environment", old.environment, new.environment)
    yield from told("validity", tr("Valid for"), _months(old), _months(new))
    yield from told(
        "monitoring",
        tr("Suspended when the monitor finds a breach"),
        yes_words(old.suspend_on_breach),
        yes_words(new.suspend_on_breach),
    )
    yield from monitoring_changes(old, new)


def _months(policy: Policy) -> str:
    return ntr(
        "{valid_months} month", "{valid_months} months", policy.valid_months, valid_months=policy.valid_months
    )


def _band(old: Policy, new: Policy) -> Iterator[Change]:
    for label, name in (
        (tr("Declined below"), "lo"),
        (tr("The model’s own line"), "threshold"),
        (tr("Approved from"), "hi"),
    ):
        was, now = (getattr(p.band, name) for p in (old, new))
        moved = None if was is None or now is None else now - was
        yield from told("band", label, score_words(was), score_words(now), more=moved_words(moved))
    before, after = (_conditions(p.conditions) for p in (old, new))
    yield from came_and_went("conditions", tr("Condition that sends to a person"), before, after)
    for text in before:
        if text in after and before[text] != after[text]:
            words = tr("Condition “{text}”: what it knows of the training rows differs.", text=text)
            yield Change(where="conditions", words=words, before=text, after=text)


def _conditions(conditions: Iterable[PolicyCondition]) -> dict[str, object]:
    return {c.text: c.frozen for c in conditions}


def _assumed(old: Policy, new: Policy) -> Iterator[Change]:
    was, now = old.settings, new.settings
    for name, label in COSTS.items():
        yield from told("costs", label, *(amount_words(getattr(s.costs, name)) for s in (was, now)))
    for name, label in REVIEWER.items():
        yield from told(
            "reviewer", label, *(percent(getattr(s.reviewer, name), digits=1) for s in (was, now))
        )
    yield from told("reviewer", tr("Reviewers by group"), *(_by_group(p) for p in (old, new)))
    yield from told(
        "reviewer",
        tr("Recorded decisions are used"),
        *(yes_words(s.reviewer.use_recorded) for s in (was, now)),
    )
    for name, label in WORKLOAD.items():
        yield from told("workload", label, *(amount_of(s.workload, name) for s in (was, now)))
    yield from told(
        "limits", tr("Fewest rows of a group that is compared"), count(was.min_n), count(now.min_n)
    )
    yield from came_and_went("limits", "Limit", was.limits, now.limits)


def _by_group(policy: Policy) -> str | None:
    pairs = sorted(policy.settings.reviewer.by_group.items())
    return listing(
        tr("{g} {h1} and {h0}", g=g, h1=percent(h1, digits=1), h0=percent(h0, digits=1))
        for g, (h1, h0) in pairs
    )


def _written(old: Policy, new: Policy) -> Iterator[Change]:
    for name, label in HARM.items():
        yield from _rewritten("harm", label, getattr(old.harm, name), getattr(new.harm, name))
    label = tr("What changes for the people who decided before")
    yield from _rewritten("harm", label, old.people_before, new.people_before)


def _rewritten(where: str, label: str, before: str | None, after: str | None) -> Iterator[Change]:
    """Yield a text that is another one; an erased text can be compared with nothing."""
    if before == after:
        return
    if ERASED in {before, after}:
        words = tr("{label}: one of the texts was erased, so that they cannot be compared.", label=label)
    elif before is None or after is None:
        words = f"{label}: {(tr('written now') if before is None else tr('no longer said'))}."
    else:
        words = tr("{label}: rewritten.", label=label)
    yield Change(where=where, words=words, before=before, after=after)


def _promised(old: Policy, new: Policy) -> Iterator[Change]:
    yield from told("guarantee", "Promise", *(_promise(p.guarantee) for p in (old, new)))


def _promise(promise: PolicyGuarantee | None) -> str | None:
    if promise is None:
        return None
    return f"{('holds' if promise.holds else tr('not certified'))} ({promise.words})"


def _listed(old: Policy, new: Policy) -> Iterator[Change]:
    before, after = ([_alternative(a) for a in p.alternatives] for p in (old, new))
    yield from came_and_went("alternatives", tr("Other band considered"), before, after)
    was, now = ({w.message: w.ticked for w in p.warnings_shown} for p in (old, new))
    yield from came_and_went("warnings", "Warning", was, now)
    for message in [m for m in was if m in now]:
        ticks = ("ticked" if one[message] else tr("not ticked") for one in (was, now))
        yield from told("warnings", tr("Warning “{message}”", message=message), *ticks)


def _other(old: Policy, new: Policy) -> Iterator[Change]:
    """Yield that there is more than is told above, so that an empty list means the same policy."""
    if same_policy(old, new):
        return
    was, now = old.content(), new.content()
    skipped = {"policy_id", "version", "parent_hash", "created_at", "code"}
    parts = ", ".join(name for name in was if name not in skipped and was[name] != now[name])
    words = tr(
        "Details differ that are not told in words ({parts}): compare the exported policies.", parts=parts
    )
    yield Change(where="other", words=words, before=None, after=None)


def _alternative(one: PolicyAlternative) -> str:
    rate = percent(one.review_rate.value, digits=1)
    return tr(
        "{one} ({score} to {score_words_hi}, {rate} to a person)",
        one=one.name,
        score=score_words(one.band.lo),
        score_words_hi=score_words(one.band.hi),
        rate=rate,
    )
